"""Repositories of folders and of registries on a network, as copies see them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.oci.manifest import Index, Manifest
from reconciler.oci.reference import Name
from reconciler.registries import failures
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.layout_files import writing
from reconciler.registries.naming import spelled_ref
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_content import RemoteContent
from reconciler.registries.remote_listing import tags_of
from reconciler.registries.remote_publication import BlobUnknownError, put_manifest, set_tag
from reconciler.registries.remote_referrers import attach, referrers_of
from reconciler.registries.remote_upload import Uploads


class FolderPlace:
    """One repository of a layout; its content is the whole layout's."""

    def __init__(self, folder: Path, repository: str) -> None:
        self._registry = LayoutRegistry(folder)
        self._folder = folder
        self._repository = repository
        self._prepared = False
        self.where = self._registry.blobs.where

    def describe(self, reference: str) -> Descriptor | None:
        """What the layout says of a tag or a digest."""
        return self._registry.describe(_named(self._repository, reference))

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Content of the layout."""
        return self._registry.blobs.open(descriptor)

    def referrers(self, subject: Digest) -> Sequence[Descriptor]:
        """What the index names that refers to an image."""
        return self._registry.referrers(Name(self._repository, "", subject))

    def tags(self) -> Sequence[str]:
        """The tags of the repository."""
        return sorted(self._registry.list(self._repository))

    def lend(self, descriptor: Descriptor) -> None:
        """All content of a layout is everybody's."""

    def keep(self, blob: Blob) -> None:
        """Have this content."""
        with writing(self._folder):
            if not self._prepared:
                self._registry.prepare()
                self._prepared = True
            self._registry.blobs.keep(blob)

    def put(self, raw: bytes, found: Manifest | Index) -> None:
        """Manifests below an index need no entry of their own; what is attached to an image is found by one."""
        if found.subject is not None:
            self._registry.put(raw, found, [])
        else:
            self.keep(Blob.of(raw, found.media_type))

    def name(self, raw: bytes, found: Manifest | Index, tag: str) -> None:
        """An entry in the index."""
        self._registry.put(raw, found, [spelled_ref(Name(self._repository, tag))] if tag else [])


class NetworkPlace:
    """One repository of a registry on a network; what one has is mounted into another."""

    def __init__(self, client: Client, repository: str) -> None:
        self._client = client
        self._content = RemoteContent(client, repository)
        self._uploads = Uploads(self._content)
        self.where = self._content.where

    def describe(self, reference: str) -> Descriptor | None:
        """What the registry says of a tag or a digest."""
        return self._content.describe(reference)

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Content of the repository."""
        return self._content.open(descriptor)

    def referrers(self, subject: Digest) -> Sequence[Descriptor]:
        """By the API, or under the tag that stands in for it."""
        return referrers_of(self._content, subject)

    def tags(self) -> Sequence[str]:
        """The tags of the repository."""
        return sorted(tags_of(self._client, self._content.repository))

    def keep(self, blob: Blob) -> None:
        """There already, mounted, or sent."""
        self._uploads.keep(blob)

    def put(self, raw: bytes, found: Manifest | Index) -> None:
        """Under its digest, and in the list of what is attached where the registry keeps none."""
        try:
            answer = put_manifest(self._content, raw, found.media_type)
        except BlobUnknownError as cause:
            raise failures.changed_while_pushing(self.where, Digest.of(raw)) from cause
        if found.subject is not None and answer.headers.get("OCI-Subject") != found.subject.digest:
            attach(self._content, Descriptor(found.media_type, Digest.of(raw), len(raw)), found)

    def name(self, raw: bytes, found: Manifest | Index, tag: str) -> None:
        """The tag, set last."""
        if tag:
            set_tag(self._content, tag, raw, Descriptor(found.media_type, Digest.of(raw), len(raw)))

    def lend(self, descriptor: Descriptor) -> None:
        """Others of the same registry may mount it."""
        self._client.whereabouts.note(descriptor.digest, self._content.repository, sure=False)


def _named(repository: str, reference: str) -> Name:
    try:
        return Name(repository, "", Digest.parse(reference))
    except ValueError:
        return Name(repository, reference)
