"""A blob as it comes in; where the line breaks, the rest is asked for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from io import RawIOBase
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.descriptor import Descriptor
from reconciler.registries import failures
from reconciler.registries import remote_failures as told
from reconciler.registries.remote_auth import Scopes
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_http import LARGEST_ERROR, Answer, Request
from reconciler.registries.remote_retry import TRANSIENT
from reconciler.registries.remote_transport import Response, UnansweredError, read_piece, read_whole, too_slow

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PROGRESS = 1 << 20


class Body(RawIOBase):
    """Content of a blob, unverified. `begin` is called first: RegistryError where it is not there."""

    def __init__(self, client: Client, where: str, url: str, scopes: Scopes, descriptor: Descriptor) -> None:
        self._client = client
        self._where = where
        self._url = url
        self._scopes = scopes
        self._descriptor = descriptor
        self._received = 0
        self._begun_at = (0, 0.0)
        self._tried = 0
        self._response: Response | None = None

    def readable(self) -> bool:
        """It is; what it is not is seekable."""
        return True

    def begin(self) -> None:
        """Ask for what is not here yet, until somebody gives it."""
        while self._response is None:
            try:
                self._response = self._asked()
            except UnansweredError as cause:
                self._try_again(cause, {})

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """What there is now; nothing at the end."""
        view = memoryview(buffer).cast("B")
        while True:
            self.begin()
            try:
                piece = self._piece(len(view))
            except UnansweredError as cause:
                self._drop()
                self._try_again(cause, {})
                continue
            view[: len(piece)] = piece
            self._received += len(piece)
            return len(piece)

    def close(self) -> None:
        """Let the connection go."""
        self._drop()
        super().close()

    def _piece(self, size: int) -> bytes:
        begun, since = self._begun_at
        if self._response is None or too_slow(self._received - begun, since):
            raise UnansweredError("it sends too slowly")
        return read_piece(self._response, size)

    def _asked(self) -> Response | None:
        """An answer that stands where the next byte is; None: asked in vain, and worth asking again."""
        headers = {"Range": f"bytes={self._received}-"} if self._received else {}
        request = Request("GET", self._url, headers)
        response = self._client.stream(request, self._scopes)
        self._begun_at = (self._received, time.monotonic())
        if response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {self._received}-"):
            return response
        if response.status == 200:
            self._check_length(response)
            self._skip(response)
            return response
        refusal = self._refusal(request, response)
        if response.status not in TRANSIENT:
            raise refusal
        self._try_again(refusal, response.headers)
        return None

    def _refusal(self, request: Request, response: Response) -> RegistryError:
        if response.status == 404:
            response.close()
            return failures.missing(self._where, self._descriptor.digest)
        body = read_whole(response, LARGEST_ERROR) or b""
        return self._client.refusal(request, Answer(response.status, response.headers, body, self._url))

    def _check_length(self, response: Response) -> None:
        length = response.headers.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length) != self._descriptor.size:
            response.close()
            wanted = f"{self._descriptor.digest} should have {self._descriptor.size} bytes and has {int(length)}"
            raise failures.corrupt(self._where, wanted)

    def _skip(self, response: Response) -> None:
        left = self._received
        while left:
            piece = read_piece(response, min(left, _PROGRESS))
            if not piece:
                raise UnansweredError("the content became shorter")
            left -= len(piece)

    def _try_again(self, cause: Exception, headers: Mapping[str, str]) -> None:
        begun, _ = self._begun_at
        self._tried = 1 if self._received - begun > _PROGRESS else self._tried + 1
        if self._client.wait(self._tried, headers):
            return
        if isinstance(cause, RegistryError):
            raise cause
        raise told.unreachable(self._client.host, str(cause)) from cause

    def _drop(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None
