"""`workspace.environments`: what is registered, and how more becomes so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.sdk.environment import Environment
from reconciler.sdk.fields import environment_of, fields_of
from reconciler.sdk.sketched import sketched

if TYPE_CHECKING:
    from reconciler.sdk.image_details import ImageDetails
    from reconciler.sdk.workspace import Workspace
    from reconciler.session.catalogue import Catalogue, Found

_DOCUMENTS = (".yml", ".yaml")
_DUPLICATE = "Duplicate environment name"
WITHOUT_EFFECT = "Setting without effect"


class ListViewType(StrEnum):
    """Which environments are listed."""

    ACTIVE_ONLY = "ACTIVE_ONLY"
    ARCHIVED_ONLY = "ARCHIVED_ONLY"
    ALL = "ALL"


class Environments:
    """Reads the state anew for each question."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create_or_update(self, environment: Environment) -> Environment:
        """Make sure that it is registered, building what is not there: a new version only where the latest differs."""
        from reconciler.session.direct import Registration, register_anonymous

        fields, session = self._fields(environment), self._workspace.session
        if not environment.name:
            return self._known(register_anonymous(session, fields))
        try:
            return self._known(Registration(session, fields).register())
        except EnvformError as error:
            if _DUPLICATE not in [one.summary for one in error.diagnostics]:
                raise
            declared = self._declared(environment)
            if declared is None:
                raise self._taken(environment, error) from None
            return declared

    def _taken(self, environment: Environment, error: EnvformError) -> EnvformError:
        """The error names the file that has the name, where that is found."""
        from reconciler.language.azureml.blocks import label_of
        from reconciler.session.direct import document_of

        path = document_of(self._workspace.session, str(environment.name))
        if path is None:
            return error
        detail = (
            f"The name `{environment.name}` is that of `environment.{label_of(str(environment.name))}` already, which "
            f"`{path}` declares, and not as this program says it. What files declare is changed there, and applied."
        )
        return EnvformError(Diagnostic.error(_DUPLICATE, detail))

    def _declared(self, environment: Environment) -> Environment | None:
        """What is just as a document in the workspace's folder declares it is registered as declared there."""
        from reconciler.session.direct import apply_declared

        if not environment.as_loaded and not self._as_documented(environment):
            return None
        found = apply_declared(self._workspace.session, str(environment.name))
        return self._known(found) if found else None

    def _as_documented(self, environment: Environment) -> bool:
        """Whether a document of the folder says just the same: a program may have written it there."""
        from reconciler.sdk.loading import load_environment
        from reconciler.session.direct import document_of

        path = document_of(self._workspace.session, str(environment.name))
        if path is None or path.suffix not in _DOCUMENTS:
            return False
        try:
            there = load_environment(path)
        except EnvformError:
            return False  # what is wrong with it is told by whoever reads the folder
        there.version = environment.version or None
        return there == environment

    def check(self, environment: Environment) -> None:
        """EnvformError with all that is wrong with it; neither registry nor state is asked."""
        self._fields(environment, examine=True)

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """One version; the latest where neither is given. Of the curated ones, too."""
        called = _called(name, version, label)
        curated = self.curated(name).get(name)
        if curated is not None and version in (None, curated.version):
            return curated
        return self.called(called)

    def called(self, text: str) -> Environment:
        """What `NAME`, `NAME:VERSION` or `NAME@latest` means."""
        return self._known(self._catalogue.find(text))

    def list(
        self, name: str | None = None, *, list_view_type: ListViewType | str = ListViewType.ACTIVE_ONLY
    ) -> Iterator[Environment]:
        """The latest version of each, or all of one name, newest first."""
        from reconciler.session.catalogue import listed

        view = ListViewType(str(getattr(list_view_type, "name", list_view_type)))
        active, archived = view != ListViewType.ARCHIVED_ONLY, view != ListViewType.ACTIVE_ONLY
        found = listed(self._workspace.session.recorded, name or "", active=active, archived=archived)
        return map(self._known, found)

    def items(self) -> Iterator[tuple[str, Environment]]:
        """The latest version of each with its name, as of a dictionary."""
        return ((str(one.name), one) for one in self.list())

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.items())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def keys(self) -> Iterator[str]:
        """The names, as of a dictionary."""
        return iter(self)

    def values(self) -> Iterator[Environment]:
        """The latest version of each, as of a dictionary."""
        return self.list()

    def __getitem__(self, name: str) -> Environment:
        return self.get(name)

    def curated(self, name: str = "") -> dict[str, Environment]:
        """Those that come with envform, by name; none of them where another name is asked for."""
        from reconciler.session.cloning import sketch_environment
        from reconciler.session.curated import curated_environments, curated_texts

        if name and name not in curated_texts():
            return {}
        made = {}
        for one in curated_environments():
            environment = Environment(one.name, **sketched(sketch_environment(one, one.name)))
            environment.version = environment.latest_version = one.version or None
            made[one.name] = environment
        return made

    def archive(self, name: str, version: str | None = None, label: str | None = None) -> None:
        """Hide all versions or one from lists; they still run."""
        self._catalogue.set_archived([_called(name, version, label)], archived=True)

    def share(
        self,
        name: str,
        version: str,
        *,
        registry_name: str,
        share_with_name: str | None = None,
        share_with_version: str | None = None,
    ) -> str:
        """Bring a version into another registry, `HOST/NAMESPACE` or `oci:DIR`; what it is called there."""
        from reconciler.session.sharing import share

        session, called = self._workspace.session, _called(name, version, None)
        there = (registry_name, share_with_name or "", share_with_version or "")
        return share(session, called, *there, lambda *_: None).name

    def restore(self, name: str, version: str | None = None, label: str | None = None) -> None:
        """Take that back."""
        self._catalogue.set_archived([_called(name, version, label)], archived=False)

    def diff(self, old: str, new: str) -> Mapping[str, Any]:
        """What differs between `NAME`, `NAME:VERSION` or `NAME@latest` and another, as `envform env diff -o json`.

        `registry` in the place of the other is what that really holds.
        """
        from reconciler.session.comparing import compared

        return compared(self._workspace.session, old, new, whole=True).json

    def image_details(self, environment: Environment) -> ImageDetails:
        """Where the image of a registered environment is, and whether it is there."""
        from reconciler.sdk.image_details import image_details

        return image_details(self._workspace.session, self._catalogue.find(environment.id))

    def fields(self, environment: Environment) -> dict[str, Any]:
        """What a file in the workspace's folder would say."""
        return self._fields(environment)

    def _fields(self, environment: Environment, *, examine: bool = False) -> dict[str, Any]:
        """All mistakes at once: those that only a program can make, with those that a file could have, too."""
        from reconciler.session.direct import examined

        problems = Diagnostics()
        fields = fields_of(environment, self._workspace.path, self._workspace.images, problems)
        if problems.failed or examine:
            problems.extend(examined(self._workspace.session, fields))
        problems.check()
        for name in environment.docker.without_effect:
            detail = f"`docker.{name}` says how a container is started, and not what is in the image."
            self._workspace.hear_diagnostic(Diagnostic.warning(WITHOUT_EFFECT, detail))
        return fields

    def _known(self, found: Found) -> Environment:
        return environment_of(found, self._workspace.path, self._workspace.hear_diagnostic)

    @property
    def _catalogue(self) -> Catalogue:
        from reconciler.session.catalogue import Catalogue

        return Catalogue(self._workspace.session)


def create_or_count_up(environments: Environments, environment: Environment) -> Environment:
    """A version that came with the environment is given up where it is of another definition by now."""
    from reconciler.planning.refusals import ALREADY

    try:
        return environments.create_or_update(environment)
    except EnvformError as error:
        if not environment.hash or [item.summary for item in error.diagnostics] != [ALREADY]:
            raise
    counted = environment.clone(str(environment.name))
    return environments.create_or_update(counted)


def _called(name: str, version: str | None, label: str | None) -> str:
    if version is not None and label is not None:
        detail = "A version and a label were given, and each of them alone says which one is meant."
        raise EnvformError(Diagnostic.error("Version and label together", detail, hint="leave one of them out"))
    return f"{name}:{version}" if version is not None else f"{name}@{label}" if label is not None else name
