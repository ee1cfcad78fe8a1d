"""Connections to registries, kept open while they are used: proxies and certificates as the machine says.

The one door through which urllib3 enters this room.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.response import BaseHTTPResponse

Response = BaseHTTPResponse
_AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_BLOCK = 1 << 18
_CONNECTING = 15.0
_SLOWEST = 1024  # bytes a second; below that somebody holds the line to hold us up
_GRACE = 60.0


class UnansweredError(Exception):
    """There was no answer, or not all of one; whether the request was carried out is not known.

    `hopeless` where another try will find the same.
    """

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.hopeless = hopeless


class Transport:
    """Sends one request and gives back one answer: no redirects, no second try. `authority` is one more to trust."""

    def __init__(self, authority: Path | None, *, at_once: int, timeout: float = 60.0) -> None:
        self._authority = authority
        self._at_once = at_once
        self._timeout = urllib3.Timeout(connect=min(timeout, _CONNECTING), read=timeout)
        self._straight_timeout = min(timeout, _CONNECTING)
        self._pools: dict[tuple[str, str], urllib3.PoolManager] = {}
        self._ways: dict[str, urllib3.PoolManager] = {}
        self._proxies: dict[tuple[str, str], str] = {}
        self._mutex = Lock()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | BinaryIO | None) -> Response:
        """The answer with its body unread."""
        way: urllib3.PoolManager | None = None
        try:
            way = self._pool(url)
            return way.urlopen(
                method,
                url,
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=self._timeout,
            )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as cause:
            reason = _reason(cause) + _by_way_of(way)
            raise UnansweredError(reason, hopeless=_is_hopeless(_innermost(cause))) from cause

    def straight(self, url: str) -> socket.socket:
        """A connection that nobody else has; OSError where there is none, or a proxy leads there."""
        parts = urlsplit(url)
        with self._mutex:
            if self._proxy_to(parts.scheme, parts.netloc):
                raise OSError("A proxy leads there.")
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = socket.create_connection((host, port), self._straight_timeout)
        if parts.scheme != "https":
            return connection
        try:
            return self._trusting.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise

    @cached_property
    def _trusting(self) -> ssl.SSLContext:
        return _context(self._authority)

    def _pool(self, url: str) -> urllib3.PoolManager:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        with self._mutex:
            if host not in self._ways:
                proxy = self._proxy_to(parts.scheme, parts.netloc)
                if (parts.scheme, proxy) not in self._pools:
                    self._pools[parts.scheme, proxy] = self._new_pool(parts.scheme, proxy)
                self._ways[host] = self._pools[parts.scheme, proxy]
            return self._ways[host]

    def _proxy_to(self, scheme: str, place: str) -> str:
        """Which way leads there is a question with a price, so the answer is kept; the caller holds the lock."""
        if (scheme, place) not in self._proxies:
            self._proxies[scheme, place] = _proxy_for(f"{scheme}://{place}")
        return self._proxies[scheme, place]

    def _new_pool(self, scheme: str, proxy: str) -> urllib3.PoolManager:
        context = self._trusting if "https" in (scheme, urlsplit(proxy).scheme) else None
        if not proxy:
            return urllib3.PoolManager(maxsize=self._at_once, ssl_context=context, blocksize=_BLOCK)
        user = urlsplit(proxy)
        pair = f"{unquote(user.username or '')}:{unquote(user.password or '')}"
        told = urllib3.make_headers(proxy_basic_auth=pair) if user.username else {}
        return urllib3.ProxyManager(proxy, maxsize=self._at_once, ssl_context=context, proxy_headers=told)


def read_whole(response: Response, most: int) -> bytes | None:
    """The body, None where it is longer than `most`; the connection is free again or closed."""
    pieces: list[bytes] = []
    left, deadline = most, time.monotonic() + _GRACE
    while left >= 0:
        piece = read_piece(response, min(left + 1, _BLOCK))
        if not piece:
            response.release_conn()
            return b"".join(pieces)
        pieces.append(piece)
        left -= len(piece)
        if time.monotonic() > deadline:
            break
    response.close()
    if left >= 0:
        raise UnansweredError("the answer came too slowly")
    return None


def read_piece(response: Response, size: int) -> bytes:
    """What is there of the body, at most `size` bytes; nothing at its end, which its headers have said where it is."""
    try:
        return response.read1(size, decode_content=False)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as cause:
        response.close()
        raise UnansweredError(_reason(cause)) from cause


def too_slow(received: int, since: float) -> bool:
    """Whether a long body has come in, on the whole, more slowly than anybody's network does."""
    return time.monotonic() - since > _GRACE + received / _SLOWEST


def _proxy_for(url: str) -> str:
    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return ""
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all") or ""
    return found if not found or "://" in found else f"http://{found}"


def _context(authority: Path | None) -> ssl.SSLContext:
    named = next((path for name in _AUTHORITIES if (path := os.environ.get(name)) and Path(path).is_file()), None)
    context = ssl.create_default_context(cafile=named)
    if authority is not None:
        context.load_verify_locations(cafile=authority)
    return context


def _innermost(cause: BaseException) -> BaseException:
    """urllib3 wraps one error in another, as its reason, its argument or its cause."""
    for inner in (getattr(cause, "reason", None), *cause.args[:1], cause.__cause__):
        if isinstance(inner, Exception):
            return _innermost(inner)
    return cause


def _is_hopeless(cause: BaseException) -> bool:
    """A certificate that is not trusted, a proxy's address that is none, or a name that nobody has.

    A resolver that does not answer may answer yet.
    """
    unknown = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME
    return unknown or isinstance(cause, ssl.SSLCertVerificationError | urllib3.exceptions.LocationValueError)


def _by_way_of(way: urllib3.PoolManager | None) -> str:
    """Who was really asked; no password of the proxy's."""
    proxy = way.proxy if way else None
    return f", by way of the proxy `{proxy.host}:{proxy.port}`" if proxy else ""


def _reason(cause: Exception) -> str:
    inner = _innermost(cause)
    words = [part for part in inner.args if isinstance(part, str)]
    return (words[-1] if words else type(inner).__name__).rpartition(": ")[2].rstrip(".")[:200]
