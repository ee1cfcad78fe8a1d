"""Blocks with the values of their arguments, and of all the blocks inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.language import nodes
from reconciler.language.arguments import read_arguments
from reconciler.language.declaration import Declaration, Dynamic, label_text
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.number import Number
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import Set, Value, is_known, is_number, is_wholly_known, named, to_text, unmark
from reconciler.language.waiting import not_known
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Filled:
    """One block, evaluated. What is missing was not given, is `unknown`, or is wrong, and then a problem was told.

    `sensitive` names arguments, or parts of them, as in `tags.owner`. `inherited` is the block that gives what this one
    does not give itself.
    """

    declaration: Declaration
    labels: tuple[str, ...]
    arguments: Mapping[str, Value]
    blocks: Mapping[str, tuple[Filled, ...]]
    sensitive: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    inherited: Declaration | None = None

    def text(self, name: str) -> str | None:
        """The value of an argument that wants a string."""
        value = self.arguments.get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool | None:
        """The value of an argument that wants a bool."""
        value = self.arguments.get(name)
        return value if isinstance(value, bool) else None

    def number(self, name: str) -> Number | None:
        """The value of an argument that wants a number."""
        value = self.arguments.get(name)
        return value if is_number(value) else None

    def texts(self, name: str) -> tuple[str, ...] | None:
        """The value of an argument that wants a list of strings."""
        value = self.arguments.get(name)
        return tuple(map(str, value)) if isinstance(value, tuple) else None

    def strings(self, name: str) -> Mapping[str, str] | None:
        """The value of an argument that wants an object of strings."""
        value = self.arguments.get(name)
        return {key: str(item) for key, item in value.items()} if isinstance(value, Mapping) else None

    def marked(self, which: str, prefix: str = "") -> Iterator[str]:
        """The dotted names of all that is "sensitive" or "unknown", blocks inside included."""
        names: frozenset[str] = getattr(self, which)
        yield from (f"{prefix}{name}" for name in sorted(names))
        for type_, several in self.blocks.items():
            for inner in several:
                yield from inner.marked(which, f"{prefix}{type_}.")

    def block(self, type_: str) -> Filled | None:
        """The block of a type that stands there once at most."""
        return next(iter(self.blocks.get(type_, ())), None)

    def node(self, name: str) -> nodes.Node:
        """Where an argument's value stands; the block itself where the argument is left out."""
        argument = self.declaration.arguments.get(name)
        return argument.value if argument else self.declaration.block

    def report(self, summary: str, detail: str, problems: Diagnostics, *, at: str = "", hint: str = "") -> None:
        """Tell a mistake in an argument's value, or (at "") in the block."""
        start, end = self.declaration.header_span
        if at in self.declaration.arguments:
            node = self.node(at)
            start, end = node.start, node.end
        self.declaration.report(SpanError(summary, detail, start, end, hint=hint), problems)


@dataclass(frozen=True, slots=True)
class Shared:
    """A block cut in two: what is the same in all its instances, evaluated, and the rest as it is declared."""

    filled: Filled
    problems: tuple[Diagnostic, ...]
    rest: Declaration


def fill(declaration: Declaration, scope: Scope, problems: Diagnostics) -> Filled:
    """The values of a block and of those inside, as far as they are right."""
    labels = tuple(label_text(label) for label in declaration.block.labels)
    return _fill(declaration, labels, scope, problems)


def _fill(declaration: Declaration, labels: tuple[str, ...], scope: Scope, problems: Diagnostics) -> Filled:
    given = read_arguments(declaration, scope, problems)
    blocks = {}
    for type_, inner in declaration.blocks.items():
        made = tuple(block for one in inner for block in _made(one, declaration, scope, problems))
        blocks[type_] = made
        if len(made) > 1 and not declaration.rule.blocks[type_].repeated:
            detail = f"These make {len(made)} `{type_}` blocks together, and there can be only one."
            one = inner[-1].block
            declaration.report(SpanError("Duplicate block", detail, one.start, one.header_end), problems)
    return Filled(declaration, labels, given.values, blocks, frozenset(given.sensitive), frozenset(given.unknown))


def _made(one: Declaration | Dynamic, outer: Declaration, scope: Scope, problems: Diagnostics) -> Iterator[Filled]:
    if isinstance(one, Declaration):
        inner = one if one.address == outer.address else one.at(outer.address)
        yield fill(inner, scope, problems)
        return
    content = one.content.at(outer.address)
    try:
        for names in _iterations(one, scope):
            inside = Scope(scope.roots, names, scope.item, scope.budget, scope.files)
            yield _fill(content, _labels(one, inside), inside, problems)
    except SpanError as error:
        outer.report_all(failures(one.for_each, scope, error), problems)


def _iterations(dynamic: Dynamic, scope: Scope) -> Iterator[Mapping[str, Value]]:
    """The names inside of `content`, for each element."""
    node = dynamic.for_each
    value = evaluate(node, scope.renewed())
    value, sensitive = unmark(value)
    if sensitive or not is_known(value):
        what = "sensitive, and how many blocks there are cannot be hidden" if sensitive else "not known yet"
        detail = f"The value of `for_each` is {what}."
        error = SpanError("Invalid dynamic for_each value", detail, node.start, node.end)
        raise error if sensitive else not_known(node, scope, error)
    pairs: list[tuple[Value, Value]]
    if isinstance(value, Set):
        pairs = [(item, item) for item in value]
    elif isinstance(value, tuple):
        pairs = list(enumerate(value))
    elif isinstance(value, Mapping):
        pairs = [(key, value[key]) for key in sorted(value)]
    else:
        detail = f"`for_each` of a dynamic block goes over lists, sets, maps and objects, and this is {named(value)}."
        raise SpanError("Invalid dynamic for_each value", detail, node.start, node.end)
    for key, item in pairs:
        yield {**scope.names, dynamic.iterator: {"key": key, "value": item}}


def _labels(dynamic: Dynamic, scope: Scope) -> tuple[str, ...]:
    if dynamic.labels is None:
        return ()
    value = evaluate(dynamic.labels, scope.renewed())
    texts = [to_text(item) for item in value] if isinstance(value, tuple) else [None]
    if not is_wholly_known(value):
        detail = "The value of `labels` is not known yet."
        error = SpanError("Invalid dynamic labels", detail, dynamic.labels.start, dynamic.labels.end)
        raise not_known(dynamic.labels, scope, error)
    if None in texts:
        detail = f"`labels` is a list of strings, and this is {named(value)}."
        raise SpanError("Invalid dynamic labels", detail, dynamic.labels.start, dynamic.labels.end)
    return tuple(text for text in texts if text is not None)
