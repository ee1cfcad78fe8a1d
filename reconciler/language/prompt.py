"""Expressions that somebody types, one at a time."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.configuration import Configuration
from reconciler.language.declaration import ElsewhereError
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.foreseen import Foreseen
from reconciler.language.hcl import parse
from reconciler.language.lookups import Lookups
from reconciler.language.passage import Document, Passage
from reconciler.language.project import ANYWHERE
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.traversals import references
from reconciler.language.types import Type
from reconciler.language.value import UNKNOWN, Value, type_of
from reconciler.model.diagnostic import Diagnostics, EnvformError
from reconciler.model.frozen import dataclass

_BEFORE = "_ = "
_FILENAME = "<console-input>"
_TYPE = "type"


def is_unfinished(text: str) -> bool:
    """Whether the text may still become an expression when lines are added: a bracket or heredoc is open."""
    try:
        _read(text)
    except SpanError as error:
        return "never closed" in error.detail and not error.summary.startswith("Unterminated string")
    return False


@dataclass(frozen=True, slots=True)
class Prompt:
    """Answers questions about a configuration, as far as it tells by itself what it stands for."""

    scope: Scope
    lookups: Lookups

    @classmethod
    def of(cls, configuration: Configuration) -> Prompt:
        """For questions about this configuration."""
        project = configuration.project
        return cls(project.scope(Foreseen(configuration)), Lookups(project.declared))

    def answer(self, text: str, line: int = 1) -> Value | Type:
        """The value of one expression, which begins on this line of the input; of `type(…)` the type.

        Raises EnvformError where it has none.
        """
        passage = Passage(Document(_FILENAME, "\n" * (line - 1) + text), line - 1 - len(_BEFORE))
        try:
            node = _read(text)
            asked = _typed(node)
        except SpanError as error:
            raise EnvformError(passage.diagnostic(error)) from None
        wrong = self._meaningless(node)
        value: Value = UNKNOWN
        try:
            value = evaluate(asked or node, self.scope.renewed())
        except ElsewhereError as error:
            problems = Diagnostics()
            error.declaration.report(error, problems)
            raise EnvformError(*problems) from None
        except SpanError as error:
            wrong.update({(one.start, one.end): one for one in failures(asked or node, self.scope, error)} | wrong)
        if wrong:
            raise EnvformError(*(passage.diagnostic(wrong[span]) for span in sorted(wrong)))
        return type_of(value) if asked else value

    def _meaningless(self, node: nodes.Expression) -> dict[tuple[int, int], SpanError]:
        """References to what there is not; as in configuration they are mistakes wherever they stand."""
        found = {}
        for reference in references(node):
            try:
                self.lookups.target(reference, ANYWHERE)
            except SpanError as error:
                found[error.start, error.end] = error
        return found


def _read(text: str) -> nodes.Expression:
    body = parse(f"{_BEFORE}{text}\n")
    first, *others = body.items
    if others or not isinstance(first, nodes.Argument):
        detail = "One expression is expected here, and this is more."
        raise SpanError("Invalid expression", detail, others[0].start, others[0].end)
    return first.value


def _typed(node: nodes.Expression) -> nodes.Expression | None:
    """What `type` is asked about, which stands alone; None where a value is asked for."""
    whole = node
    while isinstance(whole, nodes.Parentheses):
        whole = whole.inner
    outermost = isinstance(whole, nodes.Call) and whole.name == _TYPE
    todo: list[nodes.Node] = nodes.children(whole) if outermost else [whole]
    while todo:
        part = todo.pop()
        if isinstance(part, nodes.Call) and part.name == _TYPE:
            detail = "`type` shows of what type a value is, and gives no value itself. It stands alone on its line."
            raise SpanError("Invalid use of type function", detail, part.start, part.end)
        todo.extend(nodes.children(part))
    if not isinstance(whole, nodes.Call) or not outermost:
        return None
    if len(whole.arguments) != 1 or whole.spread:
        few = not whole.arguments
        at = whole if few else whole.arguments[-1]
        summary = f"{'Not enough' if few else 'Too many'} function arguments"
        raise SpanError(summary, "`type(expression)` takes 1 argument.", at.start, at.end)
    return whole.arguments[0]
