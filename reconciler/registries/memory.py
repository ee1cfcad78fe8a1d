"""A registry in memory that counts what it is asked, so that thrift can be tested. For tests and for SDK users."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from threading import RLock
from typing import BinaryIO

from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.manifest import Index
from reconciler.oci.reference import Name
from reconciler.registries import failures
from reconciler.registries.naming import parsed, refs_to_set, spelled_ref
from reconciler.registries.pulling import lacking, pull, read_manifest
from reconciler.registries.verification import verified


class MemoryRegistry:
    """`requests` says what was asked, in order: `describe training:3`, `list envform`, `push training:3 envform:ab`.

    `tags`, `manifests` and `blobs` are open, so that a test can change the world behind envform's back.
    One that is not `at_hand` is asked as sparingly as one on a network.
    """

    where = "the registry in memory"

    def __init__(self, images: Mapping[str, Image] | None = None, *, at_hand: bool = True) -> None:
        self.at_hand = at_hand
        self.requests: list[str] = []
        self.tags: dict[str, Digest] = {}
        self.manifests: dict[Digest, Descriptor] = {}
        self.blobs: dict[Digest, bytes] = {}
        self._mutex = RLock()
        for ref, image in (images or {}).items():
            self._keep(image, refs_to_set(image, [Name.of_ref(ref)]))

    def describe(self, name: Name) -> Descriptor | None:
        """What a tag or digest points at."""
        with self._mutex:
            self.requests.append(f"describe {name}")
            return self._find(name)

    def describe_many(self, names: Iterable[Name]) -> Mapping[Name, Descriptor | None]:
        """The same for many; each counts as one request, as it does on a network."""
        return {name: self.describe(name) for name in names}

    def list(self, repository: str) -> Mapping[str, Digest | None]:
        """The tags of a repository."""
        with self._mutex:
            self.requests.append(f"list {repository}")
            names = {Name.of_ref(ref): digest for ref, digest in self.tags.items()}
        return {name.tag: digest for name, digest in names.items() if name.repository == repository}

    def catalog(self) -> Sequence[str]:
        """The repositories that have a tag."""
        with self._mutex:
            self.requests.append("catalog")
            return sorted({Name.of_ref(ref).repository for ref in self.tags})

    def pull(self, name: Name, platform: str) -> Image | None:
        """The image for a platform."""
        with self._mutex:
            self.requests.append(f"pull {name}")
            descriptor = self._find(name)
        return None if descriptor is None else pull(self, name, descriptor, platform)

    def missing(self, name: Name) -> Sequence[Digest]:
        """What the image names and is not there."""
        with self._mutex:
            self.requests.append(f"missing {name}")
            descriptor = self._find(name)
            if descriptor is None:
                return ()
            return tuple(dict.fromkeys(lacking(self, descriptor, lambda part: part.digest in self.blobs)))

    def missing_many(self, names: Iterable[Name]) -> Mapping[Name, Sequence[Digest]]:
        """The same for many."""
        return {name: self.missing(name) for name in names}

    def holds(self, repository: str, contents: Collection[Descriptor]) -> Collection[Digest]:
        """Which of these blobs are there; repositories share them all."""
        with self._mutex:
            self.requests.append(f"holds {repository} {len(contents)}")
            return {one.digest for one in contents if len(self.blobs.get(one.digest, b"")) == one.size}

    def bring(self, repository: str, content: Blob) -> None:
        """Keep content that no image holds yet."""
        with self._mutex:
            self.requests.append(f"bring {repository}")
            if content.descriptor.digest not in self.blobs:
                with content.open() as stream:
                    self.blobs[content.descriptor.digest] = stream.read()

    def push(self, image: Image, names: Sequence[Name]) -> Descriptor:
        """Keep an image under all these names."""
        refs = refs_to_set(image, names)
        with self._mutex:
            self.requests.append(" ".join(["push", *map(str, names)]))
            return self._keep(image, refs)

    def push_all(self, pushed: Sequence[tuple[Image, Sequence[Name]]], instead: Sequence[Name] = ()) -> None:
        """Keep several images, and forget others."""
        for image, names in pushed:
            self.push(image, names)
        for name in instead:
            self.delete(name)

    def delete(self, name: Name) -> None:
        """Forget a tag, or a digest with all its tags."""
        with self._mutex:
            self.requests.append(f"delete {name}")
            if name.digest is None:
                self.tags.pop(spelled_ref(name), None)
                return
            self.manifests.pop(name.digest, None)
            self.tags = {ref: digest for ref, digest in self.tags.items() if digest != name.digest}

    def referrers(self, subject: Name) -> Sequence[Descriptor]:
        """The manifests whose subject this is."""
        with self._mutex:
            self.requests.append(f"referrers {subject}")
            target = self._find(subject)
            digest = subject.digest or (target.digest if target else None)
            found = [(descriptor, read_manifest(self, descriptor)[1]) for descriptor in self.manifests.values()]
        return tuple(
            replace(descriptor, annotations=manifest.annotations, artifact_type=manifest.artifact_type)
            for descriptor, manifest in found
            if not isinstance(manifest, Index) and manifest.subject and manifest.subject.digest == digest
        )

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Content, verified while it is read."""
        content = self.blobs.get(descriptor.digest)
        if content is None:
            raise failures.missing(self.where, descriptor.digest)
        return verified(BytesIO(content), descriptor, self.where)

    def _find(self, name: Name) -> Descriptor | None:
        digest = name.digest or self.tags.get(spelled_ref(name))
        return self.manifests.get(digest) if digest in self.blobs else None

    def _keep(self, image: Image, refs: Sequence[str]) -> Descriptor:
        parsed(image)
        for blob in image.blobs:
            digest = blob.descriptor.digest
            if digest not in self.blobs or Digest.of(self.blobs[digest]) != digest:
                with verified(blob.open(), blob.descriptor, "what was to be pushed") as source:
                    self.blobs[digest] = source.read()
        self.blobs[image.digest] = image.manifest
        self.manifests[image.digest] = image.descriptor
        self.tags.update(dict.fromkeys(refs, image.digest))
        return image.descriptor
