"""Whether a server on this machine lives and is ready, asked as Azure ML and Kubernetes ask."""

from __future__ import annotations

import socket
import threading
import time
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
    """Asks in the background. `end` is called where the server is not ready after `patience` seconds.

    It is called a second time where the server has not gone after a while.
    """

    config: InferenceConfig
    patience: float
    tell: Callable[[str], None]
    end: Callable[[], None]
    ready: bool = False
    given_up: bool = False
    _done: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Until the block ends."""
        asker = threading.Thread(target=self._ask, daemon=True)
        asker.start()
        try:
            yield
        finally:
            self._done.set()
            asker.join()

    def _ask(self) -> None:
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
        while time.monotonic() < end:
            if _is_well(route):
                self.tell(f"{said}: {address(route)}")
                return True
            if self._done.wait(_OFTEN):
                return False
        return False

    def _watch(self) -> None:
        missed = 0
        while not self._done.wait(_SELDOM):
            if _is_well(self.config.liveness_route):
                if missed >= _MISSES:
                    self.tell("It lives again")
                missed = 0
                continue
            missed += 1
            if missed == _MISSES:
                self.tell("It does not answer any more: the job goes on")


def _is_well(route: Route) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on this machine
    try:
        with opener.open(address(route), timeout=_PATIENCE) as answer:
            return bool(200 <= answer.status < 400)
    except (OSError, ValueError):
        return False


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((_HOST, port), timeout=1):
            return True
    except OSError:
        return False
