"""Values that are handed on as texts."""

from __future__ import annotations

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.yaml_nodes import Node, Scalar


def literal(name: str, node: Node, reader: Reader) -> str:
    """A text or number as it will be seen; refused where YAML reads something else than what is written."""
    if not isinstance(node, Scalar) or node.kind in ("null", "timestamp"):
        reader.refuse(node, f"`{name}` is a text, a number or a truth value, and this is {said(node)}.")
        return ""
    value = str(node.plain)
    if node.kind in ("int", "float") and value != node.text:
        hint = f'write it in quotes: "{node.text}"'
        detail = f"`{name}` is `{node.text}` here, and YAML makes `{value}` of that."
        reader.refuse(node, detail, hint, "Ambiguous value")
    return value
