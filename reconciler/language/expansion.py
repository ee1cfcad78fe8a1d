"""How many instances a block has: `for_each` and `count`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, cast

from reconciler.language import nodes
from reconciler.language.expression import evaluate
from reconciler.language.involved import involved
from reconciler.language.number import number_text
from reconciler.language.scope import MAXIMUM_ELEMENTS, Scope
from reconciler.language.span import SpanError
from reconciler.language.types import STRING
from reconciler.language.value import (
    UNKNOWN,
    Set,
    Value,
    holds_sensitive,
    is_known,
    is_null,
    named,
    shown,
    to_number,
    unmark,
)
from reconciler.language.waiting import not_known
from reconciler.model.address import Address
from reconciler.model.frozen import dataclass

Key = str | int | None


@dataclass(frozen=True, slots=True)
class Expansion:
    """The instances of a block: by key what `each` or `count` is. `wrong`: nobody can tell how many there are."""

    kind: Literal["single", "each", "count", "wrong"]
    instances: Mapping[Key, Value]

    def addresses(self, block: str) -> tuple[Address, ...]:
        """The address of each instance."""
        return tuple(Address.instance(block, key) for key in self.instances)

    def gathered(self, addresses: Iterable[str], known: Mapping[str, object]) -> Value:
        """What the block is to others, by the addresses of its instances: of many some may not be known."""
        values = [cast(Value, known.get(address, UNKNOWN)) for address in addresses]
        if self.kind == "count":
            return tuple(values)
        return {str(key): value for key, value in zip(self.instances, values, strict=True)}


REPETITIONS = {"for_each": "each", "count": "count"}
SINGLE = Expansion("single", {None: None})
WRONG = Expansion("wrong", {})


def expand(name: str, node: nodes.Expression, scope: Scope) -> Expansion:
    """The instances that `for_each` or `count` makes; SpanError where they cannot be told."""
    if name == "for_each":
        return Expansion("each", _elements(node, scope))
    return Expansion("count", {index: {"index": index} for index in range(_number(node, scope))})


def exclusive(count: nodes.Argument) -> SpanError:
    """What to say of a block that has both."""
    detail = "A block has `for_each` or `count`, and not both: each of them says how many instances there are."
    return SpanError('Invalid combination of "count" and "for_each"', detail, count.start, count.name_end)


def _elements(node: nodes.Expression, scope: Scope) -> Mapping[Key, Value]:
    value, sensitive = unmark(evaluate(node, scope))
    refused = _Refused("Invalid for_each argument", node, scope)
    if sensitive or (isinstance(value, Set) and holds_sensitive(value)):
        raise refused.because(
            "The value of `for_each` is sensitive, or was made from sensitive values, and the keys of instances are "
            "shown in addresses."
        )
    if is_null(value):
        raise refused.because("The value of `for_each` is null. A map or a set of strings is needed.")
    if not is_known(value):
        raise refused.not_known(
            "The value of `for_each` is known only after apply, so nobody can tell how many instances there are. "
            "Make the keys from values that are known, and use what is not known in the values of the map alone."
        )
    if isinstance(value, Mapping):
        return {key: {"key": key, "value": item} for key, item in sorted(value.items())}
    if isinstance(value, Set):
        return {_string(item, value, refused): {"key": item, "value": item} for item in value}
    if isinstance(value, tuple):
        raise refused.because(
            f"The value of `for_each` must be a map or a set of strings, and this is {named(value)}: its elements have "
            "no keys by which they could be told apart.",
            hint="write `toset(…)` around it",
        )
    raise refused.because(f"The value of `for_each` must be a map or a set of strings, and this is {named(value)}.")


def _string(item: Value, of: Set, refused: _Refused) -> str:
    if isinstance(item, str):
        return item
    if is_null(item):
        raise refused.because("One element of the set is null, and every instance needs a key.")
    if not is_known(item):
        raise refused.not_known("One element of the set is known only after apply, and every instance needs a key.")
    what = "of values of several types" if of.element == STRING else f"of type set({of.element})"
    raise refused.because(f"The set must hold strings, and this is one {what}.")


def _number(node: nodes.Expression, scope: Scope) -> int:
    # A sensitive number may be used, as in Terraform: it is the keys of for_each that would be shown.
    value, sensitive = unmark(evaluate(node, scope))
    refused = _Refused("Invalid count argument", node, scope)
    if is_null(value):
        raise refused.because("The value of `count` is null. A whole number is needed.")
    if not is_known(value):
        raise refused.not_known(
            "The value of `count` is known only after apply, so nobody can tell how many instances there are."
        )
    number = None if isinstance(value, bool) else to_number(value)
    if sensitive and (number is None or number.denominator != 1 or not 0 <= number <= MAXIMUM_ELEMENTS):
        most = f"{MAXIMUM_ELEMENTS:,}"
        raise refused.because(f"The value of `count` must be a whole number from 0 to {most}. This one is sensitive.")
    if number is None:
        given = shown(value) if isinstance(value, str) else named(value)
        raise refused.because(f"The value of `count` must be a whole number, and this is {given}.")
    if number.denominator != 1 or number < 0:
        raise refused.because(
            f"The value of `count` must be a whole number from 0 on, and this is {number_text(number)}."
        )
    if number > MAXIMUM_ELEMENTS:
        raise refused.because(f"A block may have {MAXIMUM_ELEMENTS:,} instances, and this is {number_text(number)}.")
    return int(number)


@dataclass(frozen=True, slots=True)
class _Refused:
    summary: str
    node: nodes.Expression
    scope: Scope

    def because(self, detail: str, hint: str = "") -> SpanError:
        values = involved([self.node], lambda part: evaluate(part, self.scope))
        return SpanError(self.summary, detail, self.node.start, self.node.end, hint=hint, values=values)

    def not_known(self, detail: str) -> SpanError:
        """For what is known only later, or is not known because something else is wrong."""
        return not_known(self.node, self.scope, self.because(detail))
