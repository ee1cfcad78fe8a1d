"""Functions of maps and objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.language.conversion import UnsuitableError, convert
from reconciler.language.functions.graphemes import graphemes
from reconciler.language.functions.signature import ArgumentError, CallError, Family, Sees
from reconciler.language.number import counted
from reconciler.language.types import ANY, NUMBER, STRING, Type, list_of, map_of, object_of
from reconciler.language.value import (
    List,
    Map,
    Set,
    Unknown,
    Value,
    is_known,
    is_null,
    is_sensitive,
    mark,
    named,
    shown,
    type_of,
    unmark,
    unmark_deep,
)
from reconciler.model.suggestion import did_you_mean

FAMILY = Family()
function = FAMILY.function


@function("length(value any) number", unknown=Sees.ALL, marks=True)
def _length(value: Value) -> Value:
    if isinstance(value, Unknown) and value.type.kind in ("tuple", "object"):
        return counted(len(value.type.parts))
    if isinstance(value, Unknown) and value.type.kind in ("any", "string", "list", "set", "map"):
        return Unknown(NUMBER)
    if isinstance(value, str):
        return counted(len(graphemes(value)))
    if isinstance(value, Set) and len(value) > 1 and not all(map(is_known, value)):
        return Unknown(NUMBER)
    if isinstance(value, (tuple, Mapping)):
        return counted(len(value))
    raise CallError(f"Texts and collections have a length, and this is {named(value)}.")


@function("keys(inputMap any) any", unknown=Sees.ALL, marks=True)
def _keys(value: Value) -> Value:
    if isinstance(value, Unknown) and value.type.kind in ("any", "map", "object"):
        known = value.type.kind == "object"
        return value.type.keys if known else Unknown(list_of(STRING) if value.type.kind == "map" else ANY)
    if not isinstance(value, Mapping):
        raise ArgumentError(0, f"`keys` takes a map or an object, and this is {named(value)}.")
    return List(sorted(value), STRING) if isinstance(value, Map) else tuple(sorted(value))


def _later_values(of: Value) -> Unknown:
    kind_of = type_of(of)
    return Unknown(list_of(kind_of.element) if kind_of.kind == "map" else ANY)


@function("values(mapping any) any", unknown=Sees.PARTS, marks=True, later=_later_values)
def _values(value: Value) -> Value:
    if not isinstance(value, Mapping):
        raise CallError(f"`values` takes a map or an object, and this is {named(value)}.")
    found = [value[key] for key in sorted(value)]
    return List(found, value.element) if isinstance(value, Map) else tuple(found)


@function("lookup(inputMap any, key string, default... any?) any?", unknown=Sees.ALL, marks=True)
def _lookup(of: Value, key: str, *default: Value) -> Value:
    if not (is_known(of) and is_known(key)):
        return Unknown(type_of(of).element if type_of(of).kind == "map" else ANY)
    if not isinstance(of, Mapping):
        raise ArgumentError(0, f"`lookup` looks into a map or an object, and this is {named(of)}.")
    if len(default) > 1:
        raise CallError("`lookup` takes a map, a key and one default.")
    if isinstance(of, Map) and default:
        default = (_fitting(default[0], of),)
    if key in of:
        return of[key]
    if not default:
        detail = f"There is no element with the key {shown(key)}, and no default is given."
        raise ArgumentError(1, detail, did_you_mean(key, of))
    return default[0]


@function("merge(maps... any?) any", raw=True)
def _merge(*maps: Value) -> Value:
    result: dict[str, Value] = {}
    marked = False
    bare = [unmark(value) for value in maps]
    types = [type_of(value) for value, _ in bare]
    for at, ((value, sensitive), of) in enumerate(zip(bare, types, strict=True)):
        if of.kind not in ("any", "map", "object"):
            raise CallError(f"`merge` joins maps and objects, and argument {at + 1} is {named(value)}.")
        marked = marked or (sensitive and not is_null(value))
        if isinstance(value, Mapping):
            result.update(value)
    if not all(is_known(value) for value, _ in bare):
        merged = _merged([of for (value, _), of in zip(bare, types, strict=True) if not is_null(value)])
        return mark(Unknown(merged, certain=merged != ANY), marked)
    element = types[0].element if types and types[0].kind == "map" and len(set(types)) == 1 else None
    ordered = {key: result[key] for key in sorted(result)}
    return mark(Map(ordered, element) if element is not None else ordered, marked)


def _merged(types: Sequence[Type]) -> Type:
    """The type of what has some of its parts unknown."""
    if len(set(types)) == 1:
        return types[0]
    if any(of.kind != "object" for of in types):
        return ANY
    return object_of({key: part for of in types for key, part in of.attributes.items()})


def _later_zipmap(_: Value, values: Value) -> Unknown:
    of = type_of(values)
    return Unknown(map_of(of.element) if of.kind == "list" else ANY)


@function("zipmap(keys list(string), values any) any", unknown=Sees.PARTS, marks=True, later=_later_zipmap)
def _zipmap(keys: List, values: Value) -> Value:
    if not isinstance(values, tuple) or isinstance(values, Set):
        raise CallError(f"`values` must be a list or a tuple, and this is {named(values)}.")
    if len(keys) != len(values):
        raise CallError(f"There must be one value for each key, and here are {len(values)} for {len(keys)}.")
    result: dict[str, Value] = {}
    for key, value in zip(keys, values, strict=True):
        name = unmark(key)[0]
        if not is_known(name):
            return mark(Unknown(), any(map(is_sensitive, keys)))
        if not isinstance(name, str):
            raise CallError("One of the keys is null.")
        result[name] = value
    made: Value = Map(result, values.element) if isinstance(values, List) else result
    return mark(made, any(map(is_sensitive, keys)))


@function("transpose(values map(list(string))) map(list(string))")
def _transpose(values: Mapping[str, Value]) -> Value:
    found: dict[str, list[Value]] = {}
    for key in sorted(values):
        items = values[key]
        if not isinstance(items, tuple) or not all(isinstance(item, str) for item in items):
            raise CallError(f"The list with the key {shown(key)} is null or has null in it.")
        for item in items:
            found.setdefault(str(item), []).append(key)
    return Map({key: List(found[key], STRING) for key in sorted(found)}, list_of(STRING))


def _fitting(default: Value, of: Map) -> Value:
    bare, marked = unmark_deep(default)
    try:
        return mark(convert(bare, of.element), marked)
    except UnsuitableError as unsuitable:
        detail = f"The default must be of the type of the map's elements. {unsuitable.detail}"
        raise ArgumentError(2, detail, unsuitable.hint) from None
