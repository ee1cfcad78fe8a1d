"""A proxy before a real registry that lets everything through, until a test says what goes wrong on the way.

It wants a name and a password itself, so that all requests carry some; checking them costs it nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection

from reconciler.registries.docker_config import Credentials
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_retry import Patience
from reconciler.registries.remote_tokens import basic
from tests.registries.scripted import Act, Ask, Scripted

GIGABYTE = 1 << 30
ANN = Credentials("ann", "pa:ss")
_OWN = frozenset({"connection", "transfer-encoding", "date", "server"})


@dataclass(frozen=True)
class Heard:
    """What the registry behind has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def told(self, **headers: str) -> Heard:
        """The same with other headers."""
        return replace(self, headers={**self.headers, **headers})


class Between(Scripted):
    """Does what `fault` says with one request, by its number, or with this and all that follow."""

    guarded = True

    def __init__(self, behind: str) -> None:
        super().__init__()
        self._behind = behind
        self._fault: Act = self.through
        self._first = 0
        self._lasts = False
        self.struck = 0

    def goes_wrong(self, fault: Act, first: int = 0, *, lasts: bool = False) -> None:
        """From now on, counting requests from 0."""
        self.asked.clear()
        self._fault, self._first, self._lasts, self.struck = fault, first, lasts, 0

    def act(self, ask: Ask) -> None:
        """Let a request through, or do the worst to it."""
        number = len(self.asked) - 1
        if number == self._first or (self._lasts and number > self._first):
            self.struck += 1
            self._fault(ask)
        else:
            self.through(ask)

    def through(self, ask: Ask) -> None:
        """What a proxy is for."""
        if not self.guarded or ask.headers.get("Authorization") == basic(ANN):
            say(ask, self.heard(ask))
        else:
            ask.reply(401, WWW_Authenticate='Basic realm="here"')

    def heard(self, ask: Ask) -> Heard:
        """What the registry behind says to a request; it believes to have been asked under our name."""
        connection = HTTPConnection(self._behind, timeout=30)
        try:
            headers = {key: value for key, value in ask.headers.items() if key.lower() not in _OWN}
            connection.request(ask.command, ask.path, ask.sent or None, headers)
            answer = connection.getresponse()
            return Heard(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def client(self, namespace: str, *, timeout: float = 10.0) -> RemoteRegistry:
        """One that has a password, waits for nobody, and remembers how long it would have waited."""
        patience = Patience(pause=self.waited.append, jitter=lambda _, most: most / 2)
        client = Client(self.host, patience=patience, timeout=timeout, find=lambda _: ANN)
        return RemoteRegistry(client, namespace)

    def changed(self, change: Callable[[Heard], Heard]) -> Act:
        """Another answer than the registry's."""
        return lambda ask: say(ask, change(self.heard(ask)))

    def lost(self, ask: Ask) -> None:
        """The registry did it, and nobody hears of it."""
        self.heard(ask)
        ask.reset()

    def truncated(self, ask: Ask) -> None:
        """Half of the body, and of an empty one half of the headers."""
        heard = self.heard(ask)
        if ask.command == "HEAD" or not heard.body:
            ask.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
        else:
            ask.send_response(heard.status)
            for name, value in heard.headers.items():
                ask.send_header(name, value)
            ask.end_headers()
            ask.wfile.write(heard.body[: len(heard.body) // 2])
        ask.wfile.flush()
        ask.connection.shutdown(2)
        ask.close_connection = True

    def slow(self, ask: Ask) -> None:
        """A little, and then a little more."""
        heard = self.heard(ask)
        ask.send_response(heard.status)
        for name, value in heard.headers.items():
            ask.send_header(name, value)
        ask.end_headers()
        for at in range(0, len(heard.body) if ask.command != "HEAD" else 0, 500):
            ask.wfile.write(heard.body[at : at + 500])
            ask.wfile.flush()
            time.sleep(0.005)


def say(ask: Ask, heard: Heard) -> None:
    """Answer with what was heard."""
    told = {name.replace("-", "_"): value for name, value in heard.headers.items() if name.lower() not in _OWN}
    ask.reply(heard.status, heard.body, **told)


def corrupt(heard: Heard) -> Heard:
    """One byte of the body is another."""
    middle = len(heard.body) // 2
    flipped = bytes([heard.body[middle] ^ 1]) if heard.body else b""
    return replace(heard, body=heard.body[:middle] + flipped + heard.body[middle + 1 :])


def silent(ask: Ask) -> None:
    """No answer, until the other side has had enough."""
    ask.rfile.read(1)
    ask.close_connection = True


def huge(ask: Ask) -> None:
    """As much as is taken of a gigabyte, called a manifest."""
    ask.send_response(200)
    ask.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
    ask.send_header("Content-Length", str(GIGABYTE))
    ask.end_headers()
    for _ in range(GIGABYTE >> 20 if ask.command != "HEAD" else 0):
        ask.wfile.write(b" " * (1 << 20))


def status(code: int, body: bytes = b"", **headers: str) -> Act:
    """An answer that the registry behind knows nothing of."""
    return lambda ask: ask.reply(code, body, **headers)
