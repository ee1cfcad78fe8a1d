"""Asks the terraform program what calls of functions are worth. Run as a module to write the recordings again.

Words after the command are the names of recordings; none means all of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.language.functions.world import furnish
from tests.language.terraform import ask

FOLDER = Path(__file__).parent
_AT_ONCE = 400
NAMES = ("collections", "dates", "encoding", "files", "marks", "network", "numbers", "strings", "unknown", "yaml")


def recorded(name: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Terraform's answers as they were written down; `ours` and `why` where envform means to differ."""
    text = (folder / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def answers(cases: Sequence[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """What the program says to each."""
    furnish(folder)
    return ask([{"expression": case["expression"]} for case in cases], folder)


def record(name: str, into: Path = FOLDER) -> None:
    """Ask for all of a recording again."""
    cases = recorded(name, into)
    found: list[dict[str, Any]] = []
    for first in range(0, len(cases), _AT_ONCE):
        with TemporaryDirectory() as folder:
            found += answers(cases[first : first + _AT_ONCE], Path(folder))
    lines = []
    for case, answer in zip(cases, found, strict=True):
        own = {key: case[key] for key in ("ours", "why") if key in case}
        lines.append(json.dumps({"expression": case["expression"], **answer, **own}, ensure_ascii=False))
    (into / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}: {len(cases)} calls, {sum('error' in answer for answer in found)} refused\n")


if __name__ == "__main__":
    for recording in sys.argv[1:] or NAMES:
        record(recording)
