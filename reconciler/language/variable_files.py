"""Files of variable values: arguments alone in HCL, one object in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

from reconciler.language import hcl, nodes
from reconciler.language.assignment import Assignment, ValueOf
from reconciler.language.expression import evaluate
from reconciler.language.lookups import check_constant
from reconciler.language.number import parse_number
from reconciler.language.passage import Document, Passage
from reconciler.language.pieces import split
from reconciler.language.scope import Scope
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.value import Value
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.pattern import lazy_pattern

_SPACE = lazy_pattern(r"[ \t\r\n]*")


def read_variable_file(name: str, text: str, problems: Diagnostics) -> Iterator[Assignment]:
    """The values in a file, in its order; what is wrong with it is added to the problems."""
    document = Document(name, text)
    if name.endswith(".json"):
        yield from _json_assignments(Passage(document), problems)
        return
    seen: dict[str, int] = {}
    for start, end in split(text):
        passage = Passage(document, start)
        try:
            items = hcl.parse(text[start:end]).items
        except SpanError as error:
            problems.add(passage.diagnostic(error))
            continue
        for item in items:
            try:
                yield _assignment(item, passage, seen)
            except SpanError as error:
                problems.add(passage.diagnostic(error))


def _assignment(item: nodes.Argument | nodes.Block, passage: Passage, seen: dict[str, int]) -> Assignment:
    if isinstance(item, nodes.Block):
        detail = f"A file of variable values holds lines of the form `NAME = VALUE`, and `{item.type}` is a block."
        hint = "blocks belong into files whose names end in `.hcl` and not in `.vars.hcl`"
        raise SpanError("Unexpected block", detail, item.start, item.header_end, hint=hint)
    line = passage.range(item.start, item.end).start.line
    if item.name in seen:
        detail = f"`{item.name}` was set on line {seen[item.name]} already. A file sets each variable once."
        raise SpanError("Duplicate argument", detail, item.start, item.name_end)
    seen[item.name] = line
    node = item.value

    def value() -> Value:
        check_constant(node)
        return evaluate(node, Scope())

    source = f"{passage.document.filename}:{line}"
    return Assignment(item.name, source, lambda _: value(), passage, (node.start, node.end))


def _json_assignments(passage: Passage, problems: Diagnostics) -> Iterator[Assignment]:
    try:
        found = list(_json_members(passage.document.text))
    except SpanError as error:
        problems.add(passage.diagnostic(error))
        return
    except RecursionError:
        detail = "The values in it lie too deep inside of each other."
        problems.add(passage.diagnostic(SpanError("Invalid JSON", detail, 0, 1)))
        return
    seen: set[str] = set()
    for name, value, start, end in found:
        line = passage.range(start, end).start.line
        if name in seen:
            detail = f"`{name}` stands in this file twice; only one of the values could be used."
            problems.add(passage.diagnostic(SpanError("Duplicate argument", detail, start, end)))
        seen.add(name)
        source = f"{passage.document.filename}:{line}"
        yield Assignment(name, source, _constant(value), passage, (start, end))


def _constant(value: Value) -> ValueOf:
    return lambda _: value


def _json_members(text: str) -> Iterator[tuple[str, Value, int, int]]:
    """Name, value and the value's span, for each member of the one object."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_no_constant
    )
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise SpanError("Invalid JSON", "A file of variable values in JSON is one object: `{…}`.", at, at + 1)
    at, closing = _skip(text, at + 1), "}"
    while text[at : at + 1] != closing:
        if text[at : at + 1] != '"':
            raise SpanError(
                "Invalid JSON", 'The name of a variable in quotes is expected here: `"NAME": …`.', at, at + 1
            )
        try:
            name, at = decoder.raw_decode(text, at)
            at = _expect(text, at, ":", "after the name")
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as cause:
            raise SpanError("Invalid JSON", f"{cause.msg}.", cause.pos, cause.pos + 1) from cause
        except RefusedError as cause:
            raise SpanError(cause.summary, cause.detail, at, at + 1) from cause
        yield name, _valued(value), at, end
        at, closing = _skip(text, end), "}"
        if text[at : at + 1] != "}":
            at, closing = _expect(text, at, ",", "after the value"), ""
    if rest := text[at + 1 :].strip():
        at = text.index(rest[0], at + 1)
        raise SpanError("Invalid JSON", "After the object nothing more can stand.", at, at + 1)


def _expect(text: str, at: int, mark: str, where: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise SpanError("Invalid JSON", f"A `{mark}` is expected {where}.", at, at + 1)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _object(pairs: list[tuple[str, Value]]) -> Value:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RefusedError("Invalid JSON", f"The key `{twice}` stands in this object twice.")
    return made


def _valued(value: object) -> Value:
    """What the decoder made, with tuples for lists."""
    if isinstance(value, list):
        return tuple(map(_valued, value))
    if isinstance(value, dict):
        return {key: _valued(item) for key, item in value.items()}
    return cast(Value, value)


def _number(text: str) -> Value:
    number = parse_number(text)
    return Fraction(text) if number is None else number


def _no_constant(text: str) -> Value:
    raise RefusedError("Invalid JSON", f"`{text}` is no value in JSON.")
