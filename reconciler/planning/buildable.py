"""What this version cannot build yet, refused before anything else is asked. Gone with the last of its kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.environment import Environment


def check_buildable(environments: Iterable[Environment]) -> None:
    """EnvformError for every environment that needs a builder, which is not there yet."""
    problems = Diagnostics()
    for environment in environments:
        needs = tuple(_needs(environment))
        if needs:
            problems.add(_refused(environment, needs))
        for name in sorted(environment.sensitive):
            problems.add(_secret(environment, name))
    problems.check()


def _needs(environment: Environment) -> Iterator[tuple[str, str]]:
    """What has to be built, and under which argument or block it stands."""
    contents = environment.contents
    if contents.runtime == "local" and contents.conda:
        yield "a local environment of conda packages", "runtime"


def _secret(environment: Environment, name: str) -> Diagnostic:
    return Diagnostic.error(
        "Sensitive value would be recorded",
        f"`{name}` of `{environment.address}` is sensitive, and what stands in an environment is written into the "
        "state, into plan files and into the registry, where secrets do not belong. Leave it out, or write "
        "`nonsensitive(…)` around what may be seen.",
        address=environment.address,
    ).at(environment.places.get(name.partition(".")[0]) or environment.places.get(""))


def _refused(environment: Environment, needs: tuple[tuple[str, str], ...]) -> Diagnostic:
    listed = ", ".join(what for what, _ in needs)
    return Diagnostic.error(
        "Definition cannot be built by this version",
        f"`{environment.address}` needs {listed}, and this version of envform can build packages, Docker steps, "
        "Dockerfiles, build contexts and local environments of pip packages only. Nothing was planned. `envform "
        "validate` checks such definitions in full.",
        address=environment.address,
    ).at(environment.places.get(needs[0][1]) or environment.places.get(""))
