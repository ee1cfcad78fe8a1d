"""New images from old ones and new layers; operations return a new image and leave the old one as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.model.digest import canonical_json
from reconciler.oci import media_types
from reconciler.oci.config import Addition, read_config, with_layer, with_layers
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image

_NOTHING = Blob.of(b"{}", media_types.OCI_EMPTY)


def assemble(config: Blob, layers: Sequence[Blob], annotations: Mapping[str, str] | None = None) -> Image:
    """An image from its parts; equal parts make equal manifest bytes."""
    manifest: dict[str, object] = {
        "schemaVersion": 2,
        "mediaType": media_types.OCI_MANIFEST,
        "config": _spelled(config.descriptor),
        "layers": [_spelled(layer.descriptor) for layer in layers],
    }
    if annotations:
        manifest["annotations"] = dict(annotations)
    return Image(canonical_json(manifest), media_types.OCI_MANIFEST, config, tuple(layers))


def append_layers(
    base: Image,
    layers: Sequence[Addition],
    *,
    labels: Mapping[str, str],
    variables: Mapping[str, str],
    annotations: Mapping[str, str],
) -> Image:
    """The base with layers on top, bottom first, whose content nobody reads; ContentError as for one layer."""
    config = with_layers(read_config(base), layers, labels, variables)
    return assemble(config, (*map(_as_oci, base.layers), *(layer.blob for layer in layers)), annotations)


def append_layer(base: Image, layer_tar: bytes, *, history: str, labels: Mapping[str, str]) -> Image:
    """The base with one uncompressed layer on top; ContentError when the base's config cannot be extended."""
    layer = Blob.of(layer_tar, media_types.OCI_LAYER)
    config = with_layer(read_config(base), layer.descriptor.digest, history, labels)
    return assemble(config, (*map(_as_oci, base.layers), layer))


def artefact(kind: str, contents: Sequence[Blob]) -> Image:
    """Content that is no image and belongs to none, in its order."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": media_types.OCI_MANIFEST,
        "artifactType": kind,
        "config": _spelled(_NOTHING.descriptor),
        "layers": [_spelled(content.descriptor) for content in contents],
    }
    return Image(canonical_json(manifest), media_types.OCI_MANIFEST, _NOTHING, tuple(contents))


def attachment(subject: Descriptor, content: Blob) -> Image:
    """Content that refers to an image: it is found by whoever looks for what belongs to that, and has no name."""
    return _referring(subject, content.descriptor.media_type, content, {})


def note(subject: Descriptor, kind: str, annotations: Mapping[str, str]) -> Image:
    """The same for what has room in a manifest: nothing else is to be kept, and lists of referrers tell it."""
    return _referring(subject, kind, _NOTHING, {"annotations": dict(annotations)})


def _referring(subject: Descriptor, kind: str, content: Blob, more: Mapping[str, object]) -> Image:
    manifest = {
        "schemaVersion": 2,
        "mediaType": media_types.OCI_MANIFEST,
        "artifactType": kind,
        "config": _spelled(_NOTHING.descriptor),
        "layers": [_spelled(content.descriptor)],
        "subject": _spelled(subject),
        **more,
    }
    return Image(canonical_json(manifest), media_types.OCI_MANIFEST, _NOTHING, (content,))


def _as_oci(blob: Blob) -> Blob:
    descriptor = blob.descriptor
    return replace(blob, descriptor=replace(descriptor, media_type=media_types.as_oci(descriptor.media_type)))


def _spelled(descriptor: Descriptor) -> dict[str, object]:
    spelled: dict[str, object] = {
        "mediaType": descriptor.media_type,
        "digest": descriptor.digest,
        "size": descriptor.size,
    }
    if descriptor.annotations:
        spelled["annotations"] = dict(descriptor.annotations)
    return spelled
