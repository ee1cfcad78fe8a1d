"""Requests that are repeated where that is safe, and follow only where they may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from reconciler.registries import remote_failures as failures
from reconciler.registries.remote_addresses import follow, origin
from reconciler.registries.remote_retry import REFUSED_FOR_NOW, TRANSIENT, Patience
from reconciler.registries.remote_transport import Response, Transport, UnansweredError, read_whole

LARGEST_ERROR = 1 << 16
ALWAYS = {"User-Agent": "envform", "Accept-Encoding": "identity"}
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Source = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Request:
    """`url` is whole. What may not be `repeated` is sent again only where it was refused without being looked at."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Source | None = None
    repeated: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its whole body; `url` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Http:
    """What is asked of one registry, its token service, and wherever it keeps its content."""

    def __init__(self, host: str, transport: Transport, patience: Patience) -> None:
        self.host = host
        self._transport = transport
        self._patience = patience

    def fetch(self, request: Request, most: int = LARGEST_ERROR) -> Answer:
        """The answer, whatever its status says, after all tries; RegistryError where there is none."""
        tried = 0
        while True:
            tried += 1
            try:
                answer = self._fetched(request, most)
            except UnansweredError as cause:
                if cause.hopeless or not request.repeated or not self._patience.wait(tried, {}):
                    raise failures.unreachable(self.host, str(cause), temporary=not request.repeated) from cause
                continue
            again = TRANSIENT if request.repeated else REFUSED_FOR_NOW
            if answer.status not in again or not self._patience.wait(tried, answer.headers):
                return answer

    def wait(self, tried: int, headers: Mapping[str, str]) -> bool:
        """Whether to begin something once more that takes several requests; returns when it is time to."""
        return self._patience.wait(tried, headers)

    def open(self, request: Request) -> tuple[Response, str]:
        """One try: an answer with its body unread, and where it came from. UnansweredError where there is none."""
        return self._followed(request)

    def _fetched(self, request: Request, most: int) -> Answer:
        response, url = self._followed(request)
        body = read_whole(response, most if response.status < 400 else LARGEST_ERROR)
        if body is None and response.status < 400:
            raise failures.unintelligible(self.host, url, f"It is longer than {most} bytes.")
        return Answer(response.status, response.headers, body or b"", url)

    def _followed(self, request: Request) -> tuple[Response, str]:
        home = origin(request.url)
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._sent(request)
            place = response.headers.get("Location", "")
            if response.status not in _REDIRECTS or request.method not in ("GET", "HEAD") or not place:
                return response, request.url
            response.close()
            request = self._redirected(request, place, home)
        raise failures.unintelligible(self.host, request.url, "It only ever sends us elsewhere.")

    def _sent(self, request: Request) -> Response:
        headers = {**ALWAYS, **request.headers}
        if not callable(request.body):
            return self._transport.send(request.method, request.url, headers, request.body)
        with request.body() as body:
            return self._transport.send(request.method, request.url, headers, body)

    def _redirected(self, request: Request, place: str, home: tuple[str, str, int]) -> Request:
        try:
            url = follow(request.url, place)
        except ValueError as cause:
            raise failures.misled(self.host, cause) from cause
        headers = dict(request.headers)
        if origin(url) != home:
            headers.pop("Authorization", None)
        return replace(request, url=url, headers=headers)
