"""What a layout holds and no name leads to: found, and taken away under the layout's lock.

First the index is rewritten, then files go: whoever is killed in between leaves a layout that is whole, and larger
than it need be. Whoever pushes meanwhile asks under the same lock whether all is still there.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from reconciler.model.digest import Digest
from reconciler.model.garbage import Garbage
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import LARGEST_MANIFEST
from reconciler.oci.strict_json import ContentError
from reconciler.registries import failures
from reconciler.registries.layout_blobs import LayoutBlobs
from reconciler.registries.layout_files import reading, writing
from reconciler.registries.layout_folder import LayoutFolder
from reconciler.registries.layout_index import Entry, LayoutIndex
from reconciler.registries.layout_ingest import Ingest

_HEX = re.compile(r"[0-9a-f]{64}")
_MANIFESTS = media_types.MANIFESTS | media_types.INDEXES


class LayoutCollection:
    """One layout. `protected` are manifests that stay though nothing in the layout leads to them."""

    def __init__(self, folder: Path, protected: Collection[Digest], grace: float) -> None:
        self._path = folder
        self._ingest = Ingest(folder)
        self._blobs = LayoutBlobs(folder, self._ingest)
        self._folder = LayoutFolder(folder, self._ingest)
        self._protected = frozenset(protected)
        self._grace = grace

    def age(self, digest: Digest) -> float:
        """For how long nobody has pushed this."""
        with reading(self._path):
            try:
                return time.time() - self._blobs.modified(digest)
            except FileNotFoundError:
                return float("inf")

    def find(self, refs: Mapping[str, Digest]) -> Garbage:
        """What would go together with these refs."""
        index = self._folder.read()
        return Garbage() if index is None else self._found(index, refs)[0]

    def collect(self, refs: Mapping[str, Digest]) -> Garbage:
        """Take away these refs, as far as they still mean the same, and all that no other leads to."""
        if self._folder.read() is None:
            return Garbage()
        with writing(self._path):
            self._ingest.prepare()
            self._ingest.clean()
            with self._ingest.locked():
                index = self._folder.read()
                if index is None:
                    return Garbage()
                garbage, kept = self._found(index, refs)
                self._folder.change(lambda old: old.only(kept))
                for digest in garbage.files:
                    self._blobs.remove(digest)
                self._blobs.settle()
        return garbage

    def _found(self, index: LayoutIndex, refs: Mapping[str, Digest]) -> tuple[Garbage, Collection[int]]:
        kept: list[int] = []
        nameless: list[tuple[int, Entry]] = []
        for place, entry in enumerate(index.entries):
            if entry.ref and refs.get(entry.ref) == entry.digest:
                continue
            if entry.ref or entry.value.get("annotations"):
                kept.append(place)
            else:
                nameless.append((place, entry))
        roots = [_descriptor(index.entries[place], self._blobs.where) for place in kept]
        live = self._reached([*roots, *self._protected_here()])
        left = self._judged(nameless, live, kept)
        files, young = self._swept(live)
        return Garbage(tuple(Digest(entry.digest) for entry in left), files, young), frozenset(kept)

    def _protected_here(self) -> Iterator[Descriptor]:
        """Of what must stay, that which is there at all."""
        for digest in self._protected:
            if self._blobs.size(digest) is not None:
                yield Descriptor(media_types.OCI_MANIFEST, digest, 0)

    def _judged(self, nameless: list[tuple[int, Entry]], live: set[Digest], kept: list[int]) -> list[Entry]:
        """What is attached to something that stays, stays; one thing may be attached to another that is attached."""
        while True:
            staying = [(place, entry) for place, entry in nameless if self._stays(entry, live)]
            if not staying:
                return [entry for _, entry in nameless]
            nameless = [one for one in nameless if one not in staying]
            kept.extend(place for place, _ in staying)
            live |= self._reached([_descriptor(entry, self._blobs.where) for _, entry in staying])

    def _stays(self, entry: Entry, live: Collection[Digest]) -> bool:
        descriptor = _descriptor(entry, self._blobs.where)
        if self._blobs.size(descriptor.digest) is None:
            return False
        if descriptor.digest in live or self._is_young(descriptor.digest):
            return True
        subject = self._value(descriptor).get("subject")
        return isinstance(subject, dict) and subject.get("digest") in live

    def _reached(self, roots: Collection[Descriptor]) -> set[Digest]:
        """All content that manifests name, and manifests that they name; RegistryError where a root cannot be read."""
        found: set[Digest] = set()
        waiting: list[Descriptor] = []
        for root in roots:
            if self._blobs.size(root.digest) is None:
                raise failures.missing(self._blobs.where, root.digest)
            found.add(root.digest)
            waiting.extend(_named(self._value(root)))
        while waiting:
            descriptor = waiting.pop()
            if descriptor.digest not in found:
                found.add(descriptor.digest)
                if "manifest" in descriptor.media_type or descriptor.media_type in _MANIFESTS:
                    waiting.extend(_named(self._value(descriptor)))
        return found

    def _value(self, descriptor: Descriptor) -> Mapping[str, object]:
        """A manifest, verified. Whatever it names by a digest counts, also what envform knows nothing of."""
        size = self._blobs.size(descriptor.digest)
        if size is None or size > LARGEST_MANIFEST:
            return {}
        with self._blobs.open(Descriptor(descriptor.media_type, descriptor.digest, size)) as stream:
            content = stream.read()
        try:
            value = json.loads(content)
        except (ValueError, RecursionError) as cause:
            if descriptor.media_type not in _MANIFESTS:
                return {}
            raise failures.malformed(self._blobs.where, ContentError(f"{descriptor.digest} is no JSON.")) from cause
        return value if isinstance(value, dict) else {}

    def _swept(self, live: Collection[Digest]) -> tuple[dict[Digest, int], dict[Digest, int]]:
        """Files that nothing leads to, with their sizes: those that go, and those that somebody may soon name."""
        files: dict[Digest, int] = {}
        young: dict[Digest, int] = {}
        with reading(self._path):
            for digest in self._blobs.digests():
                if digest not in live:
                    (young if self._is_young(digest) else files)[digest] = self._blobs.size(digest) or 0
        return files, young

    def _is_young(self, digest: Digest) -> bool:
        return self.age(digest) < self._grace


def _descriptor(entry: Entry, where: str) -> Descriptor:
    try:
        return entry.descriptor
    except ContentError as cause:
        raise failures.malformed(where, cause) from cause


def _named(manifest: object) -> Iterator[Descriptor]:
    """Everything in a manifest that looks like a descriptor, but for the subject: that is no part of it."""
    waiting = [manifest]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            digest = value.get("digest")
            if isinstance(digest, str) and _HEX.fullmatch(digest.removeprefix("sha256:")):
                yield Descriptor(str(value.get("mediaType", "")), Digest(digest), 0)
            waiting.extend(member for key, member in value.items() if key != "subject")
