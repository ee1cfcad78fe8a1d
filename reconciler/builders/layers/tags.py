"""Which wheels run where: the tags of a Python X.Y on a platform with a C library, worked out without being there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from reconciler.builders.layers.interpreter import FoundPython

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}
_OLDEST = {"x86_64": 5, "i686": 5}
_NAMED = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


def fits(url: str, python: FoundPython) -> bool | None:
    """Whether the wheel of this file name runs there; None where that cannot be told."""
    from packaging.tags import compatible_tags, cpython_tags
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        tags = parse_wheel_filename(unquote(urlsplit(url).path.rpartition("/")[2]))[3]
    except InvalidWheelFilename:
        return None
    if not (python.machine and python.libc_version):
        return None
    platforms = list(_platforms(python))
    version = tuple(map(int, python.version.split(".")))
    interpreter = f"cp{python.version.replace('.', '')}"
    for supported in (
        cpython_tags(version, [interpreter], platforms),
        compatible_tags(version, interpreter, platforms),
    ):
        if not tags.isdisjoint(supported):
            return True
    return False


def _platforms(python: FoundPython) -> Iterator[str]:
    machine = _MACHINES.get(python.machine, python.machine)
    _, _, minor = python.libc_version.partition(".")
    newest = int(minor)
    if python.libc == "musl":
        yield from (f"musllinux_1_{number}_{machine}" for number in range(newest, -1, -1))
    else:
        for number in range(newest, _OLDEST.get(machine, 17) - 1, -1):
            yield f"manylinux_2_{number}_{machine}"
            if number in _NAMED:
                yield f"{_NAMED[number]}_{machine}"
    yield f"linux_{machine}"
