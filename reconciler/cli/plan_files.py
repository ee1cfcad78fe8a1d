"""Plan files on disk: written whole or not at all, and never over something that is no plan."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.plan import Plan
from reconciler.model.release import __version__


def save(plan: Plan, path: Path) -> None:
    """Keep a plan for a later apply."""
    from reconciler.planning.saved import dump_plan, is_plan

    try:
        if path.exists() and not (path.is_file() and is_plan(path.read_bytes())):
            raise _not_written(path, "there is something already, and it is not a plan")
        _write(path, dump_plan(plan, __version__))
    except OSError as cause:
        raise _not_written(path, cause.strerror or str(cause)) from cause


def load(path: Path) -> Plan:
    """The plan that was saved."""
    from reconciler.planning.saved import load_plan

    return load_plan(read(path), path.name)


def plan_of(content: bytes, name: str) -> Plan | None:
    """The plan that a file holds; None where it does not have the form of one."""
    from reconciler.planning.saved import is_plan, load_plan

    return load_plan(content, name) if is_plan(content) else None


def read(path: Path) -> bytes:
    """What is in a file; EnvformError where it cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise _not_read(path, "it is not a regular file")
        return path.read_bytes()
    except OSError as cause:
        raise _not_read(path, cause.strerror or str(cause)) from cause


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _not_written(path: Path, why: str) -> EnvformError:
    detail = f"The plan could not be saved to `{path}`: {why}. Nothing was changed."
    return EnvformError(Diagnostic.error("Plan file not written", detail))


def _not_read(path: Path, why: str) -> EnvformError:
    return EnvformError(Diagnostic.error("Plan file not read", f"The file `{path.name}` could not be read: {why}."))
