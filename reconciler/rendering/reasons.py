"""Why a change is made, in words."""

from __future__ import annotations

from reconciler.model.plan import (
    Action,
    AdoptedFromRegistry,
    BasePatched,
    Change,
    DeclaredAgain,
    DefinitionChanged,
    DependencyChanged,
    DestroyRequested,
    Drift,
    HollowImage,
    ImageMissing,
    Imported,
    MetadataChanged,
    Moved,
    NotInConfiguration,
    PackagesUpgraded,
    PublishedElsewhere,
    Reason,
    Removed,
    ReplaceRequested,
    TagMoved,
    VersionRequested,
)
from reconciler.model.written import written_path
from reconciler.rendering.escape import safe


def reason_text(reason: Reason, change: Change) -> str:
    """One reason as half a sentence; safe to print, whatever the user or the registry wrote into it."""
    return safe(_text(reason, change))


def reason_line(reason: Reason, change: Change) -> str:
    """The same, and whether it waits; safe to print."""
    text = reason_text(reason, change)
    waits = isinstance(reason, BasePatched) and change.action is Action.NOTHING
    return f"{text} (the version is fixed, so the patch waits)" if waits else text


def _text(reason: Reason, change: Change) -> str:
    match reason:
        case BasePatched() | ImageMissing() | TagMoved() | HollowImage():
            return _drift_text(reason)
        case DefinitionChanged(paths):
            return f"definition changed: {', '.join(map(written_path, paths))}"
        case MetadataChanged(paths):
            return f"only metadata changed: {', '.join(paths)}"
        case AdoptedFromRegistry() | PublishedElsewhere():
            return _found_text(reason)
        case NotInConfiguration() | DestroyRequested() | Removed():
            return _gone_text(reason, change)
        case VersionRequested() | Moved() | DeclaredAgain():
            return _declared_text(reason)
        case PackagesUpgraded() | ReplaceRequested() | DependencyChanged() | Imported():
            return _asked_text(reason)


def _declared_text(reason: VersionRequested | Moved | DeclaredAgain) -> str:
    match reason:
        case VersionRequested(version):
            return f"version {version} is asked for and not registered yet"
        case Moved(old):
            return f"moved from {old}"
        case DeclaredAgain():
            return "archived, and declared again"


def _gone_text(reason: NotInConfiguration | DestroyRequested | Removed, change: Change) -> str:
    match reason:
        case Removed():
            return "because a `removed` block says so"
        case DestroyRequested():
            return "because everything is to be destroyed"
        case NotInConfiguration("each_key"):
            return f"because key [{change.address.partition('[')[2]} is not in for_each map"
        case NotInConfiguration("count_index"):
            return f"because index [{change.address.partition('[')[2]} is out of range for count"
        case NotInConfiguration("repetition"):
            return f"because {change.address.partition('[')[0]} is declared with another kind of repetition"
        case NotInConfiguration():
            return f'because "{change.name}" is not in configuration'


def _asked_text(reason: PackagesUpgraded | ReplaceRequested | DependencyChanged | Imported) -> str:
    match reason:
        case PackagesUpgraded(packages):
            return f"packages upgraded: {', '.join(one.name for one in packages)}"
        case ReplaceRequested():
            return "as requested with -replace"
        case DependencyChanged(addresses):
            return f"due to changes in replace_triggered_by: {', '.join(addresses)}"
        case Imported(id):
            return f'imported from "{id}"'


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
        case HollowImage(tag, missing):
            return f"{tag} lacks {len(missing)} of its blobs in the registry: {', '.join(one.short for one in missing)}"
        case TagMoved(tag, recorded, found):
            return f"{tag} points at {found.short} in the registry, recorded is {recorded.short}"
