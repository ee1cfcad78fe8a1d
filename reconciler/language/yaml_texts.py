"""Expressions inside YAML's texts: the template language of HCL's strings, with places in the YAML file."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.language import nodes
from reconciler.language.hcl import parse
from reconciler.language.nodes import Expression
from reconciler.language.span import SpanError
from reconciler.language.template import compose
from reconciler.language.yaml_nodes import Scalar
from reconciler.model.pattern import lazy_pattern

_MARK = lazy_pattern(r"[$%]\{")
_PROPERTIES = lazy_pattern(r"(?:[&!]\S*\s+)*")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
# Lists and mappings around a text count towards the depth of the expressions in it.
_FREE_DEPTH = 10

Offsets = Callable[[int], int]


def text_expression(scalar: Scalar, source: str, depth: int) -> Expression:
    """The value of a text; `${…}` and `%{…}` in it work as in HCL, and `${…}` alone is the inner value itself."""
    if not _MARK.search(scalar.text):
        return nodes.Literal(scalar.start, scalar.end, compose(scalar.text))
    marker = "EOT"
    while marker in scalar.text:
        marker += "_"
    # In a heredoc quotes and backslashes mean themselves, as they do here: YAML's own escapes are undone already.
    before = f"a = {_parentheses(depth)}<<{marker}\n"
    after = f"\n{marker}\n{_parentheses(depth, ')')}\n"
    value = _parsed(scalar, source, before, after)
    if not isinstance(value, nodes.Template):
        text = value.value if isinstance(value, nodes.Literal) else scalar.text
        return nodes.Literal(scalar.start, scalar.end, str(text).removesuffix("\n"))
    parts = value.parts
    last = parts[-1]
    if isinstance(last, nodes.Literal) and isinstance(last.value, str):
        shortened = nodes.Literal(last.start, last.end, last.value.removesuffix("\n"))
        parts = (*parts[:-1], shortened) if shortened.value else parts[:-1]
    if len(parts) == 1 and scalar.text.endswith("}") and not isinstance(parts[0], nodes.TemplateIf | nodes.TemplateFor):
        return nodes.Parentheses(scalar.start, scalar.end, parts[0])
    return nodes.Template(scalar.start, scalar.end, parts)


def bare_expression(scalar: Scalar, source: str) -> Expression:
    """The expression that a text is as a whole, as in `type: list(string)`; `${…}` around it does not matter."""
    if _MARK.match(scalar.text):
        value = text_expression(scalar, source, 0)
        return value.inner if isinstance(value, nodes.Parentheses) else value
    if not scalar.text.strip():
        raise SpanError("Invalid expression", "An expression is missing here.", scalar.start, scalar.end)
    return _parsed(scalar, source, "a = (", "\n)\n")


def _parentheses(depth: int, mark: str = "(") -> str:
    return mark * max(depth - _FREE_DEPTH, 0)


def _parsed(scalar: Scalar, source: str, before: str, after: str) -> Expression:
    offsets = _offsets(scalar, source, len(before))
    try:
        (argument,) = parse(f"{before}{scalar.text}{after}").items
    except SpanError as error:
        start, end = _moved_span(error.start, error.end, offsets)
        raise SpanError(error.summary, error.detail, start, end, hint=error.hint, values=error.values) from None
    except ValueError:
        raise SpanError("Invalid expression", "Here one expression must stand.", scalar.start, scalar.end) from None
    if not isinstance(argument, nodes.Argument):
        raise SpanError("Invalid expression", "Here an expression must stand.", scalar.start, scalar.end)
    value = argument.value
    for _ in range(before.count("(")):
        if isinstance(value, nodes.Parentheses):
            value = value.inner
    return _moved(value, offsets)


def _offsets(scalar: Scalar, source: str, skipped: int) -> Offsets:
    """From offsets in the parsed text, which begins with `skipped` other characters, to offsets in the file."""
    places = _places(scalar, source)

    def offset(at: int) -> int:
        return places[min(max(at - skipped, 0), len(places) - 1)]

    return offset


def _places(scalar: Scalar, source: str) -> list[int]:
    """For each character of a text the place of what was written for it, and the end; white space is approximate."""
    found = _PROPERTIES.match(source, scalar.start, scalar.end)
    at = found.end() if found else scalar.start
    if scalar.style in ("'", '"'):
        at += 1
    elif scalar.style in ("|", ">"):
        at = source.find("\n", at, scalar.end) + 1 or scalar.end
    places = []
    for character in scalar.text:
        at, length = _written(source, at, scalar, character)
        places.append(at)
        at += length
    places.append(min(at, scalar.end))
    return places


def _written(source: str, at: int, scalar: Scalar, character: str) -> tuple[int, int]:
    """Where a character was written and how long that is; blank space that folding removed is passed over."""
    while at < scalar.end:
        mark = source[at]
        if scalar.style == '"' and mark == "\\":
            if source[at + 1 : at + 2] not in ("\n", "\r"):
                return at, _ESCAPE_LENGTHS.get(source[at + 1 : at + 2], 2)
            at += 1
        elif mark == character:
            return at, 2 if scalar.style == "'" and mark == "'" else 1
        elif character.isspace() or not mark.isspace():
            return at, 0
        else:
            at += 1
    return scalar.end, 0


def _moved_span(start: int, end: int, offsets: Offsets) -> tuple[int, int]:
    first = offsets(start)
    return first, max(offsets(end - 1) + 1, first) if end > start else first


def _moved(root: Expression, offsets: Offsets) -> Expression:
    """The same tree with all places moved. Chains of operators are deep, so this is a loop."""
    done: dict[int, nodes.Node] = {}
    todo: list[tuple[nodes.Node, bool]] = [(root, False)]
    while todo:
        node, is_ready = todo.pop()
        if is_ready:
            fields = [_replaced(getattr(node, name), done) for name in node.__slots__]
            done[id(node)] = type(node)(*_moved_span(node.start, node.end, offsets), *fields)
        else:
            todo.append((node, True))
            todo.extend((child, False) for child in nodes.children(node))
    moved: Expression = done[id(root)]  # type: ignore[assignment]  # each node became one of its own kind
    return moved


def _replaced(value: object, done: dict[int, nodes.Node]) -> object:
    if isinstance(value, nodes.Node):
        return done[id(value)]
    return tuple(_replaced(item, done) for item in value) if isinstance(value, tuple) else value
