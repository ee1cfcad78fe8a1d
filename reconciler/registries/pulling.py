"""From a descriptor to an image, the same for every registry that can open content by its digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Protocol

from reconciler.model.digest import Digest
from reconciler.oci import manifest as manifests
from reconciler.oci.config import platform_of, read_config
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.manifest import Index, Manifest
from reconciler.oci.media_types import is_elsewhere
from reconciler.oci.platform import select, suits
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import ContentError
from reconciler.registries import failures

_DEEPEST_INDEX = 4


class Content(Protocol):
    """What an adapter must be able to do for its images to be pulled."""

    where: str

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Content, verified while it is read; RegistryError when it is not there."""


def pull(content: Content, name: Name, descriptor: Descriptor, platform: str) -> Image:
    """The image for a platform that a descriptor leads to, through indexes if need be."""
    index: Digest | None = None
    for _ in range(_DEEPEST_INDEX):
        raw, found = read_manifest(content, descriptor)
        if isinstance(found, Manifest):
            return _checked(content, name, _image(content, raw, found, index), platform)
        index = index or descriptor.digest
        descriptor = _chosen(name, found, platform)
    raise failures.malformed(content.where, ContentError("Its indexes are nested too deeply."))


def read_manifest(content: Content, descriptor: Descriptor) -> tuple[bytes, Manifest | Index]:
    """Exact bytes of a manifest or index, and what they mean."""
    if descriptor.size > manifests.LARGEST_MANIFEST:
        raise failures.malformed(content.where, ContentError(f"Its manifest has {descriptor.size} bytes."))
    with content.open(descriptor) as stream:
        raw = stream.read()
    try:
        return raw, manifests.parse(raw, descriptor.media_type)
    except ContentError as cause:
        raise failures.malformed(content.where, cause) from cause


def lacking(content: Content, descriptor: Descriptor, has: Callable[[Descriptor], bool]) -> Iterator[Digest]:
    """What a manifest or index names and the registry does not have, below it too."""
    if not has(descriptor):
        yield descriptor.digest
        return
    _, found = read_manifest(content, descriptor)
    if isinstance(found, Manifest):
        here = (part for part in (found.config, *found.layers) if not is_elsewhere(part.media_type))
        yield from (part.digest for part in here if not has(part))
    else:
        for below in found.manifests:
            yield from lacking(content, below, has)


def _chosen(name: Name, index: Index, platform: str) -> Descriptor:
    chosen = select(index.manifests, platform)
    if chosen is None:
        raise failures.other_platform(name, ", ".join(m.platform for m in index.manifests if m.platform), platform)
    return chosen


def _image(content: Content, raw: bytes, manifest: Manifest, index: Digest | None) -> Image:
    config, *layers = (Blob(part, partial(content.open, part)) for part in (manifest.config, *manifest.layers))
    return Image(raw, manifest.media_type, config, tuple(layers), index)


def _checked(content: Content, name: Name, image: Image, platform: str) -> Image:
    try:
        found = platform_of(read_config(image))
    except ContentError as cause:
        raise failures.malformed(content.where, cause) from cause
    if not suits(found, platform):
        raise failures.other_platform(name, found, platform)
    return image
