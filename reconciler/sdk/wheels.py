"""Wheels that no index has, in the workspace's own folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from reconciler.model.diagnostic import Diagnostic, EnvformError

_FOLDER = "wheels"


def add_wheel(root: Path, wheel: Path, *, exist_ok: bool) -> str:
    """The path of a wheel as the project has it. What is elsewhere is copied; what is there is never overwritten."""
    if not wheel.is_file() or wheel.suffix != ".whl":
        detail = f"`{wheel}` is no file with a wheel's name, which ends in `.whl`."
        raise EnvformError(Diagnostic.error("No such wheel", detail))
    if wheel.resolve().is_relative_to(root.resolve()):
        return f"./{wheel.resolve().relative_to(root.resolve()).as_posix()}"
    place = root / _FOLDER / wheel.name
    if place.exists() and place.read_bytes() != wheel.read_bytes():
        raise _exists(place, wheel, "another content")
    if place.exists() and not exist_ok:
        raise _exists(place, wheel, "the same content; `exist_ok=True` makes use of it")
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wheel, place)
    return f"./{_FOLDER}/{wheel.name}"


def _exists(place: Path, wheel: Path, how: str) -> EnvformError:
    detail = f"`{place}` is there already, and `{wheel}` has {how}."
    return EnvformError(Diagnostic.error("Wheel exists", detail, hint="give a changed wheel another version"))
