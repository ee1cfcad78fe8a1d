"""Runs inside of images: whether each package that is installed has what it requires. Beside it lies `packaging`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import distributions, version

from packaging.requirements import InvalidRequirement, Requirement


def problems() -> Iterator[str]:
    """Each thing that is missing or does not fit, in pip's words."""
    for found in distributions():
        name = f"{found.metadata['Name']} {found.version}"
        for text in found.requires or ():
            try:
                wanted = Requirement(text)
            except InvalidRequirement:
                continue
            if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
                continue
            try:
                there = version(wanted.name)
            except ImportError:
                yield f"{name} requires {wanted.name}, which is not installed."
                continue
            if not wanted.specifier.contains(there, prereleases=True):
                yield f"{name} has requirement {wanted}, but you have {wanted.name} {there}."


if __name__ == "__main__":
    found = sorted(set(problems()))
    sys.stdout.write("\n".join([*found, ""]) if found else "No broken requirements found.\n")
    raise SystemExit(1 if found else 0)
