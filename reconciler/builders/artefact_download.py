"""Downloads: resumed where they broke off, checked while they come in, tried again only where that may help."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit, urlunsplit

from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    from reconciler.builders.artefact_connections import Connections, Response

Seen = Callable[[int], None]
_CHUNK = 1 << 18
_TRIES = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Download:
    """What to fetch, and the file that it is collected in."""

    artefact: Artefact
    file: Path


class _BrokenError(Exception):
    """A try that failed in a way that another may not; `pause` is what the server asked for."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


class _Counted:
    """Tells how much more there is, or less: a server that begins anew takes back what it gave."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self.size = 0

    def become(self, size: int) -> None:
        """There is so much of the file now."""
        more, self.size = size - self.size, size
        self._seen(more)


class Http:
    """Fetches over HTTP; `sleep` is how it waits between tries."""

    def __init__(self, connections: Connections, sleep: Callable[[float], None] = time.sleep) -> None:
        self._connections = connections
        self._sleep = sleep

    def download(self, download: Download, seen: Seen) -> None:
        """Fill the file with the content that the artefact's digest names. Raises BuildError."""
        pause, reason, have = _FIRST_PAUSE, "", _Counted(seen)
        for attempt in range(_TRIES):
            try:
                self._fetch(download, have)
            except _BrokenError as broken:
                reason = str(broken)
                if attempt < _TRIES - 1:
                    self._sleep(min(max(pause, broken.pause), _LONGEST_PAUSE))
                    pause *= 2
                    seen(0)  # whoever waits may want no more
            else:
                return
        rest = "What came in is kept; apply again to go on from there." if have.size else "Apply again when it answers."
        raise BuildError(
            "Package cannot be downloaded",
            f"{_said(download.artefact)} could not be fetched in {_TRIES} tries: {reason}. {rest}",
        )

    def _fetch(self, download: Download, have: _Counted) -> None:
        with download.file.open("a+b") as file:
            start, hasher = _hashed(file)
            have.become(start)
            if start and start == download.artefact.size and hasher.hexdigest() == download.artefact.digest.hex:
                return
            if download.artefact.size and start >= download.artefact.size:
                start, hasher = _emptied(file)
            response = self._ask(download.artefact, start)
            try:
                if start and not _goes_on(response, start):
                    start, hasher = _emptied(file)
                    if response.status != 200:
                        raise _BrokenError("the server did not go on where the download broke off")
                have.become(start)
                self._collect(download.artefact, response, file, start, hasher, have)
            finally:
                response.release_conn()
                response.close()

    def _collect(
        self,
        artefact: Artefact,
        response: Response,
        file: BinaryIO,
        size: int,
        hasher: hashlib._Hash,
        have: _Counted,
    ) -> None:
        started_at = size
        for chunk in self._connections.pieces(response, _CHUNK, _BrokenError):
            size += len(chunk)
            if artefact.size and size > artefact.size:
                break
            file.write(chunk)
            hasher.update(chunk)
            have.become(size)
        file.flush()
        if size < artefact.size and (started_at or response.headers.get("Content-Length") != str(size)):
            raise _BrokenError("the connection ended too early")  # else the server gave all of something else
        if hasher.hexdigest() != artefact.digest.hex:
            _emptied(file)
            if started_at:  # what was there before may be what is wrong
                raise _BrokenError("what was there of an earlier download did not fit")
            raise BuildError(
                "Downloaded package is not the locked one",
                f"{_said(artefact)} has the digest sha256:{hasher.hexdigest()} in {size} bytes, and the lock says "
                f"{artefact.digest} in {artefact.size or 'any number of'} bytes. Nothing of it is used. The file on "
                "the index was replaced, or something on the way changes it.",
            )

    def _ask(self, artefact: Artefact, start: int) -> Response:
        headers = {"Range": f"bytes={start}-"} if start else {}
        response = self._connections.get(artefact, headers, _BrokenError)
        if response.status in (200, 206, 416):
            return response
        response.close()
        if response.status in _TEMPORARY:
            raise _BrokenError(f"the server answered {response.status}", _asked_pause(response.headers))
        raise BuildError(
            "Package cannot be downloaded",
            f"{_said(artefact)} is not given out: the server answered {response.status}. {_advice(response.status)}",
        )


def without_secrets(url: str) -> str:
    """A URL as it may be shown: no user, no password, no query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _said(artefact: Artefact) -> str:
    return f"`{artefact.name} {artefact.version}` from `{without_secrets(artefact.url)}`"


def _advice(status: int) -> str:
    if status in (401, 403):
        return "Name and password for its host are taken from the file `~/.netrc`, or from where `NETRC` points."
    return "The file may have been taken away; plan again with `-upgrade` to choose another one."


def _hashed(file: BinaryIO) -> tuple[int, hashlib._Hash]:
    hasher, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        hasher.update(chunk)
        size += len(chunk)
    return size, hasher


def _emptied(file: BinaryIO) -> tuple[int, hashlib._Hash]:
    os.ftruncate(file.fileno(), 0)
    return 0, hashlib.sha256()


def _goes_on(response: Response, start: int) -> bool:
    return (
        response.status == 206 and re.match(rf"bytes {start}-", response.headers.get("Content-Range", "")) is not None
    )


def _asked_pause(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")
    return float(text) if text.isdigit() and len(text) < 6 else 0.0
