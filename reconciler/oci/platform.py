"""Platforms as `os/architecture[/variant]`, and which image of an index is for one."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.model.pattern import lazy_pattern
from reconciler.oci.descriptor import Descriptor

_FORM = lazy_pattern(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?")
_SPELLINGS = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm"}
_IMPLIED_VARIANT = {"arm64": "v8", "arm": "v7", "amd64": "v1"}


def parse_platform(text: str) -> str:
    """The platform that a text spells, in its one spelling; ValueError says what is wrong with it."""
    if not _FORM.fullmatch(text):
        raise ValueError("A platform is written as `os/architecture`, such as `linux/amd64` or `linux/arm64`.")
    return _normal(text)


def suits(found: str, wanted: str) -> bool:
    """Whether an image for one platform is an image for the other; one that says nothing suits every platform."""
    return not found or _normal(found) == _normal(wanted)


def select(manifests: Sequence[Descriptor], wanted: str) -> Descriptor | None:
    """The manifest of an index that is for a platform; one without platform counts only when it stands alone."""
    for manifest in manifests:
        if manifest.platform and suits(manifest.platform, wanted):
            return manifest
    return manifests[0] if len(manifests) == 1 and not manifests[0].platform else None


def _normal(platform: str) -> str:
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    architecture = _SPELLINGS.get(architecture, architecture)
    implied = _IMPLIED_VARIANT.get(architecture, "")
    return f"{system}/{architecture}/{variant}" if variant and variant != implied else f"{system}/{architecture}"
