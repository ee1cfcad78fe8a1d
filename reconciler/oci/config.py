"""The config of an image: what it is for, its labels, and the order of its layers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from reconciler.model.digest import Digest, canonical_json
from reconciler.model.frozen import dataclass
from reconciler.oci import media_types
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError, JsonObject, object_of, text_of, texts_of

_LARGEST_CONFIG = 4 << 20
_CREATED = "1970-01-01T00:00:00Z"
_OLDEST_FILE = "1980-01-01T00:00:00Z"
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


@dataclass(frozen=True, slots=True)
class Addition:
    """A layer that is to go onto an image: its blob, the digest of the archive inside it, and what history says."""

    blob: Blob
    diff_id: Digest
    history: str


def with_layers(
    config: JsonObject, layers: Sequence[Addition], labels: Mapping[str, str], variables: Mapping[str, str]
) -> Blob:
    """The config of the same image with layers on top, created when it was; equal arguments give equal bytes."""
    root = object_of(config, "rootfs", _WHAT)
    settings = object_of(config, "config", _WHAT)
    created = text_of(config, "created", _WHAT) or _OLDEST_FILE
    diff_ids = _items(root, "diff_ids")
    extended = {
        **config,
        "created": created,
        "rootfs": {"type": "layers", "diff_ids": [*diff_ids, *(layer.diff_id for layer in layers)]},
        "history": [
            *_whole_history(_items(config, "history"), len(diff_ids), created),
            *({"created": created, "created_by": layer.history} for layer in layers),
        ],
        "config": {
            **settings,
            "Labels": {**labels_of(config), **labels},
            "Env": _with_variables(_items(settings, "Env"), variables),
        },
    }
    return Blob.of(canonical_json(extended), media_types.OCI_CONFIG)


def variable_of(config: JsonObject, name: str) -> str:
    """A variable of the environment that containers start with, empty where it is not set."""
    found = [item for item in _items(object_of(config, "config", _WHAT), "Env") if isinstance(item, str)]
    return next((item.partition("=")[2] for item in found if item.partition("=")[0] == name), "")


def _with_variables(items: list[object], variables: Mapping[str, str]) -> list[object]:
    kept = [item for item in items if not isinstance(item, str) or item.partition("=")[0] not in variables]
    return [*kept, *(f"{name}={value}" for name, value in sorted(variables.items()))]


def _whole_history(history: list[object], layers: int, created: str) -> list[object]:
    """One entry for each layer below; readers refuse a history that is shorter, and many bases have none."""
    told = sum(1 for item in history if not (isinstance(item, dict) and item.get("empty_layer")))
    filler: list[object] = [{"created": created, "created_by": "layer of the base image"}] * (layers - told)
    return [*filler, *history]


def _items(value: JsonObject, key: str) -> list[object]:
    items = value.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise ContentError(f"`{key}` of {_WHAT} must be a list.")
    return items
