"""Makes values of a type out of values of another, as Terraform does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import repeat

from reconciler.language.equality import set_from
from reconciler.language.span import RefusedError
from reconciler.language.types import ANY, Type
from reconciler.language.unification import possible, unify
from reconciler.language.value import (
    UNKNOWN,
    List,
    Map,
    Null,
    Sensitive,
    Set,
    Unknown,
    Value,
    is_known,
    is_null,
    mark,
    named,
    null_of,
    shown,
    to_bool,
    to_number,
    to_text,
    type_of,
    unmark,
)
from reconciler.model.number_text import counted
from reconciler.model.suggestion import did_you_mean

SUMMARY = "Unsuitable value type"

_PRIMITIVES: Mapping[str, Callable[[Value], Value]] = {"string": to_text, "number": to_number, "bool": to_bool}


class UnsuitableError(RefusedError):
    """A value that cannot become what is wanted; `path` leads to the part that cannot, such as `[0].tags["a"]`."""

    def __init__(self, detail: str, hint: str = "", path: str = "") -> None:
        where = f"At `{path}`: " if path else ""
        super().__init__(SUMMARY, f"{where}{detail}", hint)
        self.reason = detail
        self.path = path

    def under(self, step: str) -> UnsuitableError:
        """The same, seen from the value that this step was taken from."""
        return UnsuitableError(self.reason, self.hint, step + self.path)


def convert(value: Value, to: Type) -> Value:
    """The value as that type. Raises UnsuitableError, a RefusedError."""
    if not isinstance(value, Sensitive):
        return _converted(value, to)
    try:
        return mark(_converted(value.value, to))
    except RefusedError:
        # What it would say may hold the value.
        raise UnsuitableError(f"This is a sensitive value that cannot become {_article(to)}.") from None


def _converted(value: Value, to: Type) -> Value:
    if type(value) is str and to.kind == "string":
        return value
    if to == ANY or (isinstance(value, (List, Set, Map)) and to == Type(type_of(value).kind, (ANY,))):
        return value
    if is_null(value):
        if isinstance(value, Null) and not possible(value.type, to):
            raise UnsuitableError(f"This is null of the type {value.type}, and {_article(to)} is wanted here.")
        return null_of(to.exact)
    if isinstance(value, Unknown):
        return _unknown(value, to)
    if to.kind in _PRIMITIVES:
        return _primitive(value, to)
    return _STRUCTURES[to.kind](value, to)


def _unknown(value: Unknown, to: Type) -> Value:
    if value.type in (ANY, to.exact):
        return replace(value, type=to.exact)
    if not possible(value.type, to):
        raise _wanted(value, to)
    return Unknown(to.exact, certain=value.certain)


def _primitive(value: Value, to: Type) -> Value:
    kinds = (to.kind, type_of(value).kind)
    found = None if kinds in (("number", "bool"), ("bool", "number")) else _PRIMITIVES[to.kind](value)
    if found is None:
        raise _wanted(value, to)
    return found


def _wanted(value: Value, to: Type) -> UnsuitableError:
    given = f"the string {shown(value)}" if isinstance(value, str) else named(value)
    folded = value.lower() if isinstance(value, str) and to.kind == "bool" else ""
    hint = f"did you mean `{folded}`?" if folded in ("true", "false") else ""
    return UnsuitableError(f"This is {given}, and {_article(to)} is wanted here.", hint)


def _article(to: Type) -> str:
    text = str(to.exact)
    return f"{'an' if text[0] in 'ao' else 'a'} {text if len(text) < 80 else to.kind}"


def _elements(value: Value, to: Type) -> tuple[list[Value], Type]:
    """What a list or set of this type holds, and the type of that."""
    if not isinstance(value, tuple):
        raise _wanted(value, to)
    return _gathered([f"[{number}]" for number in range(len(value))], value, to)


def _gathered(steps: Sequence[str], parts: Collection[Value], to: Type) -> tuple[list[Value], Type]:
    """The parts as elements of the collection, and their type. Where `any` is in it, what the parts become decides."""
    wanted = unify([type_of(part) for part in parts]) if to.element == ANY and parts else to.element
    if wanted is None:
        raise _several(to)
    converted = list(map(_part, steps, parts, repeat(wanted)))
    if not to.element.open or not parts:
        return converted, wanted.exact
    # As Terraform has it: among the elements of a map, a null of no type is one of the others'.
    common = unify([type_of(part) for part in converted if to.kind != "map" or part is not None])
    if common is None:
        raise _several(to)
    alike = list(map(_part, steps, converted, repeat(common)))
    unsure = to.kind == "map" and UNKNOWN in alike
    if common.open and not unsure and len({type_of(part) for part in alike}) > 1:
        raise _several(to)
    return alike, common


def _several(to: Type) -> UnsuitableError:
    return UnsuitableError(f"All elements of a {to.kind} must be of one type, and these are of several.")


def _part(step: str, value: Value, to: Type) -> Value:
    try:
        return convert(value, to)
    except UnsuitableError as unsuitable:
        raise unsuitable.under(step) from None


def _list(value: Value, to: Type) -> Value:
    return List(*_elements(value, to))


def _set(value: Value, to: Type) -> Value:
    return set_from(*_elements(value, to))


def _map(value: Value, to: Type) -> Value:
    if not isinstance(value, Mapping):
        raise _wanted(value, to)
    keys = sorted(value)
    parts, inner = _gathered([_key_step(key) for key in keys], [value[key] for key in keys], to)
    return Map(dict(zip(keys, parts, strict=True)), inner)


def _tuple(value: Value, to: Type) -> Value:
    if not isinstance(value, tuple) or isinstance(value, (List, Set)):
        raise _wanted(value, to)
    if len(value) != len(to.parts):
        raise UnsuitableError(
            f"A tuple of {counted(len(to.parts), 'element')} is wanted here, and this has {len(value)}."
        )
    return tuple(_part(f"[{number}]", *pair) for number, pair in enumerate(zip(value, to.parts, strict=True)))


def _object(value: Value, to: Type) -> Value:
    if not isinstance(value, Mapping):
        raise _wanted(value, to)
    defaults = dict(to.optional)
    missing = [key for key in to.keys if key not in value and key not in defaults]
    if missing:
        names = ", ".join(f"`{key}`" for key in missing)
        plural = "s" if len(missing) > 1 else ""
        spare = [key for key in value if key not in to.keys]
        hint = did_you_mean(missing[0], spare) if spare else ""
        raise UnsuitableError(f"The attribute{plural} {names} {'are' if plural else 'is'} required.", hint)
    result = {}
    for key, wanted in to.attributes.items():
        given = value.get(key)
        if defaults.get(key) is not None and is_null(given) and is_known(given):
            given = mark(defaults[key], unmark(given)[1])
        result[key] = _part(f".{key}", given, wanted)
    return result


def _key_step(key: str) -> str:
    return f"[{shown(key)}]"


_STRUCTURES: Mapping[str, Callable[[Value, Type], Value]] = {
    "list": _list,
    "set": _set,
    "map": _map,
    "tuple": _tuple,
    "object": _object,
}
