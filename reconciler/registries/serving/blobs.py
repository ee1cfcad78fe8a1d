"""Blobs, whole or in part. All repositories of a layout share them."""

from __future__ import annotations

import re
from typing import BinaryIO

from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.serving.exchange import Asked, Content, RefusalError, Reply, unsupported

_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")


class Blobs:
    """Those of one layout."""

    def __init__(self, registry: LayoutRegistry) -> None:
        self._registry = registry

    def get(self, asked: Asked, repository: str, digest: str) -> Reply:
        """One of them; a whole one is verified while it is sent."""
        found = self._found(repository, digest)
        headers = {
            "Content-Type": "application/octet-stream",
            "Docker-Content-Digest": found.digest,
            "ETag": f'"{found.digest}"',
            "Accept-Ranges": "bytes",
            "Cache-Control": "max-age=31536000",
        }
        if found.digest in asked.headers.get("If-None-Match", ""):
            return Reply(304, headers)
        wanted = _range(asked.headers.get("Range", ""), found.size)
        if wanted is None:
            return Reply(200, headers, Content(self._opened(asked, found), found.size))
        first, last = wanted
        if first > last or first >= found.size:
            told = f"The blob has {found.size} bytes."
            raise RefusalError(416, "RANGE_INVALID", told, {"Content-Range": f"bytes */{found.size}"})
        part = self._registry.blobs.open_part(found, first)
        told_range = {"Content-Range": f"bytes {first}-{last}/{found.size}"}
        return Reply(206, {**headers, **told_range}, Content(part, last - first + 1))

    def delete(self, _: Asked, repository: str, digest: str) -> Reply:
        """Never: other images may need it."""
        self._found(repository, digest)
        raise unsupported("Blobs go when no image needs them any more: delete manifests, then run `envform gc`.")

    def _opened(self, asked: Asked, found: Descriptor) -> BinaryIO:
        if asked.method == "HEAD":
            self._registry.blobs.refresh(found.digest)  # who asks may count on it, and send it no more
            return self._registry.blobs.open_part(found, 0)
        return self._registry.blobs.open(found)

    def _found(self, repository: str, text: str) -> Descriptor:
        digest = digest_of(text)
        size = self._registry.blobs.size(digest)
        if size is None:
            raise RefusalError(404, "BLOB_UNKNOWN", f"There is no blob {digest} in {repository}.")
        return Descriptor("", digest, size)


def digest_of(text: str) -> Digest:
    """The digest that a client spells."""
    try:
        return Digest.parse(text)
    except ValueError:
        told = "A digest is `sha256:` and 64 lower-case hex digits."
        raise RefusalError(400, "DIGEST_INVALID", told) from None


def _range(text: str, size: int) -> tuple[int, int] | None:
    """First and last byte of one range; None where the whole is sent, as for what cannot be understood."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, size - int(match[2])), size - 1
    return int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
