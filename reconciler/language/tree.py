"""Builds nodes while the grammar's rules are recognised; RULES is keyed by python-hcl2's names for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reconciler.language import nodes
from reconciler.language.nodes import Expression
from reconciler.language.span import SpanError
from reconciler.language.template import Directive, Hole, Text, build_template
from reconciler.language.tokens import Token
from reconciler.model.frozen import dataclass

# What a rule matched, in order: tokens, and what RULES returned.
Children = list[Any]

_KEYWORD_VALUES = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a traversal, before it is known what it starts from."""

    start: int
    end: int
    name: str = ""
    key: Expression | None = None
    bracket: bool = False


@dataclass(frozen=True, slots=True)
class _Intro:
    """`for names in collection :`."""

    names: tuple[nodes.Name, ...]
    collection: Expression


def _first(children: Children) -> Any:
    return children[0]


def _body(children: Children) -> nodes.Body:
    first, last = (children[0].start, children[-1].end) if children else (0, 0)
    return nodes.Body(first, last, tuple(children))


def _argument(children: Children) -> nodes.Argument:
    name, _, value = children
    return nodes.Argument(name.start, value.end, name.name, value)


def _block(children: Children) -> nodes.Block:
    kind, *labels, _, body, closer = children
    for label in labels:
        if not isinstance(label, (nodes.Name, nodes.Literal)):
            detail = "A label is a plain text: it is part of the block's address, so nothing can be inserted in it."
            raise SpanError("Invalid block label", detail, label.start, label.end)
    header_end = labels[-1].end if labels else kind.end
    return nodes.Block(kind.start, closer.end, kind.name, tuple(labels), body, header_end)


def _name(children: Children) -> nodes.Name:
    token = children[0]
    return nodes.Name(token.start, token.end, token.text)


def _keyword_value(children: Children) -> nodes.Literal:
    token = children[0]
    return nodes.Literal(token.start, token.end, _KEYWORD_VALUES[token.text])


def _number(children: Children) -> nodes.Number:
    token = children[0]
    return nodes.Number(token.start, token.end, token.text)


def _term(children: Children) -> Any:
    if len(children) == 1:
        return children[0]
    opener, inner, closer = children
    return nodes.Parentheses(opener.start, closer.end, inner)


def _string(children: Children) -> Expression:
    opener, *parts, closer = children
    return build_template(opener.text, parts, opener.start, closer.end)


def _string_part(children: Children) -> Hole | Directive | Text:
    part = children[0]
    return part if isinstance(part, (Hole, Directive)) else Text(part.start, part.end, part.text)


def _interpolation(children: Children) -> Hole:
    opener, value, closer = children
    return Hole(opener.start, closer.end, opener.text.endswith("~"), closer.text.startswith("~"), value)


def _directive(children: Children) -> Directive:
    opener, keyword, *rest, closer = children
    return Directive(
        opener.start,
        closer.end,
        opener.text.endswith("~"),
        closer.text.startswith("~"),
        keyword.text,
        rest[-1] if rest else None,
        tuple(child for child in rest[:-1] if isinstance(child, nodes.Name)),
    )


def _conditional(children: Children) -> nodes.Conditional:
    condition, _, then, _, otherwise = children
    return nodes.Conditional(condition.start, otherwise.end, condition, then, otherwise)


def _binary(children: Children) -> nodes.Binary:
    left, (operator, right) = children
    return nodes.Binary(left.start, right.end, operator.text, left, right)


def _unary(children: Children) -> Any:
    token, operand = children
    # A chain like `!-` comes in one token; the innermost operator applies first.
    for operator in reversed(token.text):
        operand = nodes.Unary(token.start, operand.end, operator, operand)
    return operand


def _tuple(children: Children) -> nodes.Tuple:
    opener, *items, closer = children
    return nodes.Tuple(opener.start, closer.end, tuple(items[::2]))


def _object(children: Children) -> nodes.Object:
    opener, *items, closer = children
    pairs = tuple(item for item in items if not isinstance(item, Token))
    return nodes.Object(opener.start, closer.end, pairs)


def _pair(children: Children) -> tuple[Expression, Expression]:
    key, _, value = children
    return key, value


def _key(children: Children) -> Any:
    key = children[0]
    if isinstance(key, nodes.Name):
        return nodes.Literal(key.start, key.end, key.name)
    if isinstance(key, nodes.Literal) and not isinstance(key.value, str):
        return replace(key, value={True: "true", False: "false", None: "null"}[key.value])
    if isinstance(key, (nodes.Attribute, nodes.Index)):
        detail = "A key that is computed stands in parentheses: `(a.b) = …`. A key that is a text stands in quotes."
        raise SpanError("Ambiguous attribute key", detail, key.start, key.end)
    return key


def _call(children: Children) -> nodes.Call:
    name, closer = children[0], children[-1]
    arguments = children[2] if len(children) == 4 else []
    spread = bool(arguments) and _is_token(arguments[-1], "ELLIPSIS")
    return nodes.Call(name.start, closer.end, name.name, tuple(arguments[::2]), spread)


def _attribute_step(children: Children) -> _Step:
    dot, name = children
    return _Step(dot.start, name.end, name=name.name)


def _bracket_step(children: Children) -> _Step:
    opener, key, closer = children
    return _Step(opener.start, closer.end, key=key, bracket=True)


def _legacy_step(children: Children) -> _Step:
    dot, number = children
    return _Step(dot.start, number.end, key=nodes.Number(number.start, number.end, number.text))


def _traverse(children: Children) -> Expression:
    of, step = children
    return _extend(of, step)


def _extend(of: Expression, step: _Step) -> Expression:
    """One step further; what follows `[*]` happens to each element."""
    if isinstance(of, nodes.Splat) and of.full:
        return replace(of, end=step.end, each=_extend(of.each, step))
    if step.key is None:
        return nodes.Attribute(of.start, step.end, of, step.name)
    return nodes.Index(of.start, step.end, of, step.key)


def _splat(children: Children) -> Expression:
    of, (mark, *steps) = children
    if mark.type == "ATTR_SPLAT" and isinstance(of, nodes.Splat) and not of.full:
        detail = "`.*` goes over one sequence only. To go over what is in each of its elements, write `[*]` for both."
        raise SpanError("Nested splat expression not allowed", detail, mark.start, mark.end)
    item = nodes.Item(mark.start, mark.end)
    return _splat_each(of, item, steps, full=mark.type == "FULL_SPLAT_START")


def _splat_each(of: Expression, item: nodes.Item, steps: list[_Step], *, full: bool) -> Expression:
    if isinstance(of, nodes.Splat) and of.full:
        inner = _splat_each(of.each, item, steps, full=full)
        return replace(of, end=inner.end, each=inner)
    result: Expression = nodes.Splat(of.start, item.end, of, item, full)
    for step in steps:
        # `a.*.b[0]` is the first of all `b`, `a[*].b[0]` the first of each.
        if isinstance(result, nodes.Splat) and not full and not step.bracket and result.of is of:
            result = replace(result, end=step.end, each=_extend(result.each, step))
        else:
            result = _extend(result, step)
    return result


def _intro(children: Children) -> _Intro:
    names = tuple(child for child in children[1:4] if isinstance(child, nodes.Name))
    position = next(i for i, child in enumerate(children) if _is_token(child, "IN"))
    return _Intro(names[: (position + 1) // 2], children[position + 1])


def _for_tuple(children: Children) -> nodes.For:
    opener, intro, value, *condition, closer = children
    return nodes.For(
        opener.start,
        closer.end,
        intro.names,
        intro.collection,
        None,
        value,
        condition[0] if condition else None,
        grouped=False,
    )


def _for_object(children: Children) -> nodes.For:
    opener, intro, key, _, value, *rest, closer = children
    grouped = bool(rest) and _is_token(rest[0], "ELLIPSIS")
    condition = rest[1:] if grouped else rest
    return nodes.For(
        opener.start,
        closer.end,
        intro.names,
        intro.collection,
        key,
        value,
        condition[0] if condition else None,
        grouped,
    )


def _is_token(child: object, kind: str) -> bool:
    return isinstance(child, Token) and child.type == kind


def _second(children: Children) -> Any:
    return children[1]


def _all(children: Children) -> Children:
    return children


RULES: dict[str, Callable[[Children], Any]] = {
    "start": _first,
    "body": _body,
    "attribute": _argument,
    "block": _block,
    "identifier": _name,
    "keyword": _first,
    "literal_value": _keyword_value,
    "int_lit": _number,
    "float_lit": _number,
    "expr_term": _term,
    "string": _string,
    "string_part": _string_part,
    "interpolation": _interpolation,
    "template_if_start": _directive,
    "template_else": _directive,
    "template_endif": _directive,
    "template_for_start": _directive,
    "template_endfor": _directive,
    "conditional": _conditional,
    "binary_operator": _first,
    "binary_term": _all,
    "binary_op": _binary,
    "unary_op": _unary,
    "tuple": _tuple,
    "object": _object,
    "object_elem": _pair,
    "object_elem_key": _key,
    "function_call": _call,
    "arguments": _all,
    "get_attr": _attribute_step,
    "braces_index": _bracket_step,
    "short_index": _legacy_step,
    "get_attr_expr_term": _traverse,
    "index_expr_term": _traverse,
    "attr_splat": _all,
    "full_splat": _all,
    "attr_splat_expr_term": _splat,
    "full_splat_expr_term": _splat,
    "for_intro": _intro,
    "for_cond": _second,
    "for_tuple_expr": _for_tuple,
    "for_object_expr": _for_object,
}

# Whoever has one value hands it through. `start` is not among them: the automaton looks for it.
HANDING = frozenset({"keyword", "binary_operator", "expr_term"})
