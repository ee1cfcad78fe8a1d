"""Python's own `dataclass`, at a quarter of its price where it is slotted.

A command makes some two hundred of these classes before it can begin, and for each Python writes and compiles seven
functions: 0.7 ms. Here only `__init__` is written, once for all classes whose fields are alike but for their names,
and the others are the same for all; they do what Python's do. Whatever else is asked for is left to Python. Type
checkers see nothing but Python's.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError
from functools import cache, partial
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **settings):
        """What makes a class a dataclass."""
        if cls is None and settings in ({"slots": True}, {"frozen": True, "slots": True}):
            return partial(_made, frozen="frozen" in settings)
        return dataclasses.dataclass(cls, **settings)


__all__ = ["dataclass"]


def _made(cls: type, *, frozen: bool) -> type:
    slotted: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)
    made: type = slotted(cls)
    fields = dataclasses.fields(made)
    key = _key([field.name for field in fields if field.compare])
    own = {**made.__dict__}
    if "__eq__" in own and own["__hash__"] is None:
        del own["__hash__"]  # Python has put it there: who defines what is equal has said nothing of hashes
    given: dict[str, object] = {
        "__init__": _init(made, fields),
        "__repr__": _repr([field.name for field in fields if field.repr]),
        "__eq__": _equal(key),
        "__hash__": _hash(key) if frozen else None,
    }
    if frozen:
        given |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete, "__reduce__": _reduce}
    for name, method in given.items():
        if name not in own:
            setattr(made, name, method)
    return made


def _key(names: Sequence[str]) -> Callable[[Any], object]:
    """What instances are compared by."""
    return attrgetter(*names) if names else lambda _: ()


def _equal(key: Callable[[Any], object]) -> Callable[[Any, Any], bool]:
    def equal(self: object, other: object) -> bool:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hash(key: Callable[[Any], object]) -> Callable[[Any], int]:
    return lambda self: hash(key(self))


def _repr(names: Sequence[str]) -> Callable[[object], str]:
    def shown(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return shown


def _refuse_to_set(_: object, name: str, __: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _reduce(self: Any) -> tuple[type, tuple[object, ...]]:
    """How it is copied: from its fields, for nothing can be set later."""
    return type(self), tuple(getattr(self, field.name) for field in dataclasses.fields(self) if field.init)


def _init(made: type, fields: Sequence[Field[Any]]) -> Callable[..., None]:
    """`__init__`; it sets the slots themselves, for `setattr` refuses."""
    shape = tuple((field.init, _fallback(field)) for field in fields)
    names: dict[str, Any] = {"MISSING": MISSING}
    for number, field in enumerate(fields):
        names[f"set{number}"] = getattr(made, field.name).__set__
        names[f"other{number}"] = field.default_factory if shape[number][1] == "made" else field.default
    given = [field for field in fields if field.init]
    code = _written(shape, hasattr(made, "__post_init__")).replace(co_varnames=("self", *[it.name for it in given]))
    return FunctionType(code, names, "__init__", tuple([it.default for it in given if _fallback(it)]))


def _fallback(field: Field[Any]) -> str:
    """What a field is where it is not given; empty where it must be."""
    return "made" if field.default_factory is not MISSING else "" if field.default is MISSING else "given"


@cache
def _written(shape: tuple[tuple[bool, str], ...], finishes: bool) -> CodeType:
    """The code for classes with so many fields of such kinds, which come by all kinds of names."""
    parameters, lines = ["self"], []
    for number, (init, fallback) in enumerate(shape):
        name, value = f"field{number}", f"other{number}()" if fallback == "made" else f"other{number}"
        if init:
            parameters.append(f"{name}=MISSING" if fallback else name)
            value = f"{value} if {name} is MISSING else {name}" if fallback == "made" else name
        elif not fallback:
            continue
        lines.append(f"  set{number}(self, {value})")
    lines.append("  self.__post_init__()" if finishes else "  return")
    names: dict[str, Any] = {"MISSING": MISSING}
    exec("\n".join([f"def written({', '.join(parameters)}):", *lines]), names)  # noqa: S102 - nothing comes from outside
    code: CodeType = names["written"].__code__
    return code
