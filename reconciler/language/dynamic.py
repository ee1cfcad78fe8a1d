"""`dynamic` blocks: what they are made of, and the blocks that they make."""

from __future__ import annotations

from dataclasses import replace

from reconciler.language import nodes
from reconciler.language.declaration import Declaration, Dynamic
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostics

DYNAMIC = BlockRule(
    type="dynamic",
    labels=("block type",),
    arguments={
        "for_each": ArgumentRule(Wanted.EXPRESSION, required=True),
        "iterator": ArgumentRule(Wanted.EXPRESSION),
        "labels": ArgumentRule(Wanted.EXPRESSION),
    },
    example='dynamic "build" {\n  for_each = …\n  content {\n    …\n  }\n}',
)


NOT_DYNAMIC = ("lifecycle",)


def inner_rule(made: BlockRule) -> BlockRule:
    """The rule for a `dynamic` block that makes blocks by this rule."""
    content = replace(made, type="content", labels=(), repeated=False, required=True)
    return replace(DYNAMIC, blocks={"content": content})


def read_dynamic(declaration: Declaration, problems: Diagnostics) -> Dynamic:
    """The parts of a `dynamic` block that is sound in structure."""
    arguments, (content,) = declaration.arguments, declaration.nested("content")
    iterator = declaration.label
    if named := arguments.get("iterator"):
        if isinstance(named.value, nodes.Name):
            iterator = named.value.name
        elif not isinstance(named.value, nodes.Unread):
            detail = "`iterator` is a bare name, such as `iterator = item`: that by which `content` calls the element."
            declaration.report(SpanError("Invalid iterator", detail, named.value.start, named.value.end), problems)
    labels = arguments.get("labels")
    for_each = arguments["for_each"].value
    return Dynamic(declaration.block, for_each, iterator, labels.value if labels else None, content)
