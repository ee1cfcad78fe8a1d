"""Why a change is made, in words."""

from __future__ import annotations

from reconciler.model.plan import (
    AdoptedFromRegistry,
    BasePatched,
    Change,
    DeclaredAgain,
    DefinitionChanged,
    Drift,
    ImageMissing,
    MetadataChanged,
    Moved,
    NotInConfiguration,
    PublishedElsewhere,
    Reason,
    TagMoved,
    VersionRequested,
)
from reconciler.rendering.escape import safe


def reason_text(reason: Reason, change: Change) -> str:
    """One reason as half a sentence; safe to print, whatever the user or the registry wrote into it."""
    return safe(_text(reason, change))


def _text(reason: Reason, change: Change) -> str:
    match reason:
        case BasePatched() | ImageMissing() | TagMoved():
            return _drift_text(reason)
        case DefinitionChanged(paths):
            return f"definition changed: {', '.join(paths)}"
        case MetadataChanged(paths):
            return f"only metadata changed: {', '.join(paths)}"
        case VersionRequested(version):
            return f"version {version} is asked for and not registered yet"
        case AdoptedFromRegistry() | PublishedElsewhere():
            return _found_text(reason)
        case NotInConfiguration():
            return f'because "{change.name}" is not in configuration'
        case Moved(old):
            return f"moved from {old}"
        case DeclaredAgain():
            return "archived, and declared again"


def _found_text(reason: AdoptedFromRegistry | PublishedElsewhere) -> str:
    if isinstance(reason, AdoptedFromRegistry):
        return "an image with this hash is already in the registry"
    versions = ", ".join(reason.versions)
    return f"in the registry under this name, and not recorded here: version {versions}"


def _drift_text(reason: Drift) -> str:
    match reason:
        case BasePatched(image, old, new):
            return f"base image patched: {image} {old.short} -> {new.short}"
        case ImageMissing(tag):
            return f"{tag} is missing from the registry"
        case TagMoved(tag, recorded, found):
            return f"{tag} points at {found.short} in the registry, recorded is {recorded.short}"
