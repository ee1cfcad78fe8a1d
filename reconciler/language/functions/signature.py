"""What a function is called with and gives, and how values are fitted to that before it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

from reconciler.language.conversion import UnsuitableError, convert
from reconciler.language.scope import MAXIMUM_ELEMENTS, MAXIMUM_TEXT, Evaluate, Scope
from reconciler.language.span import RefusedError
from reconciler.language.template import compose
from reconciler.language.types import ANY, Type, list_of, map_of, set_of
from reconciler.language.value import (
    SIMPLE,
    Unknown,
    Value,
    holds_sensitive,
    is_known,
    is_null,
    is_sensitive,
    is_wholly_known,
    mark,
    unmark,
    unmark_deep,
)
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_COLLECTIONS = {"list": list_of, "set": set_of, "map": map_of}
_PARAMETER = lazy_pattern(r"(?P<name>\w+)(?P<variadic>\.\.\.)? (?P<type>[a-z()]+)(?P<nullable>\?)?")
_SIGNATURE = lazy_pattern(r"(?P<name>\w+)\((?P<parameters>.*)\) (?P<result>[a-z()]+)(?P<null>\?)?")

Implementation = Callable[..., Value]


class CallError(RefusedError):
    """What a function cannot do with arguments that are right each by itself."""

    def __init__(self, detail: str, hint: str = "") -> None:
        super().__init__("Error in function call", detail, hint)


class ArgumentError(RefusedError):
    """An argument that a function cannot use; `at` is its number, from 0."""

    def __init__(self, at: int, detail: str, hint: str = "", summary: str = "Invalid function argument") -> None:
        super().__init__(summary, detail, hint)
        self.at = at


class Sees(IntEnum):
    """How much of what is not known yet a function is called with."""

    NOTHING = 0
    PARTS = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a function takes."""

    name: str
    type: Type
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Outside:
    """What is around a call: the project's files, and the way to evaluate more."""

    scope: Scope
    evaluate: Evaluate


@dataclass(frozen=True, slots=True)
class Signature:
    """A function. It sees `unknown` values, and `marks` on parts of its arguments, only where it says so.

    Its result is never `null` unless it says so. A `raw` one is called with everything as it is; one that looks
    `outside` takes the Outside before its arguments. What comes `later` says more of a result that is unknown than
    its type in general.
    """

    name: str
    parameters: tuple[Parameter, ...]
    variadic: Parameter | None
    result: Type
    run: Implementation
    null: bool = False
    unknown: Sees = Sees.NOTHING
    marks: bool = False
    raw: bool = False
    outside: bool = False
    later: Callable[..., Unknown] | None = None

    def __str__(self) -> str:
        """As it would be called."""
        names = [parameter.name for parameter in self.parameters]
        return f"{self.name}({', '.join([*names, f'{self.variadic.name}...'] if self.variadic else names)})"

    def awaited(self, arguments: Sequence[Value] = ()) -> Unknown:
        """What the function gives while its arguments are not known."""
        found = self.later(*arguments) if self.later and arguments else Unknown(self.result)
        return replace(found, certain=not self.null and found.type != ANY)

    def parameter(self, at: int) -> Parameter:
        """What the argument with this number is."""
        if at < len(self.parameters):
            return self.parameters[at]
        if self.variadic is None:
            raise ArgumentError(at, self._takes(), summary="Too many function arguments")
        return self.variadic

    def count(self, given: int) -> None:
        """Refuse a number of arguments that is too small or too large."""
        if given < len(self.parameters):
            missing = self.parameters[given].name
            raise RefusedError("Not enough function arguments", f"{self._takes()} `{missing}` is missing.")
        if given > len(self.parameters):
            self.parameter(given - 1)

    def _takes(self) -> str:
        count = len(self.parameters)
        least = "at least " if self.variadic else ""
        return f"`{self}` takes {least}{count or 'no'} argument{'' if count == 1 else 's'}."


class Family:
    """The functions of one module, by name."""

    def __init__(self) -> None:
        self.functions: dict[str, Signature] = {}

    def function(
        self,
        text: str,
        *,
        unknown: Sees = Sees.NOTHING,
        marks: bool = False,
        raw: bool = False,
        outside: bool = False,
        later: Callable[..., Unknown] | None = None,
    ) -> Callable[[Implementation], Implementation]:
        """Add one, described like `lookup(map any, key string, default... any?) any?`; `?`: may be null."""

        def add(run: Implementation) -> Implementation:
            made = described(text, run)
            made = replace(made, unknown=unknown, marks=marks, raw=raw, outside=outside, later=later)
            self.functions[made.name] = made
            return run

        return add


def described(text: str, run: Implementation) -> Signature:
    """The signature that a description spells."""
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise AssertionError(f"no signature: {text}")
    fixed: list[Parameter] = []
    variadic = None
    for one in _PARAMETER.finditer(found["parameters"]):
        parameter = Parameter(one["name"], _type(one["type"]), one["nullable"] is not None)
        if one["variadic"]:
            variadic = parameter
        else:
            fixed.append(parameter)
    return Signature(found["name"], tuple(fixed), variadic, _type(found["result"]), run, bool(found["null"]))


def apply(signature: Signature, values: Sequence[Value], outside: Outside) -> Value:
    """What the function gives for these values; RefusedError where it gives nothing."""
    signature.count(len(values))
    try:
        return _applied(signature, values, outside)
    except RefusedError as refused:
        if any(map(holds_sensitive, values)):
            raise _redacted(refused) from None
        raise


def _redacted(refused: RefusedError) -> RefusedError:
    """The same without what it quotes."""
    detail = "What is wrong cannot be shown, because an argument is sensitive."
    if isinstance(refused, ArgumentError):
        return ArgumentError(refused.at, detail, summary=refused.summary)
    return RefusedError(refused.summary, detail)


def _applied(signature: Signature, values: Sequence[Value], outside: Outside) -> Value:
    arguments = [_fitted(signature, at, value) for at, value in enumerate(values)]
    first = (outside,) if signature.outside else ()
    if signature.raw:
        return signature.run(*first, *arguments)
    if all(type(value) in SIMPLE for value in arguments):
        return _result(signature, signature.run(*first, *arguments), False)
    marked = any(is_sensitive(value) or (not signature.marks and holds_sensitive(value)) for value in arguments)
    bare = [unmark(value)[0] if signature.marks else unmark_deep(value)[0] for value in arguments]
    if not all(map(_KNOWN[signature.unknown], bare)):
        return mark(signature.awaited(bare), marked)
    return _result(signature, signature.run(*first, *bare), marked)


def _result(signature: Signature, given: Value, marked: bool) -> Value:
    result, own = unmark(given)
    if isinstance(result, Unknown) and not signature.null and result.type != ANY:
        result = replace(result, certain=True)
    return mark(checked(result) if isinstance(result, str) else result, marked or own)


_KNOWN: Mapping[Sees, Callable[[Value], bool]] = {
    Sees.NOTHING: is_wholly_known,
    Sees.PARTS: is_known,
    Sees.ALL: lambda _: True,
}


def checked(text: str) -> str:
    """A text that a function made, composed; too long ones are refused."""
    if len(text) > MAXIMUM_TEXT:
        raise too_long()
    return compose(text)


def too_long() -> CallError:
    """Refuses texts that are too long, before they are made where that can be told."""
    return CallError(f"The result would be too long: a text may hold {MAXIMUM_TEXT:,} characters.")


def too_many() -> CallError:
    """Refuses collections that are too large."""
    return CallError(f"The result would be too large: a function may make {MAXIMUM_ELEMENTS:,} elements.")


def _fitted(signature: Signature, at: int, value: Value) -> Value:
    parameter = signature.parameter(at)
    try:
        found = convert(value, parameter.type)
    except UnsuitableError as unsuitable:
        where = f", at `{unsuitable.path}`" if unsuitable.path else ""
        detail = f"The argument `{parameter.name}` of `{signature}`{where}: {_lowered(unsuitable.reason)}"
        raise ArgumentError(at, detail, unsuitable.hint) from None
    if is_null(found) and not parameter.nullable:
        raise ArgumentError(at, f"The argument `{parameter.name}` of `{signature}` must not be null.")
    return found


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _type(text: str) -> Type:
    outer, _, inner = text.partition("(")
    if inner:
        made: Any = _COLLECTIONS[outer](_type(inner.removesuffix(")")))
        return made if isinstance(made, Type) else ANY
    return Type(outer)
