"""The names of the kinds of content that envform reads and writes. Unknown kinds are carried along, never refused."""

from __future__ import annotations

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"

MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
INDEXES = frozenset({OCI_INDEX, DOCKER_INDEX})
CONFIGS = frozenset({OCI_CONFIG, DOCKER_CONFIG})

_OCI_FOR_DOCKER = {
    DOCKER_MANIFEST: OCI_MANIFEST,
    DOCKER_INDEX: OCI_INDEX,
    DOCKER_CONFIG: OCI_CONFIG,
    "application/vnd.docker.image.rootfs.diff.tar": OCI_LAYER,
    "application/vnd.docker.image.rootfs.diff.tar.gzip": OCI_LAYER + "+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd": OCI_LAYER + "+zstd",
}


def is_elsewhere(media_type: str) -> bool:
    """Whether such a layer may not be handed on: it is fetched from its vendor, and registries need not have it."""
    return ".nondistributable." in media_type or ".foreign." in media_type


def as_oci(media_type: str) -> str:
    """The OCI name for the same bytes; a type that has none stays as it is."""
    return _OCI_FOR_DOCKER.get(media_type, media_type)
