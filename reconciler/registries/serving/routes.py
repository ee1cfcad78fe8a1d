"""Which part answers which address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.model.diagnostic import RegistryError
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.serving.blobs import Blobs
from reconciler.registries.serving.exchange import JSON, Asked, RefusalError, Reply, unsupported
from reconciler.registries.serving.listings import Listings, is_repository
from reconciler.registries.serving.manifests import Manifests
from reconciler.registries.serving.uploads import Uploads

Handler = Callable[..., Reply]
_WRITING = frozenset({"DELETE", "PATCH", "POST", "PUT"})
_API = {"Docker-Distribution-Api-Version": "registry/2.0"}


class Routes:
    """The registry's API over one layout. The first address that fits counts: names may hold any of these words."""

    def __init__(self, folder: Path, *, read_only: bool) -> None:
        registry = LayoutRegistry(folder)
        self._read_only = read_only
        self._uploads = Uploads(registry, folder)
        met: set[str] = set()
        manifests, blobs, listings = Manifests(registry, met), Blobs(registry), Listings(registry, met)
        self._table: tuple[tuple[re.Pattern[str], Mapping[str, Handler]], ...] = (
            _route("/v2/?", GET=_greeting),
            _route("/v2/_catalog", GET=listings.catalog),
            _route("/v2/(.+)/tags/list", GET=listings.tags),
            _route("/v2/(.+)/referrers/([^/]+)", GET=listings.referrers),
            _route("/v2/(.+)/blobs/uploads/?", POST=self._uploads.post),
            _route(
                "/v2/(.+)/blobs/uploads/([^/]+)",
                GET=self._uploads.get,
                PATCH=self._uploads.patch,
                PUT=self._uploads.put,
                DELETE=self._uploads.delete,
            ),
            _route("/v2/(.+)/blobs/([^/]+)", GET=blobs.get, DELETE=blobs.delete),
            _route("/v2/(.+)/manifests/([^/]+)", GET=manifests.get, PUT=manifests.put, DELETE=manifests.delete),
        )

    def answer(self, asked: Asked) -> Reply:
        """To every request there is one."""
        try:
            reply = self._answered(asked)
        except RefusalError as refusal:
            reply = refusal.reply
        except RegistryError as error:
            reply = _trouble(error)
        return Reply(reply.status, {**_API, **reply.headers}, reply.body)

    def close(self) -> None:
        """Uploads that were not finished are given up."""
        self._uploads.close()

    def _answered(self, asked: Asked) -> Reply:
        for pattern, handlers in self._table:
            if match := pattern.fullmatch(asked.path):
                return self._handled(asked, handlers, match.groups())
        raise RefusalError(404, "UNSUPPORTED", "The registry has no such address.")

    def _handled(self, asked: Asked, handlers: Mapping[str, Handler], parts: tuple[str, ...]) -> Reply:
        handler = handlers.get("GET" if asked.method == "HEAD" else asked.method)
        if handler is None:
            allowed = ", ".join(sorted({*handlers, *(["HEAD"] if "GET" in handlers else [])}))
            raise RefusalError(405, "UNSUPPORTED", f"This address takes {allowed}.", {"Allow": allowed})
        if parts and not is_repository(parts[0]):
            raise RefusalError(400, "NAME_INVALID", "A repository's name is in lower case, with `/` between parts.")
        if asked.method in _WRITING and "Origin" in asked.headers:
            raise RefusalError(403, "DENIED", "Web pages may not change anything here.")
        if self._read_only and asked.method in _WRITING:
            raise unsupported("This registry is served to be read only.")
        return handler(asked, *parts)


def _route(pattern: str, **handlers: Handler) -> tuple[re.Pattern[str], Mapping[str, Handler]]:
    return re.compile(pattern), handlers


def _greeting(_: Asked) -> Reply:
    return Reply(200, {"Content-Type": JSON}, b"{}")


def _trouble(error: RegistryError) -> Reply:
    """The folder cannot be read or written; nobody may take that for an answer about images."""
    told = " ".join(f"{item.summary}. {item.detail}" for item in error.diagnostics)
    if error.temporary:
        return RefusalError(503, "UNAVAILABLE", told, {"Retry-After": "1"}).reply
    return RefusalError(500, "UNKNOWN", told).reply
