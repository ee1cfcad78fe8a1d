"""What there is: tags, repositories, and what is attached to an image."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from urllib.parse import quote

from reconciler.model.digest import canonical_json
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.reference import Name
from reconciler.oci.reference_rules import check_repository, check_tag
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.serving.blobs import digest_of
from reconciler.registries.serving.exchange import JSON, Asked, RefusalError, Reply


class Listings:
    """Those of one layout, which has no empty repositories: `met` are those that are there without a tag.

    What no client could ask for by this protocol is left out.
    """

    def __init__(self, registry: LayoutRegistry, met: Collection[str]) -> None:
        self._registry = registry
        self._met = met

    def tags(self, asked: Asked, repository: str) -> Reply:
        """The tags of a repository, sorted, in pages where somebody wants pages."""
        found = self._registry.list(repository)
        if not found and repository not in self._met:
            raise RefusalError(404, "NAME_UNKNOWN", f"There is no repository {repository}.")
        page, link = _page(asked, f"/v2/{repository}/tags/list", sorted(filter(_is_tag, found)))
        return _json({"name": repository, "tags": list(page)}, link)

    def catalog(self, asked: Asked) -> Reply:
        """The repositories that have tags."""
        names = [name for name in self._registry.catalog() if is_repository(name)]
        page, link = _page(asked, "/v2/_catalog", names)
        return _json({"repositories": list(page)}, link)

    def referrers(self, asked: Asked, repository: str, digest: str) -> Reply:
        """What is attached to an image, which need not be here; of one kind where one is named."""
        found = self._registry.referrers(Name(repository, "", digest_of(digest)))
        kind = asked.query.get("artifactType", "")
        filtered = {"OCI-Filters-Applied": "artifactType"} if kind else {}
        entries = [_spelled(entry) for entry in found if kind in ("", entry.artifact_type)]
        index = {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": entries}
        return Reply(200, {"Content-Type": media_types.OCI_INDEX, **filtered}, canonical_json(index))


def is_repository(name: str) -> bool:
    """Whether the protocol has such a name."""
    with suppress(ValueError):
        check_repository("", name)
        return True
    return False


def _is_tag(tag: str) -> bool:
    with suppress(ValueError):
        check_tag(tag)
        return True
    return False


def _page(asked: Asked, path: str, names: Sequence[str]) -> tuple[Sequence[str], str]:
    """The names that are asked for, and where the next ones are."""
    last, told = asked.query.get("last", ""), asked.query.get("n", "")
    rest = [name for name in names if name > last]
    if not told:
        return rest, ""
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise RefusalError(400, "PAGINATION_NUMBER_INVALID", "`n` is a whole number that is not negative.")
    page = rest[: int(told)]
    more = page and len(page) < len(rest)
    return page, f'<{path}?last={quote(page[-1], safe="")}&n={told}>; rel="next"' if more else ""


def _json(value: object, link: str) -> Reply:
    return Reply(200, {"Content-Type": JSON, **({"Link": link} if link else {})}, canonical_json(value) + b"\n")


def _spelled(entry: Descriptor) -> Mapping[str, object]:
    spelled: dict[str, object] = {"mediaType": entry.media_type, "digest": entry.digest, "size": entry.size}
    if entry.artifact_type:
        spelled["artifactType"] = entry.artifact_type
    if entry.annotations:
        spelled["annotations"] = dict(entry.annotations)
    return spelled
