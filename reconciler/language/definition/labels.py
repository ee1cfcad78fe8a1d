"""`labels = ["prod"]`: words that lead to a version and may move to another one."""

from __future__ import annotations

from reconciler.language.definition.reading import Reading
from reconciler.model.pattern import lazy_pattern

_NAME = "labels"
_LABEL = lazy_pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_RESERVED = ("latest",)
_OF_REGISTRIES = "sha256-"


def read_labels(reading: Reading) -> tuple[str, ...]:
    """The labels, sorted, for their order means nothing."""
    found = reading.texts(_NAME)
    for number, label in enumerate(found):
        if detail := _wrong(label, found[:number]):
            reading.refuse(_NAME, "Invalid label", detail, path=(number,))
    return tuple(sorted(set(found)))


def _wrong(label: str, before: tuple[str, ...]) -> str:
    shown = label[:60]
    if label.lower() in _RESERVED:
        return f"`{shown}` always means the version that was created last, and cannot be given."
    if label.isdigit():
        return f"`{shown}` is a number, as versions are. A label is a word."
    if not _LABEL.fullmatch(label) or label.startswith(_OF_REGISTRIES):
        return f"`{shown}` cannot be a label: a label has up to 128 letters, digits, `_`, `.` and `-`, no sign first."
    return f"`{shown}` is given twice." if label in before else ""
