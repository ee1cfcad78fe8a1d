"""What we promise about speed, measured side by side in one run: CPU seconds of whole processes, median of several.

Run it with `make bench`. Machines differ and are noisy, so read the ratios: every figure is also given as a multiple
of starting Python and importing click, the least that any command line of this kind can cost.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import language
import planning_and_applying
from measuring import Work, median_cpu
from tabulate import tabulate

QUICKSTART = Path(__file__).parent.parent / "examples" / "01-quickstart"
ENVFORM = (sys.executable, "-m", "reconciler")
FLOOR = (sys.executable, "-c", "import click")


def main() -> None:
    """Measure everything and print the tables."""
    with tempfile.TemporaryDirectory() as scratch:
        works = list(promised(Path(scratch)))
        floor = median_cpu(Work("Python and click alone", FLOOR, QUICKSTART))
        rows = [("Python and click alone", f"{floor:.3f}", "1.0", "")]
        for work in works:
            seconds = median_cpu(work)
            budget = f"{work.budget:.2f}" if work.budget else ""
            rows.append((work.name, f"{seconds:.3f}", f"{seconds / floor:.1f}", budget))
        sys.stdout.write(tabulate(rows, headers=("work", "CPU s", "ratio", "budget s"), disable_numparse=True) + "\n\n")
        table = language.rows(Path(scratch), ENVFORM)
        sys.stdout.write(tabulate(table, headers=language.HEADERS, disable_numparse=True) + "\n\n")
        table = planning_and_applying.rows(Path(scratch), QUICKSTART / "images", ENVFORM)
        sys.stdout.write(tabulate(table, headers=planning_and_applying.HEADERS, disable_numparse=True) + "\n")


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


if __name__ == "__main__":
    main()
