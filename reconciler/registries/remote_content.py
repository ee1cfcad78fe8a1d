"""What one repository of a registry holds: manifests and blobs by digest, verified while they are read."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import BinaryIO, cast

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import LARGEST_MANIFEST
from reconciler.registries import failures
from reconciler.registries import remote_failures as told
from reconciler.registries.remote_auth import PULL, scope
from reconciler.registries.remote_body import Body
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_http import ALWAYS, Answer, Request
from reconciler.registries.remote_line import Line
from reconciler.registries.verification import verified

_KINDS = (
    media_types.OCI_MANIFEST,
    media_types.OCI_INDEX,
    media_types.DOCKER_MANIFEST,
    media_types.DOCKER_INDEX,
)
# All four in one line: without them a registry says of an image that is there that it is not.
ACCEPT = {"Accept": ", ".join(_KINDS)}


class RemoteContent:
    """One repository, to be read."""

    def __init__(self, client: Client, repository: str) -> None:
        self.client = client
        self.repository = repository
        self.where = f"{client.host}/{repository}"
        self._scopes = (scope(repository, PULL),)

    def describe(self, reference: str) -> Descriptor | None:
        """What a tag or a digest points at, asked without content where the answer says enough."""
        answer = self._manifest("HEAD", reference)
        if answer.status == 404:
            return None
        return _told(answer.headers, reference) or self.described_by_content(reference)

    def describe_on(self, line: Line, reference: str) -> Descriptor | None:
        """The same by a shorter way, where it leads there."""
        access = self.client.access(self._scopes)
        told = line.head(f"/v2/{self.repository}/manifests/{reference}", {**ALWAYS, **ACCEPT, **access})
        return (_told(told, reference) if told else None) or self.describe(reference)

    def described_by_content(self, reference: str) -> Descriptor | None:
        """The same, with a digest that is true: what an answer says of itself may have been changed on its way."""
        found = self.read(reference)
        if found is None:
            return None
        content, kind = found
        if not kind:
            raise told.unintelligible(self.client.host, self.manifest_url(reference), "It is no image manifest.")
        return Descriptor(kind, Digest.of(content), len(content))

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Content by its digest; RegistryError where it is not there."""
        kept = self.client.kept
        if not kept.is_worth(descriptor):
            return self._opened(descriptor)
        content = kept.read(descriptor.digest)
        if content is None or len(content) != descriptor.size:
            with self._opened(descriptor) as stream:
                content = stream.read()
            kept.keep(content)
        return BytesIO(content)

    def _opened(self, descriptor: Descriptor) -> BinaryIO:
        if descriptor.media_type in _KINDS:
            answer = self._manifest("GET", descriptor.digest)
            if answer.status == 404:
                raise failures.missing(self.where, descriptor.digest)
            return verified(BytesIO(answer.body), descriptor, self.where)
        body = Body(self.client, self.where, self.blob_url(descriptor.digest), self._scopes, descriptor)
        body.begin()
        return verified(cast("BinaryIO", body), descriptor, self.where)

    def has(self, descriptor: Descriptor) -> bool:
        """Whether content is there, and as long as it should be."""
        if descriptor.media_type in _KINDS:
            return self.describe(descriptor.digest) is not None
        answer = self._blob(descriptor, self._scopes)
        if answer.status != 200 or _fits(answer, descriptor):
            return answer.status == 200
        if _digest(answer.headers) == descriptor.digest:
            return False  # the registry speaks of this very content, and has lost some of it
        why = f"It is not the blob of {descriptor.size} bytes that was asked for."
        raise told.unintelligible(self.client.host, answer.url, why)

    def has_on(self, line: Line, descriptor: Descriptor) -> bool:
        """The same by a shorter way, where it leads there."""
        if descriptor.media_type in _KINDS:
            return self.describe_on(line, descriptor.digest) is not None
        access = self.client.access(self._scopes)
        told = line.head(f"/v2/{self.repository}/blobs/{descriptor.digest}", {**ALWAYS, **access})
        return (told is not None and told.get("Content-Length") == str(descriptor.size)) or self.has(descriptor)

    def has_blob(self, descriptor: Descriptor, scopes: tuple[str, ...]) -> bool:
        """Whether a blob need not be sent, with the rights that are at hand."""
        answer = self._blob(descriptor, scopes)
        return answer.status == 200 and _fits(answer, descriptor)

    def _blob(self, descriptor: Descriptor, scopes: tuple[str, ...]) -> Answer:
        return self.client.ask(Request("HEAD", self.blob_url(descriptor.digest)), scopes, 200, 404)

    def read(self, reference: str) -> tuple[bytes, str] | None:
        """A manifest by its tag, with what it is said to be; whether it is what its digest says is known only now."""
        answer = self._manifest("GET", reference)
        if answer.status == 404:
            return None
        said, digest = _digest(answer.headers), Digest.of(answer.body)
        if (said or digest) != digest or (":" in reference and digest != reference):
            raise failures.corrupt(self.where, f"{reference} has content of another digest")
        return answer.body, _kind(answer.headers)

    def manifest_url(self, reference: str) -> str:
        """The address of a manifest."""
        return self.client.url(f"{self.repository}/manifests/{reference}")

    def blob_url(self, digest: Digest) -> str:
        """The address of a blob."""
        return self.client.url(f"{self.repository}/blobs/{digest}")

    def _manifest(self, method: str, reference: str) -> Answer:
        request = Request(method, self.manifest_url(reference), ACCEPT)
        return self.client.ask(request, self._scopes, 200, 404, most=LARGEST_MANIFEST)


def _told(headers: Mapping[str, str], reference: str) -> Descriptor | None:
    """What an answer says of a manifest; None where that is not enough."""
    kind, digest, size = _kind(headers), _digest(headers), headers.get("Content-Length", "")
    wanted = reference if ":" in reference else digest
    fits = digest is not None and digest == wanted and size.isascii() and size.isdigit()
    return Descriptor(kind, digest, int(size)) if kind and digest and fits else None


def _fits(answer: Answer, descriptor: Descriptor) -> bool:
    return answer.headers.get("Content-Length") in (None, str(descriptor.size))


def _kind(headers: Mapping[str, str]) -> str:
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    return kind if kind in _KINDS else ""


def _digest(headers: Mapping[str, str]) -> Digest | None:
    try:
        return Digest.parse(headers.get("Docker-Content-Digest", ""))
    except ValueError:
        return None
