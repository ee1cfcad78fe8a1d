"""Tests that an environment has to pass before its version is registered: imports, commands, and whole requirements."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time_ns
from typing import TYPE_CHECKING

from reconciler.builders.logs import TESTED
from reconciler.model.address import Address
from reconciler.model.details import Verify
from reconciler.model.diagnostic import BuildError
from reconciler.model.event import ChangeProgressed
from reconciler.model.work import Job, Mount
from reconciler.resolvers.scratch import scratch
from reconciler.session import verifying_requirements
from reconciler.session.logs import FOR

if TYPE_CHECKING:
    from reconciler.model.plan import Desired
    from reconciler.oci.image import Image
    from reconciler.protocols import EventSink, Runner

_INSIDE = "/opt/envform-verify"
_SHOWN = 20
_LONGEST = 4000


@dataclass(frozen=True)
class Verification:
    """Runs tests in images that nobody can see yet."""

    runner: Runner
    folder: Path

    def check(self, address: Address, desired: Desired, image: Image, emit: EventSink) -> None:
        """BuildError for the first test that fails, with the end of what it said; all of it is in the log."""
        verify = desired.details.verify
        if verify is None:
            return
        end = monotonic() + verify.timeout
        local = desired.definition.runtime == "local"
        log = self._new_log(desired.hash, address)
        with _requirements() as tools:
            inside = str(tools) if local else _INSIDE
            mounts = () if local else (Mount(str(tools), _INSIDE, writable=False),)
            for what, command in tests(verify, _interpreter(desired), inside):
                emit(ChangeProgressed(address, f"Verifying: {what}"))
                start = _noted(log, what)
                variables = desired.details.environment_variables
                job = Job(command, variables, mounts, output=str(log), limit=max(end - monotonic(), 0.001))
                outcome = self.runner.run(job, image, emit)
                if outcome.exit_code or not outcome.in_time:
                    late = f"took longer than the {verify.timeout} s of `timeout`"
                    why = f"ended with {outcome.exit_code}" if outcome.in_time else late
                    raise _failed(what, why, _said(log, start), address)

    def _new_log(self, hash: str, address: Address) -> Path:
        folder = self.folder / hash
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{time_ns()}{TESTED}"
        log.touch(mode=0o600)
        log.write_text(f"{FOR}{address}\n", encoding="utf-8")
        return log


def _noted(log: Path, what: str) -> int:
    """Write down which test begins; where in the log its own words will be."""
    with log.open("a", encoding="utf-8") as file:
        file.write(f"# test: {' '.join(what.split())}\n")
    return log.stat().st_size


def tests(verify: Verify, interpreter: str, inside: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is run, with what it is called: cheap things first."""
    for name in verify.imports:
        yield f"import {name}", (interpreter, "-c", f"import {name}")
    if verify.pip_check:
        yield "requirements of all packages", (interpreter, f"{inside}/{_SCRIPT}")
    for command in verify.commands:
        yield command, ("sh", "-c", command)


_SCRIPT = "requirements.py"


@contextmanager
def _requirements() -> Iterator[Path]:
    """A folder with what reads requirements, for images have no pip that could be asked."""
    import packaging

    with scratch() as tools:
        shutil.copytree(Path(packaging.__file__).parent, tools / "packaging", ignore=shutil.ignore_patterns("*.pyc"))
        shutil.copyfile(verifying_requirements.__file__, tools / _SCRIPT)
        tools.chmod(0o755)
        yield tools


def _interpreter(desired: Desired) -> str:
    given = desired.details.interpreter_path or desired.definition.interpreter
    ready = not (desired.definition.is_resolved or desired.definition.runtime == "local")
    return given or ("python3" if ready else "python")


def _said(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        return file.read().decode("utf-8", "replace").strip()[-_LONGEST:]


def _failed(what: str, why: str, said: str, address: Address) -> BuildError:
    lines: Sequence[str] = said.splitlines()[-_SHOWN:]
    shown = ":\n\n" + "\n".join(f"    {line}" for line in lines) + "\n\n" if lines else " nothing. "
    return BuildError(
        "Environment does not pass its tests",
        f"`{what[:200]}` {why}. It said{shown}Nothing was registered. All that the tests said is shown by:\n\n"
        f"    envform logs {shlex.quote(str(address))}",
    )
