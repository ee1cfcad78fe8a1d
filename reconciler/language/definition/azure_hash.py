"""The version that Azure ML gives to an environment without a name: for those who must find it there again.

Its weak points are part of it (no framing, no file modes, ignore files of git): `Definition.hash` has none of them.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator, Mapping

from reconciler.language.definition.context import joined
from reconciler.language.definition.git_patterns import GitPattern, is_ignored, parse_patterns
from reconciler.language.definition.go_paths import clean
from reconciler.language.files import Files
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import dump_as_pyyaml

_SEED = b"Initialize for october 2021 AML CLI version"
_IGNORE_FILES = (".amlignore", ".gitignore")
_MOST_LINKS = 40


def anonymous_version(
    image: str, conda: Mapping[str, object] | None = None, inference_config: Mapping[str, object] | None = None
) -> str:
    """For an image, with the loaded conda file and routes as they were written."""
    hashed = _sha(image)
    for section in (inference_config, conda):
        if section:
            hashed = hashed.join(_sha(dump_as_pyyaml(section)))
    return _sha(hashed)


def anonymous_build_version(upload: str, dockerfile_path: str | None = None) -> str:
    """For a build context by its upload hash; `Dockerfile` written out is another version than none."""
    hashed = _sha(upload)
    if dockerfile_path:
        hashed = hashed.join(_sha(dockerfile_path))
    return _sha(hashed)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def upload_hash(files: Files, folder: str) -> str:
    """What Azure ML calls a folder that it has uploaded."""
    names = {entry.name for entry in files.tree(folder)}
    ignore_file = next((name for name in _IGNORE_FILES if name in names), None)
    patterns = parse_patterns(files.text(joined(folder, ignore_file))) if ignore_file else ()
    hasher = hashlib.sha256(_SEED)
    for part in _parts(files, (clean(folder),), patterns):
        hasher.update(part)
    return hasher.hexdigest()


def _parts(files: Files, within: tuple[str, ...], patterns: tuple[GitPattern, ...]) -> Iterator[bytes]:
    """Names and contents of the last folder in Azure's order; what a link leads to is ignored by its real place."""
    top, place = within[0], within[-1]
    if place in within[:-1]:
        raise RefusedError("Invalid build context", f"A link in `{top}` leads back to `{place}`, which it lies in.")
    entries = [entry for entry in files.tree(place) if "/" not in entry.name]
    for entry in sorted(entries, key=lambda entry: (entry.name.lower(), entry.name)):
        name = joined(place, entry.name)
        if is_ignored(_seen_from(top, name), patterns):
            continue
        yield entry.name.encode()
        if entry.kind == "link":
            name = _resolved(files, name, entry.target)
        kind = files.kind(name)
        if kind == "file":
            yield files.content(name)
        elif kind == "folder":
            yield from _parts(files, (*within, name), patterns)


def _seen_from(top: str, name: str) -> str:
    above, parts = [part for part in top.split("/") if part != "."], name.split("/")
    while above and parts and above[0] == parts[0]:
        above, parts = above[1:], parts[1:]
    return "/".join([".."] * len(above) + parts)


def _resolved(files: Files, name: str, target: str) -> str:
    """Where a link leads in the end."""
    for _ in range(_MOST_LINKS):
        name = clean(posixpath.join(posixpath.dirname(name), target))
        if files.kind(name) is None or name == ".":
            return name
        parent, _, last = name.rpartition("/")
        entry = next((entry for entry in files.tree(parent or ".") if entry.name == last), None)
        if entry is None or entry.kind != "link":
            return name
        target = entry.target
    return name
