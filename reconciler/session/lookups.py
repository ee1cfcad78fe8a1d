"""What is registered or published already: values for expressions, data, and what can be imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.execution.survey import OpenRegistry
from reconciler.language.configuration import Configuration
from reconciler.language.lookups import ATTRIBUTES
from reconciler.language.value import UNKNOWN
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import DEFAULT_PLATFORM
from reconciler.model.frozen import dataclass
from reconciler.model.intent import DataSource
from reconciler.model.plan import Desired
from reconciler.model.publication import CACHE, LATEST
from reconciler.model.sharing import REFERRERS
from reconciler.model.state import Record, Registered, State
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.reference import Name, Place, Reference
from reconciler.planning.imports import Published
from reconciler.planning.versions import newest
from reconciler.protocols import Registry


def reference_of(place: Place, hash: str) -> str:
    """Where the workspace's registry holds the image of a definition."""
    return str(Reference(place.registry, Name(place.repository(CACHE), hash)))


def values_of(name: str, version: Desired | Record, place: Place) -> Mapping[str, object]:
    """What expressions may say of a version; its image is where the registry will hold it."""
    definition = version.definition
    return {
        **dict.fromkeys(ATTRIBUTES),
        "pip": definition.packages or None,
        "docker_steps": definition.steps or None,
        "debian": definition.debian.suite if definition.debian else None,
        "python_version": definition.python or None,
        "environment_variables": dict(version.details.environment_variables) or None,
        "properties": dict(version.details.properties) or None,
        **decided_values(name, version, place),
    }


def decided_values(name: str, version: Desired | Record, place: Place) -> Mapping[str, object]:
    """Those of them that are decided by planning, over what is written in the configuration."""
    return {
        "name": name,
        "version": version.version,
        "description": version.description,
        "tags": dict(version.tags),
        "platform": version.definition.platform,
        "compat_hash": version.details.compat_hash or None,
        "hash": version.hash,
        "image": reference_of(place, version.hash),
        "digest": version.image or UNKNOWN,
        **(dict.fromkeys(version.late, UNKNOWN) if isinstance(version, Desired) else {}),
    }


@dataclass(frozen=True, slots=True)
class DataLookup:
    """Answers `data "environment"`: what this workspace has registered, or what another registry has published."""

    state: State
    place: Place
    open_registry: OpenRegistry
    platform: str

    def values(self, source: DataSource) -> Mapping[str, object]:
        """What expressions may say of the version that is meant."""
        if source.registry:
            return self._elsewhere(source)
        registered = self.state.environments.get(source.name)
        if registered is None:
            raise EnvformError(_not_found(source, "", self.state.environments))
        versions = [record.version for record in registered.versions]
        labelled = registered.labelled(source.label)
        if source.label not in ("", LATEST) and labelled is None:
            raise EnvformError(_not_found(source, source.label, [*versions, *sorted(registered.labels), LATEST]))
        record = registered.version(source.version) if source.version else labelled or registered.latest
        if record is None:
            raise EnvformError(_not_found(source, source.version, [*versions, LATEST]))
        return values_of(source.name, record, self.place)

    def unlabelled(self, source: DataSource, registered: Registered | None, after: Desired) -> EnvformError:
        """A label that leads nowhere once the plan is carried out."""
        recorded = [record.version for record in registered.versions] if registered else []
        there = dict.fromkeys([*recorded, after.version, *sorted(after.details.labels), LATEST])
        return EnvformError(_not_found(source, source.label, there))

    def _elsewhere(self, source: DataSource) -> Mapping[str, object]:
        place = Place.parse(source.registry)
        repository = place.repository(source.name)
        registry = self.open_registry(place.registry)
        tags = registry.list(repository)
        version = source.version or (source.label if source.label not in ("", LATEST) else newest(tags))
        if version not in tags:
            raise EnvformError(_not_found(source, version if tags else "", tags))
        image = registry.pull(Name(repository, version), self.platform)
        if image is None:
            raise EnvformError(_not_found(source, version, tags))
        pinned = Reference(place.registry, Name(repository, version, image.digest))
        return {
            **dict.fromkeys(ATTRIBUTES),
            "name": source.name,
            "version": version,
            "description": "",
            "tags": {},
            "platform": self.platform,
            "hash": None,
            "image": str(pinned),
            "digest": image.digest,
        }


def data_lookup(configuration: Configuration, state: State, open_registry: OpenRegistry) -> DataLookup:
    """What answers `data` blocks of a configuration."""
    platform = configuration.defaults.platform or DEFAULT_PLATFORM
    return DataLookup(state, Place.parse(configuration.settings.registry), open_registry, platform)


def find_published(registry: Registry, repository: str, version: str, hash: str) -> Published | None:
    """What the workspace's registry has under a name; the newest version where none is given."""
    wanted = version or newest(registry.list(repository))
    found = registry.describe(Name(repository, wanted)) if wanted else None
    if found is None:
        return None
    cached = registry.describe(Name(CACHE, hash))
    return Published(wanted, found.digest, cached.digest if cached else None)


_SHOWN = 10


def _not_found(source: DataSource, version: str, there: Iterable[str]) -> Diagnostic:
    known = [one for one in there if not one.startswith(REFERRERS)]
    where = f"published in `{source.registry}`" if source.registry else "registered in this workspace"
    what, why = f"an environment `{source.name}`", f"and nothing of that name is {where}."
    if version:
        what = f"the {'version' if source.version else 'label'} `{version}` of `{source.name}`"
        why = f"which is not {where}. There it has: {', '.join(known[-_SHOWN:])}."
    return Diagnostic.error(
        "Data not found",
        f"`{source.address}` looks for {what}, {why}",
        hint=did_you_mean(version or source.name, known),
        address=source.address,
    ).at(source.place)
