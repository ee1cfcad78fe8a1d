"""What we promise about speed, measured side by side in one run: CPU seconds of whole processes, median of several.

Run it with `make bench`. Machines differ and are noisy, so read the ratios: every figure is also given as a multiple
of starting Python and importing click, the least that any command line of this kind can cost.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

QUICKSTART = Path(__file__).parent.parent / "examples" / "01-quickstart"
ENVFORM = (sys.executable, "-m", "reconciler")
FLOOR = (sys.executable, "-c", "import click")


@dataclass(frozen=True, slots=True)
class Work:
    """A command to time, in a folder, and how much CPU it may use (0: nothing promised)."""

    name: str
    command: Sequence[str]
    folder: Path
    budget: float = 0
    times: int = 7


def main() -> None:
    """Measure everything and print one table."""
    with tempfile.TemporaryDirectory() as scratch:
        works = list(promised(Path(scratch)))
        floor = median_cpu(Work("Python and click alone", FLOOR, QUICKSTART))
        rows = [("Python and click alone", f"{floor:.3f}", "1.0", "")]
        for work in works:
            seconds = median_cpu(work)
            budget = f"{work.budget:.2f}" if work.budget else ""
            rows.append((work.name, f"{seconds:.3f}", f"{seconds / floor:.1f}", budget))
    sys.stdout.write(tabulate(rows, headers=("work", "CPU s", "ratio", "budget s"), disable_numparse=True) + "\n")


def promised(scratch: Path) -> Iterator[Work]:
    """Everything that has a budget."""
    yield Work("envform version", (*ENVFORM, "version"), QUICKSTART, 0.15)
    yield Work("envform --help", (*ENVFORM, "--help"), QUICKSTART, 0.15)
    for count, times in ((100, 5), (1000, 3)):
        yield Work(f"no-op plan, {count} blocks", (*ENVFORM, "plan"), applied_project(scratch, count), times=times)


def applied_project(scratch: Path, count: int) -> Path:
    """A project of so many environments, applied once."""
    folder = scratch / str(count)
    shutil.copytree(QUICKSTART / "images", folder / "images")
    blocks = (f'environment "e{number}" {{\n  image = "oci:./images:base"\n}}\n' for number in range(count))
    (folder / "main.hcl").write_text('envform {\n  registry = "oci:./registry"\n}\n' + "".join(blocks))
    subprocess.run((*ENVFORM, "apply", "-auto-approve"), cwd=folder, check=True, capture_output=True)
    return folder


def median_cpu(work: Work) -> float:
    """User and system seconds of the command and its children."""
    return statistics.median(cpu_once(work) for _ in range(work.times))


def cpu_once(work: Work) -> float:
    """One run, in an environment without surprises."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(work.command, cwd=work.folder, env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
