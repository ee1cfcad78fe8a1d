"""A registry that says what a test wants it to say, down to the last byte, and remembers what it was asked."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

from reconciler.oci import media_types
from reconciler.oci.image import Image
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_retry import Patience

Server = TypeVar("Server", bound="Scripted")
Act = Callable[["Ask"], None]


class Ask(BaseHTTPRequestHandler):
    """One request, and ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: Scripted
    sent: bytes = b""

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """An answer as it should be, but for the headers that a test sets."""
        self.send_response(status)
        told = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in told.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, value: object, status: int = 200, **headers: str) -> None:
        """A JSON document."""
        self.reply(status, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def manifest(self, image: Image, **headers: str) -> None:
        """An image's manifest, as it should be."""
        told = {"Content_Type": media_types.OCI_MANIFEST, "Docker_Content_Digest": image.digest}
        self.reply(200, image.manifest, **{**told, **headers})

    def reset(self) -> None:
        """End the connection as a crash does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Silence."""

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (OSError, ValueError):
            self.close_connection = True

    def _act(self) -> None:
        if self.command != "PATCH" or "Content-Length" in self.headers:
            self.sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers), self.sent))
        self.server.act(self)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _act  # noqa: N815 - the base class wants it so


@dataclass(frozen=True)
class Asked:
    """What was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Scripted(ThreadingHTTPServer):
    """`on` adds what to do for a method and a pattern of paths; the last that fits acts, each of `acts` once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Ask)
        self.asked: list[Asked] = []
        self.waited: list[float] = []
        self._mutex = threading.Lock()
        self._rules: list[tuple[re.Pattern[str], list[Act]]] = []

    @property
    def host(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.server_port}"

    def on(self, method: str, path: str, *acts: Act) -> None:
        """The last of them acts for ever."""
        self._rules.insert(0, (re.compile(f"{method} {path}"), list(acts)))

    def act(self, ask: Ask) -> None:
        """Do as was said for this request."""
        for pattern, acts in self._rules:
            if pattern.fullmatch(f"{ask.command} {ask.path}"):
                with self._mutex:
                    act = acts.pop(0) if len(acts) > 1 else acts[0]
                act(ask)
                return
        ask.json({"errors": [{"code": "MANIFEST_UNKNOWN"}]}, 404)

    def registry(self, *, timeout: float = 10.0) -> RemoteRegistry:
        """A client that waits for nobody, and remembers how long it would have waited."""
        patience = Patience(pause=self.waited.append, jitter=lambda _, most: most / 2)
        return RemoteRegistry(Client(self.host, patience=patience, timeout=timeout), "team")

    def paths(self, method: str) -> list[str]:
        """What was asked by one method."""
        return [asked.path for asked in self.asked if asked.method == method]


@contextmanager
def scripted(server: Server) -> Iterator[Server]:
    """A server on loopback, until the block ends."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
