"""Calls of functions that there are not: a mistake even where the call would never be evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.language import nodes
from reconciler.language.calls import no_function
from reconciler.language.declaration import Declaration
from reconciler.language.declared import Declared
from reconciler.language.functions.lazy import LAZY
from reconciler.language.functions.table import names
from reconciler.language.passage import Document
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.pattern import lazy_pattern

_CALL = lazy_pattern(r"(?<![\w:-])([^\W\d][\w:-]*)\(")
_NAMESPACE = "core::"
_NO_CALLS = {"list", "set", "map", "object", "tuple", "optional", "in", "if", "for"}


def check_calls(declared: Declared, problems: Diagnostics) -> None:
    """Add a problem for each. What `try` and `can` are given may be anything."""
    known = names()
    called: dict[int, set[str]] = {}
    for declaration in _declarations(declared):
        document = declaration.passage.document
        if id(document) not in called:
            called[id(document)] = _called(document)
        # Going over all nodes takes time, and hardly ever anything is found.
        if called[id(document)] <= known:
            continue
        for node in _calls(declaration):
            if node.name.removeprefix(_NAMESPACE) not in known:
                declaration.report(no_function(node), problems)


def _declarations(declared: Declared) -> Iterable[Declaration]:
    others = (block for _, block in declared.others)
    with_locals = (local.declaration for local in declared.locals.values())
    found = (*declared.settings, *with_locals, *declared.blocks.values(), *others)
    return {id(declaration): declaration for declaration in found}.values()


def _called(document: Document) -> set[str]:
    return {name.removeprefix(_NAMESPACE) for name in _CALL.findall(document.text)} - _NO_CALLS


def _calls(declaration: Declaration) -> Iterator[nodes.Call]:
    todo: list[nodes.Node] = [
        item
        for item in declaration.block.body.items
        if not (declaration.rule.type == "variable" and isinstance(item, nodes.Argument) and item.name == "type")
    ]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Call):
            yield node
            if node.name.removeprefix(_NAMESPACE) in LAZY:
                continue
        todo.extend(nodes.children(node))
