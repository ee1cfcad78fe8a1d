"""Shows a registry what it wants to see, and remembers what that was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from threading import Lock

from reconciler.registries.docker_config import Credentials
from reconciler.registries.remote_challenge import Challenge, choose, parse_challenges
from reconciler.registries.remote_http import Http
from reconciler.registries.remote_tokens import Token, basic, fetch_token

Scopes = tuple[str, ...]
PULL, PUSH, DELETE = "pull", "pull,push", "pull,push,delete"


def scope(repository: str, actions: str) -> str:
    """What a token service calls the right to do something in a repository."""
    return f"repository:{repository}:{actions}"


class Authorizer:
    """One for each registry. `find` gives the user's name and password for a repository, where there are any."""

    def __init__(self, http: Http, home: str, find: Callable[[str], Credentials | None]) -> None:
        self._http = http
        self._home = home
        self._find = find
        self._challenge: Challenge | None = None
        self._tokens: dict[Scopes, Token] = {}
        self._wider: dict[Scopes, Scopes] = {}
        self._locks: defaultdict[Scopes, Lock] = defaultdict(Lock)
        self._found: dict[str, Credentials | None] = {}
        self._finding = Lock()

    @property
    def is_asked(self) -> bool:
        """Whether the registry has ever wanted to see anything."""
        return self._challenge is not None

    def headers(self, scopes: Scopes) -> Mapping[str, str]:
        """What to send with a request; nothing until the registry has asked for something."""
        challenge = self._challenge
        if challenge is None:
            return {}
        credentials = self._credentials(_repository(scopes))
        if challenge.scheme == "basic":
            return {"Authorization": basic(credentials)} if credentials else {}
        if credentials and credentials.registry_token:
            return {"Authorization": f"Bearer {credentials.registry_token}"}
        with self._locks[scopes]:
            token = self._tokens.get(scopes)
            if token is None or not token.fresh:
                wanted = self._wider.get(scopes, scopes)
                token = fetch_token(self._http, self._home, challenge.parameters, wanted, credentials)
                self._tokens[scopes] = token
        return {"Authorization": f"Bearer {token.value}"}

    def challenged(self, scopes: Scopes, sent: Mapping[str, str], answered: Mapping[str, str]) -> bool:
        """Learn from a 401; whether another try could go better than the one with these headers."""
        challenge = choose(parse_challenges(answered.get("WWW-Authenticate", "")))
        if challenge is None:
            return False
        self._challenge = challenge
        with self._finding:
            self._found.pop(_repository(scopes), None)  # somebody may have logged in anew since
        credentials = self._credentials(_repository(scopes))
        if challenge.scheme == "basic" or (credentials and credentials.registry_token):
            return not sent and credentials is not None
        with self._locks[scopes]:
            used = self._tokens.get(scopes)
            if used is not None and sent.get("Authorization") == f"Bearer {used.value}":
                del self._tokens[scopes]
            named = challenge.parameters.get("scope", "").split()
            self._wider[scopes] = tuple(dict.fromkeys([*scopes, *named]))
        return True

    def _credentials(self, repository: str) -> Credentials | None:
        """Found once for thousands of requests: to find them may run a program."""
        with self._finding:
            if repository not in self._found:
                self._found[repository] = self._find(repository)
            return self._found[repository]


def _repository(scopes: Scopes) -> str:
    return scopes[0].split(":")[1] if scopes and scopes[0].startswith("repository:") else ""
