"""`index.json` of a layout as a value. What envform does not know in it is carried along as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import parse_descriptor
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import ContentError, JsonObject, objects_of, parse_object, texts_of

_REF = "org.opencontainers.image.ref.name"
_LARGEST = 256 << 20
_WHAT = "the index of the image layout"


@dataclass(frozen=True)
class LayoutIndex:
    """Which refs lead to which manifests."""

    value: JsonObject

    @classmethod
    def empty(cls) -> Self:
        """The index of a new layout."""
        return cls({"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": []})

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """The index that the bytes spell; ContentError when they spell none."""
        value = parse_object(content, "The index", _LARGEST)
        if value.get("schemaVersion") != 2:
            raise ContentError("The index must have `schemaVersion` 2.")
        index = cls(value)
        _ = index.by_ref
        return index

    @cached_property
    def entries(self) -> list[JsonObject]:
        """The descriptors as they were written."""
        return objects_of(self.value, "manifests", _WHAT)

    @cached_property
    def by_ref(self) -> Mapping[str, list[JsonObject]]:
        """The descriptors that have a ref name, under it; more than one where another program left it so."""
        found: dict[str, list[JsonObject]] = {}
        for entry in self.entries:
            if ref := _ref(entry):
                found.setdefault(ref, []).append(entry)
        return found

    def find(self, ref: str) -> Descriptor | None:
        """What a ref leads to; ContentError when that cannot be told."""
        found = [_descriptor(entry) for entry in self.by_ref.get(ref, ())]
        if len({descriptor.digest for descriptor in found}) > 1:
            raise ContentError(f"The ref `{ref}` stands in the index more than once, with different digests.")
        return found[0] if found else None

    def manifests(self) -> Iterator[Descriptor]:
        """The image manifests that the index names, each once; what cannot be one of ours is left out."""
        for entry in {str(entry.get("digest")): entry for entry in self.entries}.values():
            with suppress(ContentError):
                descriptor = _descriptor(entry)
                if descriptor.media_type in media_types.MANIFESTS:
                    yield descriptor

    def tags(self, repository: str) -> Iterator[tuple[str, Digest | None]]:
        """The tags of a repository; no digest where a ref is ambiguous or its digest is not one of ours."""
        for ref, entries in self.by_ref.items():
            name = Name.of_ref(ref)
            if name.repository == repository:
                try:
                    (digest,) = {Digest.parse(str(entry.get("digest"))) for entry in entries}
                except ValueError:
                    yield name.tag, None
                else:
                    yield name.tag, digest

    def with_refs(self, descriptor: Descriptor, refs: Iterable[str]) -> Self:
        """The same with these refs leading to this descriptor; with none, the descriptor without a ref name."""
        wanted = dict.fromkeys(refs)
        kept = [e for e in self.entries if _ref(e) not in wanted or e.get("digest") == descriptor.digest]
        present = {_ref(entry) for entry in kept if entry.get("digest") == descriptor.digest}
        if not wanted and not present:
            return self._with(kept, [_entry(descriptor)])
        return self._with(kept, [_entry(descriptor, ref) for ref in wanted if ref not in present])

    def without_ref(self, ref: str) -> Self:
        """The same without a ref."""
        return self._with([entry for entry in self.entries if _ref(entry) != ref])

    def without_digest(self, digest: Digest) -> Self:
        """The same without a manifest and all its refs."""
        return self._with([entry for entry in self.entries if entry.get("digest") != digest])

    def _with(self, kept: list[JsonObject], new: Iterable[JsonObject] = ()) -> Self:
        entries = [*kept, *new]
        return self if entries == self.entries else type(self)({**self.value, "manifests": entries})

    def spelled(self) -> bytes:
        """The bytes to write."""
        return (json.dumps(self.value, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def _ref(entry: JsonObject) -> str:
    return texts_of(entry, "annotations", _WHAT).get(_REF, "")


def _descriptor(entry: JsonObject) -> Descriptor:
    return parse_descriptor(entry, f"a manifest in {_WHAT}")


def _entry(descriptor: Descriptor, ref: str = "") -> JsonObject:
    entry: JsonObject = {
        "mediaType": descriptor.media_type,
        "digest": descriptor.digest,
        "size": descriptor.size,
    }
    if descriptor.artifact_type:
        entry["artifactType"] = descriptor.artifact_type
    if ref:
        entry["annotations"] = {_REF: ref}
    return entry
