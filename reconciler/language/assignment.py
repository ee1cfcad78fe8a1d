"""A value for a variable, before its type is asked for."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.language.passage import Passage
from reconciler.language.types import Type
from reconciler.language.value import Value
from reconciler.model.frozen import dataclass

ValueOf = Callable[[Type | None], Value]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One value for one variable; `source` says where it comes from.

    `value` wants the declared type, for texts from outside are read by it; it raises SpanError, told by `passage`.
    """

    name: str
    source: str
    value: ValueOf
    passage: Passage
    span: tuple[int, int]
