"""The values that variables are given, by Terraform's precedence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.language import hcl, nodes
from reconciler.language.assignment import Assignment
from reconciler.language.expression import evaluate
from reconciler.language.inputs import MAIN, Inputs, VariableFile
from reconciler.language.lookups import check_constant
from reconciler.language.passage import Document, Passage
from reconciler.language.scope import Scope
from reconciler.language.span import FollowingError, SpanError
from reconciler.language.types import Type
from reconciler.language.value import Value
from reconciler.language.variable_files import read_variable_file
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

PREFIX = "ENVFORM_VAR_"

_GIVEN = lazy_pattern(r'(?:^|[{,])[ \t]*"?(?P<name>[^\W\d][\w-]*)"?[ \t]*[=:]', re.MULTILINE)
_LITERAL = ("string", "number", "bool")
_BEFORE_EXPRESSION = "_ = "


def assigned(inputs: Inputs, declared: Mapping[str, object], problems: Diagnostics) -> Mapping[str, Assignment]:
    """For each declared variable the value that wins, where there is one; values for others are problems."""
    found: dict[str, Assignment] = {}
    for key, text in inputs.environment.items():
        name = key.removeprefix(PREFIX)
        if name != key and name in declared:
            # The environment is shared with other projects, so names that are not declared here are no mistake.
            found[name] = _from_text(name, text, f"the environment variable {key}")
    for assignment in _from_files(inputs, declared, problems):
        if assignment.name in declared:
            found[assignment.name] = assignment
        else:
            problems.add(_undeclared(assignment, declared))
    return found


def _from_files(inputs: Inputs, declared: Mapping[str, object], problems: Diagnostics) -> Iterator[Assignment]:
    others = sorted(inputs.files.keys() - MAIN)
    for name in (*(name for name in MAIN if name in inputs.files), *others):
        yield from _from_file(name, inputs.files[name], declared, problems)
    for given in inputs.given:
        if isinstance(given, VariableFile):
            yield from _from_file(given.name, given.text, declared, problems)
        else:
            yield _from_text(given.name, given.text, f"-var={given.name}")


def _from_file(name: str, text: str, declared: Mapping[str, object], problems: Diagnostics) -> Iterator[Assignment]:
    """What a file gives; where something in it cannot be read, that too has a value, which nobody knows."""
    before = len(problems.items)
    read = [*read_variable_file(name, text, problems)]
    yield from read
    if len(problems.items) > before:
        passage = Passage(Document(name, text))
        known = {assignment.name for assignment in read}
        for found in _GIVEN.finditer(text):
            if found["name"] in declared and found["name"] not in known:
                yield Assignment(found["name"], name, _unreadable, passage, found.span("name"))


def _unreadable(_: Type | None) -> Value:
    raise FollowingError(nodes.Node(0, 0))


def _undeclared(assignment: Assignment, declared: Mapping[str, object]) -> Diagnostic:
    name, hint = assignment.name, did_you_mean(assignment.name, declared)
    if assignment.source.startswith("-var="):
        detail = f"`-var={name}=…` sets a variable that this configuration does not declare."
        return Diagnostic.error("Value for undeclared variable", detail, hint=hint)
    detail = f"This sets `{name}`, and the configuration declares no variable of that name. The value is not used."
    place = assignment.passage.place(*assignment.span)
    return Diagnostic.warning("Value for undeclared variable", detail, hint=hint).at(place)


def _from_text(name: str, text: str, source: str) -> Assignment:
    # The text is shown as a file with one line, so that mistakes in it have a place.
    passage = Passage(Document(f"<{source}>", text))

    def value(type_: Type | None) -> Value:
        return text if type_ is None or type_.kind in _LITERAL else _expression(text)

    return Assignment(name, source, value, passage, (0, len(text)))


def _expression(text: str) -> Value:
    try:
        node = _only(hcl.parse(_BEFORE_EXPRESSION + text))
        check_constant(node)
        return evaluate(node, Scope())
    except SpanError as error:
        start = max(error.start - len(_BEFORE_EXPRESSION), 0)
        end = max(error.end - len(_BEFORE_EXPRESSION), start)
        raise SpanError(error.summary, error.detail, start, end, hint=error.hint) from error


def _only(body: nodes.Body) -> nodes.Expression:
    if len(body.items) == 1 and isinstance(body.items[0], nodes.Argument):
        return body.items[0].value
    raise SpanError("Invalid expression", "One expression is expected here.", body.start, body.end)
