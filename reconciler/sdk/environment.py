"""An environment as a program describes it, before and after it is registered."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypedDict, Unpack

from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.origins import Origins
from reconciler.sdk.python_section import PythonSection
from reconciler.sdk.sections import BuildContext, DockerSection, SparkSection

if TYPE_CHECKING:
    from reconciler.sdk.image_details import ImageDetails
    from reconciler.sdk.runs import ImageBuild
    from reconciler.sdk.workspace import Workspace

CondaFile = str | Path | Mapping[str, object] | CondaDependencies
_REQUIREMENTS = ("requirements_file", "pip")


class Arguments(TypedDict, total=False):
    """Those of Azure ML's class, and then those that an `environment` block has beside them."""

    version: str | int | None
    description: str | None
    image: str | None
    build: BuildContext | None
    conda_file: CondaFile | None
    tags: Mapping[str, str] | None
    properties: Mapping[str, str] | None
    inference_config: Mapping[str, Any] | None
    os_type: str | None
    environment_variables: Mapping[str, str] | None
    dockerfile: str | None
    interpreter_path: str | None
    user_managed: bool
    pip: Sequence[str]
    requirements_file: str | Path
    docker_steps: Sequence[str]
    python_version: str
    accelerator: str
    exclude_newer: str
    allow_source_builds: bool
    platform: str
    base: str
    packages: str
    runtime: str
    compat_hash: str
    labels: Sequence[str]
    spark: Mapping[str, Any]
    verify: Mapping[str, Any]


class Environment(Origins):
    """What an `environment` block says, under the names that Azure ML's own classes have for it.

    Nothing is checked before it is registered or `validate` is called: then it is checked as a file would be, with all
    mistakes at once. Paths are seen from the current folder, and lie in the workspace's.
    """

    __slots__ = (
        "conda_file", "context", "created", "description", "digest", "docker", "dockerfile", "environment_variables",
        "hash", "image", "inference_config", "inferencing_stack_version", "interpreter_path", "latest_version",
        "loaded", "more", "name", "os_type", "properties", "python", "registered", "spark", "tags", "user_managed",
        "version",
    )  # fmt: skip

    def __init__(self, name: str | None = None, **said: Unpack[Arguments]) -> None:
        version = said.pop("version", None)
        self.name = name
        self.version = None if version is None else str(version)
        self.description = said.pop("description", None)
        self.image = said.pop("image", None)
        self.context = said.pop("build", None)
        self.conda_file = said.pop("conda_file", None)
        self.tags = dict(said.pop("tags", None) or {})
        self.properties = dict(said.pop("properties", None) or {})
        self.inference_config = said.pop("inference_config", None)
        self.os_type = said.pop("os_type", None)
        self.environment_variables = dict(said.pop("environment_variables", None) or {})
        self.dockerfile = said.pop("dockerfile", None)
        self.interpreter_path = said.pop("interpreter_path", None)
        self.user_managed = bool(said.pop("user_managed", False))
        self.spark = SparkSection(said.pop("spark", None))
        _refuse_unknown(said)
        self.more: dict[str, Any] = {**said}
        self.hash = self.digest = self.created = ""
        self.registered: Mapping[str, Any] = {}
        self.loaded: Mapping[str, Any] = {}
        self.latest_version: str | None = None
        self.inferencing_stack_version: str | None = None
        self.docker, self.python = DockerSection(self), PythonSection(self)

    def __repr__(self) -> str:
        return f"Environment(name={self.name!r}, version={self.version!r})"

    def __str__(self) -> str:
        from reconciler.sdk.fields import described
        from reconciler.sdk.loading import document_text

        return document_text(described(self))

    def __eq__(self, other: object) -> bool:
        from reconciler.sdk.fields import described

        return isinstance(other, Environment) and described(self) == described(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    @property
    def build(self) -> Any:  # what both styles call so are a value and a method
        """The build context, or else what builds the environment in a workspace: both styles call it so."""
        return self.context or Builder(self)

    @build.setter
    def build(self, context: BuildContext | None) -> None:
        self.context = context

    @property
    def id(self) -> str:
        """How it is called, once it is registered."""
        return f"{self.name}:{self.version}" if self.version else str(self.name)

    @property
    def as_registered(self) -> bool:
        """Whether it is registered, and says nothing else by now."""
        from reconciler.sdk.fields import described

        return bool(self.hash) and described(self) == self.registered

    @property
    def as_loaded(self) -> bool:
        """Whether it was read from a document, and says nothing else by now."""
        from reconciler.sdk.fields import described

        return bool(self.loaded) and described(self) == self.loaded

    @property
    def requirements(self) -> dict[str, Any]:
        """The arguments that say what pip is asked for."""
        return {name: self.more[name] for name in _REQUIREMENTS if name in self.more}

    def requirement_lines(self) -> list[str]:
        """All that pip is asked for, a line each."""
        from reconciler.sdk.loading import requirement_lines

        path = self.more.get("requirements_file")
        return [*(requirement_lines(Path(path)) if path else ()), *self.more.get("pip", ())]

    @staticmethod
    def get(workspace: Workspace, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """One that is registered: the latest, or by version or label; or a curated one."""
        return workspace.environments.get(name, version, label)

    @staticmethod
    def list(workspace: Workspace) -> dict[str, Environment]:
        """The latest version of each, by name, and the curated ones."""
        return {**workspace.environments.curated(), **dict(workspace.environments.items())}

    @staticmethod
    def add_private_pip_wheel(workspace: Workspace, file_path: str | Path, exist_ok: bool = False) -> str:
        """Put a wheel into the workspace's folder, where it is not there yet; what to tell pip of it."""
        from reconciler.sdk.wheels import add_wheel

        return add_wheel(workspace.path, Path(file_path), exist_ok=exist_ok)

    def register(self, workspace: Workspace) -> Environment:
        """Make sure that it is registered; one that was registered before and has changed since is a new version."""
        from reconciler.sdk.environments import create_or_count_up
        from reconciler.sdk.fields import described

        registered = create_or_count_up(workspace.environments, self)
        self.version, self.hash, self.digest = registered.version, registered.hash, registered.digest
        self.registered = described(self)
        return registered

    def validate(self, workspace: Workspace | None = None) -> None:
        """EnvformError with all that is wrong with it, as far as can be told without registry and state."""
        from reconciler.sdk.workspace import Workspace

        (workspace or Workspace(".")).environments.check(self)

    def build_local(self, workspace: Workspace, platform: object = None, **kwargs: object) -> ImageBuild:
        """The same as `build`: there is no other place to build in."""
        del platform, kwargs
        return Builder(self)(workspace)

    def get_image_details(self, workspace: Workspace) -> ImageDetails:
        """The image that was made of it, and where it is."""
        return workspace.environments.image_details(self)

    def clone(self, new_name: str) -> Environment:
        """The same under another name, to be changed; its versions begin anew."""
        made = copy.deepcopy(self)
        made.name, made.version, made.latest_version = new_name, None, None
        made.hash = made.digest = made.created = ""
        made.registered = {}
        made.more.pop("labels", None)
        return made

    def dump(self, dest: str | Path | IO[str]) -> None:
        """Write an Azure ML document, from which `load_environment` gives an equal one."""
        from reconciler.sdk.dumping import dump_environment

        dump_environment(self, dest)

    def save_to_directory(self, path: str | Path, overwrite: bool = False) -> None:
        """Write a folder like those of Azure ML's first SDK, to be changed by hand."""
        from reconciler.sdk.saving import save_to_directory

        save_to_directory(self, Path(path), overwrite=overwrite)


def _refuse_unknown(said: Mapping[str, object]) -> None:
    for name in said.keys() - Arguments.__annotations__.keys():
        raise TypeError(f"Environment() got an unexpected keyword argument {name!r}")


class Builder:
    """`environment.build(workspace)`, where there is no build context; as a value it is nothing."""

    __slots__ = ("_environment",)

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __bool__(self) -> bool:
        return False

    def __call__(self, workspace: Workspace, image_build_compute: object = None) -> ImageBuild:
        """Register the environment, which makes its image where there is none yet."""
        from reconciler.sdk.runs import ImageBuild

        del image_build_compute
        return ImageBuild(self._environment.register(workspace))
