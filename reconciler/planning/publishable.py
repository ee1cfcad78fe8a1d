"""Whether an environment may be published: nothing in it is secret, and a registry can hold what it is called."""

from __future__ import annotations

from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.environment import Environment
from reconciler.oci.reference import LAYOUT, Place
from reconciler.oci.reference_rules import check_repository

_VARIABLES = "environment_variables"


def check_publishable(environment: Environment, place: Place) -> None:
    """EnvformError where a value must not be published, or the name cannot be; a folder holds every name."""
    problems = Diagnostics()
    for name in sorted(environment.sensitive):
        problems.add(_secret(environment, name))
    problems.check()
    if place.registry.startswith(LAYOUT):
        return
    try:
        check_repository(place.registry, place.repository(environment.name))
    except ValueError as cause:
        raise EnvformError(_refused(environment, place, cause)) from cause


def _secret(environment: Environment, name: str) -> Diagnostic:
    detail = (
        f"`{name}` of `{environment.address}` is sensitive, and what stands in an environment is written into the "
        "state, into plan files and into the registry, where secrets do not belong. Leave it out, or write "
        "`nonsensitive(…)` around what may be seen."
    )
    if name.partition(".")[0] == _VARIABLES:
        detail = _secret_variable(environment, name)
    return Diagnostic.error("Sensitive value would be recorded", detail, address=environment.address).at(
        environment.places.get(name.partition(".")[0]) or environment.places.get("")
    )


def _secret_variable(environment: Environment, name: str) -> str:
    variable = name.partition(".")[2] or "NAME"
    return (
        f"`{name}` of `{environment.address}` is sensitive, and variables of an environment are written in clear into "
        "the state, into plan files, and into the record that is published with the image, where everybody who may "
        f"pull it can read them. Leave it out here and give it to the job, which takes the value that `{variable}` has "
        f"where it is begun:\n\n    envform run -env={variable} {environment.name} -- COMMAND\n\n"
        f"Other engines have the like: `docker run -e {variable}`, or a secret of the cluster. What may be seen is "
        "written `nonsensitive(…)`."
    )


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
