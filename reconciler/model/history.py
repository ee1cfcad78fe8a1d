"""What became of each environment, version by version, as the records and the backups tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.model.definition import Definition
from reconciler.model.edits import ARCHIVED, RESTORED, Edit
from reconciler.model.frozen import dataclass
from reconciler.model.state import Record, Registered, State
from reconciler.model.written import written_path


@dataclass(frozen=True, slots=True)
class Lived:
    """One version of one environment, or what was changed of it later.

    `kept_in` names the backup that still has it; empty: the state does.
    """

    registered: Registered
    record: Record
    change: str
    kept_in: str = ""
    edit: Edit | None = None

    @property
    def at(self) -> str:
        """When it was."""
        return self.edit.at if self.edit else self.record.created


def history(state: State, backups: Mapping[str, State]) -> list[Lived]:
    """Every version that is or was on record, and what is known to have changed of it since; newest first."""
    found: dict[tuple[str, str], tuple[int, Lived]] = {}
    for source, kept in (("", state), *sorted(backups.items(), reverse=True)):
        for registered in kept.environments.values():
            for place, lived in enumerate(_versions(registered)):
                found.setdefault((registered.name, lived.record.version), (place, replace(lived, kept_in=source)))
    told = [
        ((one.at, place, number), one)
        for place, lived in found.values()
        for number, one in enumerate((lived, *_edits(lived)))
    ]
    return [lived for _, lived in sorted(told, key=lambda one: one[0], reverse=True)]


def _edits(lived: Lived) -> Iterator[Lived]:
    for edit in lived.record.edits:
        happened = next((one for one in edit.what if one in (ARCHIVED, RESTORED)), "changed")
        changed = ", ".join(one for one in edit.what if one != happened)
        said = f"{happened} by {edit.by}{': ' if changed else ''}{changed}"
        yield replace(lived, change=said, edit=edit)


def _versions(registered: Registered) -> Iterator[Lived]:
    before: Record | None = None
    for record in registered.versions:
        yield Lived(registered, record, _change(before, record))
        before = record


def _change(before: Record | None, record: Record) -> str:
    if before is None:
        return "created"
    old, new = before.definition, record.definition
    if old.base != new.base and replace(old, base=new.base) == new:
        return "base patched"
    if old != new:
        return f"definition changed: {', '.join(_differing(old, new))}"
    return "packages upgraded" if before.lock != record.lock else "version requested"


def _differing(old: Definition, new: Definition) -> Sequence[str]:
    one, other = dict(old.form), dict(new.form)
    return sorted({written_path(name) for name in one.keys() | other.keys() if one.get(name) != other.get(name)})
