"""Blocks of a known kind, with their arguments and blocks sorted by name and nothing evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from reconciler.language import nodes
from reconciler.language.passage import Passage
from reconciler.language.schema import BlockRule
from reconciler.language.span import FollowingError, SpanError
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Dynamic:
    """`dynamic "TYPE" { for_each … content { … } }`: as many blocks as for_each has elements."""

    block: nodes.Block
    for_each: nodes.Expression
    iterator: str
    labels: nodes.Expression | None
    content: Declaration


@dataclass(frozen=True, slots=True)
class Declaration:
    """One block of a known kind, with those of its arguments and blocks that its rule knows.

    `worked` has for some arguments an expression that gives the same value sooner: see `worked.value_of`.
    """

    rule: BlockRule
    passage: Passage
    block: nodes.Block
    arguments: Mapping[str, nodes.Argument]
    address: str = ""
    blocks: Mapping[str, tuple[Declaration | Dynamic, ...]] = field(default_factory=dict)
    outer: str = ""
    worked: Mapping[str, nodes.Expression] = field(default_factory=dict)

    def at(self, address: str) -> Declaration:
        """The same block as one of a certain instance."""
        return Declaration(
            self.rule, self.passage, self.block, self.arguments, address, self.blocks, self.outer, self.worked
        )

    @property
    def context(self) -> str:
        """The outermost header, as diagnostics show it."""
        return self.outer or header(self.block)

    @property
    def label(self) -> str:
        """The first label, where there is one."""
        return label_text(self.block.labels[0]) if self.block.labels else ""

    @property
    def header_span(self) -> tuple[int, int]:
        """From the type to the last label."""
        return self.block.start, self.block.header_end

    @property
    def where(self) -> str:
        """File and line, as sentences name them."""
        return self.where_is(self.block)

    def where_is(self, node: nodes.Node) -> str:
        """File and line of a node of this block."""
        place = self.passage.range(node.start, node.end)
        return f"{place.filename}:{place.start.line}"

    def report(self, error: SpanError, problems: Diagnostics) -> None:
        """Tell a mistake as one of this block, or as one of the block where it really is."""
        if isinstance(error, FollowingError):
            return
        if isinstance(error, ElsewhereError):
            error.declaration.report(error.error, problems)
            return
        problems.add(self.passage.diagnostic(error, self.context, self.address))

    def report_all(self, errors: Iterable[SpanError], problems: Diagnostics) -> None:
        """Tell several mistakes."""
        for error in errors:
            self.report(error, problems)

    def nested(self, type_: str) -> tuple[Declaration, ...]:
        """The blocks of one type that are written out, without those that `dynamic` makes."""
        return tuple(inner for inner in self.blocks.get(type_, ()) if isinstance(inner, Declaration))


class ElsewhereError(SpanError):
    """A mistake in another block than the one that is evaluated: it is told there."""

    def __init__(self, error: SpanError, declaration: Declaration) -> None:
        super().__init__(error.summary, error.detail, error.start, error.end, hint=error.hint, values=error.values)
        self.error = error
        self.declaration = declaration


def header(block: nodes.Block) -> str:
    """A block's type and labels on one line."""
    return " ".join([block.type, *(f'"{label_text(label)}"' for label in block.labels)])


def label_text(label: nodes.Literal | nodes.Name) -> str:
    """A label, with or without quotes."""
    return label.name if isinstance(label, nodes.Name) else str(label.value)
