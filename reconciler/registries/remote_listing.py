"""Lists that come in pages: tags of a repository, repositories of a registry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from reconciler.model.digest import Digest
from reconciler.registries import remote_failures as told
from reconciler.registries.remote_auth import PULL, Scopes, scope
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_http import Answer, Request
from reconciler.registries.remote_referrers import is_referrers_tag

_LARGEST_PAGE = 32 << 20
_PAGE = 1000
_MOST_PAGES = 10_000
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel\s*=\s*"?next"?', re.IGNORECASE)
_CATALOG: Scopes = ("registry:catalog:*",)
_UNLISTED = (401, 403, 404, 405, 501)


def tags_of(client: Client, repository: str) -> Mapping[str, Digest | None]:
    """All tags but those that only point out referrers; with digests where this registry tells them here."""
    found: dict[str, Digest | None] = {}
    first = client.url(f"{repository}/tags/list?n={_PAGE}")
    for url, page in _pages(client, first, (scope(repository, PULL),)):
        tags = _texts(client, url, page, "tags")
        known = _digests(page)
        new = {tag: known.get(tag) for tag in tags if tag not in found}
        if tags and not new:
            raise told.unintelligible(client.host, url, "Its pages repeat themselves without end.")
        found |= new
    return {tag: digest for tag, digest in found.items() if not is_referrers_tag(tag)}


def repositories_of(client: Client, namespace: str) -> Sequence[str]:
    """The repositories below a namespace, without it; RegistryError where the registry does not tell."""
    prefix = f"{namespace}/" if namespace else ""
    found: set[str] = set()
    for url, page in _pages(client, client.url(f"_catalog?n={_PAGE}"), _CATALOG):
        names = set(_texts(client, url, page, "repositories"))
        if names and names <= found:
            raise told.unintelligible(client.host, url, "Its pages repeat themselves without end.")
        found |= names
    return sorted(name.removeprefix(prefix) for name in found if name.startswith(prefix))


def _pages(client: Client, url: str, scopes: Scopes) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Each page with its address; none where there is no such list."""
    for _ in range(_MOST_PAGES):
        answer = client.ask(Request("GET", url), scopes, 200, *_UNLISTED, most=_LARGEST_PAGE)
        if scopes is _CATALOG and answer.status != 200:
            way_out = "Without that nobody knows what else is in it. Some registries tell it to administrators only."
            raise told.not_able(client.host, "tell which repositories it has", way_out)
        if answer.status == 404:
            return
        if answer.status != 200:
            raise client.refusal(Request("GET", url), answer)
        yield url, _object(client, url, answer)
        place = _NEXT.search(answer.headers.get("Link", ""))
        if place is None:
            return
        url = client.next_url(url, place[1])
    raise told.unintelligible(client.host, url, f"It has more than {_MOST_PAGES} pages.")


def _object(client: Client, url: str, answer: Answer) -> Mapping[str, object]:
    try:
        page = json.loads(answer.body)
    except (ValueError, RecursionError):
        page = None
    if not isinstance(page, dict):
        raise told.unintelligible(client.host, url, "It is no JSON object.")
    return page


def _texts(client: Client, url: str, page: Mapping[str, object], key: str) -> Sequence[str]:
    """Some registries write `null` for an empty list."""
    items = page.get(key)
    if items is None and (key in page or "name" in page):
        return ()
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise told.unintelligible(client.host, url, f"`{key}` is no list of names.")
    return items


def _digests(page: Mapping[str, object]) -> Mapping[str, Digest]:
    """Google's registries list manifests with their tags beside the tags."""
    manifests = page.get("manifest")
    found: dict[str, Digest] = {}
    for text, entry in manifests.items() if isinstance(manifests, dict) else ():
        tags = entry.get("tag") if isinstance(entry, dict) else None
        try:
            digest = Digest.parse(text)
        except ValueError:
            continue
        found |= dict.fromkeys(tags if isinstance(tags, list) else (), digest)
    return found
