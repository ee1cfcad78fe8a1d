"""What names, versions, platforms and references must look like. Each check returns what is wrong, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from reconciler.model.pattern import lazy_pattern
from reconciler.model.publication import CACHE, LAYERS
from reconciler.oci.platform import parse_platform
from reconciler.oci.reference import Place, Reference

NAME = r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}"
TAG = r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}"
_NAME = lazy_pattern(NAME)
_REGISTRY_NAME = lazy_pattern(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}(?<!\.)")
_WORKSPACE = lazy_pattern(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,89}")
_TAG = lazy_pattern(TAG)
_RESERVED = ("AzureML", "Microsoft", "Envform-")

Finding = tuple[str, str]
Check = Callable[[str], Finding | None]


def check_name(name: str) -> Finding | None:
    """An environment's name, as Azure ML's workspaces take them."""
    if _NAME.fullmatch(name):
        return _reserved(name)
    detail = (
        f"`{_shown(name)}` cannot name an environment. A name holds up to 255 letters, digits, `-` and `_`, "
        "and begins with a letter or digit."
    )
    if _REGISTRY_NAME.fullmatch(name):
        detail += f" Only the curated ones of registries have dots in theirs: write `{_shown(name.replace('.', '-'))}`."
    return "Invalid environment name", detail


def check_registry_name(name: str) -> Finding | None:
    """A curated environment's name, as Azure ML's registries take them: dots may stand inside."""
    if _REGISTRY_NAME.fullmatch(name):
        return _reserved(name)
    detail = (
        f"`{_shown(name)}` cannot name an environment in a registry. A name holds up to 255 letters, digits, `-`, `_` "
        "and `.`, begins with a letter or digit, and does not end in a dot."
    )
    return "Invalid environment name", detail


def _reserved(name: str) -> Finding | None:
    if name.lower() == CACHE:
        detail = f"`{CACHE}` is where a workspace keeps all of its images by their hash. Choose another name."
        return "Reserved environment name", detail
    if name.lower() == LAYERS:
        detail = f"`{LAYERS}` is where a registry keeps what is known of layers. Choose another name."
        return "Reserved environment name", detail
    for prefix in _RESERVED:
        if name.lower().startswith(prefix.lower()):
            detail = (
                f"Names that begin with `{prefix}` belong to curated environments, which are read only. "
                "To change one, clone it under another name: `envform env clone NAME NEW`."
            )
            return "Reserved environment name", detail
    return None


def check_version(version: str) -> Finding | None:
    """A version, which becomes a tag in the registry."""
    if version == "latest":
        detail = "`latest` always means the most recently created version. Name this one, or leave `version` out."
        return "Invalid version", detail
    if not _TAG.fullmatch(version):
        detail = (
            f"`{_shown(version)}` cannot be a version: it becomes a tag in the registry. It holds up to 128 letters, "
            "digits, `.`, `_` and `-`, and begins with a letter, digit or `_`."
        )
        return "Invalid version", detail
    return None


def check_workspace(name: str) -> Finding | None:
    """A workspace's name, which becomes part of a file's name."""
    if _WORKSPACE.fullmatch(name):
        return None
    detail = (
        f"`{_shown(name)}` cannot name a workspace. A name holds up to 90 letters, digits, `-` and `_`, "
        "and begins with a letter or digit."
    )
    return "Invalid workspace name", detail


def check_platform(platform: str) -> Finding | None:
    """A platform as image indexes spell it."""
    return _parsed(parse_platform, platform, "Invalid platform")


def check_image(image: str) -> Finding | None:
    """An image reference."""
    return _checked_image(image)


# Many environments stand on a few images.
@lru_cache(maxsize=1024)
def _checked_image(image: str) -> Finding | None:
    found = _parsed(Reference.parse, image, "Invalid image reference")
    if found and image.startswith(("azureml:", "env:")):
        detail = (
            f"`{_shown(image)}` refers to an environment, and this is where an image belongs. Look the environment up "
            'with `data "environment"`, and write `data.environment.NAME.image`.'
        )
        return found[0], detail
    return found


def check_registry(registry: str) -> Finding | None:
    """The place where a workspace keeps its images."""
    return _parsed(Place.parse, registry, "Invalid registry")


def _parsed(parse: Callable[[str], object], text: str, summary: str) -> Finding | None:
    try:
        parse(text)
    except ValueError as cause:
        return summary, str(cause)
    return None


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
