"""Blobs on their way into the layout: begun, sent in one piece or in several, finished or given up."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from uuid import uuid4

from reconciler.model.digest import Digest
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.layout_upload import Upload
from reconciler.registries.serving.blobs import digest_of
from reconciler.registries.serving.exchange import Asked, RefusalError, Reply

_CHUNK = 1 << 20
_MOST = 256
_FORGOTTEN_AFTER = 3600.0
_FORGOTTEN_SOON = 60.0
_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


@dataclass
class _Begun:
    repository: str
    upload: Upload
    used: float
    mutex: Lock = field(default_factory=Lock)
    over: bool = False


class Uploads:
    """Those that have begun; they live as long as the process, and content has no name before it is whole."""

    def __init__(self, registry: LayoutRegistry, folder: Path) -> None:
        self._registry = registry
        self._folder = folder
        self._begun: dict[str, _Begun] = {}
        self._mutex = Lock()

    def post(self, asked: Asked, repository: str) -> Reply:
        """Begin one; or mount what is here already; or take it all at once."""
        if mounted := asked.query.get("mount"):
            digest = digest_of(mounted)
            if self._registry.blobs.size(digest) is not None:
                self._registry.blobs.refresh(digest)
                return _kept(repository, digest)
        told = asked.query.get("digest")
        digest_at_once = digest_of(told) if told else None
        key = self._begin(repository)
        if digest_at_once is None:
            return self._state(repository, key, 202)
        with self._at(repository, key) as begun:
            return self._finished(asked, key, begun, digest_at_once)

    def get(self, _: Asked, repository: str, key: str) -> Reply:
        """How far one has come."""
        with self._at(repository, key):
            return self._state(repository, key, 204)

    def patch(self, asked: Asked, repository: str, key: str) -> Reply:
        """Take the next piece."""
        with self._at(repository, key) as begun:
            self._take(asked, key, begun)
            return self._state(repository, key, 202)

    def put(self, asked: Asked, repository: str, key: str) -> Reply:
        """Take the last piece, if there is one, and let the whole have its name."""
        with self._at(repository, key) as begun:
            return self._finished(asked, key, begun, digest_of(asked.query.get("digest", "")))

    def delete(self, _: Asked, repository: str, key: str) -> Reply:
        """Give one up."""
        with self._at(repository, key) as begun:
            self._end(key, begun)
        return Reply(204)

    def close(self) -> None:
        """Give up all of them."""
        for key, begun in list(self._begun.items()):
            self._end(key, begun)

    def _begin(self, repository: str) -> str:
        self._forget(_FORGOTTEN_AFTER if len(self._begun) < _MOST else _FORGOTTEN_SOON)
        self._registry.prepare()
        key = str(uuid4())
        with self._mutex:
            if len(self._begun) >= _MOST:
                raise RefusalError(429, "TOOMANYREQUESTS", "Too many uploads have begun.", {"Retry-After": "5"})
            self._begun[key] = _Begun(repository, Upload(self._folder, self._registry.blobs), time.monotonic())
        return key

    def _forget(self, after: float) -> None:
        """Those of clients that went away so many seconds ago."""
        now = time.monotonic()
        for key, begun in list(self._begun.items()):
            if now - begun.used > after and begun.mutex.acquire(blocking=False):
                self._end(key, begun)
                begun.mutex.release()

    @contextmanager
    def _at(self, repository: str, key: str) -> Iterator[_Begun]:
        begun = self._begun.get(key)
        if begun is None or begun.repository != repository:
            raise _unknown()
        with begun.mutex:
            if begun.over:
                raise _unknown()
            begun.used = time.monotonic()
            yield begun

    def _take(self, asked: Asked, key: str, begun: _Begun) -> None:
        self._check_range(asked, key, begun)
        while piece := asked.body.read(_CHUNK):
            begun.upload.write(piece)

    def _check_range(self, asked: Asked, key: str, begun: _Begun) -> None:
        told = asked.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")[0]
        if not told:
            return
        match = _RANGE.fullmatch(told)
        size = begun.upload.size
        if match and int(match[1]) == size and asked.length in (None, int(match[2]) - size + 1):
            return
        message = f"The next piece begins at byte {size}, and is as long as it says."
        where = self._state(begun.repository, key, 416).headers
        raise RefusalError(416, "BLOB_UPLOAD_INVALID", message, where)

    def _finished(self, asked: Asked, key: str, begun: _Begun, digest: Digest) -> Reply:
        self._take(asked, key, begun)
        self._end(key, begun, cancel=False)
        if not begun.upload.finish(digest):
            raise RefusalError(400, "DIGEST_INVALID", f"What was sent is not {digest}. Nothing of it was kept.")
        return _kept(begun.repository, digest)

    def _end(self, key: str, begun: _Begun, *, cancel: bool = True) -> None:
        begun.over = True
        self._begun.pop(key, None)
        if cancel:
            begun.upload.cancel()

    def _state(self, repository: str, key: str, status: int) -> Reply:
        begun = self._begun.get(key)
        last = max(0, begun.upload.size - 1) if begun else 0
        headers = {
            "Location": f"/v2/{repository}/blobs/uploads/{key}",
            "Range": f"0-{last}",
            "Docker-Upload-UUID": key,
        }
        return Reply(status, headers)


def _kept(repository: str, digest: Digest) -> Reply:
    return Reply(201, {"Location": f"/v2/{repository}/blobs/{digest}", "Docker-Content-Digest": digest})


def _unknown() -> RefusalError:
    return RefusalError(404, "BLOB_UPLOAD_UNKNOWN", "There is no such upload; begin it anew.")
