"""What configuration says beside environments: outputs, data, and what becomes of addresses in the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.model.address import Address
from reconciler.model.diagnostic import Place
from reconciler.model.frozen import dataclass

Json = str | int | float | bool | None | tuple["Json", ...] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True)
class Output:
    """One `output`, evaluated; `known` is False where only building will tell the value."""

    name: str
    value: Json
    description: str = ""
    sensitive: bool = False
    known: bool = True
    type: Json = None


@dataclass(frozen=True, slots=True)
class DataSource:
    """`data "environment" "NAME"`: a version that somebody else registered; `registry` is empty for our own.

    `unknown` are the arguments that only building will tell; which version is meant is not known then.
    """

    address: str
    name: str
    version: str = ""
    label: str = ""
    registry: str = ""
    unknown: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Move:
    """`moved`: what the state keeps under one address belongs to another."""

    source: Address
    target: Address
    place: Place


@dataclass(frozen=True, slots=True)
class Removal:
    """`removed`: an address that is gone; without `destroy` what it stood for is left as it is."""

    address: Address
    destroy: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Import:
    """`import`: what is published as `id` (`NAME:VERSION`) becomes that of an address; typed, it has no place."""

    target: Address
    id: str
    place: Place | None
