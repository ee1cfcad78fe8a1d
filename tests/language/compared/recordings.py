"""Expressions of all kinds, and what the terraform program says to each. Run as a module to ask it again.

Words after the command are the names of recordings; none means all of them. New ones are found by
tests/language/random_expressions.py and tests/language/random_calls.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.language.functions.recordings import record

FOLDER = Path(__file__).parent
NAMES = (
    *("arithmetic", "awaited", "collections", "combinations", "dates", "encodings", "everyday", "files", "languages"),
    *("formats", "network", "patterns", "templates", "texts", "types", "yaml"),
)

if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        record(name, FOLDER)
