"""Which names an image may be pushed under, the same for every registry that keeps refs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.oci import manifest as manifests
from reconciler.oci.image import Image
from reconciler.oci.manifest import Index, Manifest
from reconciler.oci.reference import Name
from reconciler.oci.reference_rules import check_ref
from reconciler.oci.strict_json import ContentError
from reconciler.registries import failures


def spelled_ref(name: Name) -> str:
    """The ref that a name with a tag stands for; RegistryError when it stands for none, or would be read as another."""
    if not name.tag:
        raise failures.refused(ValueError(f"`{name}` names no image: it needs a tag or a digest."))
    try:
        check_ref(name.ref)
    except ValueError as cause:
        raise failures.refused(cause) from cause
    if Name.of_ref(name.ref) != replace(name, digest=None):
        raise failures.refused(ValueError(f"`{name.ref}` would not be read back as it was written."))
    return name.ref


def refs_to_set(image: Image, names: Sequence[Name]) -> tuple[str, ...]:
    """The refs among the names; a digest among them must be the image's own."""
    for name in names:
        if name.digest not in (None, image.digest):
            raise failures.refused(ValueError(f"`{name}` was asked for, but the image's digest is {image.digest}."))
    return tuple(spelled_ref(name) for name in names if name.tag or name.digest is None)


def parsed(image: Image) -> Manifest:
    """The manifest of an image that is to be pushed, which must bring all that it names."""
    try:
        manifest = manifests.parse(image.manifest, image.media_type)
    except ContentError as cause:
        raise failures.malformed("What was to be pushed", cause) from cause
    if isinstance(manifest, Index):
        raise failures.malformed("What was to be pushed", ContentError("It is an index of images, not an image."))
    brought = {blob.descriptor.digest for blob in image.blobs}
    for part in (manifest.config, *manifest.layers):
        if part.digest not in brought:
            raise failures.missing("What was to be pushed", part.digest)
    return manifest
