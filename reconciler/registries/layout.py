"""An OCI image-layout folder as a registry that many processes may use at once.

A tag of the protocol is a ref name of the layout: `training:3`, `envform:<hash>`. Content is one pool for all
repositories. A tag whose manifest is gone is still described, as the index has it; pulling it is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.oci import manifest as manifests
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.manifest import Index, Manifest
from reconciler.oci.media_types import is_elsewhere
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import ContentError
from reconciler.registries import failures
from reconciler.registries.grouping import Group
from reconciler.registries.layout_blobs import LayoutBlobs
from reconciler.registries.layout_files import writing
from reconciler.registries.layout_folder import LayoutFolder
from reconciler.registries.layout_index import LayoutIndex
from reconciler.registries.layout_ingest import Ingest
from reconciler.registries.naming import parsed, refs_to_set, spelled_ref
from reconciler.registries.pulling import lacking, pull, read_manifest


class LayoutRegistry:
    """Images in one layout folder; it is made by the first push."""

    at_hand = True

    def __init__(self, folder: Path) -> None:
        self._path = folder
        self._ingest = Ingest(folder)
        self._blobs = LayoutBlobs(folder, self._ingest)
        self._folder = LayoutFolder(folder, self._ingest)
        self._group = Group(self._enter)
        self._cleaned = False
        self._subjects: dict[Digest, tuple[Digest, Descriptor] | None] = {}
        self._attached_in: tuple[LayoutIndex, Mapping[Digest, Mapping[Descriptor, None]]] | None = None

    def describe(self, name: Name) -> Descriptor | None:
        """What the index says of a ref, or what a digest is."""
        return self.describe_many([name])[name]

    def describe_many(self, names: Iterable[Name]) -> Mapping[Name, Descriptor | None]:
        """The same for many, with one look at the index."""
        index = self._folder.read()
        return {name: None if index is None else self._described(index, name) for name in names}

    def list(self, repository: str) -> Mapping[str, Digest | None]:
        """The tags of a repository; no digest where the index is ambiguous."""
        index = self._folder.read()
        return {} if index is None else dict(index.tags(repository))

    def catalog(self) -> Sequence[str]:
        """The repositories that refs name."""
        index = self._folder.read()
        return () if index is None else index.repositories()

    def pull(self, name: Name, platform: str) -> Image | None:
        """The image for a platform."""
        descriptor = self.describe(name)
        return None if descriptor is None else pull(self._blobs, name, descriptor, platform)

    def missing(self, name: Name) -> Sequence[Digest]:
        """What the image names and the folder lacks, or has in another size."""
        descriptor = self.describe(name)
        if descriptor is None:
            return ()
        found = lacking(self._blobs, descriptor, lambda part: self._blobs.size(part.digest) == part.size)
        return tuple(dict.fromkeys(found))

    def missing_many(self, names: Iterable[Name]) -> Mapping[Name, Sequence[Digest]]:
        """The same for many."""
        return {name: self.missing(name) for name in names}

    def holds(self, _repository: str, contents: Collection[Descriptor]) -> Collection[Digest]:
        """Which of these blobs are there; repositories share them all."""
        return {one.digest for one in contents if self._blobs.size(one.digest) == one.size}

    def bring(self, repository: str, content: Blob) -> None:
        """Nothing: in a folder it costs no more later, and what no image holds may be collected."""

    def push(self, image: Image, names: Sequence[Name]) -> Descriptor:
        """Keep an image; without a tag it is kept too, and found by its digest or its subject."""
        pushed = _pushed(image, names)
        self._push([image], _Pushing([pushed]))
        return pushed.descriptor

    def push_all(self, pushed: Sequence[tuple[Image, Sequence[Name]]], instead: Sequence[Name] = ()) -> None:
        """All of it is in the index at once, or nothing is."""
        ours = [_pushed(image, names) for image, names in pushed]
        self._push([image for image, _ in pushed], _Pushing(ours, [name.digest for name in instead if name.digest]))

    def _push(self, images: Iterable[Image], pushing: _Pushing) -> None:
        with writing(self._path):
            self.prepare()
            for blob in {blob.descriptor.digest: blob for image in images for blob in image.blobs}.values():
                self._blobs.keep(blob)
            for pushed in pushing.images:
                if pushed.descriptor.artifact_type:  # small, new, and no need to keep others waiting
                    self._blobs.keep(pushed.content)
            self._group.run(pushing)

    @property
    def blobs(self) -> LayoutBlobs:
        """The content, for those who bring and take it piece by piece."""
        return self._blobs

    def put(self, raw: bytes, found: Manifest | Index, refs: Sequence[str]) -> Descriptor:
        """Keep a manifest or an index under these refs, or under none; what it names must be there already."""
        kind = found.media_type
        about = found.artifact_type if found.subject else ""
        descriptor = Descriptor(kind, Digest.of(raw), len(raw), artifact_type=about)
        with writing(self._path):
            self.prepare()
            self._group.run(_Pushing([_Pushed(Blob.of(raw, kind), found, descriptor, refs)]))
        return descriptor

    def untag(self, repository: str, digest: Digest) -> None:
        """Take a digest's tags out of one repository; the manifest too, unless another one has a tag of it."""
        with writing(self._path):
            self.prepare()
            with self._ingest.locked():
                self._folder.change(lambda index: index.without_tags(repository, digest))
                index = self._folder.read()
                if index is not None and not index.has(digest):
                    self._blobs.remove(digest)

    def prepare(self) -> None:
        """Make the folder a layout if it is none, and clear away what was left in it."""
        self._folder.prepare()
        if not self._cleaned:
            self._cleaned = True
            self._ingest.clean()

    def _enter(self, batch: Sequence[_Pushing]) -> Sequence[Exception | None]:
        """Images whose content is kept come into the index together: that and what is durable is what costs."""
        with self._ingest.locked():
            errors = [self._settled(pushing) for pushing in batch]
            self._blobs.settle()
            whole = [pushing for pushing, error in zip(batch, errors, strict=True) if error is None]
            self._folder.change(lambda index: _with_all(index, whole))
            for digest in (digest for pushing in whole for digest in pushing.instead):
                self._blobs.remove(digest)
        return errors

    def _settled(self, pushing: _Pushing) -> Exception | None:
        try:
            for pushed in pushing.images:
                if not pushed.descriptor.artifact_type or self._blobs.size(pushed.descriptor.digest) is None:
                    self._blobs.keep(pushed.content)
                self._check_whole(pushed.manifest)
        except RegistryError as error:
            return error
        return None

    def delete(self, name: Name) -> None:
        """Forget a ref; or a manifest and all refs to it. Layers stay until they are collected."""
        index = self._folder.read()
        if index is None or not self._deletes(index, name):
            return
        with writing(self._path):
            self._ingest.prepare()
            with self._ingest.locked():
                self._folder.change(lambda index: _without(index, name))
                if name.digest is not None:
                    self._blobs.remove(name.digest)

    def _deletes(self, index: LayoutIndex, name: Name) -> bool:
        if _without(index, name) is not index:
            return True
        return name.digest is not None and self._manifest_at(name.digest) is not None

    def referrers(self, subject: Name) -> Sequence[Descriptor]:
        """The manifests in the index whose subject this is."""
        target = self.describe(subject)
        digest = subject.digest or (target.digest if target else None)
        index = self._folder.read()
        if index is None or digest is None:
            return ()
        return tuple(self._attachments(index).get(digest, {}))

    def _attachments(self, index: LayoutIndex) -> Mapping[Digest, Mapping[Descriptor, None]]:
        """By what they are attached to, all of them at once: thousands may refer to one image."""
        if self._attached_in is None or self._attached_in[0] is not index:
            found: dict[Digest, dict[Descriptor, None]] = {}
            for entry in index.manifests():
                known = self._subject_of(entry)
                if known is not None:
                    found.setdefault(known[0], {})[known[1]] = None
            self._attached_in = index, found
        return self._attached_in[1]

    def _described(self, index: LayoutIndex, name: Name) -> Descriptor | None:
        """A tag whose manifest is gone is not there, as in any registry; what lies below it is for a deeper look."""
        try:
            if name.digest is not None:
                return self._manifest_at(name.digest)
            found = index.find(spelled_ref(name))
            return found if found and self._blobs.size(found.digest) is not None else None
        except ContentError as cause:
            raise failures.malformed(self._blobs.where, cause) from cause

    def _manifest_at(self, digest: Digest) -> Descriptor | None:
        size = self._blobs.size(digest)
        if size is None or size > manifests.LARGEST_MANIFEST:
            return None
        with self._blobs.open(Descriptor("", digest, size)) as stream:
            content = stream.read()
        try:
            return Descriptor(manifests.parse(content).media_type, digest, size)
        except ContentError:
            return None  # content, but no manifest: a registry does not find it under manifests either

    def _subject_of(self, entry: Descriptor) -> tuple[Digest, Descriptor] | None:
        if self._blobs.size(entry.digest) is None:
            return None
        if entry.digest not in self._subjects:
            _, found = read_manifest(self._blobs, entry)
            self._subjects[entry.digest] = None
            if found.subject is not None:
                about = replace(entry, annotations=found.annotations, artifact_type=found.artifact_type)
                self._subjects[entry.digest] = found.subject.digest, about
        return self._subjects[entry.digest]

    def _check_whole(self, found: Manifest | Index) -> None:
        for part in found.manifests if isinstance(found, Index) else (found.config, *found.layers):
            if self._blobs.size(part.digest) != part.size and not is_elsewhere(part.media_type):
                raise failures.changed_while_pushing(self._blobs.where, part.digest)


@dataclass(frozen=True, slots=True)
class _Pushed:
    """An image that is to come into the index, its own content kept already."""

    content: Blob
    manifest: Manifest | Index
    descriptor: Descriptor
    refs: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Pushing:
    """Images that come into the index in one step, in which others leave it."""

    images: Sequence[_Pushed]
    instead: Sequence[Digest] = ()


def _pushed(image: Image, names: Sequence[Name]) -> _Pushed:
    refs, manifest = refs_to_set(image, names), parsed(image)
    descriptor = replace(image.descriptor, artifact_type=manifest.artifact_type if manifest.subject else "")
    return _Pushed(Blob.of(image.manifest, image.media_type), manifest, descriptor, refs)


def _with_all(index: LayoutIndex, batch: Iterable[_Pushing]) -> LayoutIndex:
    batch = tuple(batch)
    index = index.with_all([(pushed.descriptor, pushed.refs) for pushing in batch for pushed in pushing.images])
    return index.without_digests({digest for pushing in batch for digest in pushing.instead})


def _without(index: LayoutIndex, name: Name) -> LayoutIndex:
    return index.without_ref(spelled_ref(name)) if name.digest is None else index.without_digests((name.digest,))
