"""What stands on what, before anything is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.language.configuration import Configuration
from reconciler.model.address import DATA, Address


def addresses(configuration: Configuration) -> Iterable[Address]:
    """Data first, then every environment."""
    data = (Address(f"{DATA}environment.{label}") for label in configuration.project.declared.data)
    return (*data, *configuration.addresses)


def edges(configuration: Configuration) -> Mapping[str, Sequence[str]]:
    """By address what must be known before it."""
    return {str(address): configuration.dependencies(address) for address in addresses(configuration)}


def standing_on(configuration: Configuration, address: str) -> tuple[Address, ...]:
    """The environments that one, or data, comes after; through data too."""
    found: dict[Address, None] = {}
    for one in map(Address, configuration.dependencies(Address(address))):
        found.update(dict.fromkeys(standing_on(configuration, one) if one.is_data else (one,)))
    return tuple(found)


def below(everything: Mapping[str, Sequence[str]], *addresses: str) -> set[str]:
    """All that these come after, directly or not."""
    found, todo = set[str](), [one for address in addresses for one in everything[address]]
    while todo:
        address = todo.pop()
        if address not in found:
            found.add(address)
            todo.extend(everything[address])
    return found
