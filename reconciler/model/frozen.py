"""Python's own `dataclass`, at a quarter of its price where it is slotted.

A command makes some two hundred of these classes before it can begin, and for each Python writes and compiles seven
functions: 0.7 ms. Here only `__init__` is written, and the others are the same for all classes; they do what Python's
do. Whatever else is asked for is left to Python. Type checkers see nothing but Python's.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError
from functools import partial
from operator import attrgetter
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
    """`__init__`, written out; it sets the slots themselves, for `setattr` refuses."""
    parameters, lines = ["self"], []
    names: dict[str, Any] = {"MISSING": MISSING}
    for field in fields:
        name = field.name
        names[f"set_{name}"] = getattr(made, name).__set__
        value = name if field.init else f"default_{name}"
        if field.default_factory is not MISSING:
            names[f"make_{name}"] = field.default_factory
            value = f"make_{name}() if {name} is MISSING else {name}" if field.init else f"make_{name}()"
            parameters += [f"{name}=MISSING"] if field.init else []
        elif field.default is not MISSING:
            names[f"default_{name}"] = field.default
            parameters += [f"{name}=default_{name}"] if field.init else []
        elif field.init:
            parameters.append(name)
        else:
            continue
        lines.append(f"  set_{name}(self, {value})")
    if hasattr(made, "__post_init__"):
        lines.append("  self.__post_init__()")
    text = f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or ["  pass"])
    exec(text, names)  # noqa: S102 - of the names of fields and nothing else
    init: Callable[..., None] = names["__init__"]
    return init
