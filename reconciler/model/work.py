"""What builders and runners are handed, and what they hand back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Final, Literal

from reconciler.model.definition import Definition, Lock
from reconciler.model.frozen import dataclass

Way = Literal["docker", "oci", "local"]
DOCKER: Final = "docker"
OCI: Final = "oci"
LOCAL: Final = "local"
WAYS: tuple[Way, ...] = (DOCKER, OCI, LOCAL)

NOT_FOUND = "Program not found"
"""The summary of a RunError where nothing was started, for the environment has no such program."""

CANNOT_START = "Program cannot be started"
"""The same where there is one, and it may not be executed or is nothing that could be."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a builder needs to know; equal recipes make equal images, byte for byte."""

    definition: Definition
    lock: Lock
    requested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of this machine that a job sees at a path of its own; both are absolute."""

    source: str
    target: str
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """A command to run in an environment, started in `folder` where that is given; without one what the image says.

    What it writes goes into the file `output` instead of this process's own streams, where that is given. It is ended
    after `limit` seconds, 0: it may take as long as it needs. `alone` leaves out the image's entrypoint. `gpus` are
    those of the machine that it sees: `all`, a number, or `device=` and their ids. `begins` is called when all that it
    takes is there, and it is started.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    folder: str = ""
    output: str = ""
    limit: float = 0.0
    alone: bool = False
    gpus: str = ""
    begins: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended; a signal shows as 128 plus its number, as in a shell."""

    exit_code: int
    in_time: bool = True
