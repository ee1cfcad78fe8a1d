"""What ships with envform: the curated environments, and the images to stand on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from reconciler.language.default_images import DefaultImage, read_default_images

_FOLDER = Path(__file__).parent.parent / "curated"
_BASES = "bases.hcl"


@cache
def default_images() -> tuple[DefaultImage, ...]:
    """The table of images to stand on."""
    return read_default_images((_FOLDER / _BASES).read_text(encoding="utf-8"), _BASES)


@cache
def curated_texts() -> Mapping[str, str]:
    """The text of each curated environment, by its name."""
    files = sorted(path for path in _FOLDER.glob("*.hcl") if path.name != _BASES)
    return {path.stem: path.read_text(encoding="utf-8") for path in files}
