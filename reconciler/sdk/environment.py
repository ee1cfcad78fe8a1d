"""An environment as a program describes it, before and after it is registered."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.sections import BuildContext, DockerSection, PythonSection

if TYPE_CHECKING:
    from reconciler.sdk.jobs import ImageBuild
    from reconciler.sdk.workspace import Workspace

CondaFile = str | Path | Mapping[str, object] | CondaDependencies


class Arguments(TypedDict, total=False):
    """Those of Azure ML's class, and then those that an `environment` block has beside them."""

    version: str | None
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
    exclude_newer: str
    platform: str
    base: str
    packages: str
    runtime: str
    spark: Mapping[str, Any]


class Environment:
    """What an `environment` block says, under the names that Azure ML's own classes have for it.

    Nothing is checked before it is registered: then it is checked as a file would be, with all mistakes at once.
    Paths are seen from the current folder, and lie in the workspace's.
    """

    def __init__(self, name: str | None = None, **said: Unpack[Arguments]) -> None:
        self.name = name
        self.version = said.pop("version", None)
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
        self.more: dict[str, Any] = {**said}
        self.hash = self.digest = self.created = ""
        self.docker, self.python = DockerSection(self), PythonSection(self)

    def __repr__(self) -> str:
        return f"Environment(name={self.name!r}, version={self.version!r})"

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
    def conda_dependencies(self) -> CondaDependencies | None:
        """The conda file as something to be added to; None where there is a path or a mapping in its place."""
        return self.conda_file if isinstance(self.conda_file, CondaDependencies) else None

    @classmethod
    def from_conda_specification(cls, name: str, file_path: str) -> Environment:
        """With the packages of a conda file."""
        return cls(name, conda_file=Path(file_path))

    @classmethod
    def from_pip_requirements(cls, name: str, file_path: str, pip_version: str | None = None) -> Environment:
        """With the packages of a requirements file. They are installed without pip, so its version has no effect."""
        del pip_version
        return cls(name, requirements_file=Path(file_path))

    @classmethod
    def from_docker_image(
        cls, name: str, image: str, *, conda_specification: str | None = None, pip_requirements: str | None = None
    ) -> Environment:
        """On an image; without packages the image's own Python is used as it is."""
        made = cls(name, **_packages(conda_specification, pip_requirements))
        made.image = image
        made.user_managed = conda_specification is None and pip_requirements is None
        return made

    @classmethod
    def from_dockerfile(
        cls, name: str, dockerfile: str, *, conda_specification: str | None = None, pip_requirements: str | None = None
    ) -> Environment:
        """On what a Dockerfile makes, given by its text or its path."""
        made = cls(name, **_packages(conda_specification, pip_requirements))
        made.dockerfile = dockerfile
        return made

    @classmethod
    def from_docker_build_context(cls, name: str, docker_build_context: BuildContext) -> Environment:
        """Of a folder with a Dockerfile."""
        return cls(name, build=docker_build_context)

    @staticmethod
    def get(workspace: Workspace, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """One that is registered: the latest, or by version or label."""
        return workspace.environments.get(name, version, label)

    @staticmethod
    def list(workspace: Workspace) -> dict[str, Environment]:
        """The latest version of each, by name."""
        return {str(one.name): one for one in workspace.environments.list()}

    def register(self, workspace: Workspace) -> Environment:
        """Make sure that it is registered; equal definitions are one version."""
        registered = workspace.environments.create_or_update(self)
        self.version, self.hash, self.digest = registered.version, registered.hash, registered.digest
        return registered

    def get_image_details(self, workspace: Workspace) -> Mapping[str, Any]:
        """The image that was made of it, and where it is."""
        return workspace.environments.image_details(self)

    def clone(self, new_name: str) -> Environment:
        """The same under another name, to be changed; its versions begin anew."""
        made = copy.deepcopy(self)
        made.name, made.version = new_name, None
        return made


def _packages(conda: str | None, pip: str | None) -> Arguments:
    made = Arguments()
    if conda is not None:
        made["conda_file"] = Path(conda)
    if pip is not None:
        made["requirements_file"] = Path(pip)
    return made


class Builder:
    """`environment.build(workspace)`, where there is no build context; as a value it is nothing."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __bool__(self) -> bool:
        return False

    def __call__(self, workspace: Workspace) -> ImageBuild:
        """Register the environment, which makes its image where there is none yet."""
        from reconciler.sdk.jobs import ImageBuild

        return ImageBuild(self._environment.register(workspace))
