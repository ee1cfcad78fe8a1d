"""The texts in a wheel's `.dist-info` folder, understood as pip understands them."""

from __future__ import annotations

import base64
import csv

from reconciler.builders.layers.zip_directory import WheelError
from reconciler.model.pattern import lazy_pattern

RecordRow = tuple[str, str, str]
_HASHES = {"sha256": 32, "sha384": 48, "sha512": 64}
_FIELD = lazy_pattern(r"([A-Za-z0-9-]+):[ \t]*(.*)")


def metadata_fields(text: str) -> dict[str, list[str]]:
    """The header of a text in the form of mail, names in lower case; what is folded over lines is joined."""
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            break
        if line[0] in " \t" and values:
            values[-1] += "\n" + line.strip()
        elif match := _FIELD.fullmatch(line):
            values = fields.setdefault(match[1].lower(), [])
            values.append(match[2].strip())
    return fields


def read_record(text: str) -> tuple[RecordRow, ...]:
    """The rows of a `RECORD`: path, hash, size; what is missing is empty."""
    try:
        rows = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as cause:
        raise WheelError(f"Its `RECORD` cannot be read: {cause}.") from cause
    return tuple(_row(*row[:3]) for row in rows if row)


def _row(path: str, stated: str = "", size: str = "") -> RecordRow:
    return path, stated, size


def stated_hashes(rows: tuple[RecordRow, ...]) -> dict[str, tuple[str, bytes]]:
    """By path, the algorithm and the digest; what is none, such as hexadecimal digits, states nothing, as for pip."""
    found = {}
    for path, stated, _ in rows:
        algorithm, _, text = stated.partition("=")
        digest = _decoded(text)
        if digest and len(digest) == _HASHES.get(algorithm):
            found[path] = algorithm, digest
    return found


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:  # of characters that are no base64, or none at all
        return b""


def read_entry_points(text: str) -> dict[str, dict[str, str]]:
    """By section, what each name calls; of a name that stands there twice, the last.

    With one line that gives a name nothing, Python can read no entry point of any package beside it.
    """
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = sections.setdefault(line[1:-1].strip(), {})
        elif line and line[0] != "#" and section is not None:
            name, equals, value = line.partition("=")
            if not equals:
                raise WheelError(f"Its `entry_points.txt` cannot be read: `{line}` is no `name = module:function`.")
            if not name.startswith(";"):
                section[name.strip()] = value.strip()
    return sections
