"""Looks at base images and at the workspace's registry, asking each question once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.observation import NOTHING_SEEN, Level, Observation
from reconciler.model.publication import expected_tags, repositories
from reconciler.model.state import Registered
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.reference import Name, Reference
from reconciler.protocols import Registry

OpenRegistry = Callable[[str], Registry]


@dataclass(frozen=True, slots=True)
class Base:
    """What a base image's reference means today, and the image that it is for one platform."""

    reference: str
    digest: Digest
    image: Digest


def survey_bases(environments: Iterable[Environment], open_registry: OpenRegistry) -> Mapping[tuple[str, str], Base]:
    """Each distinct base and platform once; every problem is reported, at the environment that wants the base."""
    found: dict[tuple[str, str], Base] = {}
    problems = Diagnostics()
    for environment in environments:
        key = (environment.image, environment.platform)
        if key in found:
            continue
        try:
            found[key] = _look_up(environment, open_registry)
        except EnvformError as error:
            place = environment.places.get("image")
            told = (replace(problem, address=environment.address).at(place) for problem in error.diagnostics)
            problems.extend(told)
    problems.check()
    return found


def _look_up(environment: Environment, open_registry: OpenRegistry) -> Base:
    reference = Reference.parse(environment.image)
    registry = open_registry(reference.registry)
    descriptor = registry.describe(reference.name)
    image = registry.pull(reference.name, environment.platform) if descriptor else None
    if descriptor is None or image is None:
        raise EnvformError(_not_found(environment, reference, registry))
    return Base(str(reference), descriptor.digest, image.digest)


def _not_found(environment: Environment, reference: Reference, registry: Registry) -> Diagnostic:
    tags = registry.list(reference.name.repository)
    there = f" Under that name it holds: {', '.join(sorted(tags)[:5])}." if tags else ""
    return Diagnostic.error(
        "Base image not found",
        f"`{environment.image}` does not exist: `{reference.registry}` was asked and holds no such image.{there}",
        hint=did_you_mean(reference.name.tag, tags),
    )


def survey_registry(
    registered: Iterable[Registered], declared: Iterable[str], registry: Registry, level: Level
) -> Observation:
    """What the workspace's registry holds of everything that is registered or declared."""
    if level is Level.NONE:
        return NOTHING_SEEN
    known = tuple(registered)
    listed = {name: dict(registry.list(name)) for name in repositories(known, declared)}
    if level is Level.DIGESTS:
        _fill_digests(known, registry, listed)
    return Observation(listed)


def _fill_digests(
    registered: Iterable[Registered], registry: Registry, listed: dict[str, dict[str, Digest | None]]
) -> None:
    """Asks for each tag by itself: a listing may name what is no longer there, or not tell the digest."""
    wanted = {key for environment in registered for key in expected_tags(environment)}
    there = [Name(repository, tag) for repository, tag in sorted(wanted) if tag in listed[repository]]
    for name, descriptor in registry.describe_many(there).items():
        if descriptor is None:
            del listed[name.repository][name.tag]
        else:
            listed[name.repository][name.tag] = descriptor.digest
