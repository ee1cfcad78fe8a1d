"""Connections to package indexes, set up as the machine says: proxies and certificates.

The one door through which urllib3 enters this room.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.response import BaseHTTPResponse

from reconciler.model.definition import Artefact

Response = BaseHTTPResponse
Authorization = Callable[[str], str]
Broken = Callable[[str], Exception]
_AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_TIMEOUT = urllib3.Timeout(connect=15, read=60)
_MOST_REDIRECTS = 10


class Connections:
    """Kept open while they are used; `authorization` gives the header that an address asks for, or nothing."""

    def __init__(self, authorization: Authorization, *, at_once: int = 8) -> None:
        self._authorization = authorization
        self._at_once = at_once
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._lock = Lock()

    def get(self, artefact: Artefact, headers: Mapping[str, str], broken: Broken) -> BaseHTTPResponse:
        """An answer whose body is not read yet; raises what `broken` makes of a reason that may go away."""
        sent = {"Accept-Encoding": "identity", "User-Agent": "envform", **headers}
        if header := self._authorization(artefact.url):
            sent["Authorization"] = header
        # passwords are not carried to another host: urllib3 takes them away there
        redirects = urllib3.Retry(total=_MOST_REDIRECTS, connect=0, read=0, status=0, other=0, raise_on_status=False)
        try:
            return self._pool(artefact.url).request(
                "GET", artefact.url, headers=sent, preload_content=False, retries=redirects, timeout=_TIMEOUT
            )
        except (urllib3.exceptions.HTTPError, OSError) as cause:
            raise broken(_reason(cause)) from cause

    def pieces(self, response: BaseHTTPResponse, size: int, broken: Broken) -> Iterator[bytes]:
        """The body as it comes in, as it was sent."""
        try:
            yield from response.stream(size, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as cause:
            raise broken(_reason(cause)) from cause

    def _pool(self, url: str) -> urllib3.PoolManager:
        proxy = _proxy_for(url)
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._new_pool(proxy)
            return self._pools[proxy]

    def _new_pool(self, proxy: str) -> urllib3.PoolManager:
        context = _context()
        if not proxy:
            return urllib3.PoolManager(num_pools=self._at_once, maxsize=self._at_once, ssl_context=context)
        user = urlsplit(proxy)
        headers = urllib3.make_headers(proxy_basic_auth=f"{user.username}:{user.password}") if user.username else {}
        return urllib3.ProxyManager(proxy, maxsize=self._at_once, ssl_context=context, proxy_headers=headers)


def _proxy_for(url: str) -> str:
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return ""
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all") or ""
    return found if not found or "://" in found else f"http://{found}"


def _context() -> ssl.SSLContext:
    named = next((path for name in _AUTHORITIES if (path := os.environ.get(name)) and Path(path).is_file()), None)
    return ssl.create_default_context(cafile=named)


def _reason(cause: Exception) -> str:
    if isinstance(cause, urllib3.exceptions.ProtocolError) and "IncompleteRead" in str(cause):
        return "the connection ended too early"
    inner = getattr(cause, "reason", None)
    if isinstance(inner, Exception):
        return _reason(inner)
    words = [str(part) for part in cause.args if isinstance(part, str)]
    return (words[-1] if words else type(cause).__name__).rpartition(": ")[2].rstrip(".")[:200]
