"""Our blocks written as YAML mappings: `environment: {training: {image: …}}` becomes the nodes that HCL would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Sequence as Items
from dataclasses import field
from functools import partial

from reconciler.language import nodes
from reconciler.language.nodes import Expression
from reconciler.language.schema import BlockRule
from reconciler.language.span import SpanError
from reconciler.language.vocabulary import BLOCKS
from reconciler.language.yaml_nodes import Mapping, Node, Scalar, Sequence, YamlDocument
from reconciler.language.yaml_texts import bare_expression, text_expression
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_NUMBER = lazy_pattern(r"(?P<sign>-?)(?P<digits>(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_TRUTHS = {"true": True, "false": False}
_DYNAMIC = "dynamic"
# What HCL writes without quotes and evaluates nowhere: types, and references to things rather than to their values.
_BARE = {
    ("variable", "type"),
    ("moved", "from"),
    ("moved", "to"),
    ("removed", "from"),
    ("import", "to"),
    ("lifecycle", "ignore_changes"),
    ("lifecycle", "replace_triggered_by"),
    (_DYNAMIC, "iterator"),
}
_BARE_EVERYWHERE = {"depends_on"}

Item = nodes.Argument | nodes.Block


@dataclass(frozen=True, slots=True)
class Parsed:
    """The blocks of a document, and those that are not built as blocks are; the mistakes have been told."""

    sound: tuple[Item, ...]
    unsound: tuple[Item, ...]


def parse(document: YamlDocument, problems: Diagnostics) -> Parsed:
    """The blocks of a document of ours."""
    return Translator(document, problems).top_level()


@dataclass(frozen=True, slots=True)
class Translator:
    """Turns YAML into nodes by the rules of the blocks. Without `templates`, `${…}` has no meaning."""

    document: YamlDocument
    problems: Diagnostics
    templates: bool = True
    unread: list[nodes.Unread] = field(default_factory=list)

    def top_level(self) -> Parsed:
        """The whole document as the top level of a configuration."""
        root = self.document.root
        sound: list[Item] = []
        unsound: list[Item] = []
        if root is not None and not isinstance(root, Mapping):
            detail = (
                "At the top of this file stands a mapping from kinds of blocks to blocks: `environment:`, and so on."
            )
            self._report(SpanError("Invalid block", detail, root.start, root.end))
        for key, value in root.items if isinstance(root, Mapping) else ():
            for item in self._top_level_items(key, value):
                mistakes = self._mistakes
                made = item()
                (sound if self._mistakes == mistakes else unsound).extend(made)
        return Parsed(tuple(sound), tuple(unsound))

    def _top_level_items(self, key: Scalar, value: Node) -> Iterator[Callable[[], Items[Item]]]:
        """What makes each item, so that a mistake in one leaves the others alone."""
        rule = BLOCKS.get(key.text)
        if rule is None and isinstance(value, Mapping):
            rule = BlockRule(key.text, (), None, "")
        if rule is None:
            yield lambda: [self._argument(key, value, "", 0)]
        elif rule.labels and isinstance(value, Mapping):
            for label, inner in value.items:
                yield partial(self.blocks, key, inner, rule, (label,), 1)
        else:
            yield partial(self.blocks, key, value, rule, (), 0)

    def blocks(self, key: Scalar, value: Node, rule: BlockRule, labels: tuple[Scalar, ...], depth: int) -> list[Item]:
        """The blocks of one kind; for each label that is missing the value is a mapping from labels."""
        if len(labels) == len(rule.labels):
            bodies = value.items if isinstance(value, Sequence) else (value,)
            return [block for body in bodies for block in self._block(key, body, rule, labels, depth)]
        if _is_null(value):
            return []
        if not isinstance(value, Mapping):
            name = rule.labels[len(labels)]
            above = (labels or (key,))[-1].text
            detail = f"Under `{above}` stands a mapping: each key is a {name}, and its value is what is set."
            self._report(SpanError("Invalid block", detail, value.start, value.end))
            return []
        return [
            block
            for label, inner in value.items
            for block in self.blocks(key, inner, rule, (*labels, label), depth + 1)
        ]

    def _block(
        self, key: Scalar, value: Node, rule: BlockRule, labels: tuple[Scalar, ...], depth: int
    ) -> Iterator[nodes.Block]:
        if _is_null(value):
            value = Mapping(value.start, value.start, ())
        if not isinstance(value, Mapping):
            detail = f"A block of type `{rule.type}` is a mapping from arguments to values."
            self._report(SpanError("Invalid block", detail, value.start, value.end))
            return
        head = (labels or (key,))[-1]
        names = tuple(nodes.Literal(label.start, label.end, label.text) for label in labels)
        items = [item for name, inner in value.items for item in self._items(name, inner, rule, depth + 1)]
        body = nodes.Body(value.start, value.end, tuple(items))
        yield nodes.Block(head.start, max(value.end, head.end), rule.type, names, body, head.end)

    def _items(self, key: Scalar, value: Node, rule: BlockRule, depth: int) -> list[Item]:
        inner = rule.blocks.get(key.text)
        if inner is not None and not isinstance(value, Scalar):
            return self.blocks(key, value, inner, (), depth)
        if inner is not None and _is_null(value) and rule.argument(key.text) is None:
            return self.blocks(key, value, inner, (), depth)
        if key.text == _DYNAMIC and rule.blocks and isinstance(value, Mapping):
            return [block for label, made in value.items for block in self._dynamic(key, label, made, rule, depth)]
        return [self._argument(key, value, rule.type, depth)]

    def _dynamic(self, key: Scalar, label: Scalar, value: Node, rule: BlockRule, depth: int) -> Iterator[nodes.Block]:
        content = rule.blocks.get(label.text) or BlockRule("content", (), None, "")
        made = BlockRule("content", (), content.arguments, content.example, content.blocks)
        outer = BlockRule(_DYNAMIC, ("block",), None, "", {"content": made})
        bodies = value.items if isinstance(value, Sequence) else (value,)
        for body in bodies:
            yield from self._block(key, body, outer, (label,), depth + 1)

    def _argument(self, key: Scalar, value: Node, within: str, depth: int) -> nodes.Argument:
        is_bare = self.templates and (key.text in _BARE_EVERYWHERE or (within, key.text) in _BARE)
        expression = self._guarded(value, self._bare if is_bare else self.expression, depth)
        return nodes.Argument(key.start, max(expression.end, key.end), key.text, expression)

    def _guarded(self, value: Node, translate: Callable[[Node, int], Expression], depth: int) -> Expression:
        try:
            return translate(value, depth)
        except SpanError as error:
            self._report(error)
            self.unread.append(nodes.Unread(value.start, value.end))
            return self.unread[-1]

    def expression(self, value: Node, depth: int) -> Expression:
        """The expression that a value is; SpanError where it is none."""
        if isinstance(value, Sequence):
            parts = tuple(self._guarded(item, self.expression, depth + 1) for item in value.items)
            return nodes.Tuple(value.start, value.end, parts)
        if isinstance(value, Mapping):
            items = tuple(
                (self._key(key, depth), self._guarded(item, self.expression, depth + 1)) for key, item in value.items
            )
            return nodes.Object(value.start, value.end, items)
        if value.kind in ("str", "timestamp"):
            return self._text(value, depth)
        return nodes.Literal(value.start, value.end, None) if value.kind == "null" else _primitive(value)

    def _key(self, key: Scalar, depth: int) -> Expression:
        return self._text(key, depth)

    def _text(self, value: Scalar, depth: int) -> Expression:
        if self.templates:
            return text_expression(value, self.document.source.text, depth)
        return nodes.Literal(value.start, value.end, value.text)

    def _bare(self, value: Node, depth: int) -> Expression:
        if isinstance(value, Sequence):
            return nodes.Tuple(value.start, value.end, tuple(self._bare(item, depth + 1) for item in value.items))
        if isinstance(value, Scalar) and value.kind == "str":
            return bare_expression(value, self.document.source.text)
        return self.expression(value, depth)

    @property
    def _mistakes(self) -> int:
        """In how blocks are built: a value that is no expression leaves the others alone."""
        return len(self.problems.items) - len(self.unread)

    def _report(self, error: SpanError) -> None:
        self.problems.add(self.document.diagnostic(error))


def _is_null(value: Node) -> bool:
    return isinstance(value, Scalar) and value.kind == "null"


def _primitive(value: Scalar) -> Expression:
    """A number or truth value, where all readers of YAML agree on what it is."""
    if value.kind == "bool" and value.text.lower() in _TRUTHS:
        return nodes.Literal(value.start, value.end, _TRUTHS[value.text.lower()])
    found = _NUMBER.fullmatch(value.text) if value.kind != "bool" else None
    if found is None:
        what = "a truth value" if value.kind == "bool" else "a number"
        detail = (
            f"`{value.text}` is {what} for some readers of YAML (here: {_said(value)}) and a text or another number "
            "for others."
        )
        hint = f'write the text in quotes, "{value.text}", or {what} plainly'
        raise SpanError("Ambiguous YAML value", detail, value.start, value.end, hint=hint)
    number = nodes.Number(value.start + len(found["sign"]), value.end, found["digits"])
    return nodes.Unary(value.start, value.end, "-", number) if found["sign"] else number


def _said(value: Scalar) -> str:
    return str(value.plain).lower() if value.kind == "bool" else str(value.plain)
