"""`index.json` of a layout as a value. What envform does not know in it is carried along as it was.

The index of a thousand environments is rewritten with each push, so a rewrite spells only entries that are new.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Self

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import parse_descriptor
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import ContentError, JsonObject, objects_of, parse_object, text_of, texts_of

LARGEST_INDEX = 256 << 20
_REF = "org.opencontainers.image.ref.name"
_ENTRIES = "manifests"
_WHAT = "the index of the image layout"

_Tags = Mapping[str, Mapping[str, "tuple[Entry, ...]"]]


@dataclass(frozen=True)
class Entry:
    """One descriptor in the index, as it was written; `ref` is empty where it has no name."""

    ref: str
    digest: str
    value: JsonObject

    @classmethod
    def parse(cls, value: JsonObject) -> Self:
        """An entry that somebody wrote."""
        ref = texts_of(value, "annotations", _WHAT).get(_REF, "")
        return cls(ref, text_of(value, "digest", _WHAT), value)

    @classmethod
    def of(cls, descriptor: Descriptor, ref: str = "") -> Self:
        """An entry of ours."""
        value: JsonObject = {
            "mediaType": descriptor.media_type,
            "digest": descriptor.digest,
            "size": descriptor.size,
        }
        if descriptor.artifact_type:
            value["artifactType"] = descriptor.artifact_type
        if ref:
            value["annotations"] = {_REF: ref}
        return cls(ref, descriptor.digest, value)

    @property
    def descriptor(self) -> Descriptor:
        """What it says; ContentError when it says nothing that can be used."""
        return parse_descriptor(self.value, f"a manifest in {_WHAT}")

    @property
    def is_bare(self) -> bool:
        """Whether nothing is said of it but what it is."""
        return not self.ref and "annotations" not in self.value and "artifactType" not in self.value

    @property
    def is_attached(self) -> bool:
        """Whether it is there for what it refers to, and has no name."""
        return not self.ref and "artifactType" in self.value

    @cached_property
    def spelled(self) -> str:
        """The text to write."""
        return _spelled(self.value)


@dataclass(frozen=True)
class LayoutIndex:
    """Which refs lead to which manifests; `frame` is the index without its entries."""

    frame: JsonObject
    entries: tuple[Entry, ...] = ()

    @classmethod
    def empty(cls) -> Self:
        """The index of a new layout."""
        return cls({"schemaVersion": 2, "mediaType": media_types.OCI_INDEX})

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """The index that the bytes spell; ContentError when they spell none."""
        value = parse_object(content, "The index", LARGEST_INDEX)
        if value.get("schemaVersion") != 2:
            raise ContentError("The index must have `schemaVersion` 2.")
        entries = tuple(Entry.parse(entry) for entry in objects_of(value, _ENTRIES, _WHAT))
        return cls({key: member for key, member in value.items() if key != _ENTRIES}, entries)

    @cached_property
    def _by_repository(self) -> _Tags:
        return _sorted_in({}, self.entries)

    def find(self, ref: str) -> Descriptor | None:
        """What a ref leads to; ContentError when that cannot be told."""
        name = Name.of_ref(ref)
        entries = self._by_repository.get(name.repository, {}).get(name.tag, ())
        if len({entry.digest for entry in entries}) > 1:
            raise ContentError(f"The ref `{ref}` stands in the index more than once, with different digests.")
        return entries[0].descriptor if entries else None

    def tags(self, repository: str) -> Iterator[tuple[str, Digest | None]]:
        """The tags of a repository; no digest where a ref is ambiguous or its digest is not one of ours."""
        for tag, entries in self._by_repository.get(repository, {}).items():
            try:
                (digest,) = {Digest.parse(entry.digest) for entry in entries}
            except ValueError:
                yield tag, None
            else:
                yield tag, digest

    def repositories(self) -> Sequence[str]:
        """The repositories that have a tag."""
        return sorted(self._by_repository)

    def manifests(self) -> Iterator[Descriptor]:
        """The manifests and indexes that this names, each once; what cannot be one of ours is left out."""
        for entry in {entry.digest: entry for entry in self.entries}.values():
            with suppress(ContentError):
                descriptor = entry.descriptor
                if descriptor.media_type in media_types.MANIFESTS | media_types.INDEXES:
                    yield descriptor

    def with_all(self, pushed: Sequence[tuple[Descriptor, Sequence[str]]]) -> Self:
        """The same with all these refs leading to these descriptors; cheapest where none of them is known."""
        refs = [ref for _, names in pushed for ref in names]
        nameless = [descriptor.digest for descriptor, names in pushed if not names]
        is_new = len({*refs, *nameless}) == len(refs) + len(nameless) and self._refs.isdisjoint(refs)
        if is_new and self._digests.isdisjoint(nameless) and self._nameless.isdisjoint(one.digest for one, _ in pushed):
            return self._with_new([Entry.of(one, ref) for one, names in pushed for ref in (names or ("",))])
        return reduce(lambda index, one: index.with_refs(*one), pushed, self)

    def with_refs(self, descriptor: Descriptor, refs: Iterable[str]) -> Self:
        """The same with these refs leading to this descriptor; with none, the descriptor without a ref name.

        What was kept without a name, and is no attachment, needs no entry beside the one with a name.
        """
        wanted = dict.fromkeys(refs)
        waiting = descriptor.digest in self._nameless
        if wanted and not waiting and self._refs.isdisjoint(wanted):
            return self._with_new([Entry.of(descriptor, ref) for ref in wanted])
        kept = [entry for entry in self.entries if entry.ref not in wanted or entry.digest == descriptor.digest]
        if wanted and waiting:
            kept = [entry for entry in kept if not (entry.is_bare and entry.digest == descriptor.digest)]
        present = {entry.ref for entry in kept if entry.digest == descriptor.digest}
        new = [ref for ref in wanted if ref not in present]
        if not wanted and not present:
            new = [""]
        return self._with(kept, [Entry.of(descriptor, ref) for ref in new])

    def without_ref(self, ref: str) -> Self:
        """The same without a ref."""
        return self._with([entry for entry in self.entries if entry.ref != ref])

    def without_digests(self, digests: Collection[Digest]) -> Self:
        """The same without these manifests and all their refs."""
        going = self._digests.intersection(digests)
        if not going:
            return self
        shorter = self._with([entry for entry in self.entries if entry.digest not in going])
        if going <= self._attached:  # no ref led there: what is known of them stays known
            known = {
                "_refs": self._refs,
                "_nameless": self._nameless,
                "_by_repository": self._by_repository,
                "_digests": self._digests - going,
                "_attached": self._attached - going,
            }
            vars(shorter).update(known)
        return shorter

    def without_tags(self, repository: str, digest: Digest) -> Self:
        """The same without this manifest's tags in one repository, and without it where it has no other names."""
        kept = [
            entry
            for entry in self.entries
            if entry.digest != digest or (entry.ref and Name.of_ref(entry.ref).repository != repository)
        ]
        nameless = [entry for entry in self.entries if entry.digest == digest and not entry.ref]
        named = any(entry.digest == digest for entry in kept)
        return self._with([*kept, *nameless] if named else kept)

    def only(self, places: Collection[int]) -> Self:
        """The same with those entries alone that stand at these places."""
        return self._with([entry for place, entry in enumerate(self.entries) if place in places])

    def has(self, digest: Digest) -> bool:
        """Whether any entry leads to this manifest."""
        return digest in self._digests

    def _with_new(self, entries: Sequence[Entry]) -> Self:
        """By far the most frequent change; what is known of the old entries stays known."""
        longer = replace(self, entries=(*self.entries, *entries))
        known = {
            "_refs": self._refs.union(entry.ref for entry in entries),
            "_nameless": self._nameless.union(entry.digest for entry in entries if entry.is_bare),
            "_digests": self._digests.union(entry.digest for entry in entries),
            "_attached": self._attached.union(entry.digest for entry in entries if entry.is_attached),
            "_by_repository": _sorted_in(self._by_repository, entries),
            "_body": _longer(self._body, ",".join(entry.spelled for entry in entries).encode()),
        }
        vars(longer).update(known)
        return longer

    @cached_property
    def _refs(self) -> frozenset[str]:
        return frozenset(entry.ref for entry in self.entries)

    @cached_property
    def _nameless(self) -> frozenset[str]:
        return frozenset(entry.digest for entry in self.entries if entry.is_bare)

    @cached_property
    def _digests(self) -> frozenset[str]:
        return frozenset(entry.digest for entry in self.entries)

    @cached_property
    def _attached(self) -> frozenset[str]:
        """What no ref leads to, for it refers to something itself."""
        named = {entry.digest for entry in self.entries if not entry.is_attached}
        return frozenset(entry.digest for entry in self.entries if entry.digest not in named)

    @cached_property
    def _body(self) -> tuple[bytes, ...]:
        """The entries as they are written, in few pieces."""
        return (",".join([entry.spelled for entry in self.entries]).encode(),) if self.entries else ()

    def _with(self, kept: list[Entry], new: Iterable[Entry] = ()) -> Self:
        entries = (*kept, *new)
        same = len(kept) == len(self.entries) == len(entries)
        return self if same else replace(self, entries=entries)

    def spelled(self) -> Sequence[bytes]:
        """What to write, in pieces; ContentError when somebody else's part of it cannot be written again."""
        try:
            members = [f"{_spelled(key)}:{_spelled(member)}," for key, member in self.frame.items()]
            first, *others = self._body or (b"",)
        except RecursionError:
            raise ContentError("Its index is nested too deeply.") from None
        begun = f'{{{"".join(members)}"{_ENTRIES}":['.encode()
        return (begun, first, *(part for other in others for part in (b",", other)), b"]}\n")


def _sorted_in(known: _Tags, entries: Iterable[Entry]) -> _Tags:
    """The known entries with these in their places; what is known is left as it was."""
    found = dict(known)
    own: dict[str, dict[str, tuple[Entry, ...]]] = {}
    for entry in entries:
        if entry.ref:
            name = Name.of_ref(entry.ref)
            if name.repository not in own:
                found[name.repository] = own[name.repository] = dict(found.get(name.repository, {}))
            tags = own[name.repository]
            tags[name.tag] = (*tags.get(name.tag, ()), entry)
    return found


def _longer(pieces: tuple[bytes, ...], piece: bytes) -> tuple[bytes, ...]:
    """With one more; those that have become as long as what is before them are joined, so that few are ever copied."""
    if not piece:
        return pieces
    while pieces and len(piece) >= len(pieces[-1]):
        *kept, last = pieces
        pieces, piece = tuple(kept), b",".join((last, piece))
    return (*pieces, piece)


def _spelled(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
