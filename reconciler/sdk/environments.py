"""`workspace.environments`: what is registered, and how more becomes so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.sdk.environment import Environment
from reconciler.sdk.fields import environment_of, fields_of

if TYPE_CHECKING:
    from reconciler.sdk.workspace import Workspace
    from reconciler.session.catalogue import Catalogue, Found

_ACTIVE, _ARCHIVED = "ACTIVE_ONLY", "ARCHIVED_ONLY"


class Environments:
    """Reads the state anew for each question."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create_or_update(self, environment: Environment) -> Environment:
        """Make sure that it is registered, building what is not there: a new version only where the latest differs."""
        from reconciler.session.direct import Registration, register_anonymous

        session, fields = self._workspace.session, fields_of(environment, self._workspace.path)
        if not environment.name:
            return environment_of(register_anonymous(session, fields))
        return environment_of(Registration(session, fields).register())

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """One version; the latest where neither is given."""
        return environment_of(self._catalogue.find(_called(name, version, label)))

    def list(self, name: str | None = None, *, list_view_type: object = _ACTIVE) -> Iterator[Environment]:
        """The latest version of each, or all of one name, newest first."""
        from reconciler.session.catalogue import listed

        view = str(getattr(list_view_type, "name", list_view_type))
        found = listed(self._catalogue.state, name or "", active=view != _ARCHIVED, archived=view != _ACTIVE)
        return map(environment_of, found)

    def archive(self, name: str, version: str | None = None, label: str | None = None) -> None:
        """Hide all versions or one from lists; they still run."""
        self._catalogue.set_archived([_called(name, version, label)], archived=True)

    def restore(self, name: str, version: str | None = None, label: str | None = None) -> None:
        """Take that back."""
        self._catalogue.set_archived([_called(name, version, label)], archived=False)

    def diff(self, old: str, new: str) -> Mapping[str, Any]:
        """What differs between `NAME`, `NAME:VERSION` or `NAME@latest` and another, as `envform env diff -o json`."""
        from reconciler.rendering.catalogue import difference_json

        catalogue = self._catalogue
        state = catalogue.state
        before, after = ((one.registered, one.record) for one in map(catalogue.find, (old, new)))
        return difference_json(before, after, state.locks)

    def image_details(self, environment: Environment) -> Mapping[str, Any]:
        """Where the image of a registered environment is, and whether it is there."""
        from reconciler.session.running import image_of

        found: Found = self._catalogue.find(environment.id)
        try:
            image_of(self._workspace.session, found)
            there = True
        except EnvformError:
            there = False
        return {
            "dockerImage": {"name": f"{found.called}@{found.record.image}", "registry": self._place},
            "imageExistsInRegistry": there,
            "hash": found.record.hash,
        }

    @property
    def _place(self) -> str:
        return self._workspace.session.settings.registry

    @property
    def _catalogue(self) -> Catalogue:
        from reconciler.session.catalogue import Catalogue

        return Catalogue(self._workspace.session)


def _called(name: str, version: str | None, label: str | None) -> str:
    if version is not None and label is not None:
        detail = "A version and a label were given, and each of them alone says which one is meant."
        raise EnvformError(Diagnostic.error("Version and label together", detail, hint="leave one of them out"))
    return f"{name}:{version}" if version is not None else f"{name}@{label}" if label is not None else name
