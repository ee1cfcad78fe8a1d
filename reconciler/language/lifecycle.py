"""`depends_on` and the `lifecycle` block of an environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.language import nodes
from reconciler.language.base_image_rule import BASE_IMAGE
from reconciler.language.conditions import check_condition, within
from reconciler.language.declaration import Declaration
from reconciler.language.environment_rule import ENVIRONMENT, META
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.filled import Filled
from reconciler.language.lookups import ROOTS
from reconciler.language.project import Known, Project
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.targets import elements, target
from reconciler.language.traversals import traversal
from reconciler.language.value import Value, is_known, is_wholly_known, named, to_text, unmark_deep
from reconciler.language.waiting import not_known
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.lifecycle import ALL, NO_LIFECYCLE, Lifecycle
from reconciler.model.suggestion import did_you_mean

_NAMES = {
    rule.type: sorted({*(rule.arguments or {}), *rule.blocks} - {*META, "lifecycle"})
    for rule in (BASE_IMAGE, ENVIRONMENT)
}


def read_depends_on(project: Project, block: Declaration, scope: Scope, problems: Diagnostics) -> tuple[str, ...]:
    """The addresses in `depends_on`."""
    if "depends_on" not in block.arguments:
        return ()
    return _addresses(project, block, block.arguments["depends_on"].value, scope, problems)


def read_lifecycle(project: Project, filled: Filled, scope: Scope, problems: Diagnostics) -> Lifecycle:
    """The block without its conditions."""
    inner = filled.block("lifecycle")
    if inner is None:
        return NO_LIFECYCLE
    block = inner.declaration
    ignored = block.arguments.get("ignore_changes")
    triggers = block.arguments.get("replace_triggered_by")
    return Lifecycle(
        prevent_destroy=inner.flag("prevent_destroy") is True,
        ignore_changes=_ignored(block, filled.declaration.rule.type, ignored.value, scope, problems) if ignored else (),
        replace_triggered_by=_addresses(project, block, triggers.value, scope, problems, attribute=True)
        if triggers
        else (),
    )


def check_preconditions(block: Declaration, scope: Scope, problems: Diagnostics) -> None:
    """Hold the rules that must be true before anything is done at an address."""
    for rule in _rules(block, "precondition"):
        check_condition(rule, scope, "Resource precondition failed", problems)


def check_postconditions(
    project: Project, block: Declaration, known: Known, names: Mapping[str, Value], problems: Diagnostics
) -> None:
    """Hold the rules that must be true of the finished environment, which `names` has as `self`."""
    for rule in _rules(block, "postcondition"):
        check_condition(rule, project.scope(known, names), "Resource postcondition failed", problems)


def _rules(block: Declaration, type_: str) -> Iterator[Declaration]:
    for lifecycle in block.nested("lifecycle"):
        for rule in lifecycle.nested(type_):
            yield within(rule, block)


def _addresses(
    project: Project,
    block: Declaration,
    node: nodes.Expression,
    scope: Scope,
    problems: Diagnostics,
    *,
    attribute: bool = False,
) -> tuple[str, ...]:
    found: list[str] = []
    try:
        parts = [*elements(node, scope)]
    except SpanError as error:
        block.report(error, problems)
        return ()
    for part in parts:
        try:
            found.extend(target(part, scope, attribute=attribute).spelled(project))
        except SpanError as error:
            block.report(error, problems)
    return tuple(dict.fromkeys(found))


def _ignored(
    block: Declaration, kind: str, node: nodes.Expression, scope: Scope, problems: Diagnostics
) -> tuple[str, ...]:
    found: list[str] = []
    for part in node.items if isinstance(node, nodes.Tuple) else (node,):
        try:
            found.extend(_ignored_part(part, kind, scope, alone=part is node))
        except SpanError as error:
            block.report_all(failures(part, scope, error), problems)
    return tuple(dict.fromkeys(found))


def _ignored_part(node: nodes.Expression, kind: str, scope: Scope, *, alone: bool) -> list[str]:
    """Names as they stand there, and texts that expressions give."""
    found = traversal(node)
    if found is not None and (found.name.name in _NAMES[kind] or (alone and found.name.name == ALL)):
        steps = [step.name if isinstance(step, nodes.Attribute) else _text(step.key, scope) for step in found.steps]
        return [".".join([found.name.name, *steps])]
    if found is not None and found.name.name not in ROOTS:
        raise _no_argument(found.name.name, kind, node)
    value, sensitive = unmark_deep(evaluate(node, scope.renewed()))
    if sensitive:
        detail = "The value is sensitive, and the names of arguments are nothing to be hidden."
        raise SpanError("Invalid ignore_changes", detail, node.start, node.end)
    parts = value if isinstance(value, tuple) else (value,)
    texts = [to_text(part) if is_known(part) else None for part in parts]
    for text in texts:
        if text is None:
            detail = f"`ignore_changes` is a list of the names of arguments, and this is {named(value)}."
            error = SpanError("Invalid ignore_changes", detail, node.start, node.end)
            raise error if is_wholly_known(value) else not_known(node, scope, error)
        name = text.partition(".")[0]
        if name not in _NAMES[kind] and not (text == ALL and len(texts) == 1):
            raise _no_argument(name, kind, node)
    return [text for text in texts if text is not None]


def _no_argument(name: str, kind: str, node: nodes.Node) -> SpanError:
    detail = f"There is no argument named `{name}` in `{kind}`, so its changes cannot be ignored."
    if name == ALL:
        detail = "`all` means every argument, so it is no part of a list: write `ignore_changes = all`."
    return SpanError("Invalid ignore_changes", detail, node.start, node.end, hint=did_you_mean(name, _NAMES[kind]))


def _text(node: nodes.Expression, scope: Scope) -> str:
    text = to_text(evaluate(node, scope))
    if text is None:
        raise SpanError("Invalid ignore_changes", "The key of a part is a text.", node.start, node.end)
    return text
