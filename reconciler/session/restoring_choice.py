"""Whose records are meant: several projects, and several workspaces of one, may publish in one registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from reconciler.execution.records import Kept
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """By name the newest record of each version that is meant; the states that these are of."""

    chosen: Mapping[str, Sequence[Kept]]
    lineages: Collection[str]
    told: tuple[Diagnostic, ...] = ()


def choose(
    kept: Mapping[str, Sequence[Kept]], *, declared: Collection[str], lineage: str, workspace: str, asked: bool
) -> Choice:
    """Without being `asked` for by name only what is of one's own: of the state there is, else of what is declared.

    EnvformError where nothing says which that is.
    """
    here = {name: [one for one in found if asked or one.workspace == workspace] for name, found in kept.items()}
    own = _own(here, declared, lineage)
    if not (own or asked):
        own = {one.lineage for found in here.values() for one in found}
        if len(own) > 1:
            raise EnvformError(_several(here))
    chosen, others = {}, []
    for name, found in here.items():
        mine = [one for one in found if one.lineage in own]
        if not mine and found and not asked:
            others.append(name)
        elif found:
            chosen[name] = _newest(mine or _of_one(found))
    elsewhere = [name for name, found in kept.items() if found and not here[name]]
    told = tuple(_left(others, elsewhere, workspace))
    return Choice(chosen, {one.lineage for found in chosen.values() for one in found}, told)


def _own(kept: Mapping[str, Sequence[Kept]], declared: Collection[str], lineage: str) -> set[str]:
    """The states of one's own; where a name is of several, the one that wrote of it last."""
    found = {max(kept[name], key=lambda one: one.order).lineage for name in declared if kept.get(name)}
    return found | ({lineage} if lineage else set()) if found or lineage else set()


def _of_one(kept: Sequence[Kept]) -> Sequence[Kept]:
    last = max(kept, key=lambda one: one.order).lineage
    return [one for one in kept if one.lineage == last]


def _newest(kept: Iterable[Kept]) -> Sequence[Kept]:
    newest: dict[str, Kept] = {}
    for one in kept:
        other = newest.get(one.record.version)
        if other is None or one.order > other.order:
            newest[one.record.version] = one
    return [*newest.values()]


def _left(others: Sequence[str], elsewhere: Sequence[str], workspace: str) -> Iterable[Diagnostic]:
    for names, whose in ((others, "another project"), (elsewhere, f"another workspace than `{workspace}`")):
        if names:
            yield Diagnostic.warning(
                "Records of others left alone",
                f"The registry has {len(names)} more, of {whose}: {_listed(names)}. What another state has on record "
                "is taken only when it is asked for by name:\n\n    envform import -all -only=NAME\n",
            )


def _several(kept: Mapping[str, Sequence[Kept]]) -> Diagnostic:
    states: dict[str, list[str]] = {}
    for name, found in kept.items():
        for lineage in Counter(one.lineage for one in found):
            states.setdefault(lineage, []).append(name)
    lines = "".join(f"\n    {_listed(sorted(names))}" for names in states.values())
    return Diagnostic.error(
        "Several projects publish here",
        f"The registry has records of {len(states)} states, and neither a state nor what is declared says which of "
        f"them is this project's:\n{lines}\n\nAsk for its environments by name; * stands for any text:\n\n"
        "    envform import -all -only=PATTERN\n",
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + more
