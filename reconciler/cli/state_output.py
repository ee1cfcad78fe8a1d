"""How the commands on state answer programs, and tell people where the backup is."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.rendering.values import Value

_FORMAT_VERSION = "1.0"


def write_json(invocation: Invocation, **content: Sequence[Value]) -> None:
    """One JSON object, with the version of its form."""
    import json

    document = {"format_version": _FORMAT_VERSION, **content}
    invocation.out.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def tell_backup(invocation: Invocation, backup: Path) -> None:
    """Where the state is as it was before, and how to go back."""
    # Pushed, not copied: the journal beside the state tells what came after, and would bring it in again.
    name = os.path.relpath(backup, invocation.root)
    command = shlex.join(["envform", "state", "push", "-force", name])
    invocation.err.line(f"The state as it was before is in {name}. To go back to it:\n\n    {command}\n")


def counted(count: int) -> str:
    """So many environments."""
    return f"{count} environment{'' if count == 1 else 's'}"
