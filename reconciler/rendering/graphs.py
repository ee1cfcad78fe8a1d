"""What stands on what, as a drawing: for Graphviz, and for pages that draw Mermaid."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from reconciler.rendering.escape import safe

Edges = Mapping[str, Sequence[str]]


def dot(edges: Edges) -> str:
    """A digraph in Graphviz's language, an arrow from each environment to what it stands on."""
    lines = ["digraph envform {", '  rankdir = "RL";', "  node [shape = box];"]
    lines += [f"  {_quoted(node)};" for node in sorted(edges)]
    lines += [f"  {_quoted(node)} -> {_quoted(below)};" for node in sorted(edges) for below in sorted(edges[node])]
    return "\n".join([*lines, "}"]) + "\n"


def mermaid(edges: Edges) -> str:
    """The same in Mermaid's language; addresses are no names there, so nodes are numbered."""
    numbers = {node: f"n{number}" for number, node in enumerate(sorted(edges))}
    lines = ["graph RL"]
    lines += [f'  {number}["{_entities(node)}"]' for node, number in numbers.items()]
    lines += [f"  {numbers[node]} --> {numbers[below]}" for node in sorted(edges) for below in sorted(edges[node])]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + safe(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entities(text: str) -> str:
    return html.escape(safe(text)).replace("#", "#35;")
