"""`envform registry serve` in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.running import running

READY = r"Serving .* at http://(127\.0\.0\.1:\d+)\n"


@contextmanager
def serve_folder(folder: Path, log: Path, *flags: str) -> Iterator[str]:
    """HOST:PORT of a server that ends with the block."""
    command = [sys.executable, "-m", "reconciler", "registry", "serve", "-port=0", *flags, str(folder)]
    with running(command, log, READY) as ready:
        yield ready[1]
