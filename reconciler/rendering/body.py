"""The inside of a block: what was, what will be, drawn as Terraform's users know it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import chain

from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.rendering.escape import safe_line
from reconciler.rendering.sequences import Pair, in_context, paired_elements, paired_lines
from reconciler.rendering.source_lines import columns
from reconciler.rendering.style import Style
from reconciler.rendering.values import (
    ABSENT,
    SENSITIVE,
    Block,
    Map,
    Value,
    kind,
    quoted,
    same,
    spelled,
    structured,
)

_IDENTIFIER = lazy_pattern(r"[^\W\d][\w-]*")
_MARKS = {"+": Style.green, "-": Style.red, "~": Style.yellow}
# Attributes by which a reader knows what is before him are shown though they stay.
NAMING = frozenset({"id", "name", "tags"})


@dataclass(frozen=True, slots=True)
class Body:
    """Draws values. A drawn value is lines: the first begins where the value does, the others are whole.

    `shown` are attributes of the outermost block that are always shown, and with all that is in them; `notes` say by
    attribute what its change has as a consequence; `entire`: nothing is left out.
    """

    style: Style
    shown: Collection[str] = NAMING
    notes: Mapping[str, str] = field(default_factory=dict)
    entire: bool = False

    def block(self, old: Mapping[str, Value], new: Mapping[str, Value], depth: int = 1) -> Iterator[str]:
        """The attributes of a block, then the blocks in it."""
        attributes = [key for key in sorted(old.keys() | new.keys()) if not _is_block(old, new, key)]
        yield from self.attributes(old, new, depth, attributes)
        hidden, begun = 0, bool(attributes)
        for key in sorted((old.keys() | new.keys()).difference(attributes)):
            before, after = old.get(key, ABSENT), new.get(key, ABSENT)
            unchanged = same(before, after)
            if unchanged and not self.entire:
                hidden += 1
                continue
            if begun:
                yield ""
            begun = True
            note = "" if unchanged else self._note(self.notes.get(key, ""))
            yield f"{self._marked(_mark(before, after), depth)}{key} {{{note}"
            inner = replace(self, shown=(), notes={})
            yield from inner.block(_as_block(before), _as_block(after), depth + 1)
            yield _margin(depth + 1) + "}"
        if hidden:
            yield from [""] if begun else []
            yield self._hidden(hidden, "block", depth)

    def attributes(
        self, old: Mapping[str, Value], new: Mapping[str, Value], depth: int, names: Sequence[str]
    ) -> Iterator[str]:
        """Those with these names, and how many of them are left out."""
        width = max(map(len, names), default=0)
        hidden = 0
        for name in names:
            before, after = old.get(name, ABSENT), new.get(name, ABSENT)
            unchanged = same(before, after)
            if unchanged and not (self.entire or name in self.shown):
                hidden += 1
                continue
            note = "" if unchanged else self._note(self.notes.get(name, ""))
            head = f"{self._marked(_mark(before, after), depth)}{name:<{width}} = "
            yield from _joined(head, self._of(name).change(before, after, depth, note))
        if hidden:
            yield self._hidden(hidden, "attribute", depth)

    def change(self, old: Value, new: Value, depth: int, note: str = "", *, to_null: bool = True) -> list[str]:
        """What a value was and will be; `to_null`: what goes says what it becomes."""
        if same(old, new):
            return self.whole(new, depth, " ")
        if old is SENSITIVE or new is SENSITIVE:
            return ["(sensitive value)" + note]
        if old is ABSENT:
            return self.whole(new, depth, "+", note)
        if new is ABSENT:
            return self._gone(old, depth, note, self.style.grey(" -> null") if to_null else "")
        if kind(old) == kind(new):
            return self._changed(old, new, depth, note)
        before, after = self.whole(old, depth, "-"), self.whole(new, depth, "+")
        return _followed([*before[:-1], before[-1] + self._arrow + after[0], *after[1:]], note)

    def whole(self, value: Value, depth: int, mark: str, note: str = "") -> list[str]:
        """A value that comes, goes or stays as one."""
        if isinstance(value, str):
            return self._whole_text(value, depth, mark, note)
        if isinstance(value, Mapping):
            inside = self._object(value if mark != "+" else {}, value if mark != "-" else {}, depth, every=True)
            return self._bracketed("{", inside, "}", depth, note)
        if kind(value) == "list":
            head = self._marked(mark, depth + 1)
            drawn = (_joined(head, self.whole(one, depth + 1, mark), ",") for one in _as_list(value))
            return self._bracketed("[", chain.from_iterable(drawn), "]", depth, note)
        return [spelled(value) + note]

    def _gone(self, old: Value, depth: int, note: str, tail: str) -> list[str]:
        lines = self.whole(old, depth, "-")
        if len(lines) == 1:
            return [lines[0] + tail + note]
        return [lines[0] + note, *lines[1:-1], lines[-1] + tail]

    def _changed(self, old: Value, new: Value, depth: int, note: str) -> list[str]:
        if isinstance(old, str) and isinstance(new, str):
            return self._changed_text(old, new, depth, note)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return self._bracketed("{", self._object(old, new, depth), "}", depth, note)
        if kind(old) == "list":
            pairs = paired_elements(_as_list(old), _as_list(new))
            inside = self._elements(pairs if self.entire else in_context(pairs), depth)
            return self._bracketed("[", inside, "]", depth, note)
        return [f"{spelled(old)}{self._arrow}{spelled(new)}{note}"]

    def _object(
        self, old: Mapping[str, Value], new: Mapping[str, Value], depth: int, *, every: bool = False
    ) -> Iterator[str]:
        keys = sorted(old.keys() | new.keys())
        is_map = isinstance(old, Map) or isinstance(new, Map)
        labels = {key: quoted(key) if is_map or not _IDENTIFIER.fullmatch(key) else key for key in keys}
        widths = {key: columns(label) for key, label in labels.items()}
        width = max(widths.values(), default=0)
        hidden = 0
        for key in keys:
            before, after = old.get(key, ABSENT), new.get(key, ABSENT)
            if not (every or self.entire or (key in NAMING and not is_map)) and same(before, after):
                hidden += 1
                continue
            blank = " " * (width - widths[key])
            head = f"{self._marked(_mark(before, after), depth + 1)}{labels[key]}{blank} = "
            inner = self if is_map else self._of(key)
            yield from _joined(head, inner.change(before, after, depth + 1, to_null=is_map and not every))
        if hidden:
            yield self._hidden(hidden, "element" if is_map else "attribute", depth + 1)

    def _elements(self, pairs: Iterable[Pair[Value] | int], depth: int) -> Iterator[str]:
        for pair in pairs:
            if isinstance(pair, int):
                yield self._hidden(pair, "element", depth + 1)
                continue
            head = self._marked(_mark(pair.old, pair.new), depth + 1)
            yield from _joined(head, self.change(pair.old, pair.new, depth + 1, to_null=False), ",")

    def _whole_text(self, text: str, depth: int, mark: str, note: str) -> list[str]:
        if (value := structured(text)) is not None:
            inside = self.whole(value, depth + 1, mark)
            return self._encoded(inside, depth, " ", note)
        if "\n" not in text:
            return [quoted(text) + note]
        lines = [_margin(depth + 2) + safe_line(line) for line in _lines(text)]
        return [f"<<-EOT{note}", *map(str.rstrip, lines), _margin(depth + 1) + "EOT"]

    def _changed_text(self, old: str, new: str, depth: int, note: str) -> list[str]:
        before, after = structured(old), structured(new)
        if before is not None and after is not None:
            return self._changed_json(before, after, depth, note)
        if before is not None or after is not None:
            left, right = self.whole(old, depth, "-"), self.whole(new, depth, "+")
            return _followed([*left[:-1], left[-1] + self._arrow + right[0], *right[1:]], note)
        if _lines(old) == _lines(new) or not ("\n" in old or "\n" in new):
            return [f"{quoted(old)}{self._arrow}{quoted(new)}{note}"]
        lines = [f"<<-EOT{note}"]
        for pair in paired_lines(_lines(old), _lines(new)):
            text = pair.new if isinstance(pair.new, str) else pair.old
            lines.append((self._marked(_mark(pair.old, pair.new), depth + 1) + safe_line(str(text))).rstrip())
        return [*lines, _margin(depth + 1) + "EOT"]

    def _changed_json(self, old: Value, new: Value, depth: int, note: str) -> list[str]:
        if same(old, new):
            spaces = "whitespace changes"
            return self._encoded(
                self.whole(new, depth + 1, " "), depth, " ", f" # {spaces}{note.replace(' #', ', it')}"
            )
        return self._encoded(self.change(old, new, depth + 1, note), depth, "~", "")

    def _encoded(self, inside: list[str], depth: int, mark: str, note: str) -> list[str]:
        if len(inside) == 1:
            return [f"jsonencode({inside[0]}){note}"]
        first = self._marked(mark, depth + 1) + inside[0]
        return [f"jsonencode({note}", first, *inside[1:], _margin(depth + 1) + ")"]

    def _bracketed(self, opening: str, inside: Iterator[str], closing: str, depth: int, note: str) -> list[str]:
        lines = list(inside)
        if not lines:
            return [opening + closing + note]
        return [opening + note, *lines, _margin(depth + 1) + closing]

    def _of(self, name: str) -> Body:
        return replace(self, entire=True) if name in NAMING and not self.entire else self

    @property
    def _arrow(self) -> str:
        return self.style.yellow(" -> ")

    def _note(self, text: str) -> str:
        return self.style.red(f" # {text}") if text else ""

    def _hidden(self, count: int, noun: str, depth: int) -> str:
        return _margin(depth + 1) + self.style.grey(f"# ({count} unchanged {noun}{'' if count == 1 else 's'} hidden)")

    def _marked(self, mark: str, depth: int) -> str:
        colour = _MARKS.get(mark)
        return f"{' ' * (4 * depth + 2)}{colour(self.style, mark) if colour else mark} "


def _margin(depth: int) -> str:
    return " " * (4 * depth)


def _mark(old: Value, new: Value) -> str:
    if old is ABSENT:
        return "+"
    if new is ABSENT:
        return "-"
    return " " if same(old, new) else "~"


def _joined(head: str, lines: Sequence[str], tail: str = "") -> Iterator[str]:
    """The value's lines, with what stands before the first and after the last."""
    if len(lines) == 1:
        yield f"{head}{lines[0]}{tail}"
        return
    yield head + lines[0]
    yield from lines[1:-1]
    yield lines[-1] + tail


def _followed(lines: list[str], tail: str) -> list[str]:
    return [*lines[:-1], lines[-1] + tail]


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _is_block(old: Mapping[str, Value], new: Mapping[str, Value], key: str) -> bool:
    return isinstance(old.get(key), Block) or isinstance(new.get(key), Block)


def _as_block(value: Value) -> Block:
    return value if isinstance(value, Block) else Block()


def _as_list(value: Value) -> Sequence[Value]:
    return value if isinstance(value, Sequence) else ()
