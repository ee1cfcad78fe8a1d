"""Processes that end at a chosen step of an apply, as `kill -9` ends them, and what is left of their work."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.backends.file import FileBackend
from reconciler.builders.layers.builder import LayersBuilder
from reconciler.model.event import ChangeFinished, Event
from reconciler.registries.layout import LayoutRegistry
from reconciler.session import Session
from tests.faults.workshops import content

# Every call through which an apply reads or changes the world.
STEPS: dict[type, tuple[str, ...]] = {
    FileBackend: ("read", "write", "append", "lock"),
    LayoutRegistry: ("describe", "describe_many", "list", "pull", "missing", "push", "delete"),
    LayersBuilder: ("python", "build"),
}


@dataclass
class Fuse:
    """Kills this process after so many steps, each of which has a moment before and one after; 0: never."""

    left: int
    burnt: int = 0
    built: list[str] = field(default_factory=list)
    pushed: list[str] = field(default_factory=list)
    finished: Callable[[Event], None] = lambda _: None
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def burn(self) -> None:
        with self._mutex:
            self.burnt += 1
            if self.burnt == self.left:
                os.kill(os.getpid(), signal.SIGKILL)

    def lay(self) -> None:
        """From now on; there is no way back, so this is for processes that end soon."""
        for owner, names in STEPS.items():
            for name in names:
                setattr(owner, name, self._around(name, getattr(owner, name)))

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            if name == "build":
                self.built.append(arguments[1].definition.hash)
            if name == "push":
                self.pushed.extend(map(str, arguments[2]))
            self.burn()
            result = call(*arguments, **named)
            self.burn()
            return result

        return called


def in_a_process(act: Callable[[Callable[[object], None]], object]) -> tuple[int, list[Any]]:
    """The signal that ended another process, 0: none; and what it told on its way, its result last."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        with suppress(BaseException):
            os.close(receive)
            result = act(lambda told: _tell(send, told))
            _tell(send, result)
            status = 0
        os._exit(status)
    os.close(send)
    with os.fdopen(receive) as lines:
        told = [json.loads(line) for line in lines]
    _, status = os.waitpid(child, 0)
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)), told


def _tell(handle: int, told: object) -> None:
    os.write(handle, json.dumps(told).encode() + b"\n")


def apply_until(root: Path, step: int) -> tuple[int, list[Any]]:
    """An apply that ends at a step. Tells each change that it says is finished; at its end how many steps it has."""

    def act(tell: Callable[[object], None]) -> object:
        def emit(event: Event) -> None:
            if isinstance(event, ChangeFinished):
                tell([str(event.address), event.version, str(event.image)])

        fuse = Fuse(step)
        fuse.lay()
        _apply(root, emit)
        return {"steps": fuse.burnt}

    return in_a_process(act)


def recover(root: Path) -> dict[str, Any]:
    """What is recorded now, what another apply makes and publishes, and what is left to do after that."""

    def act(_: Callable[[object], None]) -> object:
        before = content(Session(root, _ignore).recorded)
        fuse = Fuse(0)
        fuse.lay()
        _apply(root, _ignore)
        fresh = Session(root, _ignore)
        left = [str(change.address) for change in fresh.plan().work]
        return {
            "before": before,
            "built": fuse.built,
            "pushed": fuse.pushed,
            "left": left,
            "after": content(fresh.recorded),
        }

    ended, told = in_a_process(act)
    assert ended == 0, "the next apply failed"
    result: dict[str, Any] = told[-1]
    return result


def _apply(root: Path, emit: Callable[[Event], None]) -> None:
    session = Session(root, emit, parallelism=2)
    with session.locked("apply") as locked:
        locked.apply(locked.plan())


def _ignore(_: Event) -> None:
    """Nobody listens."""
