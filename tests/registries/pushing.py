"""Processes of their own that push images, to the end or until they are killed.

python -m tests.registries.pushing FOLDER WORD COUNT: push COUNT images, saying each number once it is there.
python -m tests.registries.pushing FOLDER: push one image into FOLDER/0, FOLDER/1 and so on, copies of FOLDER/before if
that is there, each time from a process that is killed one system call later, until one of them comes to its end.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import FrameType

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.conformance.images import image_of

CALLS = frozenset({"open", "write", "fsync", "replace", "mkdir", "flock", "close", "unlink", "readinto"})


def push_many(folder: Path, word: str, number_of_images: int) -> None:
    """Push one image after the other, each with a tag of its own and one by hash."""
    registry = LayoutRegistry(folder)
    for number in range(number_of_images):
        names = [Name(word, str(number)), Name("envform", f"{word}{number}")]
        registry.push(image_of(f"{word}-{number}", layers=3), names)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def push_and_die(folder: Path) -> None:
    """Every moment at which the system can see a difference is the last one of some process."""
    for moment in count():
        if (folder / "before").exists():
            shutil.copytree(folder / "before", folder / str(moment))
        child = os.fork()
        if child == 0:
            sys.setprofile(killer(moment))
            LayoutRegistry(folder / str(moment)).push(image_of("two", layers=2), [Name("training", "3")])
            sys.setprofile(None)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            sys.stdout.write(f"{moment} {os.WEXITSTATUS(status)}\n")
            return


def killer(moment: int) -> Callable[[FrameType, str, object], None]:
    """Ends this process at a system call, by its number."""
    left = moment

    def profile(_: FrameType, event: str, called: object) -> None:
        nonlocal left
        if event == "c_call" and getattr(called, "__name__", "") in CALLS:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    return profile


if __name__ == "__main__":
    if len(sys.argv) == 2:
        push_and_die(Path(sys.argv[1]))
    else:
        push_many(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
