"""What stands on what, before anything is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.language.configuration import Configuration
from reconciler.model.address import Address

DATA = "data."


def addresses(configuration: Configuration) -> Iterable[Address]:
    """Data first, then every environment."""
    data = (Address(f"{DATA}environment.{label}") for label in configuration.project.declared.data)
    return (*data, *configuration.addresses)


def edges(configuration: Configuration) -> Mapping[str, Sequence[str]]:
    """By address what must be known before it."""
    return {str(address): configuration.dependencies(address) for address in addresses(configuration)}
