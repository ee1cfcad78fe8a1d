"""Where images are kept."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import DAEMON, LAYOUT
from reconciler.protocols import Registry

if TYPE_CHECKING:
    from reconciler.registries.copying_places import FolderPlace, NetworkPlace
    from reconciler.registries.remote_client import Client


class Registries:
    """Opens registries; those on one host share connections, and what was learnt about them.

    `kept` is a folder for small content that was pulled before.
    """

    def __init__(self, root: Path, kept: Path | None = None) -> None:
        self._root = root
        self._kept = kept
        self._clients: dict[str, Client] = {}
        self._mutex = Lock()

    def open(self, place: str) -> Registry:
        """The adapter for the registry of a reference or of a place; folders are relative to the project's root."""
        if place.startswith(LAYOUT):
            from reconciler.registries.layout import LayoutRegistry

            return LayoutRegistry(self._root / place.removeprefix(LAYOUT))
        if place.startswith(DAEMON):
            raise RegistryError(
                "Registry is not supported",
                f"`{place}` means the images of a Docker engine, which is no registry. Push the image to one, or copy "
                "it into a folder, and name it as `oci:DIR:REF`:\n\n"
                "    skopeo copy docker-daemon:NAME:TAG oci:./images:REF",
            )
        from reconciler.registries.remote import RemoteRegistry

        host, _, namespace = place.partition("/")
        return RemoteRegistry(self._client(host), namespace)

    def place(self, registry: str, repository: str) -> FolderPlace | NetworkPlace:
        """One repository, of which images are copied as they are."""
        from reconciler.registries.copying_places import FolderPlace, NetworkPlace

        if registry.startswith(LAYOUT):
            return FolderPlace(self._root / registry.removeprefix(LAYOUT), repository)
        if registry.startswith(DAEMON):
            self.open(registry)
        return NetworkPlace(self._client(registry), repository)

    def _client(self, host: str) -> Client:
        from reconciler.registries.remote_client import Client

        with self._mutex:
            return self._clients.setdefault(host, Client(host, kept=self._kept))


def open_registry(place: str, root: Path) -> Registry:
    """One registry, by itself."""
    return Registries(root).open(place)
