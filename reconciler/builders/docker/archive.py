"""An image as `docker save` spells it, which every engine can load."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator

from reconciler.oci.image import Blob, Image

_CHUNK = 1 << 20
_BLOCK = 512


def archived(image: Image, name: str) -> Iterator[bytes]:
    """The archive piece by piece, the image under a name in it; layers stay packed as they are."""
    config = f"{image.config.descriptor.digest.hex}.json"
    layers = [f"{number:03}-{layer.descriptor.digest.hex}/layer.tar" for number, layer in enumerate(image.layers)]
    manifest = json.dumps([{"Config": config, "RepoTags": [name], "Layers": layers}]).encode()
    yield from _file(config, image.config)
    for path, layer in zip(layers, image.layers, strict=True):
        yield from _file(path, layer)
    yield _header("manifest.json", len(manifest)) + manifest + _padding(len(manifest))
    yield bytes(2 * _BLOCK)


def _file(name: str, blob: Blob) -> Iterator[bytes]:
    size = blob.descriptor.size
    yield _header(name, size)
    with blob.open() as content:
        while piece := content.read(_CHUNK):
            yield piece
    yield _padding(size)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
