"""The config of an image: what it is for, its labels, and the order of its layers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError, JsonObject, object_of, text_of, texts_of

_LARGEST_CONFIG = 4 << 20
_CREATED = "1970-01-01T00:00:00Z"
_WHAT = "the image's config"


def read_config(image: Image) -> JsonObject:
    """The config as a JSON object; empty for an artefact that has none. ContentError says what is wrong with it."""
    descriptor = image.config.descriptor
    if descriptor.media_type not in media_types.CONFIGS:
        return {}
    if descriptor.size > _LARGEST_CONFIG:
        raise ContentError(f"The image's config has {descriptor.size} bytes; more than {_LARGEST_CONFIG} are not read.")
    with image.config.open() as stream:
        content = stream.read(_LARGEST_CONFIG + 1)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as cause:
        raise ContentError("The image's config is not valid JSON.") from cause
    if not isinstance(value, dict):
        raise ContentError("The image's config must be a JSON object.")
    return value


def platform_of(config: JsonObject) -> str:
    """The platform that a config states, empty where it states none."""
    parts = [text_of(config, key, _WHAT) for key in ("os", "architecture", "variant")]
    return "/".join(part for part in parts if part) if all(parts[:2]) else ""


def labels_of(config: JsonObject) -> Mapping[str, str]:
    """The labels that a config holds."""
    return texts_of(object_of(config, "config", _WHAT), "Labels", _WHAT)


def with_layer(config: JsonObject, diff_id: Digest, history: str, labels: Mapping[str, str]) -> Blob:
    """The config of the same image with one more layer; equal arguments give equal bytes."""
    root = object_of(config, "rootfs", _WHAT)
    settings = object_of(config, "config", _WHAT)
    extended = {
        **config,
        "created": _CREATED,
        "rootfs": {"type": "layers", "diff_ids": [*_items(root, "diff_ids"), diff_id]},
        "history": [*_items(config, "history"), {"created": _CREATED, "created_by": history}],
        "config": {**settings, "Labels": {**labels_of(config), **labels}},
    }
    return Blob.of(canonical_json(extended), media_types.OCI_CONFIG)


def _items(value: JsonObject, key: str) -> list[object]:
    items = value.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise ContentError(f"`{key}` of {_WHAT} must be a list.")
    return items
