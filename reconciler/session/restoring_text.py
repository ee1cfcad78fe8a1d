"""Environments that are on record and declared nowhere, written down as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import DEFAULT_PLATFORM
from reconciler.model.restoration import Restored
from reconciler.model.state import Record, Registered
from reconciler.session.machine import on_this_machine

if TYPE_CHECKING:
    from reconciler.language.configuration import Configuration
    from reconciler.language.sketches.sketch import Field
    from reconciler.session import Session

_ORDER = ("name", "description", "tags", "image", "debian", "packages", "dockerfile", "python_version", "pip")
_HEAD = "# Written by `envform import -all`: environments that the registry has on record and that nothing declared.\n"


@dataclass(frozen=True, slots=True)
class Written:
    """The text, where what is in it has its address now, and what could not be written, with the reason."""

    text: str = ""
    addresses: Mapping[str, Address] = field(default_factory=dict)
    refused: tuple[tuple[Restored, Diagnostic], ...] = ()

    def at(self, registered: Registered) -> Registered:
        """The environment at the address where it is declared now."""
        return replace(registered, address=self.addresses.get(registered.name, registered.address))


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Writes them for one session's project, into a file of this name."""

    session: Session
    file: str

    def write(self, found: Sequence[Restored]) -> Written:
        """Blocks that mean what is on record, each of them looked at; what would mean something else is refused."""
        blocks = dict(self._blocks(found))
        if not blocks:
            return Written()
        configuration = self._with(blocks.values())
        refused = []
        for one in found:
            address = blocks[one.registered.name][0]
            wrong = _difference(configuration, address, one.registered.latest)
            if wrong:
                refused.append((one, _not_written(one, wrong)))
                del blocks[one.registered.name]
        text = _HEAD + "".join(f"\n{text}" for _, text in blocks.values()) if blocks else ""
        return Written(text, {name: address for name, (address, _) in blocks.items()}, tuple(refused))

    def _blocks(self, found: Sequence[Restored]) -> Iterator[tuple[str, tuple[Address, str]]]:
        from reconciler.language.azureml.blocks import label_of
        from reconciler.language.sketches.text import hcl_text

        taken = {instance.block for instance in self.session.configuration.instances.values()}
        for one in found:
            record, name = one.registered.latest, one.registered.name
            kind = "base_image" if record.definition.debian else "environment"
            label = wanted = label_of(name)
            number = 2
            while f"{kind}.{label}" in taken:
                label, number = f"{wanted}_{number}", number + 1
            taken.add(f"{kind}.{label}")
            fields = {**({"name": name} if label != name else {}), **_fields(record)}
            ordered: dict[str, Field] = {key: fields[key] for key in _ORDER if key in fields}
            yield name, (Address(f"{kind}.{label}"), hcl_text(label, {**ordered, **fields}, kind=kind))

    def _with(self, blocks: Iterable[tuple[Address, str]]) -> Configuration:
        text = "\n".join(text for _, text in blocks)
        return replace(self.session, added={**self.session.added, self.file: text}).configuration


def _fields(record: Record) -> dict[str, Field]:
    from reconciler.session.cloning import sketch_record

    definition = record.definition
    if definition.debian is None:
        labels: dict[str, Field] = {"labels": record.details.labels} if record.details.labels else {}
        return {**sketch_record(record, "").fields, **labels}
    fields: dict[str, Field | None] = {
        "description": record.description,
        "tags": record.tags,
        "debian": definition.debian.suite,
        "packages": definition.debian.packages,
        "manylinux_libraries": False,
        "platform": definition.platform if definition.platform != DEFAULT_PLATFORM else "",
        "properties": record.details.properties,
        "on_destroy": record.details.on_destroy if record.details.on_destroy != "archive" else "",
    }
    return {key: value for key, value in fields.items() if value is not None and value not in ("", {})}


def _difference(configuration: Configuration, address: Address, record: Record) -> str:
    """In what the block would not mean what is on record; empty where it does."""
    from reconciler.language.evaluation import evaluate

    try:
        environment = on_this_machine(evaluate(configuration, address, {}))
    except EnvformError as error:
        return " ".join(f"{one.summary}: {one.detail}" for one in error.diagnostics)
    recorded = record.definition
    definition = replace(environment.definition(recorded.image, recorded.base), bases=recorded.bases)
    if definition.hash != record.hash or environment.image != recorded.image:
        return "A block with what is on record has another hash: it was made from files, or as this envform does not."
    if (environment.description, environment.tags) != (record.description, record.tags):
        return "Its description or its tags cannot be written down."
    if environment.details != record.details:
        return "How it is to be used cannot be written down as it is on record."
    return ""


def _not_written(one: Restored, wrong: str) -> Diagnostic:
    registered = one.registered
    return Diagnostic.warning(
        "Environment cannot be written down",
        f"`{registered.name}` is declared nowhere, and it was left out, for the next apply would archive it. {wrong} "
        f"Declare it, as it was at `{registered.address}`, and import again: what is on record already stays.",
    )
