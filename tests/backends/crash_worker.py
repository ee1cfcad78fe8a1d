"""A process that applies and is killed meanwhile; it says what it has kept. Imports little: it is started often."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.backends.states import apply

if __name__ == "__main__":
    apply(Path(sys.argv[1]), ["a", "b"], lambda name: os.write(1, f"{name}\n".encode()))
