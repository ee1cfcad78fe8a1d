"""Whether a server on this machine lives and is ready, asked as Azure ML and Kubernetes ask."""

from __future__ import annotations

import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler.model.details import InferenceConfig, Route

_HOST = "127.0.0.1"
_PATIENCE = 5.0
_OFTEN, _SELDOM = 0.5, 10.0
_GRACE = 10.0
_MISSES = 2


def address(route: Route) -> str:
    """Where a route of a server on this machine is."""
    return f"http://{_HOST}:{route.port}/{route.path.lstrip('/')}"


def taken(config: InferenceConfig) -> tuple[int, ...]:
    """Ports of the routes at which somebody answers already."""
    ports = {route.port for route in (config.liveness_route, config.readiness_route, config.scoring_route)}
    return tuple(sorted(filter(_answers, ports)))


@dataclass
class Probes:
    """Asks in the background. `end` is called where the server is not ready `patience` seconds after `begin` was.

    It is called a second time where the server has not gone after a while. `problem` is how it answered last.
    """

    config: InferenceConfig
    patience: float
    tell: Callable[[str], None]
    end: Callable[[], None]
    ready: bool = False
    given_up: bool = False
    problem: str = ""
    _begun: threading.Event = field(default_factory=threading.Event)
    _done: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """The server is started by now."""
        self._begun.set()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Until the block ends."""
        asker = threading.Thread(target=self._ask, daemon=True)
        asker.start()
        try:
            yield
        finally:
            self._done.set()
            self._begun.set()
            asker.join()

    def _ask(self) -> None:
        self._begun.wait()
        end = time.monotonic() + self.patience
        if self._reached(self.config.liveness_route, "It lives", end) and self._reached(
            self.config.readiness_route, "It is ready", end
        ):
            self.ready = True
            self.tell(f"It answers at {address(self.config.scoring_route)}")
            self._watch()
        elif not self._done.is_set():
            self.given_up = True
            self.end()
            if not self._done.wait(_GRACE):
                self.end()

    def _reached(self, route: Route, said: str, end: float) -> bool:
        while time.monotonic() < end and not self._done.is_set():
            self.problem = _problem(route)
            if not self.problem:
                self.tell(f"{said}: {address(route)}")
                return True
            if self._done.wait(_OFTEN):
                return False
        return False

    def _watch(self) -> None:
        missed = 0
        while not self._done.wait(_SELDOM):
            if not _problem(self.config.liveness_route):
                if missed >= _MISSES:
                    self.tell("It lives again")
                missed = 0
                continue
            missed += 1
            if missed == _MISSES:
                self.tell("It does not answer any more: the job goes on")


def _problem(route: Route) -> str:
    """What the route did instead of answering well; empty where it did."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on this machine
    try:
        with opener.open(address(route), timeout=_PATIENCE) as answer:
            return "" if 200 <= answer.status < 400 else f"`{route.path}` answered with {answer.status}"
    except urllib.error.HTTPError as refused:
        return f"`{route.path}` answered with {refused.code}"
    except (OSError, ValueError, http.client.HTTPException):
        return f"`{route.path}` gave no answer"


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((_HOST, port), timeout=1):
            return True
    except OSError:
        return False
