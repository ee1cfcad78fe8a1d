"""What `docker save` gives, as an image of ours: layers by digest, those of the base as the base has them."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import IO, BinaryIO

from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.gzip_members import GzipMembers
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.frozen import dataclass
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError, JsonObject

_CHUNK = 1 << 20
_LARGEST_TEXT = 16 << 20
_BLOBS = "blobs"
_PACKED = {b"\x1f\x8b": "+gzip", b"\x28\xb5": "+zstd"}
# What only this one build knows of itself; with it no two builds would be alike.
_OF_THE_ENGINE = ("container", "container_config", "docker_version", "id", "parent", "moby.buildkit.cache.v0")


@dataclass(frozen=True, slots=True)
class _Contents:
    """What an archive holds, by name: texts, layers with the digest of what came, and names for other names."""

    texts: dict[str, bytes] = field(default_factory=dict)
    layers: dict[str, tuple[Digest, Blob]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def layer(self, name: str) -> tuple[Digest, Blob]:
        """A layer, over links; ContentError where there is none."""
        name = self.links.get(name, name)
        if name not in self.layers:
            raise ContentError(f"The engine named a layer `{name}` and did not send it.")
        return self.layers[name]


def read_saved(stream: IO[bytes], known: Mapping[Digest, Blob], cache: Cache) -> Image:
    """The one image of an archive. `known` are layers that we have, by the digest of the archive inside them.

    Layers that come unpacked are packed into the cache. ContentError where the archive is none of an image.
    """
    contents = _Contents()
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                _take(archive, member, contents, known, cache)
    except tarfile.TarError as cause:
        raise ContentError(f"The engine sent no archive: {cause}.") from cause
    manifest = _parsed(contents, "manifest.json")
    if not (isinstance(manifest, list) and len(manifest) == 1 and isinstance(manifest[0], dict)):
        raise ContentError("The engine sent an archive that does not hold one image.")
    config = _parsed(contents, str(manifest[0].get("Config")))
    names = manifest[0].get("Layers") or []
    if not isinstance(config, dict) or not isinstance(names, list):
        raise ContentError("The engine sent an image without a config.")
    found = [contents.layer(str(name)) for name in names]
    _check(config, found)
    own = {key: value for key, value in config.items() if key not in _OF_THE_ENGINE}
    return assemble(Blob.of(canonical_json(own), media_types.OCI_CONFIG), [blob for _, blob in found])


def _take(
    archive: tarfile.TarFile, member: tarfile.TarInfo, contents: _Contents, known: Mapping[Digest, Blob], cache: Cache
) -> None:
    name = member.name
    if member.issym() or member.islnk():
        contents.links[name] = _target(name, member)
        return
    file = archive.extractfile(member)
    if file is None:
        return
    with file:
        if name.endswith(".json") or (name.startswith("blobs/") and member.size <= _LARGEST_TEXT):
            content = file.read()
            if not name.startswith("blobs/") or content[:1] == b"{":
                contents.texts[name] = content
                return
            with cache.new_file() as (path, kept):
                kept.write(content)
                kept.flush()
                contents.layers[name] = _layer(path, Digest.of(content), content[:2], known, cache)
        elif name.endswith("/layer.tar") or name.startswith("blobs/"):
            with cache.new_file() as (path, kept):
                start, digest = _copied(file, kept)
                contents.layers[name] = _layer(path, digest, start, known, cache)


def _target(name: str, member: tarfile.TarInfo) -> str:
    if member.islnk():
        return member.linkname
    parts = name.split("/")[:-1]
    for part in member.linkname.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _copied(file: IO[bytes], into: BinaryIO) -> tuple[bytes, Digest]:
    hasher, start = hashlib.sha256(), b""
    while piece := file.read(_CHUNK):
        start = start or piece[:2]
        hasher.update(piece)
        into.write(piece)
    into.flush()
    return start, Digest(f"sha256:{hasher.hexdigest()}")


def _layer(path: Path, digest: Digest, start: bytes, known: Mapping[Digest, Blob], cache: Cache) -> tuple[Digest, Blob]:
    """A layer that came as a file: the base's own where it has it, as it is where it is packed, else packed by us."""
    if digest in known:
        return digest, known[digest]
    if start in _PACKED:
        size = path.stat().st_size
        return digest, _kept(cache.keep(path, _BLOBS, digest), digest, size, _PACKED[start])
    with cache.new_file() as (packed_path, packed_file):
        members = GzipMembers(packed_file, packed=True)
        with path.open("rb") as content:
            while piece := content.read(_CHUNK):
                members.store(piece)
        packed = members.finish()
        packed_file.flush()
        kept = cache.keep(packed_path, _BLOBS, packed.digest)
        return digest, _kept(kept, packed.digest, packed.size, "+gzip")


def _kept(path: Path, digest: Digest, size: int, packing: str) -> Blob:
    return Blob(Descriptor(f"{media_types.OCI_LAYER}{packing}", digest, size), lambda: path.open("rb"))


def _parsed(contents: _Contents, name: str) -> object:
    try:
        return json.loads(contents.texts[name])
    except (KeyError, ValueError, RecursionError) as cause:
        raise ContentError(f"The engine sent an archive without a readable `{name}`.") from cause


def _check(config: JsonObject, found: list[tuple[Digest, Blob]]) -> None:
    """Each layer is the one that the config tells of; of packed ones that was checked by who packed them."""
    root = config.get("rootfs")
    stated = root.get("diff_ids") if isinstance(root, dict) else None
    if not isinstance(stated, list) or len(stated) != len(found):
        raise ContentError("The engine sent an image whose config does not tell of its layers.")
    for diff_id, (digest, blob) in zip(stated, found, strict=True):
        if digest not in (diff_id, blob.descriptor.digest):
            raise ContentError(f"The engine sent a layer {digest.short} in the place of {str(diff_id)[:19]}.")
