"""A Docker engine of our own, beside whatever engine the machine may run."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.running import GRACE, NotReadyError, running
from tests.services.wants import missing, require

NAME = "docker engine"
DETACH = 2


@dataclass(frozen=True)
class DockerEngine:
    """A real engine; `url` is its DOCKER_HOST. Containers have the host's network or none."""

    url: str
    folder: Path


@contextmanager
def serve_docker() -> Iterator[DockerEngine]:
    """An engine with a folder of its own, until the block ends; nothing of it is left."""
    program = require("dockerd", called=NAME)
    if os.geteuid() != 0:
        missing(NAME, "starting one needs root")
    # Not pytest's folder: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="envform-docker-") as name:
        folder = Path(name)
        (folder / "settings.json").write_text("{}")  # not the machine's own
        try:
            with running(_command(program, folder), folder / "log", "API listen on"):
                yield DockerEngine(f"unix://{folder}/docker.sock", folder)
        except NotReadyError as error:
            missing(NAME, f"dockerd does not start here: {str(error).replace(name, '')}")
        finally:
            _clear(folder)


def _command(program: Path, folder: Path) -> list[str | Path]:
    return [
        program,
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--host=unix://{folder}/docker.sock",
        f"--pidfile={folder}/pid",
        f"--config-file={folder}/settings.json",
        "--storage-driver=vfs",
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
    ]


def _clear(folder: Path) -> None:
    """The engine's own containerd and the shims of containers that still run; what they mounted."""
    for process in processes_of(folder):
        _end(process)
    for mount in mounts_below(folder):
        _unmount(mount)


def _unmount(mount: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)  # the `umount` program is not on every small system
    if libc.umount2(os.fsencode(mount), DETACH):
        raise OSError(ctypes.get_errno(), "cannot unmount", mount)


def processes_of(folder: Path) -> list[int]:
    """All processes that were started with this folder in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.fsencode(folder) in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:  # it ended while we looked
            continue
    return found


def mounts_below(folder: Path) -> list[str]:
    """Mount points below a folder, the innermost first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted((point for point in points if point.startswith(f"{folder}/")), reverse=True)


def _end(process: int) -> None:
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [], GRACE)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
