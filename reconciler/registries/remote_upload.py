"""Blobs on their way into a repository: there already, mounted from another, or sent."""

from __future__ import annotations

from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlencode

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.registries import remote_failures as told
from reconciler.registries.remote_auth import PULL, PUSH, scope
from reconciler.registries.remote_content import RemoteContent
from reconciler.registries.remote_http import LARGEST_ERROR, Answer, Request, Source
from reconciler.registries.remote_retry import TRANSIENT
from reconciler.registries.remote_transport import UnansweredError, read_whole
from reconciler.registries.verification import verified

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LONGEST_PUT = 1 << 30
CHUNK = 1 << 28
_TOO_LONG = 413
_BEGIN_ANEW = TRANSIENT | {400, 404, 409, 416}


class Uploads:
    """Into one repository. Whatever goes wrong with an upload, it is begun anew: half of one is never relied on."""

    def __init__(self, content: RemoteContent) -> None:
        self._content = content
        self._client = content.client
        self._scopes = (scope(content.repository, PUSH),)
        self._start = self._client.url(f"{content.repository}/blobs/uploads/")

    def is_there(self, blob: Blob) -> bool:
        """Whether the repository is known to hold some content."""
        return self._client.whereabouts.is_in(blob.descriptor.digest, self._content.repository)

    def keep(self, blob: Blob) -> None:
        """Content that the repository holds when this returns."""
        if not self.is_there(blob):
            self._client.whereabouts.once(blob.descriptor.digest, self._content.repository, lambda: self._bring(blob))

    def _bring(self, blob: Blob) -> None:
        source = self._client.whereabouts.another(blob.descriptor.digest, self._content.repository)
        begun = self._mount(blob.descriptor, source) if source else None
        if begun is not None and begun.status == 201:
            return
        if not self._content.has_blob(blob.descriptor, self._scopes):
            self._send(blob, begun)

    def _mount(self, descriptor: Descriptor, source: str) -> Answer | None:
        """201: mounted; 202: an upload was begun instead. Whoever may not mount must send."""
        scopes = (*self._scopes, scope(source, PULL))
        query = urlencode({"mount": descriptor.digest, "from": source})
        try:
            return self._client.ask(Request("POST", f"{self._start}?{query}", body=b""), scopes, 201, 202)
        except RegistryError:
            return None

    def _send(self, blob: Blob, begun: Answer | None) -> None:
        tried, chunked = 0, blob.descriptor.size > LONGEST_PUT
        while True:
            tried += 1
            try:
                begun = begun or self._client.ask(Request("POST", self._start, body=b""), self._scopes, 202)
                answer = self._in_chunks(blob, begun) if chunked else self._at_once(blob, begun)
                begun = None
                if answer.status in (201, 204):
                    return
                if answer.status == _TOO_LONG and not chunked:
                    chunked = True
                    continue
                error = self._client.refusal(Request("PUT", answer.url), answer)
                if answer.status not in _BEGIN_ANEW:
                    raise error
                waited = self._client.wait(tried, answer.headers)
            except UnansweredError as cause:
                begun, error = None, told.unreachable(self._client.host, str(cause))
                waited = self._client.wait(tried, {})
            if not waited:
                raise error
            if self._content.has_blob(blob.descriptor, self._scopes):
                return

    def _at_once(self, blob: Blob, begun: Answer) -> Answer:
        length = str(blob.descriptor.size)
        url = _closing(self._next(begun), blob.descriptor)
        return self._carried("PUT", url, {"Content-Length": length}, lambda: _source(blob))

    def _in_chunks(self, blob: Blob, begun: Answer) -> Answer:
        """Each piece must be answered with where it ends: some registries append what they did not understand."""
        asked = begun.headers.get("OCI-Chunk-Min-Length", "")
        most = max(CHUNK, int(asked) if asked.isascii() and asked.isdigit() else 0)
        size, sent = blob.descriptor.size, 0
        with _source(blob) as source:
            while sent < size:
                end = min(sent + most, size)
                told_range = {"Content-Length": str(end - sent), "Content-Range": f"{sent}-{end - 1}"}
                begun = self._carried("PATCH", self._next(begun), told_range, _Part(source, end - sent).open)
                if begun.status != 202:
                    return begun
                if begun.headers.get("Range", "").rpartition("-")[2] != str(end - 1):
                    raise UnansweredError("it lost a piece of what was sent")
                sent = end
            url = _closing(self._next(begun), blob.descriptor)
            return self._carried("PUT", url, {"Content-Length": "0"}, b"")

    def _carried(self, method: str, url: str, headers: dict[str, str], body: bytes | Source) -> Answer:
        typed = {"Content-Type": "application/octet-stream", **headers}
        response = self._client.stream(Request(method, url, typed, body), self._scopes)
        return Answer(response.status, response.headers, read_whole(response, LARGEST_ERROR) or b"", url)

    def _next(self, answer: Answer) -> str:
        place = answer.headers.get("Location", "")
        if not place:
            raise told.unintelligible(self._client.host, answer.url, "It does not say where to send content.")
        return self._client.next_url(answer.url, place)


def is_there(content: RemoteContent, descriptor: Descriptor) -> bool:
    """Whether a repository has a blob of this size, for those who only read; where it has, no upload asks again."""
    found = content.has_blob(descriptor, (scope(content.repository, PULL),))
    if found:
        content.client.whereabouts.note(descriptor.digest, content.repository, sure=True)
    return found


class _Part(RawIOBase):
    """The next so many bytes of a source. Whoever wants to send them twice must begin the upload anew."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source = source
        self._left = size
        self._opened = False

    def open(self) -> BinaryIO:
        """Itself, once."""
        if self._opened:
            raise UnansweredError("it wants a piece twice")
        self._opened = True
        return cast("BinaryIO", self)

    def readable(self) -> bool:
        """It is; closing it leaves the source open for the next."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """What comes next."""
        view = memoryview(buffer).cast("B")
        piece = self._source.read(min(len(view), self._left))
        self._left -= len(piece)
        view[: len(piece)] = piece
        return len(piece)


def _source(blob: Blob) -> BinaryIO:
    return verified(blob.open(), blob.descriptor, "what was to be pushed")


def _closing(url: str, descriptor: Descriptor) -> str:
    return url + ("&" if "?" in url else "?") + urlencode({"digest": descriptor.digest})
