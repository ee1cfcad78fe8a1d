"""What is published already and becomes managed: `import` blocks and the command."""

from __future__ import annotations

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.frozen import dataclass
from reconciler.model.intent import Import
from reconciler.model.plan import Action, Change, Desired, ImageOutcome, Imported
from reconciler.model.state import Registered
from reconciler.planning.decide import Situation


@dataclass(frozen=True, slots=True)
class Published:
    """An image under a name and version; `cached` is what the registry has under the hash that is declared."""

    version: str
    image: Digest
    cached: Digest | None


def wanted_version(environment: Environment, wanted: Import) -> str:
    """The version that `NAME:VERSION` means; empty where the newest is meant. It must be of this environment."""
    name, _, version = wanted.id.partition(":")
    if name != environment.name:
        detail = (
            f"`{wanted.id}` is to become `{environment.address}`, whose name is `{environment.name}`. Names are what "
            f'is registered, so they must be the same: write `name = "{name}"` in the environment, or another id.'
        )
        raise EnvformError(_refused("Import id has another name", detail, environment, wanted))
    if environment.version and version and environment.version != version:
        detail = (
            f"`{wanted.id}` is to become `{environment.address}`, whose version is {environment.version}. "
            "Write the same version in both, or leave `version` out."
        )
        raise EnvformError(_refused("Import id has another version", detail, environment, wanted))
    return version or environment.version or ""


def decide_import(situation: Situation, wanted: Import, found: Published | None) -> Change:
    """The change that records what is published; EnvformError where it is not what the configuration declares."""
    environment, definition = situation.environment, situation.definition
    if found is None:
        detail = (
            f"The registry was asked for `{wanted.id}` and holds no such version. Only what is published can be "
            "imported; take the import away to have it built."
        )
        raise EnvformError(_refused("Cannot import what is not there", detail, environment, wanted))
    declared = situation.image or found.cached
    if found.image != declared:
        meant = declared.short if declared else f"the definition {definition.hash[:12]}, which was never built"
        detail = (
            f"`{environment.name}:{found.version}` is {found.image.short}, and the configuration means {meant}. "
            "Registered versions never change, so it can be recorded only as what it is. Make the configuration equal "
            "to it; or take the import away: envform then counts on from what is published."
        )
        raise EnvformError(_refused("Published image is not what is declared", detail, environment, wanted))
    return Change(
        address=environment.address,
        name=environment.name,
        action=Action.IMPORT,
        image=ImageOutcome.NONE,
        reasons=(Imported(wanted.id),),
        after=Desired(
            version=found.version,
            hash=definition.hash,
            definition=definition,
            lock=situation.lock,
            description=environment.description,
            tags=environment.tags,
            image=found.image,
            details=environment.details,
            late=tuple(sorted(environment.late)),
        ),
    )


def already_managed(environment: Environment, prior: Registered) -> Diagnostic:
    """What is recorded need not be imported, and cannot be a second time."""
    detail = (
        f"`{environment.name}` is recorded already, at `{prior.address}`, with version {prior.latest.version} as its "
        "newest. To record it anew, forget it first: `envform state rm`."
    )
    return Diagnostic.error("Environment is managed already", detail, address=environment.address)


def _refused(summary: str, detail: str, environment: Environment, wanted: Import) -> Diagnostic:
    return Diagnostic.error(summary, detail, address=environment.address).at(wanted.place)
