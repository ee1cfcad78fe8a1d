"""The inside of a block: what was, what will be, aligned as Terraform does it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from reconciler.rendering.escape import safe, safe_lines
from reconciler.rendering.style import Style

Value = str | Mapping[str, str] | None
UNKNOWN = "\0unknown"
_STEP = 4


@dataclass(frozen=True, slots=True)
class AttributeLines:
    """Draws the attributes of one block; `forcing` marks those whose change has a consequence worth saying."""

    style: Style
    shown: Collection[str]
    forcing: Mapping[str, str]

    def lines(self, before: Mapping[str, Value], after: Mapping[str, Value], depth: int = 1) -> Iterator[str]:
        """All that changed and all that is always shown; the rest is counted."""
        names = sorted(name for name in before.keys() | after.keys() if before.get(name) or after.get(name))
        width = max((len(name) for name in names), default=0)
        hidden = 0
        for name in names:
            old, new = before.get(name) or None, after.get(name) or None
            if old == new and name not in self.shown:
                hidden += 1
                continue
            yield from self._attribute(f"{name:<{width}}", old, new, depth, self.forcing.get(name, ""))
        if hidden:
            noun = "attribute" if hidden == 1 else "attributes"
            yield self._indent(depth) + self.style.grey(f"# ({hidden} unchanged {noun} hidden)")

    def _attribute(self, label: str, old: Value, new: Value, depth: int, forced: str) -> Iterator[str]:
        note = self.style.red(f" # {forced}") if forced and old != new else ""
        head = f"{self._marked(old, new, depth)}{label} = "
        if isinstance(old, Mapping) or isinstance(new, Mapping):
            yield from self._mapping(head, _as_map(old), _as_map(new), depth, note)
        elif _several_lines(old) or _several_lines(new):
            yield from self._heredoc(head, str(old or ""), str(new or ""), depth, note)
        else:
            yield head + self._scalar(old, new) + note

    def _mapping(
        self, head: str, old: Mapping[str, str], new: Mapping[str, str], depth: int, note: str
    ) -> Iterator[str]:
        yield head + "{" + note
        keys = sorted(old.keys() | new.keys())
        labels = {key: quoted(key) for key in keys}
        width = max((len(label) for label in labels.values()), default=0)
        hidden = 0
        for key in keys:
            if old.get(key) == new.get(key):
                hidden += 1
                continue
            mark = self._marked(old.get(key), new.get(key), depth + 1)
            yield f"{mark}{labels[key]:<{width}} = {self._scalar(old.get(key), new.get(key))}"
        if hidden:
            noun = "element" if hidden == 1 else "elements"
            yield self._indent(depth + 1) + self.style.grey(f"# ({hidden} unchanged {noun} hidden)")
        tail = self.style.grey(" -> null") if old and not new else ""
        yield self._indent(depth) + "}" + tail

    def _heredoc(self, head: str, old: str, new: str, depth: int, note: str) -> Iterator[str]:
        yield head + "<<-EOT" + note
        for mark, line in _line_diff(old.splitlines(), new.splitlines()):
            yield (self._symbol(mark, depth + 1) + safe_lines(line)).rstrip()
        yield self._indent(depth) + "EOT"

    def _scalar(self, old: Value, new: Value) -> str:
        arrow = self.style.yellow(" -> ")
        if old == new or old is None:
            return _spelled(new)
        if new is None:
            return _spelled(old) + self.style.grey(" -> null")
        return _spelled(old) + arrow + _spelled(new)

    def _marked(self, old: Value, new: Value, depth: int) -> str:
        if old == new:
            return self._symbol(" ", depth)
        return self._symbol("+" if old is None else "-" if new is None else "~", depth)

    def _symbol(self, mark: str, depth: int) -> str:
        colour = {"+": self.style.green, "-": self.style.red, "~": self.style.yellow}.get(mark, str)
        return " " * (_STEP * (depth + 1) - 2) + colour(mark) + " "

    def _indent(self, depth: int) -> str:
        return " " * (_STEP * (depth + 1))


def quoted(text: str) -> str:
    """A string as HCL writes it, with nothing in it that a terminal would obey."""
    return safe(json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{"))


def _spelled(value: Value) -> str:
    return "(known after apply)" if value == UNKNOWN else quoted(str(value))


def _as_map(value: Value) -> Mapping[str, str]:
    return value if isinstance(value, Mapping) else {}


def _several_lines(value: Value) -> bool:
    return isinstance(value, str) and "\n" in value


def _line_diff(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from ((" ", line) for line in old[a:b])
        else:
            yield from (("-", line) for line in old[a:b])
            yield from (("+", line) for line in new[c:d])
