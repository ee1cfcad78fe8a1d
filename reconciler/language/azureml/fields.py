"""Reads the fields of an Azure ML mapping, and tells what is wrong with each where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table

from reconciler.language.definition.template import find_template
from reconciler.language.span import SpanError
from reconciler.language.yaml_nodes import Kind, Mapping, Node, Scalar, Sequence, YamlDocument
from reconciler.model.diagnostic import Diagnostic, Diagnostics, Severity
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean

INVALID = "Invalid Azure ML environment"
_NAMES: Table[Kind, str] = {
    "str": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "a truth value",
    "null": "null",
    "timestamp": "a date",
}
_TEMPLATE_HINTS = (
    ("asset.", "this is the specification of a curated environment: read its `asset.yaml`, which fills this in"),
    ("image.", "this is the specification of a curated environment: read its `asset.yaml`, which fills this in"),
    ("latest-image-tag", "look up the tag in the registry and write it here"),
    ("latest-pypi-version", "leave the version out, or write the one that you want"),
)
_OF_BLOCKS = "Azure ML does not take it either; an `environment` block of envform does"
_OF_SERVICE = "Azure ML does not take it in a file either: leave it out"
_UNSUPPORTED = {
    "properties": _OF_BLOCKS,
    "environment_variables": _OF_BLOCKS,
    "stage": _OF_SERVICE,
    "type": _OF_SERVICE,
    "is_anonymous": _OF_SERVICE,
    "path": "the folder of a Dockerfile is written `build: {path: …}`",
    "startup_route": "there are a liveness, a readiness and a scoring route",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One document that is being read, and what is wrong with it so far."""

    document: YamlDocument
    problems: Diagnostics
    invalid: str = INVALID

    def refuse(self, node: Node, detail: str, hint: str = "", summary: str = "") -> None:
        """Tell an error at a node."""
        error = SpanError(summary or self.invalid, detail, node.start, node.end, hint=hint)
        self.problems.add(self.document.diagnostic(error))

    def warn(self, node: Node, detail: str, hint: str = "") -> None:
        """Tell a warning at a node."""
        place = self.document.passage.place(node.start, node.end)
        self.problems.add(Diagnostic(Severity.WARNING, "Ignored or changed value", detail, hint).at(place))

    def refuse_unknown(self, mapping: Mapping, known: Iterable[str], where: str) -> None:
        """Tell every key that has no meaning."""
        words = sorted(known)
        for key, _ in mapping.items:
            if key.text not in words:
                detail = f"There is no field `{key.text[:60]}` in {where}."
                listed = f"there are {', '.join(f'`{word}`' for word in words)}"
                hint = _UNSUPPORTED.get(key.text) or did_you_mean(key.text, words) or listed
                self.refuse(key, detail, hint, "Unsupported field")

    def text(self, mapping: Mapping, name: str) -> Scalar | None:
        """A text; anything else is refused."""
        node = mapping.get(name)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.kind == "str":
            return None if self._is_template(name, node) else node
        if isinstance(node, Scalar) and node.kind == "null":
            self.refuse(node, f"`{name}` is empty here, which is null.", "leave it out or give it a value")
            return None
        hint = f'write it in quotes: {name}: "{node.text}"' if isinstance(node, Scalar) else ""
        self.refuse(node, f"`{name}` must be a text, and this is {said(node)}.", hint)
        return None

    def mapping(self, mapping: Mapping, name: str) -> Mapping | None:
        """A mapping; anything else is refused."""
        node = mapping.get(name)
        if node is None or isinstance(node, Mapping):
            return node
        hint = "leave it out or give it a value" if isinstance(node, Scalar) and node.kind == "null" else ""
        self.refuse(node, f"`{name}` must be a mapping, and this is {said(node)}.", hint)
        return None

    def _is_template(self, name: str, node: Scalar) -> bool:
        template = find_template(node.text) if name != "description" else ""
        if not template:
            return False
        inner = template.strip("{ }")
        detail = (
            f"`{template[:80]}` in `{name}` is a template that nobody has filled in. "
            "To know its value one must look at something outside of this file."
        )
        hint = next((hint for start, hint in _TEMPLATE_HINTS if inner.startswith(start)), "write the value itself")
        self.refuse(node, detail, hint, "Template in Azure ML document")
        return True


def said(node: Node) -> str:
    """What a node is, in a message."""
    if isinstance(node, Scalar):
        return _NAMES[node.kind]
    return "a list" if isinstance(node, Sequence) else "a mapping"
