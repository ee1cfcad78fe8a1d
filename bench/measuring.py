"""CPU seconds of whole processes: the median of several runs, in an environment without surprises."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


def _nothing() -> None:
    """Most work needs no preparation."""


@dataclass(frozen=True, slots=True)
class Work:
    """A command to time, in a folder, and how much CPU it may use (0: nothing promised); `before` each run, untimed."""

    name: str
    command: Sequence[str]
    folder: Path
    budget: float = 0
    times: int = 7
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] = _nothing


def median_cpu(work: Work) -> float:
    """User and system seconds of the command and its children."""
    return statistics.median(cpu_once(work) for _ in range(work.times))


def cpu_once(work: Work) -> float:
    """One run."""
    work.before()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **work.environment}
    subprocess.run(work.command, cwd=work.folder, env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
