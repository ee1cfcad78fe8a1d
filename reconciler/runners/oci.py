"""Jobs in containers without an engine: an image is unpacked once, and `runc` or `crun` starts it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from reconciler.model.diagnostic import Diagnostic
from reconciler.model.event import Told
from reconciler.model.frozen import dataclass
from reconciler.model.work import Job, Outcome
from reconciler.oci.image import Image
from reconciler.protocols import EventSink
from reconciler.runners import oci_supervisor
from reconciler.runners.oci_bundle import Owner, Process, bundle
from reconciler.runners.oci_failures import cannot_start, failed_to_start, no_runtime
from reconciler.runners.oci_programs import check_program
from reconciler.runners.oci_signals import caught, streams, wait_for
from reconciler.runners.oci_unpacking import Unpacked, remove_tree
from reconciler.runners.oci_users import User, find_user
from reconciler.runners.oci_writing import layers_for

RUNTIMES = ("runc", "crun")
UNSHARE = "unshare"
# Debian keeps these folders from the PATH of people who are not root; runtimes there work for everybody.
_SYSTEM = "/usr/local/sbin:/usr/sbin:/sbin"


class OciRunner:
    """Runs jobs in the files of images, with the first runtime that works here.

    What a job writes is gone when it ends, but for what it writes into mounts.
    """

    def __init__(self, cache: Path, unpacking: Callable[[Image], None], runtimes: Sequence[str] = RUNTIMES) -> None:
        self._cache = cache
        self._unpacking = unpacking
        self._runtimes = runtimes

    def run(self, job: Job, image: Image, emit: EventSink) -> Outcome:
        """Unpack the image where nobody has, and run to the end."""
        programs = _found(self._runtimes), _found([UNSHARE])[0]
        process = Process.of(image)
        process.command(job)  # what cannot be started is not unpacked
        with Unpacked(self._cache / "rootfs").held(image, lambda: self._unpacking(image)) as root:
            return self._run_in(root, process, programs, job, emit)

    def _run_in(
        self, root: Path, process: Process, programs: tuple[Sequence[Path], Path], job: Job, emit: EventSink
    ) -> Outcome:
        runtimes, unshare = programs
        program = process.command(job)[0]
        if program.startswith("/") or "/" not in program:
            check_program(root, program, process.path(job), [mount.target for mount in job.mounts])
        owner = Owner(os.geteuid())
        user = _user(root, process.user, owner, emit)
        job.begins()
        problems = []
        with _folder_for(self._cache / "runs") as folder:
            for runtime in runtimes:
                started = _Start(runtime, unshare, folder / runtime.name)
                started.folder.mkdir()
                layers = layers_for(root, started.folder)
                outcome = started.run(bundle(process, job, user, layers, owner), owner, job)
                if outcome is not None:
                    return outcome
                problems.append(started.problem)
                if failure := failed_to_start(started.problem, program):
                    raise failure
        raise cannot_start(problems, [runtime.name for runtime in runtimes])


def has_runtime(runtimes: Sequence[str] = RUNTIMES) -> bool:
    """Whether anything here could start a container."""
    return bool(_programs(runtimes)) and bool(_programs([UNSHARE]))


def _user(root: Path, spelled: str, owner: Owner, emit: EventSink) -> User:
    user = find_user(root, spelled)
    if not owner.rootless:
        return user
    if user.uid != 0:
        emit(Told(_another_user(spelled)))
    return User(home=user.home)


@dataclass(frozen=True, slots=True)
class _Start:
    """One try with one runtime, in a folder of its own."""

    program: Path
    unshare: Path
    folder: Path

    def run(self, config: object, owner: Owner, job: Job) -> Outcome | None:
        """How the job ended; None where it was not started."""
        (self.folder / "config.json").write_text(json.dumps(config))
        told = self.folder / "pid"
        answers, requests = os.pipe2(os.O_CLOEXEC)
        try:
            # In a session of its own, for the terminal's signals are handed on by us, once each.
            with caught() as wakes, streams(job) as output:
                supervisor = subprocess.Popen(
                    [*self._apart(owner), str(answers), str(told), f"envform-{uuid4().hex}", *self._runtime],
                    start_new_session=True,
                    pass_fds=[answers],
                    **output,
                )
                os.close(answers)
                try:
                    outcome = wait_for(supervisor, wakes, lambda number: _ask(requests, number), job.limit)
                finally:
                    supervisor.kill()
                    supervisor.wait()
        finally:
            os.close(requests)
        return outcome if told.exists() else None

    def _apart(self, owner: Owner) -> list[str]:
        """Whose first process the supervisor is: a new room of processes, that ends with it."""
        rights = ["--user", "--map-root-user"] if owner.rootless else []
        unshare = [str(self.unshare), *rights, "--pid", "--fork", "--kill-child", "--mount-proc"]
        return [*unshare, sys.executable, "-I", "-S", oci_supervisor.__file__]

    @property
    def problem(self) -> str:
        """What the runtime had to say; empty where all was well."""
        with suppress(FileNotFoundError):
            for line in reversed((self.folder / "log").read_text(errors="replace").splitlines()):
                with suppress(ValueError, TypeError, KeyError):
                    entry = json.loads(line)
                    if entry["level"] == "error":
                        return str(entry["msg"])
        return ""

    @property
    def _runtime(self) -> list[str]:
        log = ["--log", str(self.folder / "log"), "--log-format", "json"]
        return [str(self.program), "--root", str(self.folder / "state"), *log]


@contextmanager
def _folder_for(runs: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, with what runs left behind that were killed."""
    runs.mkdir(parents=True, exist_ok=True)
    for other in [path for path in runs.iterdir() if path.is_dir()]:
        with suppress(OSError), _held(other, fcntl.LOCK_EX | fcntl.LOCK_NB):
            remove_tree(other)
    folder = runs / uuid4().hex
    with _held(folder, fcntl.LOCK_EX):
        folder.mkdir()
        try:
            yield folder
        finally:
            remove_tree(folder)


@contextmanager
def _held(folder: Path, how: int) -> Iterator[None]:
    """Be the only one who uses a folder; it is made and removed by whom it belongs to."""
    lock = folder.with_suffix(".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, how)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _found(runtimes: Sequence[str]) -> list[Path]:
    programs = _programs(runtimes)
    if not programs:
        raise no_runtime(runtimes)
    return programs


def _programs(names: Sequence[str]) -> list[Path]:
    path = f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM}"
    found = [shutil.which(name, path=path) for name in names] if sys.platform == "linux" else []
    return [Path(program) for program in found if program]


def _another_user(name: str) -> Diagnostic:
    return Diagnostic.warning(
        "Image's user is not used",
        f"The image runs its programs as `{name}`. You are not root, so in the container there is one user only: you, "
        "and it is called root there.",
    )


def _ask(requests: int, number: int) -> None:
    os.write(requests, bytes([number]))
