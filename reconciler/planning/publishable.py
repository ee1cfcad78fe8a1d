"""Whether a registry on a network can hold what an environment is called: it takes fewer names than a folder."""

from __future__ import annotations

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import Environment
from reconciler.oci.reference import LAYOUT, Place
from reconciler.oci.reference_rules import check_repository


def check_publishable(environment: Environment, place: Place) -> None:
    """EnvformError where the name cannot be published; a folder holds every name."""
    if place.registry.startswith(LAYOUT):
        return
    try:
        check_repository(place.registry, place.repository(environment.name))
    except ValueError as cause:
        raise EnvformError(_refused(environment, place, cause)) from cause


def _refused(environment: Environment, place: Place, cause: ValueError) -> Diagnostic:
    near = _near(environment.name)
    fits = near != environment.name and _is_a_name(place, near)
    return Diagnostic.error(
        "Name cannot be published",
        f"`{environment.name}` would be published as `{place}/{environment.name}`, which registries refuse. {cause} "
        "Give the environment another `name`, or keep this project's images in a folder, which takes every name: "
        '`registry = "oci:./registry"`.',
        hint=f'write `name = "{near}"`' if fits else "",
        address=environment.address,
    ).at(environment.places.get("name") or environment.places.get(""))


def _near(name: str) -> str:
    """The same name as registries like it: lower case, single separators, none at the end."""
    words = name.lower().replace("_", "-").split("-")
    return "-".join(word for word in words if word)


def _is_a_name(place: Place, name: str) -> bool:
    try:
        check_repository(place.registry, place.repository(name))
    except ValueError:
        return False
    return True
