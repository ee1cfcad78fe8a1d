"""An empty virtual environment as `python -m venv --without-pip` makes it, but for the activate scripts.

An image needs none: `PATH` and `VIRTUAL_ENV` are in its config. Only X.Y of the Python is written down, so that a
patched base does not change it.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.builders.layers.archive import Entry, Folder, Link
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.target import Target


def skeleton(target: Target, interpreter: str) -> Iterator[Entry]:
    """The entries of a virtual environment over an interpreter of the base, such as `/usr/bin/python3.11`."""
    prefix, versioned = target.prefix[1:], f"python{target.python}"
    home = interpreter.rpartition("/")[0]
    lines = (
        f"home = {home}",
        "include-system-site-packages = false",
        f"version = {target.python}",
        f"executable = {interpreter}",
    )
    yield Installed(f"{prefix}/pyvenv.cfg", 0o644, "".join(f"{line}\n" for line in lines).encode())
    yield Link(f"{prefix}/bin/{versioned}", interpreter)
    yield Link(f"{prefix}/bin/python3", versioned)
    yield Link(f"{prefix}/bin/python", versioned)
    yield Link(f"{prefix}/lib64", "lib")
    yield Folder(f"{prefix}/include/{versioned}")
    yield Folder(target.packages[1:])
