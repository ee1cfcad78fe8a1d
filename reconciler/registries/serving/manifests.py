"""Manifests, asked for and kept under tags and digests."""

from __future__ import annotations

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci import manifest as manifests
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import LARGEST_MANIFEST, Index, Manifest
from reconciler.oci.reference import Name
from reconciler.oci.reference_rules import check_tag
from reconciler.oci.strict_json import ContentError
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.naming import spelled_ref
from reconciler.registries.serving.exchange import Asked, RefusalError, Reply

_KINDS = media_types.MANIFESTS | media_types.INDEXES


class Manifests:
    """Those of one layout. In whose repository one was kept or deleted is told to `met`."""

    def __init__(self, registry: LayoutRegistry, met: set[str]) -> None:
        self._registry = registry
        self._met = met

    def get(self, asked: Asked, repository: str, reference: str) -> Reply:
        """One of them, verified."""
        descriptor = self._described(repository, reference)
        with self._registry.blobs.open(descriptor) as stream:
            raw = stream.read()
        headers = {
            "Content-Type": _kind(raw, descriptor),
            "Docker-Content-Digest": descriptor.digest,
            "ETag": f'"{descriptor.digest}"',
        }
        if descriptor.digest in asked.headers.get("If-None-Match", ""):
            return Reply(304, headers)
        return Reply(200, headers, raw)

    def put(self, asked: Asked, repository: str, reference: str) -> Reply:
        """Keep one, once all that it names is here."""
        raw = _content(asked)
        digest = Digest.of(raw)
        name = _name(repository, reference)
        if name is None:
            raise RefusalError(400, "TAG_INVALID", "A manifest is kept under a tag or a sha256 digest.")
        if name.digest not in (None, digest):
            raise RefusalError(400, "DIGEST_INVALID", f"The content has the digest {digest}.")
        found = self._understood(raw, asked.headers.get("Content-Type", ""))
        self._check_whole(found)
        self._registry.put(raw, found, [spelled_ref(name)] if name.tag else [])
        self._met.add(repository)
        headers = {"Location": f"/v2/{repository}/manifests/{digest}", "Docker-Content-Digest": digest}
        if found.subject is not None:
            headers["OCI-Subject"] = found.subject.digest
        return Reply(201, headers)

    def delete(self, _: Asked, repository: str, reference: str) -> Reply:
        """Forget a tag; or a digest, with all of its tags in this repository."""
        descriptor = self._described(repository, reference)
        name = _name(repository, reference)
        if name is not None and name.digest is None:
            self._registry.delete(name)
        else:
            self._registry.untag(repository, descriptor.digest)
        self._met.add(repository)
        return Reply(202)

    def _described(self, repository: str, reference: str) -> Descriptor:
        name = _name(repository, reference)
        found = self._registry.describe(name) if name else None
        if found is None:
            raise RefusalError(404, "MANIFEST_UNKNOWN", f"There is no manifest {reference[:128]} in {repository}.")
        return found

    def _understood(self, raw: bytes, told: str) -> Manifest | Index:
        kind = told.partition(";")[0].strip()
        try:
            found = manifests.parse(raw, kind if kind in _KINDS else "")
        except ContentError as cause:
            raise RefusalError(400, "MANIFEST_INVALID", str(cause)) from cause
        if found.media_type not in _KINDS or (kind and kind not in _KINDS):
            raise RefusalError(400, "MANIFEST_INVALID", "Manifests of this media type are not kept here.")
        return found

    def _check_whole(self, found: Manifest | Index) -> None:
        parts = found.manifests if isinstance(found, Index) else (found.config, *found.layers)
        for part in parts:
            if self._registry.blobs.size(part.digest) != part.size and not media_types.is_elsewhere(part.media_type):
                message = f"The manifest names {part.digest}, and that has not been pushed."
                raise RefusalError(400, "MANIFEST_BLOB_UNKNOWN", message)


def _name(repository: str, reference: str) -> Name | None:
    """None for what can be no tag and no digest."""
    try:
        if ":" in reference:
            return Name(repository, "", Digest.parse(reference))
        check_tag(reference)
        spelled_ref(Name(repository, reference))
    except (ValueError, RegistryError):
        return None
    return Name(repository, reference)


def _content(asked: Asked) -> bytes:
    if (asked.length or 0) <= LARGEST_MANIFEST:
        raw = asked.body.read(LARGEST_MANIFEST + 1)
        if len(raw) <= LARGEST_MANIFEST:
            return raw
    raise RefusalError(413, "MANIFEST_INVALID", f"A manifest may have {LARGEST_MANIFEST} bytes, and no more.")


def _kind(raw: bytes, descriptor: Descriptor) -> str:
    if descriptor.media_type:
        return descriptor.media_type
    try:
        return manifests.parse(raw).media_type
    except ContentError:
        return media_types.OCI_MANIFEST
