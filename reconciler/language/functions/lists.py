"""Functions of lists and tuples."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from reconciler.language.conversion import convert
from reconciler.language.functions.identity import identity
from reconciler.language.functions.signature import ArgumentError, CallError, Family, Sees
from reconciler.language.functions.whole import whole
from reconciler.language.number import Number
from reconciler.language.types import ANY, STRING, list_of
from reconciler.language.unification import unify
from reconciler.language.value import (
    List,
    Set,
    Unknown,
    Value,
    is_known,
    is_null,
    kind,
    mark,
    named,
    type_of,
    unmark,
)

FAMILY = Family()
function = FAMILY.function


@function("element(list any, index number) any?", unknown=Sees.ALL, marks=True)
def _element(items: Value, index: Number | Unknown) -> Value:
    of = type_of(items)
    if of.kind not in ("any", "list", "tuple"):
        raise CallError(f"`element` takes one of a list or tuple, and this is {named(items)}.")
    if isinstance(index, Unknown) or of == ANY:
        return Unknown(of.element if of.kind == "list" else ANY)
    at = whole(index, 1, "index")
    if isinstance(items, tuple) and not items:
        raise CallError("An empty list has no element to take.")
    if of.kind == "tuple" and at < 0 and at % len(of.parts):
        raise ArgumentError(1, f"The elements of a tuple are counted from 0, and this is {at}.")
    if isinstance(items, tuple):
        return items[at % len(items)]
    return Unknown(of.element if of.kind == "list" else of.parts[at % len(of.parts)])


def _later_list(items: Value, *_: Value) -> Unknown:
    """A list of the same elements, whatever their order and number."""
    of = type_of(items)
    return Unknown(list_of(of.element) if of.kind in ("list", "set") else ANY)


@function(
    "slice(list any, start_index number, end_index number) any", unknown=Sees.PARTS, marks=True, later=_later_list
)
def _slice(items: Value, start: Number, end: Number) -> Value:
    if not isinstance(items, tuple) or isinstance(items, Set):
        raise ArgumentError(0, f"`slice` takes a part of a list or tuple, and this is {named(items)}.")
    last = whole(end, 2, "end_index", least=0, most=len(items))
    first = whole(start, 1, "start_index", least=0, most=last)
    return _like(items, items[first:last])


@function("reverse(list any) any", unknown=Sees.PARTS, marks=True, later=_later_list)
def _reverse(items: Value) -> Value:
    if not isinstance(items, tuple):
        raise ArgumentError(0, f"`reverse` turns a list, set or tuple around, and this is {named(items)}.")
    return _like(items, items[::-1])


def _later_concat(*lists: Value) -> Unknown:
    types = [type_of(items) for items in lists]
    common = unify(types) if all(of.kind == "list" for of in types) else None
    return Unknown(common or ANY)


@function("concat(seqs... any) any", unknown=Sees.PARTS, marks=True, later=_later_concat)
def _concat(*lists: Value) -> Value:
    if not lists:
        raise CallError("`concat` takes at least one list.")
    parts: list[tuple[Value, ...]] = []
    for at, items in enumerate(lists):
        if not isinstance(items, tuple) or isinstance(items, Set):
            hint = "write `tolist(…)` around a set" if isinstance(items, Set) else ""
            raise ArgumentError(at, f"`concat` joins lists and tuples, and this is {named(items)}.", hint)
        parts.append(items)
    joined = tuple(item for part in parts for item in part)
    element = unify([part.element for part in parts if isinstance(part, List)])
    if element is None or not all(isinstance(part, List) for part in parts):
        return joined
    return convert(List(joined, ANY), list_of(element))


@function("flatten(list any) any?", unknown=Sees.PARTS, marks=True)
def _flatten(items: Value) -> Value:
    if not isinstance(items, tuple):
        raise CallError(f"`flatten` takes a list, a set or a tuple, and this is {named(items)}.")
    found, marked = _flat(items)
    return mark(Unknown() if any(map(_could_be_a_list, found)) else tuple(found), marked)


@function("compact(list list(string)) list(string)")
def _compact(items: Sequence[Value]) -> Value:
    return List([item for item in items if not is_null(item) and item != ""], STRING)


@function("distinct(list list(any)) list(any)", later=_later_list)
def _distinct(items: List) -> Value:
    first: dict[Hashable, Value] = {}
    for item in items:
        first.setdefault(identity(item), item)
    return List(first.values(), items.element)


@function("sort(list list(string)) list(string)", unknown=Sees.PARTS)
def _sort(items: Sequence[Value]) -> Value:
    if not all(map(is_known, items)):
        return List([Unknown(STRING)] * len(items), STRING)
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) < len(items):
        raise CallError("One of the elements is null, and null stands neither before nor after a text.")
    return List(sorted(texts), STRING)


@function("chunklist(list list(any), size number) list(list(any))", unknown=Sees.PARTS, marks=True)
def _chunklist(items: List, size: Number) -> Value:
    length = whole(size, 1, "size", least=0) or max(1, len(items))
    chunks = [List(items[at : at + length], items.element) for at in range(0, len(items), length)]
    return List(chunks, list_of(items.element))


@function("coalesce(vals... any?) any", unknown=Sees.ALL)
def _coalesce(*values: Value) -> Value:
    common = unify([type_of(value) for value in values])
    if common is None:
        kinds = ", ".join(sorted({kind(value) for value in values}))
        raise CallError(f"All arguments must be of one type, and these are of several: {kinds}.")
    for value in values:
        if not is_known(value):
            return Unknown(common)
        if not is_null(value) and value != "":
            return convert(value, common)
    raise CallError("All arguments are null or empty strings, so there is none to take.")


@function("coalescelist(vals... any?) any?", unknown=Sees.ALL)
def _coalescelist(*lists: Value) -> Value:
    for items in lists:
        if type_of(items).kind not in ("list", "tuple") and (is_known(items) or type_of(items) != ANY):
            raise CallError(f"All arguments must be lists or tuples, and one is {named(items)}.")
    for items in lists:
        if not is_known(items):
            return Unknown()
        if isinstance(items, tuple) and items:
            return items
    raise CallError("All lists are empty, so there is none to take.")


@function("one(list any) any?", unknown=Sees.ALL, marks=True)
def _one(items: Value) -> Value:
    of = type_of(items)
    if isinstance(items, Unknown) and (of.kind in ("any", "list", "set") or (of.kind == "tuple" and len(of.parts) < 2)):
        return Unknown(of.element if of.kind in ("list", "set") else ANY)
    if not isinstance(items, tuple):
        raise ArgumentError(0, f"`one` takes a list, a set or a tuple, and this is {named(items)}.")
    if len(items) > 1:
        raise ArgumentError(0, f"The list has {len(items)} elements, and `one` is for lists with one or none.")
    return items[0] if items else None


@function("matchkeys(values list(any), keys list(any), searchset list(any)) list(any)", later=_later_list)
def _matchkeys(values: List, keys: List, searched: List) -> Value:
    if len(values) != len(keys):
        raise CallError(f"There must be one key for each value, and here are {len(keys)} for {len(values)}.")
    common = unify([keys.element, searched.element])
    if common is None:
        raise CallError(f"Keys of type {keys.element} cannot be found among values of type {searched.element}.")
    wanted = {identity(convert(item, common)) for item in searched}
    pairs = zip(values, [identity(convert(key, common)) for key in keys], strict=True)
    return List([value for value, key in pairs if key in wanted], values.element)


def _like(items: tuple[Value, ...], part: tuple[Value, ...]) -> Value:
    return List(part, items.element) if isinstance(items, (List, Set)) else tuple(part)


def _flat(items: tuple[Value, ...]) -> tuple[list[Value], bool]:
    """The elements, with those of lists in their place, and whether one of the lists was sensitive."""
    found: list[Value] = []
    marked = False
    for item in items:
        bare, own = unmark(item)
        if isinstance(bare, tuple):
            inner, inner_marked = _flat(bare)
            found += inner
            marked = marked or own or inner_marked
        else:
            found.append(item)
    return found, marked


def _could_be_a_list(item: Value) -> bool:
    return not is_known(item) and type_of(item).kind in ("any", "list", "set", "tuple")
