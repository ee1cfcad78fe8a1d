"""Small images for tests: real manifests, real configs, real (if short) layers."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from typing import BinaryIO

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image

PLATFORM = "linux/amd64"


def tar_of(files: Mapping[str, bytes]) -> bytes:
    """The same archive for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def image_of(word: str, platform: str = PLATFORM, layers: int = 1) -> Image:
    """An image that nobody else has: its layers hold the word."""
    contents = [tar_of({f"opt/{word}-{number}": word.encode()}) for number in range(layers)]
    system, architecture, *variant = platform.split("/")
    config = {
        "os": system,
        "architecture": architecture,
        **({"variant": variant[0]} if variant else {}),
        "config": {"Env": ["PATH=/bin"], "Labels": {"word": word}},
        "rootfs": {"type": "layers", "diff_ids": [Digest.of(content) for content in contents]},
    }
    return assemble(
        Blob.of(canonical_json(config), media_types.OCI_CONFIG),
        [Blob.of(content, media_types.OCI_LAYER) for content in contents],
    )


def artefact_for(subject: Image, text: str, kind: str = "application/vnd.example.note") -> Image:
    """Something attached to an image: no platform, an empty config, one layer."""
    config, layer = Blob.of(b"{}", "application/vnd.oci.empty.v1+json"), Blob.of(text.encode(), "text/plain")
    manifest = {
        "schemaVersion": 2,
        "mediaType": media_types.OCI_MANIFEST,
        "artifactType": kind,
        "config": spelled(config.descriptor),
        "layers": [spelled(layer.descriptor)],
        "subject": spelled(subject.descriptor),
        "annotations": {"note": text},
    }
    return Image(canonical_json(manifest), media_types.OCI_MANIFEST, config, (layer,))


def index_of(images: Mapping[str, Image | Blob]) -> bytes:
    """An index with an image, or a further index, for each platform."""
    entries = []
    for platform, image in images.items():
        system, architecture, *variant = platform.split("/")
        place = {"os": system, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
        entries.append({**spelled(image.descriptor), "platform": place})
    return canonical_json({"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": entries})


def spelled(descriptor: Descriptor) -> dict[str, object]:
    """A descriptor as it stands in a manifest."""
    return {"mediaType": descriptor.media_type, "digest": descriptor.digest, "size": descriptor.size}


def content_of(image: Image) -> list[bytes]:
    """Everything that an image consists of, read to the end."""
    contents = [image.manifest]
    for blob in image.blobs:
        with blob.open() as stream:
            contents.append(stream.read())
    return contents


def watched(image: Image, opened: list[Digest]) -> Image:
    """An image that says what is read of it."""

    def counted(blob: Blob) -> Blob:
        def note_and_open() -> BinaryIO:
            opened.append(blob.descriptor.digest)
            return blob.open()

        return Blob(blob.descriptor, note_and_open)

    return Image(image.manifest, image.media_type, counted(image.config), tuple(map(counted, image.layers)))
