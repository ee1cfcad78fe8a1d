"""What is in a build context, for people who wonder why it is so large, or why a file is not in the image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.model.address import Address
from reconciler.model.context_files import ContextFiles, LeftOut
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import size_text
from reconciler.rendering.style import Style

_LARGEST = 3
_Row = tuple[str, str, str]


def context_text(address: Address, found: ContextFiles, style: Style) -> str:
    """How much there is, the largest of it, and then each file that is counted and each that is left out."""
    sizes = [one.size for one in found.counted]
    title = f"Build context `{safe(found.path)}` of {safe(address)}:"
    lines = [
        f"{style.bold(title)} {_amount(len(sizes), sum(sizes))}{_largest(found)}.",
        *_table([(size_text(one.size), one.path, "") for one in found.counted]),
        _said(found),
        *_table([(size_text(one.size), one.path, _why(one)) for one in found.left_out]),
    ]
    return "\n".join(lines) + "\n"


def _said(found: ContextFiles) -> str:
    ignoring = f"`{safe(found.ignore_file)}`"
    if found.left_out:
        files, size = sum(one.files for one in found.left_out), sum(one.size for one in found.left_out)
        return f"{ignoring} leaves out {_amount(files, size)}:"
    return f"{ignoring} leaves out nothing." if found.ignore_file else "No `.dockerignore` leaves out anything."


def _amount(files: int, size: int) -> str:
    return f"{files:,} file{'' if files == 1 else 's'}, {size_text(size)}"


def _largest(found: ContextFiles) -> str:
    if len(found.counted) <= _LARGEST:
        return ""
    largest = sorted(found.counted, key=lambda one: (-one.size, one.path))[:_LARGEST]
    return "; the largest: " + ", ".join(f"{safe(one.path)} {size_text(one.size)}" for one in largest)


def _why(one: LeftOut) -> str:
    inside = f"{_amount(one.files, one.size).partition(',')[0]}, " if one.path.endswith("/") else ""
    return f"  ({inside}line {one.line}: {safe(one.pattern)})"


def _table(rows: Sequence[_Row]) -> Iterator[str]:
    width = max((len(size) for size, _, _ in rows), default=0)
    yield from (f"  {size:>{width}}  {safe(path)}{why}" for size, path, why in rows)
