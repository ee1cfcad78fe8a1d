"""`RECORD` after the installation, as pip writes it: what `pip uninstall` goes by."""

from __future__ import annotations

import base64
import csv
import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from io import StringIO

from reconciler.builders.layers.wheel_metadata import RecordRow


def installed_record(
    rows: Iterable[RecordRow], installed: Mapping[str, str], changed: Mapping[str, bytes], made: Mapping[str, bytes]
) -> bytes:
    """The text for rows as they came, files by name in the wheel, and what was changed or made, by new path.

    All new paths are relative to the folder of packages.
    """
    left = dict(installed)
    found: list[RecordRow] = []
    for old, stated, size in rows:
        path = left.pop(old, old)
        found.append(_row(path, changed[path]) if path in changed else (path, stated, size))
    found += [_row(path, content) for path, content in made.items()]
    found += [(path, "", "") for path in left.values()]
    text = StringIO(newline="")
    csv.writer(text).writerows(sorted(found))
    return text.getvalue().encode()


def relative(path: str, packages: str) -> str:
    """How a path stands in `RECORD`."""
    if path.startswith(f"{packages}/"):
        return path[len(packages) + 1 :]
    return posixpath.relpath(path, packages)


def _row(path: str, content: bytes) -> RecordRow:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return path, f"sha256={digest}", str(len(content))
