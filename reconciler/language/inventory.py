"""What a configuration says, for programs that judge it: constants and references, in Terraform's shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from reconciler.language import nodes
from reconciler.language.configuration import Configuration
from reconciler.language.declaration import Declaration, Dynamic
from reconciler.language.declared import MANAGED, Declared
from reconciler.language.environment_rule import META
from reconciler.language.expression import evaluate
from reconciler.language.outputs import to_json
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.traversals import Reference, references
from reconciler.language.value import unmark_deep
from reconciler.model.frozen import dataclass
from reconciler.model.intent import Json

_WORDS = {"environment": 2, "base_image": 2, "data": 3}
_REPEATED = ("for_each", "count")
_LEFT_OUT = frozenset({*META, "lifecycle"})


def inventory(configuration: Configuration) -> Mapping[str, Json]:
    """The `root_module`: variables, resources and outputs. A sensitive variable's default is left out.

    Keys are sorted, as they are in plan files.
    """
    declared = configuration.project.declared
    found: dict[str, Json] = {
        "outputs": {name: _output(block) for name, block in sorted(declared.outputs.items())},
        "resources": tuple(_resource(address, block) for address, block in _resources(declared)),
        "variables": {name: _variable(block) for name, block in sorted(declared.variables.items())},
    }
    return {name: _sorted(value) for name, value in sorted(found.items()) if value}


def _sorted(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return tuple(map(_sorted, value)) if isinstance(value, tuple) else value


def relevant(configuration: Configuration, changing: Iterable[str]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """What the blocks and outputs that change take from others: an address, and the way to the attribute.

    What they take by way of locals and data counts too.
    """
    project = configuration.project
    declared, edges = project.declared, project.edges
    todo, seen = [*changing], set[str]()
    while todo:
        source = todo.pop()
        if source in seen:
            continue
        seen.add(source)
        todo.extend(edge.target for edge in edges.get(source, ()) if edge.target.startswith(("local.", "data.")))
        for found in _of(declared, source):
            way = _way(found)
            if found.name.name in MANAGED and way.steps:
                yield way.address, way.steps


def _of(declared: Declared, source: str) -> Iterator[Reference]:
    kind, _, name = source.partition(".")
    if kind == "local":
        yield from references(declared.locals[name].argument.value)
        return
    several = {"output": declared.outputs, "data": declared.data}.get(kind)
    block = several.get(name.rpartition(".")[2]) if several is not None else declared.blocks.get(source)
    for one in _expressions_of(block) if block else ():
        yield from references(one)


def _expressions_of(block: Declaration) -> Iterator[nodes.Expression]:
    yield from (argument.value for name, argument in block.arguments.items() if name != "depends_on")
    for type_, several in block.blocks.items():
        for inner in several if type_ != "lifecycle" else ():
            yield from _expressions_of(inner.content if isinstance(inner, Dynamic) else inner)


def _resources(declared: Declared) -> Iterator[tuple[str, Declaration]]:
    yield from sorted(declared.blocks.items())
    yield from ((f"data.environment.{name}", block) for name, block in sorted(declared.data.items()))


def _resource(address: str, block: Declaration) -> Json:
    is_data = address.startswith("data.")
    *_, type_, name = address.split(".")
    found: dict[str, Json] = {
        "address": address,
        "mode": "data" if is_data else "managed",
        "type": type_,
        "name": name,
        "expressions": _expressions(block),
        "schema_version": 1,
    }
    for word in _REPEATED:
        if word in block.arguments:
            found[f"{word}_expression"] = _expression(block.arguments[word].value)
    return {**found, **_after(block)}


def _output(block: Declaration) -> Json:
    value = {"expression": _expression(block.arguments["value"].value)} if "value" in block.arguments else {}
    return {**_said(block, "sensitive"), **value, **_said(block, "description"), **_after(block)}


def _variable(block: Declaration) -> Json:
    found = _said(block, "default", "description", "sensitive")
    return {name: value for name, value in found.items() if name != "default" or "sensitive" not in found}


def _said(block: Declaration, *names: str) -> dict[str, Json]:
    """What is written out; `false` and nothing are as if left out, but for a default."""
    said = {name: _expression(block.arguments[name].value) for name in names if name in block.arguments}
    found = {name: one.get("constant_value") for name, one in said.items() if isinstance(one, Mapping)}
    return {name: value for name, value in found.items() if value or name == "default"}


def _after(block: Declaration) -> dict[str, Json]:
    argument = block.arguments.get("depends_on")
    named = _ordered(argument.value) if argument else ()
    return {"depends_on": tuple(_way(one).spelled[0] for one in named)} if named else {}


def _expressions(block: Declaration) -> Json:
    found: dict[str, Json] = {
        name: _expression(argument.value) for name, argument in block.arguments.items() if name not in _LEFT_OUT
    }
    for type_, several in block.blocks.items():
        if type_ in _LEFT_OUT:
            continue
        inner = tuple(_expressions(one.content if isinstance(one, Dynamic) else one) for one in several)
        rule = block.rule.blocks[type_]
        found[type_] = inner if rule.repeated or len(inner) != 1 else inner[0]
    return dict(sorted(found.items()))


def _expression(node: nodes.Expression) -> Json:
    """What it refers to, each as it stands and then shorter; where that is nothing its value, unless it calls."""
    found = dict.fromkeys(word for one in _ordered(node) for word in _way(one).spelled)
    if found:
        return {"references": tuple(found)}
    if _calls(node):
        return {}
    try:
        value, _ = unmark_deep(evaluate(node, Scope()))
    except SpanError:
        return {}
    return {"constant_value": to_json(value)}


def _calls(node: nodes.Node) -> bool:
    todo = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, nodes.Call):
            return True
        todo.extend(nodes.children(one))
    return False


def _ordered(node: nodes.Expression) -> list[Reference]:
    return sorted(references(node), key=lambda one: one.name.start)


@dataclass(frozen=True, slots=True)
class _Way:
    """A reference as far as it is certain: the object or instance, what is taken of it, and all that spelled out."""

    address: str
    steps: tuple[str | int, ...]
    spelled: tuple[str, ...]


def _way(found: Reference) -> _Way:
    """Spelled out longest first, down to the object."""
    text, address, steps, spelled = found.name.name, "", list[str | int](), list[str]()
    least = _WORDS.get(text, 2)
    for words, step in enumerate(found.steps, 2):
        key = step.name if isinstance(step, nodes.Attribute) else _constant(step.key)
        if key is None:
            break
        text += f".{key}" if isinstance(step, nodes.Attribute) else f"[{json.dumps(key, ensure_ascii=False)}]"
        if words <= least or (words == least + 1 and isinstance(step, nodes.Index)):
            address = text
        else:
            steps.append(key)
        if words >= least:
            spelled.append(text)
    return _Way(address or text, tuple(steps), tuple(reversed(spelled)) or (text,))


def _constant(node: nodes.Expression) -> str | int | None:
    if isinstance(node, nodes.Literal) and isinstance(node.value, str):
        return node.value
    return int(node.text) if isinstance(node, nodes.Number) and node.text.isdigit() else None
