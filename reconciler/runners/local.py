"""Jobs in virtual environments and environments of conda's on this machine: no container, no files of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from reconciler.model.diagnostic import RunError
from reconciler.model.work import NOT_FOUND, Job, Outcome
from reconciler.oci.image import Image
from reconciler.protocols import EventSink
from reconciler.runners.local_activation import activated
from reconciler.runners.oci_signals import streams, wait_for

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
        program = shutil.which(words[0], path=variables["PATH"])
        if program is None:
            detail = f"There is no program `{words[0]}`, neither in `{environment}` nor on the PATH of this machine."
            raise RunError(NOT_FOUND, detail)
        try:
            with (
                streams(job) as output,
                subprocess.Popen(words, executable=program, env=variables, cwd=job.folder or None, **output) as process,
            ):
                return wait_for(process, lambda number: _hand_on(process, number), job.limit)
        except OSError as cause:
            raise RunError("Program cannot be started", f"`{words[0]}`: {cause.strerror or cause}.") from cause


def _variables(environment: Path, job: Job) -> dict[str, str]:
    path = f"{environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    variables = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS} | {"PATH": path}
    if (environment / "conda-meta").is_dir():
        return {**activated(environment, variables), **job.variables}
    return {**variables, "VIRTUAL_ENV": str(environment), **job.variables}


def _hand_on(process: subprocess.Popen[bytes], number: int) -> None:
    """A terminal tells all of its foreground group by itself, and nobody wants to hear it twice."""
    if number not in _OF_TERMINALS or not _at_terminal():
        process.send_signal(number)


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
