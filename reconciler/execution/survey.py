"""Looks at base images and at the workspace's registry, asking each question once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.observation import NOTHING_SEEN, Level, Observation
from reconciler.model.publication import expected_tags, repositories
from reconciler.model.state import Registered
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.media_types import INDEXES
from reconciler.oci.reference import Name, Reference
from reconciler.protocols import Registry

OpenRegistry = Callable[[str], Registry]


@dataclass(frozen=True, slots=True)
class Base:
    """What a base image's reference means today; `image` is None where an index has yet to be resolved."""

    reference: str
    digest: Digest
    image: Digest | None


def survey_bases(environments: Iterable[Environment], open_registry: OpenRegistry) -> Mapping[str, Base]:
    """Each distinct base once; every one that cannot be found is reported, at the environment that wants it."""
    found: dict[str, Base] = {}
    problems = Diagnostics()
    for environment in environments:
        if environment.image in found:
            continue
        try:
            found[environment.image] = _look_up(environment, open_registry)
        except EnvformError as error:
            problems.extend(error.diagnostics)
    problems.check()
    return found


def _look_up(environment: Environment, open_registry: OpenRegistry) -> Base:
    reference = Reference.parse(environment.image)
    registry = open_registry(reference.registry)
    descriptor = registry.describe(reference.name)
    if descriptor is None:
        raise EnvformError(_not_found(environment, reference, registry))
    is_image = descriptor.media_type not in INDEXES
    return Base(str(reference), descriptor.digest, descriptor.digest if is_image else None)


def _not_found(environment: Environment, reference: Reference, registry: Registry) -> Diagnostic:
    tags = registry.list(reference.name.repository)
    there = ", ".join(sorted(tags)[:5]) or "nothing"
    return Diagnostic.error(
        "Base image not found",
        f"`{environment.image}` does not exist: `{reference.registry}` answered, and holds no such image. "
        f"Under that name it holds: {there}.",
        hint=did_you_mean(reference.name.tag, tags),
        address=environment.address,
    ).at(environment.places.get("image"))


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
    """Asks for the digests that the listings did not tell; a tag that vanished meanwhile is missing."""
    wanted = {key for environment in registered for key in expected_tags(environment)}
    unknown = [
        Name(repository, tag)
        for repository, tag in sorted(wanted)
        if tag in listed[repository] and listed[repository][tag] is None
    ]
    for name, descriptor in registry.describe_many(unknown).items():
        if descriptor is None:
            del listed[name.repository][name.tag]
        else:
            listed[name.repository][name.tag] = descriptor.digest
