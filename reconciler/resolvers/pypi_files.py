"""What an index does not say of its files: how large they are, and, where it must be known, what they hash to."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from ssl import create_default_context
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from reconciler.model.diagnostic import ResolutionError
from reconciler.model.digest import Digest
from reconciler.resolvers.pypi_addresses import Credentials, public
from reconciler.resolvers.pypi_lock import File
from reconciler.resolvers.scratch import scratch

if TYPE_CHECKING:
    from ssl import SSLContext

    from urllib3 import BaseHTTPResponse, PoolManager

_SECONDS = 20.0
_AT_ONCE = 8
_CHUNK = 1 << 20
_ALGORITHMS = ("sha256", "sha384", "sha512")


class Files:
    """Asks for each address once in a run, over connections that stay open."""

    def __init__(self, credentials: Credentials, *, offline: bool, certificates: str = "") -> None:
        self._credentials = credentials
        self._offline = offline
        self._certificates = certificates
        self._sizes: dict[str, int] = {}
        self._pool = cache(self._new_pool)

    def sizes(self, files: Iterable[File]) -> Mapping[str, int]:
        """Sizes by address; 0 where even asking for the file's head does not tell."""
        urls = sorted({file.url for file in files if file.url and not file.path} - self._sizes.keys())
        if urls and not self._offline:
            with ThreadPoolExecutor(min(_AT_ONCE, len(urls)), "envform-size") as pool:
                self._sizes.update(zip(urls, pool.map(self._size, urls), strict=True))
        return self._sizes

    def _size(self, url: str) -> int:
        from urllib3.exceptions import HTTPError

        try:
            answer = self._ask(url, "HEAD")
            return int(answer.headers.get("Content-Length") or 0) if answer.status == 200 else 0
        except (HTTPError, OSError, ValueError):
            return 0

    def hashes(self, file: File, end: float, keep: Callable[[bytes], object] = lambda _: None) -> Mapping[str, str]:
        """The hashes of a file's content, which is read whole."""
        from urllib3.exceptions import HTTPError

        digests = [hashlib.new(name, usedforsecurity=False) for name in _ALGORITHMS]
        try:
            for chunk in self._chunks(file):
                if time.monotonic() > end:
                    raise _unread(file, "it took too long", temporary=True)
                for digest in digests:
                    digest.update(chunk)
                keep(chunk)
        except (HTTPError, OSError, ValueError) as cause:
            raise _unread(file, type(cause).__name__, temporary=True) from cause
        return {digest.name: digest.hexdigest() for digest in digests}

    @contextmanager
    def on_disk(self, file: File, digest: Digest, end: float) -> Iterator[Path]:
        """A file or folder where programs can read it; what is fetched for that is gone after the block."""
        if file.path:
            yield Path(file.path)
            return
        with scratch() as folder:
            path = folder / file.filename
            with path.open("wb") as output:
                found = self.hashes(file, end, output.write)["sha256"]
            if found != digest.hex:
                raise _unread(file, f"it has another sha256 than the index says, {found}", temporary=False)
            yield path

    def _chunks(self, file: File) -> Iterator[bytes]:
        if file.path:
            with Path(file.path).open("rb") as stream:
                yield from iter(lambda: stream.read(_CHUNK), b"")
            return
        if self._offline:
            raise _unread(file, "the network is switched off (`UV_OFFLINE`)", temporary=True)
        answer = self._ask(file.url, "GET")
        try:
            if answer.status != 200:
                raise _unread(file, f"the answer was {answer.status}", temporary=answer.status >= 500)
            yield from answer.stream(_CHUNK)
        finally:
            answer.release_conn()

    def _ask(self, url: str, method: str) -> BaseHTTPResponse:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(url)
        authorization = self._credentials.authorization(url)
        headers = {"Accept-Encoding": "identity", **({"Authorization": authorization} if authorization else {})}
        proxy = "" if proxy_bypass(parts.hostname) else getproxies().get(parts.scheme) or getproxies().get("all", "")
        pool: PoolManager = self._pool(proxy)
        return pool.request(method, public(url), headers=headers, preload_content=method == "HEAD", timeout=_SECONDS)

    def _new_pool(self, proxy: str) -> PoolManager:
        from urllib3 import PoolManager, ProxyManager

        if proxy:
            return ProxyManager(proxy, ssl_context=self._context, num_pools=4, maxsize=_AT_ONCE, retries=2)
        return PoolManager(ssl_context=self._context, num_pools=4, maxsize=_AT_ONCE, retries=2)

    @cached_property
    def _context(self) -> SSLContext:
        return create_default_context(cafile=self._certificates or None)


def _unread(file: File, why: str, *, temporary: bool) -> ResolutionError:
    return ResolutionError(
        "Package file cannot be read",
        f"The index says no sha256 of `{file.filename}`, so its content has to, and that cannot be read: {why}.",
        temporary=temporary,
    )
