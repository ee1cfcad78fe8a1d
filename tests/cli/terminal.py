"""A terminal for tests: run envform as a person would, and look at what it left on the screen."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli import answer
from reconciler.cli.invocation import Invocation, Stream
from reconciler.rendering.style import Style

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run left behind."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Envform:
    """`envform("plan", "-out=p", cwd=folder)` inside this process; `typed` is what the user answers."""

    folder: Path

    def __call__(self, *words: str, cwd: Path | None = None, typed: str = "", colour: bool = False) -> Result:
        out, err = io.StringIO(), io.StringIO()
        style = Style.ansi() if colour else Style.plain()
        invocation = Invocation(cwd or self.folder, Stream(out, style), Stream(err, style), input=io.StringIO(typed))
        exit_code = answer(words, invocation)
        return Result(exit_code, out.getvalue(), err.getvalue())


def program(*words: str, cwd: Path = REPOSITORY, env: Mapping[str, str] | None = None, stdin: str = "") -> Result:
    """The same in a process of its own, where streams, signals and imports are real."""
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", *words],
        cwd=cwd,
        env=program_environment(env),
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def program_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the program needs to be found, and nothing that would colour its output."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", **(more or {})}
