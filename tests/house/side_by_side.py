"""Runs commands of this virtual environment at the same time, and shows what each says under its name.

Each argument is a command. All are run to their end, whatever the others say; it fails if any of them failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and all that it said."""

    command: str
    code: int
    text: str
    seconds: float

    def __str__(self) -> str:
        verdict = "passed" if self.code == 0 else "FAILED"
        return f"== {self.command}: {verdict} in {self.seconds:.1f}s\n{self.text}"


def run(command: str) -> Outcome:
    """Run a command, its program taken from where this Python is."""
    started = time.monotonic()
    program, *words = command.split()
    ended = subprocess.run(
        [Path(sys.executable).with_name(program), *words],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    return Outcome(command, ended.returncode, ended.stdout, time.monotonic() - started)


def main(commands: Sequence[str]) -> int:
    """Show all outcomes in the order of the commands; 1 if any failed."""
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcome in pool.map(run, commands):
            print(outcome, flush=True)
            if outcome.code:
                failed.append(outcome.command)
    count = len(commands)
    print(f"FAILED, {len(failed)} of {count}: {', '.join(failed)}" if failed else f"All {count} passed.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
