"""What is attached to an image: by the referrers API, or under the tag that stands in for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import manifest as manifests
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import LARGEST_MANIFEST, Index, Manifest
from reconciler.oci.strict_json import ContentError
from reconciler.registries import failures
from reconciler.registries.remote_auth import PULL, scope
from reconciler.registries.remote_content import RemoteContent
from reconciler.registries.remote_http import Request
from reconciler.registries.remote_publication import set_tag

_TAG = re.compile(r"sha256-[0-9a-f]{64}")
_TRIES = 5
_MOST_PAGES = 100
_NO_API = (400, 404, 405, 406, 501)
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel\s*=\s*"?next"?', re.IGNORECASE)
Entries = tuple[Descriptor, ...]


def is_referrers_tag(tag: str) -> bool:
    """Whether a tag is no version of anything, but the list of what is attached to an image."""
    return _TAG.fullmatch(tag) is not None


def referrers_of(content: RemoteContent, subject: Digest) -> Entries:
    """What is attached; what the list says of a manifest is what its writer says, nobody has verified it."""
    found = _from_api(content, subject)
    return _under_tag(content, subject) if found is None else found


def attach(content: RemoteContent, descriptor: Descriptor, manifest: Manifest | Index) -> None:
    """Add a manifest to the list under its subject's tag. Two writers may meet, so it is read again afterwards."""
    told = replace(descriptor, artifact_type=manifest.artifact_type, annotations=manifest.annotations)
    if manifest.subject is not None:
        _change(content, manifest.subject.digest, lambda entries: _with(entries, told))


def detach(content: RemoteContent, descriptor: Descriptor, manifest: Manifest | Index) -> None:
    """Take a manifest out of that list."""
    if manifest.subject is not None:
        _change(content, manifest.subject.digest, lambda entries: _without(entries, descriptor))


def _with(entries: Entries, new: Descriptor) -> Entries:
    return entries if any(entry.digest == new.digest for entry in entries) else (*entries, new)


def _without(entries: Entries, old: Descriptor) -> Entries:
    return tuple(entry for entry in entries if entry.digest != old.digest)


def _change(content: RemoteContent, subject: Digest, edit: Callable[[Entries], Entries]) -> None:
    gone: set[Digest] = set()
    with content.client.referrers_lock(content.repository):
        for _ in range(_TRIES):
            entries = _under_tag(content, subject)
            wanted = tuple(entry for entry in edit(entries) if entry.digest not in gone)
            if wanted == entries:
                return
            index = _index_of(wanted)
            kept = Descriptor(media_types.OCI_INDEX, Digest.of(index), len(index))
            try:
                set_tag(content, _tag(subject), index, kept)
            except RegistryError:
                # somebody deleted what is listed, and has yet to take it out of the list, or was killed before that
                missing = {entry.digest for entry in wanted if content.describe(entry.digest) is None}
                if missing <= gone:
                    raise
                gone |= missing
    raise RegistryError(
        "Attachments cannot be kept",
        f"Somebody else changes what is attached to {subject} in {content.where}, again and again. Try again later.",
        temporary=True,
    )


def _from_api(content: RemoteContent, subject: Digest) -> Entries | None:
    """None where this registry has no such thing."""
    client, scopes = content.client, (scope(content.repository, PULL),)
    url = client.url(f"{content.repository}/referrers/{subject}")
    found: list[Descriptor] = []
    for _ in range(_MOST_PAGES):
        answer = client.ask(
            Request("GET", url, {"Accept": media_types.OCI_INDEX}), scopes, 200, *_NO_API, most=LARGEST_MANIFEST
        )
        if answer.status != 200:
            return None
        found.extend(_entries(content, answer.body))
        place = _NEXT.search(answer.headers.get("Link", ""))
        if place is None:
            return tuple(found)
        url = client.next_url(url, place[1])
    raise failures.malformed(content.where, ContentError("What is attached to the image fills pages without end."))


def _under_tag(content: RemoteContent, subject: Digest) -> Entries:
    found = content.read(_tag(subject))
    return _entries(content, found[0]) if found else ()


def _entries(content: RemoteContent, raw: bytes) -> Entries:
    try:
        index = manifests.parse(raw, media_types.OCI_INDEX)
    except ContentError as cause:
        raise failures.malformed(content.where, cause) from cause
    return index.manifests if isinstance(index, Index) else ()


def _tag(subject: Digest) -> str:
    return f"sha256-{subject.hex}"


def _index_of(entries: Entries) -> bytes:
    return canonical_json(
        {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": [_spelled(entry) for entry in entries]}
    )


def _spelled(entry: Descriptor) -> dict[str, object]:
    spelled: dict[str, object] = {"mediaType": entry.media_type, "digest": entry.digest, "size": entry.size}
    if entry.artifact_type:
        spelled["artifactType"] = entry.artifact_type
    if entry.annotations:
        spelled["annotations"] = dict(entry.annotations)
    if entry.platform:
        system, architecture, *variant = entry.platform.split("/")
        spelled["platform"] = {
            "os": system,
            "architecture": architecture,
            **({"variant": variant[0]} if variant else {}),
        }
    return spelled
