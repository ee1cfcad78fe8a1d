"""Manifests put into a repository, by digest first and under their tags last."""

from __future__ import annotations

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor
from reconciler.registries import failures
from reconciler.registries import remote_failures as told
from reconciler.registries.remote_auth import PUSH, scope
from reconciler.registries.remote_content import RemoteContent
from reconciler.registries.remote_http import Answer, Request
from reconciler.registries.remote_retry import TRANSIENT

_BLOB_UNKNOWN = frozenset({"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"})
_REFUSALS = (400, 404, 409, 412, 422)


class BlobUnknownError(Exception):
    """The registry lacks content that was there a moment ago."""


def put_manifest(content: RemoteContent, manifest: bytes, media_type: str) -> Answer:
    """Keep a manifest under its digest; BlobUnknownError where something that it names is gone."""
    digest = Digest.of(manifest)
    request = _request(content, digest, manifest, media_type, repeated=True)
    answer = content.client.ask(request, _scopes(content), 200, 201, 202, *_REFUSALS)
    if answer.status in _REFUSALS:
        if _BLOB_UNKNOWN & set(told.codes(answer.body)):
            raise BlobUnknownError
        raise content.client.refusal(request, answer)
    kept = answer.headers.get("Docker-Content-Digest", digest)
    if kept != digest:
        raise failures.corrupt(content.where, f"What was pushed as {digest} is kept as {told.plain(kept)}")
    return answer


def set_tag(content: RemoteContent, tag: str, manifest: bytes, descriptor: Descriptor) -> None:
    """Let a tag mean a manifest. Somebody else may set it at the same time, so it is not simply tried again."""
    request = _request(content, tag, manifest, descriptor.media_type, repeated=False)
    try:
        answer = content.client.ask(request, _scopes(content), 200, 201, 202, *_REFUSALS, *TRANSIENT)
    except RegistryError as error:
        if not error.temporary or not _means(content, tag, descriptor):
            raise
        return
    if answer.status < 300 or _means(content, tag, descriptor):
        return  # a registry whose tags never move refuses to set even what is set
    refusal = content.client.refusal(request, answer)
    refusal.temporary = answer.status in TRANSIENT
    raise refusal


def _means(content: RemoteContent, tag: str, descriptor: Descriptor) -> bool:
    found = content.describe(tag)
    return found is not None and found.digest == descriptor.digest


def _request(content: RemoteContent, reference: str, body: bytes, media_type: str, *, repeated: bool) -> Request:
    return Request("PUT", content.manifest_url(reference), {"Content-Type": media_type}, body, repeated)


def _scopes(content: RemoteContent) -> tuple[str, ...]:
    return (scope(content.repository, PUSH),)
