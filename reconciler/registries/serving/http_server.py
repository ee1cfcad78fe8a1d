"""The only door to `http.server`: connections, threads, and how they end."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from ipaddress import ip_address
from threading import Condition, Thread
from typing import BinaryIO, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from reconciler.model.diagnostic import RegistryError
from reconciler.registries.serving.exchange import JSON, Asked, Content, RefusalError, Reply
from reconciler.registries.serving.request_body import BrokenBodyError, RequestBody

Answer = Callable[[Asked], Reply]
_PATIENCE = 60.0
_GRACE = 10.0
_PAUSE = 0.1
_LARGEST_UNREAD = 16 << 20
_CHUNK = 1 << 20
_LENGTH = re.compile(r"[0-9]{1,18}")


class HttpServer:
    """Listens from the moment that it is made; answers while the block lasts, and finishes what was begun."""

    def __init__(self, address: str, port: int, answer: Answer) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            self._server = _Server((address, port), family, answer)
        except (OSError, OverflowError, UnicodeError) as cause:
            raise RegistryError(
                "Address cannot be served",
                f"Nobody can listen at `{address}` on port {port}: {getattr(cause, 'strerror', '') or cause}. Choose "
                "another port with -port=N (0: any that is free), or another address of this machine.",
            ) from cause
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def url(self) -> str:
        """Where it is reached."""
        host, port = self._server.server_address[:2]
        shown = host.decode() if isinstance(host, bytes | bytearray) else host
        return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._server.await_answers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], family: socket.AddressFamily, answer: Answer) -> None:
        self.address_family = family
        self.answer = answer
        self.guarded = place[0] == "localhost" or _is_loopback(place[0])
        self._busy = 0
        self._changed = Condition()
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        """Without asking a name server who we are, as the library would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def get_request(self) -> tuple[socket.socket, object]:
        """The next connection. With too many of them open it waits a little: trying at once would keep a core busy."""
        try:
            return super().get_request()
        except OSError:
            with self._changed:
                self._changed.wait(_PAUSE)
            raise

    def begin(self, *, done: bool = False) -> None:
        """One request more is being answered, or one less."""
        with self._changed:
            self._busy += -1 if done else 1
            self._changed.notify_all()

    def await_answers(self) -> None:
        """Let those end that are being answered, but not for ever."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, _GRACE)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are daily life; anything else is told by the program that broke."""
        if not isinstance(sys.exception(), OSError | BrokenBodyError):
            super().handle_error(cast("socket.socket", request), client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"  # who speaks TLS to us must see HTTP, to say so or to try it again without
    server_version = "envform"
    sys_version = ""
    timeout = _PATIENCE
    disable_nagle_algorithm = True

    def answer(self) -> None:
        """One request, whatever its method."""
        server = cast("_Server", self.server)
        server.begin()
        try:
            length = self._length()
            if length == -1:
                self._refuse(400, "UNSUPPORTED", "The length of the body is not told in a way that can be understood.")
                return
            body = RequestBody(cast("BinaryIO", self.rfile), length)
            stream = cast("BinaryIO", BufferedReader(body, _CHUNK))
            self._send(self._reply(server, stream, length))
            self._finish(body, stream)
        finally:
            server.begin(done=True)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the library finds them so

    def log_message(self, *_: object, **__: object) -> None:
        """Nobody is told."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library itself refuses, in the protocol's words."""
        self._refuse(int(code), "UNSUPPORTED", message or explain or "The request cannot be understood.")

    def _reply(self, server: _Server, body: BinaryIO, length: int | None) -> Reply:
        if server.guarded and not _names_loopback(self.headers.get("Host", "")):
            told = "This registry is for programs on its own machine; it is asked under another name."
            return RefusalError(403, "DENIED", told).reply
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        path = unquote(parts.path, errors="replace")
        return server.answer(Asked(self.command, path, query, cast("Mapping[str, str]", self.headers), body, length))

    def _send(self, reply: Reply) -> None:
        length = reply.body.length if isinstance(reply.body, Content) else len(reply.body)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if isinstance(reply.body, Content):
            self._stream(reply.body)
        elif self.command != "HEAD":
            self.wfile.write(reply.body)

    def _stream(self, content: Content) -> None:
        """Content that turns out to be broken is cut off before its end: nobody can take it for whole."""
        with content.stream as stream:
            if self.command == "HEAD":
                return
            left = content.length
            try:
                while left and (piece := stream.read(min(_CHUNK, left))):
                    self.wfile.write(piece)
                    left -= len(piece)
            except RegistryError:
                left = -1
            self.close_connection = self.close_connection or bool(left)

    def _finish(self, body: RequestBody, stream: BinaryIO) -> None:
        """What nobody has read is in the way of the next request."""
        unread = 0
        while unread < _LARGEST_UNREAD and (piece := stream.read(1 << 16)):
            unread += len(piece)
        self.close_connection = self.close_connection or not body.finished

    def _length(self) -> int | None:
        """None: in chunks; -1: nobody knows."""
        told = self.headers.get_all("Content-Length", [])
        coded = self.headers.get("Transfer-Encoding", "")
        if coded:
            return None if coded.strip().lower() == "chunked" and not told else -1
        if not told:
            return 0
        return int(told[0]) if len(set(told)) == 1 and _LENGTH.fullmatch(told[0].strip()) else -1

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.close_connection = True
        self.command = getattr(self, "command", "") or "GET"
        reply = RefusalError(status, code, message).reply
        self._send(Reply(reply.status, {**reply.headers, "Content-Type": JSON}, reply.body))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _names_loopback(host: str) -> bool:
    """Whether somebody asks for this machine by its own name; web pages that have bent theirs do not."""
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return not host or name == "localhost" or name.endswith(".localhost") or _is_loopback(name)
