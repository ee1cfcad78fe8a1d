"""What environments will be, as far as the configuration itself tells: nobody has been asked yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.language.configuration import Configuration
from reconciler.language.environments import Examined, examine
from reconciler.language.types import STRING
from reconciler.language.value import UNKNOWN, Unknown, Value
from reconciler.language.written_values import written
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostics

_LATER = ("hash", "image", "digest", "version")


class Foreseen(Mapping[str, object]):
    """By address what expressions may say of it, worked out when it is first asked for."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._known: dict[str, object] = {}

    def __getitem__(self, address: str) -> object:
        """What is below it first, so that long chains are no deep recursion; data is known only later."""
        todo = [address]
        while todo:
            below = [one for one in self._below(todo[-1]) if one not in self._known and one not in todo]
            if below:
                todo.extend(below)
                continue
            last = todo.pop()
            if last not in self._known:
                self._known[last] = self._values(Address(last))
        return self._known[address]

    def __iter__(self) -> Iterator[str]:
        return iter(self._configuration.addresses)

    def __len__(self) -> int:
        return len(self._configuration.addresses)

    def _below(self, address: str) -> tuple[str, ...]:
        return self._configuration.dependencies(Address(address))

    def _values(self, address: Address) -> object:
        instance = self._configuration.instances.get(address)
        if instance is None:
            return UNKNOWN
        project, defaults = self._configuration.project, self._configuration.defaults
        found = examine(project, defaults, address, instance, self._known, Diagnostics())
        return {**written(found), **dict.fromkeys(_LATER, Unknown(STRING)), **_fixed(found)} if found else UNKNOWN


def _fixed(found: Examined) -> Mapping[str, Value]:
    version = found.filled.arguments.get("version")
    return {"version": version} if isinstance(version, str) else {}
