"""What stands beside a definition and only apply can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from reconciler.model.details import Details
from reconciler.model.environment import Environment
from reconciler.model.plan import Change, Desired
from reconciler.model.state import Record

_DETAILS = frozenset(field.name for field in fields(Details))
Holder = TypeVar("Holder", Environment, Desired)


def as_recorded(environment: Environment, record: Record) -> Environment:
    """The environment with what is late in it as it was recorded, so that only the rest is compared."""
    return _with(environment, environment.late, lambda name: beside(record, name)) if environment.late else environment


def completed(change: Change, environment: Environment) -> Change:
    """The change with what apply has worked out by now; parts that are to be ignored stay as they were recorded."""
    after, before = change.after, change.before
    if after is None:
        return change
    ignored = [one.partition(".") for one in environment.lifecycle.ignore_changes]

    def told(name: str) -> Any:
        value = beside(environment, name)
        for whole, _, key in ignored if before else ():
            if before and whole == name and key:
                value = with_part(value, beside(before, name), key)
        return value

    return replace(change, after=replace(_with(after, after.late, told), late=()))


def beside(holder: Environment | Desired | Record, name: str) -> Any:
    """Description, tags, or one of the details."""
    return getattr(holder.details if name in _DETAILS else holder, name)


def with_part(now: Mapping[str, str], before: Mapping[str, str], key: str) -> Mapping[str, str]:
    """A map with one of its parts as it was before; all of it where no part is meant."""
    if not key:
        return before
    rest = {name: value for name, value in now.items() if name != key}
    return {**rest, key: before[key]} if key in before else rest


def _with(holder: Holder, names: Iterable[str], told: Callable[[str], Any]) -> Holder:
    own = {name: told(name) for name in names if name not in _DETAILS}
    details = replace(holder.details, **{name: told(name) for name in names if name in _DETAILS})
    return replace(holder, **own, details=details)
