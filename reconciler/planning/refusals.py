"""What planning refuses about versions, in words."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.definition import Definition
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.observation import Observation
from reconciler.model.plan import DefinitionChanged, Reason
from reconciler.model.state import Record, Registered
from reconciler.model.written import written_path

ALREADY = "Version is already registered with another definition"


def version_is_published(environment: Environment, version: str, found: Digest) -> Diagnostic:
    """The registry holds this version with another image, and no record of it."""
    return Diagnostic.error(
        "Version is already published with another image",
        f"The registry holds `{environment.name}:{version}` as {found.short}, which nobody has recorded here: "
        "another project has published it, or the state that knew it is lost. Published versions never change. "
        "Choose another version, or leave `version` out and envform counts on from what is published.",
        address=environment.address,
    ).at(environment.places.get("version"))


def check_new_name(environment: Environment, prior: Registered | None, seen: Observation) -> None:
    """EnvformError where versions that move to another name are published under that by somebody else."""
    for record in prior.versions if prior else ():
        found = seen.digest(environment.name, record.version)
        if found and found != record.image:
            detail = (
                f"All versions move to the name `{environment.name}` with it, and the registry holds "
                f"`{environment.name}:{record.version}` as {found.short}, which nobody has recorded here. Published "
                "versions never change. Give it another `name`, or the one that it had."
            )
            raise EnvformError(
                Diagnostic.error("Name is already published by others", detail, address=environment.address).at(
                    environment.places.get("name")
                )
            )


def version_is_fixed(environment: Environment, record: Record) -> Diagnostic:
    """Something is to be made anew under a version that is registered."""
    return Diagnostic.error(
        "Version is fixed, so nothing can replace it",
        f"`{environment.address}` is to be made anew, which registers a new version, and the configuration fixes "
        f"version {record.version}, which is registered. Registered versions never change. Write another version, or "
        "leave `version` out and envform counts up by itself.",
        address=environment.address,
    ).at(environment.places.get("version"))


def version_clash(
    environment: Environment, record: Record, definition: Definition, reasons: Iterable[Reason]
) -> Diagnostic:
    """The configuration gives a registered version another meaning."""
    paths = ", ".join(
        path for reason in reasons if isinstance(reason, DefinitionChanged) for path in map(written_path, reason.paths)
    )
    return Diagnostic.error(
        ALREADY,
        f"Version {record.version} of `{environment.name}` was registered on {record.created[:10]} with hash "
        f"{record.hash[:12]}; the configuration now means {definition.hash[:12]} (different: {paths}). "
        "Registered versions never change. Give the new definition a version of its own, or leave "
        "`version` out and envform counts up by itself.",
        address=environment.address,
    ).at(environment.places.get("version"))
