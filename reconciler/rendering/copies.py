"""What was copied, removed or kept, in numbers that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.model.digest import Digest
from reconciler.model.number_text import counted
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import size_text


def copied_text(
    names: Sequence[tuple[str, Digest]], sent: int, size: int, there: int, moved: Mapping[str, Digest]
) -> str:
    """Each name that is set now, what it meant where that was something else, and what had to be sent for all."""
    lines = [f"{safe(name)} is {digest}" if "@" not in name else safe(name) for name, digest in names]
    lines = [
        f"{line}; it was {moved[name]}" if name in moved else line for line, (name, _) in zip(lines, names, strict=True)
    ]
    verb = "was" if there == 1 else "were"
    return "".join(
        f"{line}\n" for line in [*lines, f"Copied {counted(sent, 'blob')} ({size_text(size)}), {there} {verb} there."]
    )


def sending_line(digest: Digest, size: int) -> str:
    """One layer that will take a while."""
    return f"Copying {digest.short} ({size_text(size)})..."
