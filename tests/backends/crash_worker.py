"""A process that changes a state and is killed meanwhile; it says what it has kept. It imports little."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.backends.states import apply, opened, state_of


def change(path: Path, act: str) -> None:
    if act == "apply":
        apply(path, ["a", "b"], lambda name: os.write(1, f"{name}\n".encode()))
    elif act == "overwrite":
        opened(path).overwrite(state_of("pushed", lineage="another"))
    else:
        opened(path).remove()


if __name__ == "__main__":
    change(Path(sys.argv[1]), sys.argv[2])
