"""Which wheels run where: the tags of a Python X.Y on a platform with a C library, worked out without being there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from urllib.parse import unquote, urlsplit

from reconciler.builders.layers.interpreter import FoundPython
from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import BuildError

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}
_OLDEST = {"x86_64": 5, "i686": 5}
_NAMED = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


def fits(url: str, python: FoundPython) -> bool | None:
    """Whether the wheel of this file name runs there; None where that cannot be told."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        tags = parse_wheel_filename(unquote(urlsplit(url).path.rpartition("/")[2]))[3]
    except InvalidWheelFilename:
        return None
    if not (python.machine and python.libc_version):
        return None
    return not _supported(python.version, python.machine, python.libc, python.libc_version).isdisjoint(map(str, tags))


def check_fit(artefact: Artefact, called: str, python: FoundPython) -> None:
    """BuildError where a wheel does not run on the Python of this base image."""
    if fits(artefact.url, python) is not False:
        return
    other = "one with glibc, such as Debian" if python.libc == "musl" else "a newer one"
    raise BuildError(
        "Wheel does not fit the base image",
        f"`{artefact.url.rpartition('/')[2]}` does not run in the base image `{called}`, which has Python "
        f"{python.version} for {python.machine} over {python.libc} {python.libc_version}. Choose another base image, "
        f"{other}, or a version of the package that has a wheel for this one.",
    )


@lru_cache(maxsize=32)
def _supported(version: str, machine: str, libc: str, libc_version: str) -> frozenset[str]:
    """All tags that run there: hundreds, so they are made once and not for each wheel."""
    from packaging.tags import compatible_tags, cpython_tags

    platforms = list(_platforms(_MACHINES.get(machine, machine), libc, libc_version))
    numbers = tuple(map(int, version.split(".")))
    interpreter = f"cp{version.replace('.', '')}"
    made = chain(cpython_tags(numbers, [interpreter], platforms), compatible_tags(numbers, interpreter, platforms))
    return frozenset(map(str, made))


def _platforms(machine: str, libc: str, libc_version: str) -> Iterator[str]:
    _, _, minor = libc_version.partition(".")
    newest = int(minor)
    if libc == "musl":
        yield from (f"musllinux_1_{number}_{machine}" for number in range(newest, -1, -1))
    else:
        for number in range(newest, _OLDEST.get(machine, 17) - 1, -1):
            yield f"manylinux_2_{number}_{machine}"
            if number in _NAMED:
                yield f"{_NAMED[number]}_{machine}"
    yield f"linux_{machine}"
