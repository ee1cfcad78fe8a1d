"""Tokens for a registry, fetched from the service that it names."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from reconciler.registries import remote_failures as failures
from reconciler.registries.docker_config import Credentials
from reconciler.registries.remote_addresses import follow
from reconciler.registries.remote_http import Answer, Http, Request

_LARGEST = 1 << 20
_DEFAULT_LIFE = 60.0
_SHORTEST_LIFE, _LONGEST_LIFE = 10.0, 3600.0
_SENDABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Token:
    """What stands after `Bearer`, and until when by the clock that never goes back."""

    value: str
    until: float

    @property
    def fresh(self) -> bool:
        """Whether it can still be sent."""
        return time.monotonic() < self.until


def basic(credentials: Credentials) -> str:
    """What stands in the header Authorization for a name and a password."""
    pair = f"{credentials.username}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def fetch_token(
    http: Http, home: str, parameters: Mapping[str, str], scopes: tuple[str, ...], credentials: Credentials | None
) -> Token:
    """A token for these scopes; `home` is the registry's address, from which the realm's is judged."""
    try:
        realm = follow(home, parameters.get("realm", ""))
    except ValueError as cause:
        raise failures.misled(http.host, cause) from cause
    asked = [("service", parameters.get("service", "")), *(("scope", scope) for scope in scopes)]
    if credentials and credentials.identity_token:
        answer = http.fetch(_refreshing(realm, asked, credentials.identity_token), _LARGEST)
        if answer.status not in (404, 405):
            return _read(http, realm, answer)
    headers = {"Authorization": basic(credentials)} if credentials and credentials.password else {}
    query = urlencode([pair for pair in asked if pair[1]])
    url = realm + ("&" if "?" in realm else "?") + query
    return _read(http, realm, http.fetch(Request("GET", url, headers), _LARGEST))


def _refreshing(realm: str, asked: list[tuple[str, str]], identity: str) -> Request:
    scopes = " ".join(value for key, value in asked if key == "scope")
    form = {"grant_type": "refresh_token", "client_id": "envform", "service": asked[0][1], "scope": scopes}
    body = urlencode({**form, "refresh_token": identity}).encode()
    return Request("POST", realm, {"Content-Type": "application/x-www-form-urlencoded"}, body)


def _read(http: Http, realm: str, answer: Answer) -> Token:
    if answer.status in (400, 401, 403):
        raise failures.denied(http.host, answer.status, realm, answer.body)
    if answer.status != 200:
        raise failures.unexpected(http.host, answer.status, "GET", realm, answer.body)
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    value = (said.get("token") or said.get("access_token")) if isinstance(said, dict) else None
    if not isinstance(value, str) or not _SENDABLE.fullmatch(value):
        raise failures.unintelligible(http.host, realm, "It holds no token.")
    life = said.get("expires_in")
    known = isinstance(life, int | float) and not isinstance(life, bool) and life > 0
    seconds = min(max(float(life) if known else _DEFAULT_LIFE, _SHORTEST_LIFE), _LONGEST_LIFE)
    return Token(value, time.monotonic() + seconds * 0.9)
