"""Data as a plan sees it: looked up now, told by what the plan will register, or left to apply."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from reconciler.language.lookups import ATTRIBUTES
from reconciler.language.value import UNKNOWN
from reconciler.model.beside import Read
from reconciler.model.diagnostic import EnvformError
from reconciler.model.intent import DataSource
from reconciler.model.plan import Action, Change, Desired
from reconciler.model.publication import LATEST
from reconciler.model.state import Registered
from reconciler.session.lookups import DataLookup, values_of

Values = Mapping[str, object]
_SHOWN = ("description", "digest", "hash", "image", "name", "platform", "tags", "version")
_NEWEST = (Action.CREATE, Action.NEW_VERSION, Action.IMPORT)


@dataclass(frozen=True)
class Reads:
    """`changes` are those that are decided; `found` is filled with the data that only apply can look up.

    `declared` are the addresses of what the configuration declares, by name.
    """

    lookup: DataLookup
    declared: Mapping[str, str]
    changes: Mapping[str, Change]
    found: dict[str, Read] = field(default_factory=dict)

    def values(self, source: DataSource, below: Collection[str]) -> Values:
        """What expressions may say of it; `below` are the addresses of the environments that it comes after."""
        if source.unknown:
            said = {"name": source.name, "version": source.version or source.label}
            told = {name: value for name, value in said.items() if value and name not in source.unknown}
            return self._left(source, "config_unknown", {**_nothing_known(), **told})
        made = self._made(source, below)
        if made is None:
            return self._there(source, below)
        if source.registry:
            return self._published(source)
        values = values_of(source.name, made, self.lookup.place)
        return values if values == self._now(source) else self._left(source, "dependency_pending", values)

    def _made(self, source: DataSource, below: Collection[str]) -> Desired | None:
        """What the plan makes of the version that is meant, where that is one which comes before."""
        for address in below:
            change = self.changes.get(address)
            if change is None or change.name != source.name or change.action is Action.NOTHING or not change.after:
                continue
            registered = self.lookup.state.environments.get(change.recorded_name)
            if self._means(source, change, change.after, registered):
                return change.after
        return None

    def _means(self, source: DataSource, change: Change, after: Desired, registered: Registered | None) -> bool:
        if source.version:
            return source.version == after.version
        if source.label in ("", LATEST):
            newest = registered is not None and registered.latest.version == after.version
            return newest or change.action in _NEWEST
        if source.label in after.details.labels:
            return True
        labelled = registered.labelled(source.label) if registered else None
        if labelled is None or labelled.version == after.version:
            raise self.lookup.unlabelled(source, registered, after)
        return False

    def _published(self, source: DataSource) -> Values:
        """Of what another registry will hold nothing is certain; what it holds now may be what is meant."""
        found = self._now(source)
        if found is not None and source.version:
            return found
        told = {"name": source.name, **({"version": source.version} if source.version else {})}
        return self._left(source, "dependency_pending", {**_nothing_known(), **told})

    def _there(self, source: DataSource, below: Collection[str]) -> Values:
        try:
            return self.lookup.values(source)
        except EnvformError as error:
            address = self.declared.get(source.name)
            if address is None or address in below or source.registry:
                raise
            hint = f"refer to `{address}` itself, or write `depends_on = [{address}]`: then it is looked up afterwards"
            raise EnvformError(*(replace(item, hint=hint) for item in error.diagnostics)) from error

    def _now(self, source: DataSource) -> Values | None:
        try:
            return self.lookup.values(source)
        except EnvformError:
            return None

    def _left(
        self, source: DataSource, because: Literal["config_unknown", "dependency_pending"], values: Values
    ) -> Values:
        unknown = tuple(name for name in _SHOWN if values[name] is UNKNOWN)
        told = {name: value for name, value in sorted(values.items()) if value and value is not UNKNOWN}
        self.found[source.address] = Read(source.address, because, told, unknown)
        return values


def _nothing_known() -> dict[str, object]:
    return dict.fromkeys(ATTRIBUTES, UNKNOWN)
