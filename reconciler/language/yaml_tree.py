"""Grows the tree of one document from scanner events: anchors, aliases, merge keys, duplicate keys and the limits."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, NamedTuple

from reconciler.language.span import SpanError
from reconciler.language.tokens import MAXIMUM_DEPTH
from reconciler.language.yaml_nodes import Kind, Mapping, Node, Scalar, Sequence
from reconciler.model.frozen import dataclass

MAXIMUM_WEIGHT = 1_000_000
_CHARACTERS_OF_A_NODE = 64
_MOST_MISTAKES = 100
_MERGE = "<<"
_MARKS = (_MERGE, "=")


class Word(NamedTuple):
    """A scalar's text, how it was quoted, and what it means."""

    text: str
    style: str
    kind: Kind
    plain: bool | str | int | float | None
    tag: str = ""


class Event(NamedTuple):
    """What the scanner met; the name is that of an anchor or alias."""

    kind: Literal["scalar", "mapping", "sequence", "alias", "end", "document", ""]
    start: int
    end: int
    name: str = ""
    word: Word | None = None


class _Grown(NamedTuple):
    """A finished node; weight and height count what stands behind its aliases too."""

    node: Node
    weight: int
    height: int


@dataclass(slots=True)
class _Open:
    """A list or mapping that has not ended."""

    event: Event
    nodes: list[_Grown] = field(default_factory=list)
    weight: int = 1
    height: int = 0


@dataclass(slots=True)
class Grower:
    """A tree in the making. What stops it is raised, what does not is kept in `mistakes`."""

    text: str
    root: Node | None = None
    mistakes: list[SpanError] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    anchors: dict[str, _Grown] = field(default_factory=dict)
    weight: int = 0
    documents: int = 0

    def take(self, event: Event) -> None:
        """One event more."""
        if event.kind == "scalar" and event.word is not None:
            word = event.word
            node = Scalar(event.start, event.end, word.text, word.kind, word.plain, word.style, word.tag)
            self._add(_Grown(node, 1 + len(word.text) // _CHARACTERS_OF_A_NODE, 0), event)
        elif event.kind in ("mapping", "sequence"):
            self.opened.append(_Open(event))
            self._limit_depth(len(self.opened), event)
        elif event.kind == "alias":
            self._repeat(event)
        elif event.kind == "end":
            self._close(event)
        elif event.kind == "document":
            self._begin(event)

    def _begin(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            detail = "A second YAML document begins here, and this file may hold one. Move it to a file of its own."
            raise SpanError("Several YAML documents", detail, event.start, event.end)

    def _repeat(self, event: Event) -> None:
        found = self.anchors.get(event.name)
        if found is None:
            around = any(frame.event.name == event.name for frame in self.opened)
            detail = (
                f"`*{event.name}` stands inside of what `&{event.name}` names, so it would never end."
                if around
                else f"`*{event.name}` repeats what `&{event.name}` names, and no such name was given above it."
            )
            hint = "" if around else "a text that begins with `*` must be quoted"
            raise SpanError("Invalid YAML alias", detail, event.start, event.end, hint=hint)
        self._add(found, event)

    def _add(self, grown: _Grown, event: Event) -> None:
        self.weight += grown.weight
        if self.weight > MAXIMUM_WEIGHT:
            detail = f"With its aliases written out this document has more than {MAXIMUM_WEIGHT:,} values."
            raise SpanError("YAML document too large", detail, event.start, event.end)
        self._limit_depth(len(self.opened) + grown.height, event)
        if event.name and event.kind != "alias":
            self.anchors[event.name] = grown
        if not self.opened:
            self.root = grown.node
            return
        frame = self.opened[-1]
        frame.nodes.append(grown)
        frame.weight += grown.weight
        frame.height = max(frame.height, grown.height)

    def _close(self, event: Event) -> None:
        frame = self.opened.pop()
        nodes = [grown.node for grown in frame.nodes]
        for value in nodes[1::2] if frame.event.kind == "mapping" else nodes:
            self._refuse_bare_mark(value)
        # In block style the scanner's end is where the next token begins.
        flow = self.text[event.start : event.end] in ("]", "}")
        end = event.end if flow else max([frame.event.end, *(node.end for node in nodes[-1:])])
        node: Node
        if frame.event.kind == "sequence":
            node = Sequence(frame.event.start, end, tuple(nodes))
        else:
            node = Mapping(frame.event.start, end, self._entries(nodes))
        self.weight -= frame.weight - 1
        self._add(_Grown(node, frame.weight, frame.height + 1), frame.event)

    def _entries(self, nodes: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        merged: dict[str, tuple[Scalar, Node]] = {}
        own: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise self._no_key(key)
            first = own.get(key.text)
            if first is not None:
                self._duplicate(key, first[0])
            own[key.text] = (key, value)
            if key.text == _MERGE and key.style == "":
                merged = self._merge(value)
        if merged:
            del own[_MERGE]
            self._spend(len(merged), nodes[0])
        return tuple({**merged, **own}.values())

    def _merge(self, value: Node) -> dict[str, tuple[Scalar, Node]]:
        parts = value.items if isinstance(value, Sequence) else (value,)
        merged: dict[str, tuple[Scalar, Node]] = {}
        for part in reversed(parts):
            if not isinstance(part, Mapping):
                detail = "The merge key `<<` takes a mapping or a list of mappings, and this is neither."
                raise SpanError("Invalid YAML merge", detail, part.start, part.end, hint='a plain key is written "<<"')
            self._spend(len(part.items), part)
            merged.update({key.text: (key, item) for key, item in part.items})
        return merged

    def _spend(self, weight: int, node: Node) -> None:
        self.weight += weight
        if self.weight > MAXIMUM_WEIGHT:
            detail = f"With its merge keys written out this document has more than {MAXIMUM_WEIGHT:,} values."
            raise SpanError("YAML document too large", detail, node.start, node.end)

    def _duplicate(self, key: Scalar, first: Scalar) -> None:
        line = self.text.count("\n", 0, first.start) + 1
        detail = (
            f"The key `{key.text[:60]}` stands in this mapping on line {line} already. Other readers of YAML "
            "would silently use the last one. Remove one of the two."
        )
        hint = "to merge several mappings, write `<<: [*first, *second]`" if key.text == _MERGE else ""
        if len(self.mistakes) < _MOST_MISTAKES:
            self.mistakes.append(SpanError("Duplicate YAML key", detail, key.start, key.end, hint=hint))

    def _refuse_bare_mark(self, value: Node) -> None:
        if isinstance(value, Scalar) and value.text in _MARKS and value.style == "":
            detail = f"`{value.text}` without quotes has a meaning of its own in YAML 1.1, and is no value."
            hint = f'write the text in quotes: "{value.text}"'
            if len(self.mistakes) < _MOST_MISTAKES:
                self.mistakes.append(SpanError("Invalid YAML value", detail, value.start, value.end, hint=hint))

    def _no_key(self, key: Node) -> SpanError:
        start, end = key.start, min(key.end, key.start + 200)
        if self.text.startswith(("{{", "{ {"), max(start - 1, 0)) or self.text.startswith("{{", start):
            detail = "`{{ … }}` is a template of another tool, which envform does not fill in; YAML takes it for a key."
            return SpanError("Template in YAML", detail, start, end, hint="fill the template in, or write it in quotes")
        detail = "The key of a mapping must be a plain text, and this is a list or a mapping."
        return SpanError("Invalid YAML key", detail, start, end)

    def _limit_depth(self, depth: int, event: Event) -> None:
        if depth > MAXIMUM_DEPTH:
            detail = f"Lists and mappings may be nested {MAXIMUM_DEPTH} deep."
            raise SpanError("Nested too deeply", detail, event.start, event.end)


@dataclass(slots=True)
class LaxGrower(Grower):
    """The tree as Terraform reads it: of two equal keys the last counts, and a merge overrides what is before it."""

    def _entries(self, nodes: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        entries: list[tuple[Scalar, Node]] = []
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise self._no_key(key)
            if key.text != _MERGE or key.tag:
                entries.append((key, value))
                continue
            if not isinstance(value, Mapping):
                detail = "The merge key `<<` takes a mapping, and this is none."
                raise SpanError("Invalid YAML merge", detail, value.start, value.end)
            self._spend(len(value.items), value)
            entries.extend(value.items)
        return tuple(entries)

    def _refuse_bare_mark(self, value: Node) -> None:
        """They are texts like all others."""
