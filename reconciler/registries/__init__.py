"""Where images are kept."""

from __future__ import annotations

from pathlib import Path

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import LAYOUT
from reconciler.protocols import Registry
from reconciler.registries.layout import LayoutRegistry


def open_registry(place: str, root: Path) -> Registry:
    """The adapter for the registry of a reference or of a place; folders are relative to the project's root."""
    if not place.startswith(LAYOUT):
        raise RegistryError(
            "Registry is not supported",
            f"`{place}` is not a folder, and this version of envform can use image layouts in folders only. Write "
            "`oci:DIR`, as in `oci:./registry`, or `oci:DIR:REF` for one image; `skopeo copy` fetches an image from "
            "elsewhere into such a folder:\n\n    skopeo copy docker://python:3.11-slim oci:./images:python",
        )
    return LayoutRegistry(root / place.removeprefix(LAYOUT))
