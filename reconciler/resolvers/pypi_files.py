"""What an index does not say of its files: how large they are, and, where it must be known, what they hash to."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, build_opener

from reconciler.model.diagnostic import ResolutionError
from reconciler.resolvers.pypi_addresses import Credentials, public
from reconciler.resolvers.pypi_lock import File

_SECONDS = 20.0
_AT_ONCE = 8
_CHUNK = 1 << 20
_ALGORITHMS = ("sha256", "sha384", "sha512")


class Files:
    """Asks for each address once in a run."""

    def __init__(self, credentials: Credentials, *, offline: bool) -> None:
        self._credentials = credentials
        self._offline = offline
        self._sizes: dict[str, int] = {}

    def sizes(self, files: Iterable[File]) -> Mapping[str, int]:
        """Sizes by address; 0 where even asking for the file's head does not tell."""
        urls = sorted({file.url for file in files if file.url and not file.path} - self._sizes.keys())
        if urls and not self._offline:
            with ThreadPoolExecutor(min(_AT_ONCE, len(urls)), "envform-size") as pool:
                self._sizes.update(zip(urls, pool.map(self._size, urls), strict=True))
        return self._sizes

    def _size(self, url: str) -> int:
        try:
            with self._open(url, "HEAD") as answer:
                return int(answer.headers.get("Content-Length") or 0)
        except (OSError, HTTPException, ValueError):
            return 0

    def hashes(self, file: File, end: float) -> Mapping[str, str]:
        """The hashes of a file's content, which is read whole."""
        digests = [hashlib.new(name, usedforsecurity=False) for name in _ALGORITHMS]
        try:
            for chunk in self._chunks(file):
                if time.monotonic() > end:
                    raise _unread(file, "it took too long", temporary=True)
                for digest in digests:
                    digest.update(chunk)
        except HTTPError as cause:
            raise _unread(file, f"the answer was {cause.code}", temporary=cause.code >= 500) from cause
        except (OSError, HTTPException, ValueError) as cause:
            raise _unread(file, type(cause).__name__, temporary=True) from cause
        return {digest.name: digest.hexdigest() for digest in digests}

    def _chunks(self, file: File) -> Iterator[bytes]:
        if file.path:
            with Path(file.path).open("rb") as stream:
                yield from iter(lambda: stream.read(_CHUNK), b"")
            return
        if self._offline:
            raise _unread(file, "the network is switched off (`UV_OFFLINE`)", temporary=True)
        with self._open(file.url, "GET") as answer:
            yield from iter(lambda: answer.read(_CHUNK), b"")

    @contextmanager
    def _open(self, url: str, method: str) -> Iterator[HTTPResponse]:
        """Proxies and certificates are those of the environment; other schemes than HTTP are nobody's business."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(url)
        request = Request(public(url), method=method)  # noqa: S310 the scheme was looked at
        if authorization := self._credentials.authorization(url):
            request.add_unredirected_header("Authorization", authorization)
        with build_opener().open(request, timeout=_SECONDS) as answer:
            yield answer


def _unread(file: File, why: str, *, temporary: bool) -> ResolutionError:
    return ResolutionError(
        "Package file cannot be read",
        f"The index says no sha256 of `{file.filename}`, so its content has to, and that cannot be read: {why}.",
        temporary=temporary,
    )
