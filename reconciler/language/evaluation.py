"""Evaluates one declared environment."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.configuration import Configuration
from reconciler.language.declaration import Declaration
from reconciler.language.environments import read_environment
from reconciler.language.filled import Filled
from reconciler.language.passage import Places
from reconciler.language.references import Environments
from reconciler.language.scope import Scope
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import DEFAULT_PLATFORM, Environment
from reconciler.oci.platform import parse_platform


def evaluate(configuration: Configuration, address: Address, known: Mapping[str, object]) -> Environment:
    """The environment at an address of the configuration; `known` holds by address what others are decided to be."""
    declaration = configuration.declarations[address]
    environments = Environments(configuration.declarations, known, address)
    problems = Diagnostics()
    filled = read_environment(declaration, Scope({"environment": environments}), problems)
    problems.check()
    return _environment(declaration, address, filled)


def _environment(declaration: Declaration, address: Address, filled: Filled) -> Environment:
    texts = {name: value for name, value in filled.arguments.items() if isinstance(value, str)}
    return Environment(
        address=address,
        name=texts.get("name", address.label),
        image=texts["image"],
        version=texts.get("version"),
        description=texts.get("description", ""),
        tags=filled.strings("tags") or {},
        platform=parse_platform(texts.get("platform", DEFAULT_PLATFORM)),
        places=_places(declaration),
    )


def _places(declaration: Declaration) -> Places:
    spans = {name: (item.value.start, item.value.end) for name, item in declaration.arguments.items()}
    spans[""] = (declaration.block.start, declaration.block.header_end)
    return Places(declaration.passage, declaration.context, spans)
