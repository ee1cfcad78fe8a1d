"""Labels and versions of one environment are names in one repository, so none may be both."""

from __future__ import annotations

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import Environment
from reconciler.model.state import Registered


def check_labels(environment: Environment, version: str, prior: Registered | None) -> None:
    """EnvformError where a label is called as a version is, or the version as a label of another one."""
    versions = {version, *(record.version for record in (prior.versions if prior else ()))}
    for number, label in enumerate(environment.details.labels):
        if label in versions:
            detail = (
                f"`{label}` is a version of `{environment.name}`, and versions never move. Choose another word for the "
                "label."
            )
            place = environment.places.get(f"labels[{number}]") or environment.places.get("labels")
            raise EnvformError(_error("Label is a version", detail, environment).at(place))
    if prior and prior.version(version) is None and prior.labelled(version):
        detail = (
            f"`{version}` is a label of `{environment.name}`, and it may move to other versions. Choose another "
            "version, or take the label away first."
        )
        place = environment.places.get("version")
        raise EnvformError(_error("Version is a label", detail, environment).at(place))


def _error(summary: str, detail: str, environment: Environment) -> Diagnostic:
    return Diagnostic.error(summary, detail, address=environment.address)
