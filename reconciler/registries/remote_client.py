"""One registry's API: addresses made, access shown, refusals told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock, RLock
from urllib.parse import urljoin, urlsplit

from reconciler.model.diagnostic import RegistryError
from reconciler.registries import docker_config
from reconciler.registries import remote_failures as failures
from reconciler.registries.remote_addresses import authority_file, base_url, follow, origin
from reconciler.registries.remote_auth import Authorizer, Scopes
from reconciler.registries.remote_http import LARGEST_ERROR, Answer, Http, Request
from reconciler.registries.remote_kept import Kept
from reconciler.registries.remote_line import Line
from reconciler.registries.remote_retry import Patience
from reconciler.registries.remote_transport import Response, Transport
from reconciler.registries.remote_whereabouts import Whereabouts

AT_ONCE = 8
_KEPT_OPEN = (
    4 * AT_ONCE
)  # several changes at a time, each with several uploads: a new connection costs more than a question
Find = Callable[[str], docker_config.Credentials | None]
_MOST_CHALLENGES = 2


class Client:
    """Shared by everything that one run asks of a registry. `kept` is a folder for what is never asked twice."""

    def __init__(
        self,
        host: str,
        *,
        kept: Path | None = None,
        patience: Patience | None = None,
        timeout: float = 60.0,
        find: Find | None = None,
    ) -> None:
        self.host = host
        self.kept = Kept(kept)
        self.home = base_url(host)
        self._transport = Transport(authority_file(host), at_once=_KEPT_OPEN, timeout=timeout)
        self._http = Http(host, self._transport, patience or Patience())
        self.whereabouts = Whereabouts()
        self._referrers_locks: defaultdict[str, RLock] = defaultdict(RLock)
        self._mutex = Lock()
        self._authorizer = Authorizer(self._http, self.home, find or partial(docker_config.find, host))

    @property
    def is_guarded(self) -> bool:
        """Whether it has asked for a name or a token."""
        return self._authorizer.is_asked

    def referrers_lock(self, repository: str) -> RLock:
        """Held by whoever changes what is attached to an image of a repository."""
        with self._mutex:
            return self._referrers_locks[repository]

    def url(self, path: str) -> str:
        """The address of something below `/v2/`."""
        return urljoin(self.home, f"/v2/{path}")

    def line(self) -> Line:
        """A connection to the registry's own address, for one thread that has many small questions."""
        return Line(lambda: self._transport.straight(self.home), urlsplit(self.home).netloc)

    def access(self, scopes: Scopes) -> Mapping[str, str]:
        """What to send to the registry's own address for these rights."""
        return self._authorizer.headers(scopes)

    def next_url(self, url: str, place: str) -> str:
        """Where an answer says that it goes on; RegistryError where we do not go there."""
        try:
            return follow(url, place)
        except ValueError as cause:
            raise failures.misled(self.host, cause) from cause

    def ask(self, request: Request, scopes: Scopes, *expected: int, most: int = LARGEST_ERROR) -> Answer:
        """An answer with one of the statuses that are expected; RegistryError for every other."""
        tried = 0
        while True:
            headers = self._access(request.url, scopes)
            answer = self._http.fetch(replace(request, headers={**request.headers, **headers}), most)
            tried += 1
            if answer.status != 401 or not self._may_try(tried, answer.url, scopes, headers, answer.headers):
                break
        if answer.status not in expected:
            raise self.refusal(request, answer)
        if answer.status == 404 and _is_page(answer.headers):
            raise failures.unintelligible(self.host, answer.url, "It is a page for people that says 404.")
        return answer

    def stream(self, request: Request, scopes: Scopes) -> Response:
        """An answer, whatever it says, of which the body is unread; UnansweredError where there is none."""
        tried = 0
        while True:
            headers = self._access(request.url, scopes)
            response, url = self._http.open(replace(request, headers={**request.headers, **headers}))
            tried += 1
            if response.status != 401 or not self._may_try(tried, url, scopes, headers, response.headers):
                return response
            response.close()

    def refusal(self, request: Request, answer: Answer) -> RegistryError:
        """What a status that nobody expected means."""
        if answer.status in (401, 403):
            return failures.denied(self.host, answer.status, answer.url, answer.body)
        return failures.unexpected(self.host, answer.status, request.method, answer.url, answer.body)

    def wait(self, tried: int, headers: Mapping[str, str]) -> bool:
        """Whether a thing of several requests is to be begun again."""
        return self._http.wait(tried, headers)

    def _access(self, url: str, scopes: Scopes) -> Mapping[str, str]:
        return self.access(scopes) if self._is_home(url) else {}

    def _may_try(
        self, tried: int, url: str, scopes: Scopes, sent: Mapping[str, str], answered: Mapping[str, str]
    ) -> bool:
        """Whether a 401 is worth another try. One from elsewhere is none of the registry's."""
        home = tried <= _MOST_CHALLENGES and self._is_home(url)
        return home and self._authorizer.challenged(scopes, sent, answered)

    def _is_home(self, url: str) -> bool:
        return origin(url) == origin(self.home)


def _is_page(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower() == "text/html"
