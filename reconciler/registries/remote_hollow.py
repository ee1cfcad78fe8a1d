"""Which content images name and a registry has lost, each piece asked for once however many images share it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.model.digest import Digest
from reconciler.oci import manifest as manifests
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import Index, Manifest
from reconciler.oci.media_types import is_elsewhere
from reconciler.oci.strict_json import ContentError
from reconciler.registries import failures
from reconciler.registries.remote_client import AT_ONCE
from reconciler.registries.remote_content import RemoteContent
from reconciler.registries.remote_many import answers

Wanted = tuple[RemoteContent, str]
_Key = tuple[str, Digest, int]


@dataclass(frozen=True, slots=True)
class _Named:
    """What a manifest names, by those below it too; `gone` are those of them that are not there."""

    parts: tuple[Descriptor, ...] = ()
    gone: tuple[Digest, ...] = ()


def missing_of(wanted: Sequence[Wanted]) -> Sequence[Sequence[Digest]]:
    """For each repository and reference what is missing; nothing where the reference leads nowhere."""
    if not wanted:
        return ()
    line = wanted[0][0].client.line
    named = answers(range(len(wanted)), lambda place, _: _named(*wanted[place]), line, AT_ONCE)
    asked = {
        _key(content, part): (content, part) for place, (content, _) in enumerate(wanted) for part in named[place].parts
    }
    there = answers(asked, lambda key, own: asked[key][0].has_on(own, asked[key][1]), line, AT_ONCE)

    def lost(place: int) -> Iterator[Digest]:
        content, _ = wanted[place]
        yield from named[place].gone
        yield from (part.digest for part in named[place].parts if not there[_key(content, part)])

    return [tuple(dict.fromkeys(lost(place))) for place in range(len(wanted))]


def _key(content: RemoteContent, part: Descriptor) -> _Key:
    return content.repository, part.digest, part.size


def _named(content: RemoteContent, reference: str) -> _Named:
    found = _manifest(content, reference)
    return _Named() if found is None else _below(content, found)


def _below(content: RemoteContent, found: Manifest | Index) -> _Named:
    if isinstance(found, Manifest):
        own = (found.config, *found.layers)
        return _Named(tuple(part for part in own if not is_elsewhere(part.media_type)))
    parts: list[Descriptor] = []
    gone: list[Digest] = []
    for one in found.manifests:
        below = _manifest(content, one.digest)
        if below is None:
            gone.append(one.digest)
            continue
        named = _below(content, below)
        parts += named.parts
        gone += named.gone
    return _Named(tuple(parts), tuple(gone))


def _manifest(content: RemoteContent, reference: str) -> Manifest | Index | None:
    """By content whose digest is true."""
    found = content.read(reference)
    if found is None:
        return None
    try:
        return manifests.parse(*found)
    except ContentError as cause:
        raise failures.malformed(content.where, cause) from cause
