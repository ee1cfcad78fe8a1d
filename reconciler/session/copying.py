"""Images copied from one place to another; of a project this knows nothing but the folder that names are seen from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError, RegistryError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.reference import LAYOUT, Name, Reference

if TYPE_CHECKING:
    from reconciler.registries.copying import Copied, Source

_ALL = "any"


@dataclass(frozen=True, slots=True)
class Done:
    """What was copied: each name there with its digest, and what that took. `moved` names had these digests before."""

    names: tuple[tuple[str, Digest], ...]
    copied: Copied
    moved: Mapping[str, Digest]


def copy(root: Path, source: str, target: str, tell: Callable[[Digest, int], None], *, all_tags: bool) -> Done:
    """Copy one image, or all tags of a repository; EnvformError says which name is wrong.

    `tell` is told of all content that is sent, when that begins: its digest and its size.
    """
    from reconciler.registries import Registries
    from reconciler.registries.copying import Copy

    origin, destination = _references(source, target, all_tags=all_tags)
    registries = Registries(root)
    taken = registries.place(origin.registry, origin.name.repository)
    brought = registries.place(destination.registry, destination.name.repository)
    work = Copy(taken, brought, lambda part: tell(part.digest, part.size))
    names = [Name("", tag) for tag in taken.tags()] if all_tags else [origin.name]
    if not names:
        detail = f"`{source}` has no tags, so there is nothing to copy. Look whether the name is right."
        raise EnvformError(Diagnostic.error("Image not found", detail))
    done: list[tuple[str, Digest]] = []
    moved: dict[str, Digest] = {}
    for name in names:
        tag = name.tag if destination.name.tag == _ALL else destination.name.tag
        before = _meaning(brought, tag)
        digest = work.image(name, tag)
        if digest is None:
            raise EnvformError(_not_there(name, source, taken))
        named = replace(destination, name=replace(destination.name, tag=tag, digest=None if tag else digest))
        done.append((str(named), digest))
        if before not in (None, digest):
            moved[str(named)] = before
    return Done(tuple(done), work.copied, moved)


def _meaning(place: Source, tag: str) -> Digest | None:
    """What a tag means before it is set; that is only told, so a place that will not say keeps nobody from copying."""
    try:
        found = place.describe(tag) if tag else None
    except RegistryError:
        return None
    return found.digest if found else None


def _references(source: str, target: str, *, all_tags: bool) -> tuple[Reference, Reference]:
    if all_tags:
        return _parsed(_with_tag(source), "SRC"), _parsed(_with_tag(target), "DST")
    origin = _parsed(source, "SRC")
    if _has_tag(target) or target.startswith(LAYOUT):
        destination = _parsed(target, "DST")
    else:
        found = _parsed(target, "DST")
        destination = replace(found, name=replace(found.name, tag=origin.name.tag))
    wanted = destination.name.digest
    if wanted is not None and wanted != origin.name.digest:
        detail = (
            f"`{target}` asks for one digest, which nobody can promise of `{source}`. Name a tag there, or nothing."
        )
        raise EnvformError(Diagnostic.error("Invalid image reference", detail))
    return origin, destination


def _parsed(text: str, what: str) -> Reference:
    try:
        return Reference.parse(text)
    except ValueError as cause:
        raise EnvformError(Diagnostic.error("Invalid image reference", f"{what}: {cause}")) from cause


def _with_tag(text: str) -> str:
    """A repository spelled as if one tag of it was meant."""
    if "@" in text or (not text.startswith(LAYOUT) and _has_tag(text)):
        detail = f"With -all-tags `{text}` must name a repository: leave the tag or the digest out."
        raise EnvformError(Diagnostic.error("Invalid image reference", detail))
    return f"{text}:{_ALL}"


def _has_tag(text: str) -> bool:
    return ":" in text.partition("@")[0].rpartition("/")[2]


def _not_there(name: Name, source: str, taken: Source) -> Diagnostic:
    tags: Sequence[str] = () if name.digest else taken.tags()
    there = f" It has: {', '.join(tags[:5])}." if tags else ""
    where = taken.where if "`" in taken.where else f"`{taken.where}`"  # folders are told with what they are
    detail = f"`{source}` does not exist: {where} was asked and holds no such image.{there}"
    return Diagnostic.error("Image not found", detail, hint=did_you_mean(name.tag, tags))
