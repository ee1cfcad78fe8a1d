"""Processes of their own that collect garbage, to the end or until they are killed.

python -m tests.registries.collecting FOLDER: collect in copies of FOLDER/before, FOLDER/0, FOLDER/1 and so on, each
time in a process that is killed one system call later, until one comes to its end.
python -m tests.registries.collecting FOLDER COUNT: collect everything that nothing names, so many times.
"""

from __future__ import annotations

import os
import shutil
import sys
from itertools import count
from pathlib import Path

from reconciler.registries.layout_collection import LayoutCollection
from tests.conformance.images import image_of
from tests.registries.pushing import killer

GOING = {"envform:old": image_of("old").digest}


def collect_and_die(folder: Path) -> None:
    """Every moment at which the system can see a difference is the last one of some process."""
    for moment in count():
        copy = folder / str(moment)
        shutil.copytree(folder / "before", copy)
        child = os.fork()
        if child == 0:
            sys.setprofile(killer(moment))
            LayoutCollection(copy, (), 0.0).collect(GOING)
            sys.setprofile(None)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            sys.stdout.write(f"{moment} {os.WEXITSTATUS(status)}\n")
            return


def collect_often(folder: Path, times: int, grace: float) -> None:
    """As a careless neighbour would."""
    for _ in range(times):
        LayoutCollection(folder, (), grace).collect({})


if __name__ == "__main__":
    if len(sys.argv) == 2:
        collect_and_die(Path(sys.argv[1]))
    else:
        collect_often(Path(sys.argv[1]), int(sys.argv[2]), 0.0)
