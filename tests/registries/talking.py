"""Speaking the distribution protocol by hand, to whichever registry answers."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from reconciler.model.digest import Digest
from reconciler.oci.image import Image


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it came; headers by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, understood."""
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """The codes of the errors in it."""
        return [error["code"] for error in self.json["errors"]]


@dataclass(frozen=True, slots=True)
class Talk:
    """`host` is HOST:PORT; each request has a connection of its own."""

    host: str

    def __call__(self, method: str, path: str, body: bytes | Iterable[bytes] | None = None, **headers: str) -> Said:
        """One request; `Content_Range="0-4"` is the header `Content-Range`."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        parts = urlsplit(path)
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, named)
        with connection.getresponse() as answer:
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Said(answer.status, found, answer.read())

    def begin(self, repository: str) -> str:
        """Where an upload goes on that has just begun."""
        said = self("POST", f"/v2/{repository}/blobs/uploads/", b"")
        assert said.status == 202, said
        return said.headers["location"]

    def push_blob(self, repository: str, content: bytes) -> Digest:
        """In one piece."""
        digest = Digest.of(content)
        said = self("PUT", with_query(self.begin(repository), digest=digest), content)
        assert said.status == 201, said
        return digest

    def push(self, repository: str, image: Image, *references: str) -> Digest:
        """An image, under its digest where no reference is named."""
        for blob in image.blobs:
            with blob.open() as stream:
                self.push_blob(repository, stream.read())
        for reference in references or (image.digest,):
            said = self.put_manifest(repository, reference, image.manifest, image.media_type)
            assert said.status == 201, said
        return image.digest

    def put_manifest(self, repository: str, reference: str, content: bytes, media_type: str) -> Said:
        """A manifest by itself."""
        return self("PUT", f"/v2/{repository}/manifests/{reference}", content, Content_Type=media_type)


def with_query(place: str, **values: str) -> str:
    """An address with more in its query."""
    return place + ("&" if "?" in place else "?") + urlencode(values)
