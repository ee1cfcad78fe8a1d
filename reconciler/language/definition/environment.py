"""An evaluated `environment` block, read as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from reconciler.language.definition.compat import compat_hash
from reconciler.language.definition.credentials import refuse_credentials, refuse_secret
from reconciler.language.definition.dockered import read_build, read_dockerfile, read_steps
from reconciler.language.definition.effects import refuse_empty, tell_no_packages, tell_pinned_already
from reconciler.language.definition.exclusions import check_exclusions, drop_defaults
from reconciler.language.definition.labels import read_labels
from reconciler.language.definition.moments import read_moment
from reconciler.language.definition.noted import Noted
from reconciler.language.definition.packages import Packages, read_packages
from reconciler.language.definition.reading import Reading
from reconciler.language.definition.verifying import read_verify
from reconciler.language.environment_rule import ROUTES
from reconciler.language.files import Files
from reconciler.language.filled import Filled
from reconciler.language.span import RefusedError
from reconciler.model.definition import Definition, Spark
from reconciler.model.details import Details, InferenceConfig, Route
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import DEFAULT_PLATFORM, NO_CONTENTS, Policy
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.platform import parse_platform

_RUNTIMES: tuple[Literal["container", "local"], ...] = ("container", "local")
_BASES: tuple[Literal["follow", "pin"], ...] = ("follow", "pin")
_PACKAGES: tuple[Literal["hold", "follow"], ...] = ("hold", "follow")
_ENDS: tuple[Literal["archive", "delete"], ...] = ("archive", "delete")
_HIGHEST_PORT = 65535
# What nothing else in a block depends on.
ALONE = frozenset({"properties", "environment_variables"})
_VARIABLE = lazy_pattern(r"[^=\0\s][^=\0]*")
_REPOSITORY = lazy_pattern(r"(?:https?|s3a?|gs|abfss?|file)://[^\s,\\]+")


@dataclass(frozen=True, slots=True)
class Described:
    """What an `environment` block says, apart from its name, version, description and tags.

    `variables` are those that a conda file sets; `details` has them too.
    """

    image: str
    platform: str
    contents: Definition
    details: Details
    policy: Policy
    noted: Noted
    variables: Mapping[str, str]


def describe(filled: Filled, files: Files, problems: Diagnostics) -> Described:
    """Read and check a block and the files that it names; with errors among the problems the result means nothing."""
    reading = Reading(filled, files, problems)
    drop_defaults(reading)
    check_exclusions(reading)
    refuse_empty(reading)
    packages = read_packages(reading)
    tell_no_packages(reading, packages)
    tell_pinned_already(reading)
    return Described(
        image=reading.text("image"),
        platform=_platform(reading),
        contents=_contents(reading, packages),
        details=_details(reading, packages),
        policy=_policy(reading),
        noted=reading.noted,
        variables=packages.variables,
    )


def with_own(described: Described, filled: Filled, files: Files, problems: Diagnostics) -> Described:
    """The same for another instance, which differs in nothing but what ALONE names."""
    if ALONE.isdisjoint(filled.arguments):
        return described
    reading = Reading(filled, files, problems)
    drop_defaults(reading)
    variables = _variables(reading, described.variables)
    details = replace(described.details, properties=reading.strings("properties"), environment_variables=variables)
    return replace(described, details=details)


def _contents(reading: Reading, packages: Packages) -> Definition:
    runtime = reading.one_of("runtime", _RUNTIMES)
    build, dockerfile, steps = read_build(reading), read_dockerfile(reading), read_steps(reading)
    spark = _spark(reading)
    python = packages.conda or packages.packages or packages.options or packages.python
    if not (python or build or dockerfile or steps or spark or runtime == "local"):
        return NO_CONTENTS
    return Definition(
        image="",
        base=None,
        platform=DEFAULT_PLATFORM,
        packages=packages.packages,
        options=packages.options,
        constraints=packages.constraints,
        files=packages.files,
        conda=replace(packages.conda, accelerator=reading.text("accelerator")) if packages.conda else None,
        python=packages.python,
        interpreter=reading.text("interpreter_path") if python else "",
        steps=steps,
        dockerfile=dockerfile,
        context=build,
        spark=spark,
        runtime=runtime,
        exclude_newer=read_moment(reading),
        allow_source_builds=bool(reading.filled.flag("allow_source_builds")) and reading.has("allow_source_builds"),
    )


def _spark(reading: Reading) -> Spark | None:
    block = reading.block("spark") if reading.has("spark") else None
    if block is None:
        return None
    for number, package in enumerate(block.texts("packages")):
        if not re.fullmatch(r"[\w.-]+:[\w.-]+:[\w.+-]+", package):
            detail = f"`{package[:80]}` is no Maven package: write group, artifact and version, as in `org.x:y:1.0`."
            block.refuse("packages", "Invalid Spark package", detail, path=(number,))
    if not block.texts("packages") and not block.is_doubtful("packages"):
        detail = "This `spark` block names no package."
        block.refuse("", "Argument without effect", detail, 'packages = ["org.x:y:1.0"]')
    for number, repository in enumerate(block.texts("repositories")):
        _check_repository(block, number, repository.strip())
    repositories = tuple(repository.strip().rstrip("/") for repository in block.texts("repositories"))
    return Spark(repositories, tuple(package.strip() for package in block.texts("packages")))


def _check_repository(block: Reading, number: int, repository: str) -> None:
    """Spark's settings have one line for all of them, with commas between."""
    if not _REPOSITORY.fullmatch(repository):
        detail = f"`{repository[:80]}` is no address of a Maven repository, as `https://maven.example/releases` is one."
        block.refuse("repositories", "Invalid Spark repository", detail, path=(number,))
    try:
        refuse_credentials(repository)
    except RefusedError as error:
        block.refused("repositories", error, (number,))


def _platform(reading: Reading) -> str:
    given = reading.text("platform")
    system = reading.text("os_type").lower()
    if system not in ("", "linux", "windows"):
        detail = f'`os_type` is "linux" or "windows", and not `{system[:40]}`.'
        reading.refuse("os_type", "Invalid argument value", detail, did_you_mean(system, ("linux", "windows")))
        return DEFAULT_PLATFORM
    try:
        platform = parse_platform(given or (f"{system}/amd64" if system else DEFAULT_PLATFORM))
    except ValueError:
        return DEFAULT_PLATFORM  # told by the argument's own check
    if system and not platform.startswith(f"{system}/"):
        detail = f"`platform` is `{platform}`, which is not {system}. Leave one of the two out."
        reading.refuse("os_type", "Conflicting arguments", detail)
    return platform


def _policy(reading: Reading) -> Policy:
    return Policy(
        base=reading.one_of("base", _BASES),
        packages=reading.one_of("packages", _PACKAGES),
    )


def _details(reading: Reading, packages: Packages) -> Details:
    return Details(
        properties=reading.strings("properties"),
        environment_variables=_variables(reading, packages.variables),
        inference_config=_inference_config(reading),
        user_managed=bool(reading.filled.flag("user_managed")) and reading.has("user_managed"),
        interpreter_path=reading.text("interpreter_path"),
        on_destroy=reading.one_of("on_destroy", _ENDS),
        compat_hash=compat_hash(reading),
        verify=read_verify(reading),
        labels=read_labels(reading),
    )


def _variables(reading: Reading, of_conda: Mapping[str, str]) -> Mapping[str, str]:
    given = reading.strings("environment_variables")
    for name, value in given.items():
        if not _VARIABLE.fullmatch(name) or "\0" in value:
            detail = f"`{name[:60]}` cannot be an environment variable: names hold no `=`, and no text holds NUL."
            reading.refuse("environment_variables", "Invalid environment variable", detail, path=(name,))
        if name in of_conda and of_conda[name] != value:
            detail = f"`{name}` has another value among the `variables` of the conda file. Say it once."
            reading.refuse("environment_variables", "Conflicting arguments", detail, path=(name,))
        try:
            refuse_secret("environment variable", name, value)
        except RefusedError as error:
            reading.refused("environment_variables", error, (name,))
    return {**of_conda, **given}


def _inference_config(reading: Reading) -> InferenceConfig | None:
    block = reading.block("inference_config") if reading.has("inference_config") else None
    if block is None:
        return None
    liveness, readiness, scoring = (_route(block, name) for name in ROUTES)
    return InferenceConfig(liveness, readiness, scoring) if liveness and readiness and scoring else None


def _route(config: Reading, name: str) -> Route | None:
    route = config.block(name)
    if route is None:
        return None
    path, port = route.filled.text("path"), route.filled.number("port")
    if path is not None and not path.startswith("/"):
        detail = f'The path of `{name}` begins with `/`, and `{path[:60]}` does not. The root is written "/".'
        route.refuse("path", "Invalid inference route", detail)
    if port is not None and (port.denominator != 1 or not 1 <= port <= _HIGHEST_PORT):
        detail = f"The port of `{name}` is a whole number from 1 to {_HIGHEST_PORT:,}."
        route.refuse("port", "Invalid inference route", detail)
        return None
    return Route(path, int(port)) if path and port else None
