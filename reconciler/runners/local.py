"""Jobs in virtual environments and environments of conda's on this machine: no container, no files of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from reconciler.model.diagnostic import RunError
from reconciler.model.work import CANNOT_START, NOT_FOUND, Job, Outcome
from reconciler.oci.image import Image
from reconciler.protocols import EventSink
from reconciler.runners.local_activation import activated
from reconciler.runners.oci_signals import caught, streams, wait_for

_OF_OTHERS = ("CONDA_DEFAULT_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
_OF_TERMINALS = {signal.SIGINT, signal.SIGQUIT}


class LocalRunner:
    """Runs commands as this user on this machine; `place` makes the virtual environment where it is not there."""

    def __init__(self, place: Callable[[], Path]) -> None:
        self._place = place

    def run(self, job: Job, image: Image, emit: EventSink) -> Outcome:  # noqa: ARG002 - the image is only a mark
        """Run to the end; the environment's own programs are found first."""
        if job.mounts:
            detail = "The environment runs on this machine itself, where every file is at its own path already."
            raise RunError("Mounts have no meaning here", detail)
        environment = self._place().resolve()
        variables = _variables(environment, job)
        words = job.command or (variables.get("SHELL") or "sh",)
        if job.folder and not Path(job.folder).is_dir():
            raise _not_started(words[0], f"it is to begin in `{job.folder}`, and there is no such folder")
        program = _found(words[0], job.folder, variables["PATH"], environment)
        job.begins()
        try:
            with (
                caught() as wakes,
                streams(job) as output,
                subprocess.Popen(words, executable=program, env=variables, cwd=job.folder or None, **output) as process,
            ):
                return wait_for(process, wakes, lambda number: _hand_on(process, number), job.limit)
        except OSError as cause:
            raise _not_started(words[0], (cause.strerror or str(cause)).lower()) from cause


def _found(program: str, folder: str, path: str, environment: Path) -> str:
    """Where it is; one with a `/` in it is seen from the folder in which the job begins."""
    named = Path(folder, program).absolute() if "/" in program else None
    found = shutil.which(named or program, path=path)
    if found is not None:
        return found
    if named is not None and named.exists():
        raise _not_started(program, "it is a folder" if named.is_dir() else "it may not be executed")
    detail = f"There is no program `{program}`, neither in `{environment}` nor on the PATH of this machine."
    raise RunError(NOT_FOUND, detail)


def _not_started(program: str, why: str) -> RunError:
    return RunError(CANNOT_START, f"`{program}` cannot be started: {why}.")


def _variables(environment: Path, job: Job) -> dict[str, str]:
    path = f"{environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    variables = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS} | {"PATH": path}
    if (environment / "conda-meta").is_dir():
        return {**activated(environment, variables), **job.variables}
    return {**variables, "VIRTUAL_ENV": str(environment), **job.variables}


def _hand_on(process: subprocess.Popen[bytes], number: int) -> None:
    """A terminal tells all of its foreground group by itself, and nobody wants to hear it twice."""
    if number in _OF_TERMINALS and _at_terminal():
        return
    others = _descendants(process.pid)
    process.send_signal(number)  # first, so that a shell does not go on with what comes next
    for other in {*others, *_descendants(process.pid)}:  # it may have started one more in between
        with suppress(ProcessLookupError, PermissionError):
            os.kill(other, number)


def _descendants(process: int) -> list[int]:
    """What a shell has started is meant, too, as in a container."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [process]
    for one in found:
        found.extend(children.get(one, ()))
    return found[1:]


def _at_terminal() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
