"""Manifests and indexes, read strictly from bytes that a stranger may have written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.strict_json import ContentError, JsonObject, object_of, objects_of, parse_object, text_of, texts_of

LARGEST_MANIFEST = 4 << 20
_SCHEMA_VERSION = 2
_LARGEST_SIZE = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one image, or one attached artefact, consists of."""

    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Index:
    """Several manifests under one digest, usually one for each platform."""

    media_type: str
    manifests: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


def parse(content: bytes, media_type: str = "") -> Manifest | Index:
    """The manifest or index that the bytes spell, of `media_type` where one is expected; ContentError says why not."""
    what = "The image manifest"
    value = parse_object(content, what, LARGEST_MANIFEST)
    _check_version(value)
    stated = text_of(value, "mediaType", what)
    expected = media_type.partition(";")[0].strip()
    if stated and expected and stated != expected:
        raise ContentError(f"{what} calls itself `{stated}`, but `{expected}` was expected.")
    if "manifests" in value and ("layers" in value or "config" in value):
        raise ContentError(
            f"{what} is at once an image and an index of images; different programs would read it differently."
        )
    if "manifests" in value:
        return _index(value, stated or expected or media_types.OCI_INDEX)
    return _manifest(value, stated or expected or media_types.OCI_MANIFEST)


def parse_descriptor(value: JsonObject, what: str) -> Descriptor:
    """The descriptor that a JSON object spells."""
    size = value.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _LARGEST_SIZE:
        raise ContentError(f"`size` of {what} must be a whole number that is not negative.")
    return Descriptor(
        media_type=text_of(value, "mediaType", what),
        digest=_digest(text_of(value, "digest", what), what),
        size=size,
        annotations=texts_of(value, "annotations", what),
        platform=_platform(object_of(value, "platform", what), what),
        artifact_type=text_of(value, "artifactType", what),
    )


def _index(value: JsonObject, media_type: str) -> Index:
    if media_type in media_types.MANIFESTS:
        raise ContentError(f"An index of images was found where `{media_type}` was expected.")
    what = "the index"
    return Index(
        media_type=media_type,
        manifests=tuple(
            parse_descriptor(entry, "a manifest in the index") for entry in objects_of(value, "manifests", what)
        ),
        subject=_subject(value, what),
        artifact_type=text_of(value, "artifactType", what),
        annotations=texts_of(value, "annotations", what),
    )


def _manifest(value: JsonObject, media_type: str) -> Manifest:
    what = "the image manifest"
    if media_type in media_types.INDEXES:
        raise ContentError(f"An image manifest was found where `{media_type}` was expected.")
    if "config" not in value:
        raise ContentError("The image manifest names no config.")
    config = parse_descriptor(object_of(value, "config", what), "the config in the image manifest")
    layers = objects_of(value, "layers", what)
    return Manifest(
        media_type=media_type,
        config=config,
        layers=tuple(parse_descriptor(layer, "a layer in the image manifest") for layer in layers),
        subject=_subject(value, what),
        artifact_type=text_of(value, "artifactType", what) or config.media_type,
        annotations=texts_of(value, "annotations", what),
    )


def _subject(value: JsonObject, what: str) -> Descriptor | None:
    subject = object_of(value, "subject", what)
    return parse_descriptor(subject, f"the subject in {what}") if subject else None


def _check_version(value: JsonObject) -> None:
    version = value.get("schemaVersion")
    if version == 1:
        raise ContentError("The image manifest has schema version 1, which registries gave up; push the image again.")
    if version != _SCHEMA_VERSION or isinstance(version, bool):
        raise ContentError("The image manifest must have `schemaVersion` 2.")


def _digest(text: str, what: str) -> Digest:
    try:
        return Digest.parse(text)
    except ValueError:
        raise ContentError(f"`digest` of {what} must be `sha256:` and 64 lower-case hex digits.") from None


def _platform(value: JsonObject, what: str) -> str:
    parts = [text_of(value, key, what) for key in ("os", "architecture", "variant")]
    return "/".join(part for part in parts if part)
