"""A registry on a network, or one namespace of it, asked by the distribution protocol.

Names here are below the namespace. Listings tell no digests with most registries. A tag that only points out what is
attached to an image is no tag to callers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci import manifest as manifests
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.manifest import Manifest
from reconciler.oci.reference import Name
from reconciler.oci.reference_rules import check_repository, check_tag
from reconciler.oci.strict_json import ContentError
from reconciler.registries import failures
from reconciler.registries.naming import parsed
from reconciler.registries.pulling import pull
from reconciler.registries.remote_client import AT_ONCE, Client
from reconciler.registries.remote_content import RemoteContent
from reconciler.registries.remote_deletion import delete_manifest, delete_tag
from reconciler.registries.remote_hollow import missing_of
from reconciler.registries.remote_line import Line
from reconciler.registries.remote_listing import repositories_of, tags_of
from reconciler.registries.remote_many import answers
from reconciler.registries.remote_publication import BlobUnknownError, put_manifest, set_tag
from reconciler.registries.remote_referrers import attach, detach, referrers_of
from reconciler.registries.remote_upload import Uploads, is_there

_UPLOADS_AT_ONCE = 4
_FEW = 8
_FEW_QUESTIONS = 4  # new connections would take longer than these take one after the other on one that is open


class RemoteRegistry:
    """What is below one namespace; an empty one means all of the host."""

    at_hand = False

    def __init__(self, client: Client, namespace: str = "") -> None:
        self._client = client
        self._namespace = namespace

    def describe(self, name: Name) -> Descriptor | None:
        """What the registry says of a tag or a digest, without sending it."""
        content = self._readable(name)
        return content.describe(_reference(name)) if content else None

    def describe_many(self, names: Iterable[Name]) -> Mapping[Name, Descriptor | None]:
        """The same for many, over several connections."""
        wanted = tuple(dict.fromkeys(names))
        if not wanted:
            return {}
        if len(wanted) <= _FEW_QUESTIONS:
            return {name: self.describe(name) for name in wanted}
        first, *others = wanted  # alone: it settles what the registry wants to see
        found = {first: self.describe(first), **answers(others, self._describe_on, self._client.line, AT_ONCE)}
        return {name: found[name] for name in wanted}

    def _describe_on(self, name: Name, line: Line) -> Descriptor | None:
        content = self._readable(name)
        return content.describe_on(line, _reference(name)) if content else None

    def list(self, repository: str) -> Mapping[str, Digest | None]:
        """The tags of a repository."""
        content = self._readable(Name(repository, "any"))
        return tags_of(self._client, content.repository) if content else {}

    def catalog(self) -> Sequence[str]:
        """The repositories below the namespace, those without tags too; many registries do not tell."""
        return repositories_of(self._client, self._namespace)

    def pull(self, name: Name, platform: str) -> Image | None:
        """The image for a platform."""
        content = self._readable(name)
        descriptor = content.describe(_reference(name)) if content else None
        if content is None or descriptor is None:
            return None
        image = pull(content, name, descriptor, platform)
        for blob in image.blobs:
            self._client.whereabouts.note(blob.descriptor.digest, content.repository, sure=False)
        return image

    def missing(self, name: Name) -> Sequence[Digest]:
        """What the image names and its repository does not have."""
        return self.missing_many([name])[name]

    def missing_many(self, names: Iterable[Name]) -> Mapping[Name, Sequence[Digest]]:
        """The same for many; what is missing from one repository may be in another one."""
        found: dict[Name, Sequence[Digest]] = dict.fromkeys(names, ())
        readable = {name: content for name in found if (content := self._readable(name))}
        lost = missing_of([(content, _reference(name)) for name, content in readable.items()])
        return found | dict(zip(readable, lost, strict=True))

    def holds(self, repository: str, contents: Collection[Descriptor]) -> Collection[Digest]:
        """Which of these blobs a repository has; what is sent there afterwards need not ask again."""
        content = self._readable(Name(repository, "any"))
        if content is None or not contents:
            return ()
        with ThreadPoolExecutor(min(AT_ONCE, len(contents))) as pool:
            there = pool.map(partial(is_there, content), contents)
            return {one.digest for one, found in zip(contents, there, strict=True) if found}

    def bring(self, repository: str, content: Blob) -> None:
        """Send content; a push that wants it at the same time waits for it."""
        if where := self._readable(Name(repository, "any")):
            Uploads(where).keep(content)

    def push(self, image: Image, names: Sequence[Name]) -> Descriptor:
        """Keep an image in every repository that is named, then set the tags."""
        tags: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            tags[self._writable(name, image).repository].extend([name.tag] if name.tag else [])
        if not tags:
            raise failures.refused(ValueError("A registry on a network keeps an image in a repository only: name one."))
        manifest = parsed(image)
        contents = [RemoteContent(self._client, repository) for repository in tags]
        for content in contents:
            self._keep(content, image, manifest)
        for content in contents:
            self._set(content, list(dict.fromkeys(tags[content.repository])), image)
        return image.descriptor

    def _set(self, content: RemoteContent, tags: Sequence[str], image: Image) -> None:
        """One after the other where people gave the names; many are keys, of which no one comes before another."""

        def put(tag: str) -> None:
            set_tag(content, tag, image.manifest, image.descriptor)

        if len(tags) > _FEW:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                tuple(pool.map(put, tags))
        else:
            for tag in tags:
                put(tag)

    def push_all(self, pushed: Sequence[tuple[Image, Sequence[Name]]], instead: Sequence[Name] = ()) -> None:
        """One after the other; many registries delete nothing."""
        for image, names in pushed:
            self.push(image, names)
        for name in instead:
            with suppress(RegistryError):
                self.delete(name)

    def delete(self, name: Name) -> None:
        """Forget a tag; or a digest with all its tags in its repository, and what it is attached to."""
        content = self._readable(name)
        if content is None:
            return
        if name.digest is None:
            delete_tag(content, name.tag)
            return
        found = content.read(name.digest)
        # a list with something in it that is gone cannot be changed by others
        with self._client.referrers_lock(content.repository):
            delete_manifest(content, name.digest)
            if found:
                self._detach(content, *found)

    def referrers(self, subject: Name) -> Sequence[Descriptor]:
        """What is attached to an image, in the repository where it is looked for."""
        content = self._readable(subject)
        descriptor = content.described_by_content(subject.tag) if content and subject.digest is None else None
        digest = subject.digest or (descriptor.digest if descriptor else None)
        return referrers_of(content, digest) if content and digest else ()

    def _keep(self, content: RemoteContent, image: Image, manifest: Manifest) -> None:
        try:
            self._send(content, image, manifest)
        except BlobUnknownError:
            for blob in image.blobs:  # what we took for there has been deleted since
                self._client.whereabouts.forget(blob.descriptor.digest)
            try:
                self._send(content, image, manifest)
            except BlobUnknownError as cause:
                raise failures.changed_while_pushing(content.where, image.digest) from cause

    def _send(self, content: RemoteContent, image: Image, manifest: Manifest) -> None:
        uploads = Uploads(content)
        unsure = [blob for blob in image.blobs if not uploads.is_there(blob)]
        if len(unsure) > 1:
            with ThreadPoolExecutor(_UPLOADS_AT_ONCE) as pool:
                list(pool.map(uploads.keep, unsure))
        else:
            list(map(uploads.keep, unsure))
        answer = put_manifest(content, image.manifest, image.media_type)
        if manifest.subject and answer.headers.get("OCI-Subject") != manifest.subject.digest:
            attach(content, image.descriptor, manifest)

    def _detach(self, content: RemoteContent, raw: bytes, media_type: str) -> None:
        try:
            manifest = manifests.parse(raw, media_type)
        except ContentError:
            return  # nobody has attached what nobody can read
        detach(content, Descriptor(media_type, Digest.of(raw), len(raw)), manifest)

    def _readable(self, name: Name) -> RemoteContent | None:
        """None for a name that no registry can hold: asking for it gives server errors with some of them."""
        try:
            return self._content(name)
        except ValueError:
            return None

    def _writable(self, name: Name, image: Image) -> RemoteContent:
        if name.digest not in (None, image.digest):
            raise failures.refused(ValueError(f"`{name}` was asked for, but the image's digest is {image.digest}."))
        try:
            return self._content(name)
        except ValueError as cause:
            raise failures.refused(cause) from cause

    def _content(self, name: Name) -> RemoteContent:
        repository = "/".join(part for part in (self._namespace, name.repository) if part)
        check_repository(self._client.host, repository if name.repository else "")
        if name.tag or name.digest is None:
            check_tag(name.tag)
        return RemoteContent(self._client, repository)


def _reference(name: Name) -> str:
    return name.digest or name.tag
