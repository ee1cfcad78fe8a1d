"""Parts of an environment that have names of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.sdk.conda_dependencies import CondaDependencies
    from reconciler.sdk.environment import Environment


@dataclass
class BuildContext:
    """A folder with a Dockerfile; `dockerfile_path` is seen from the folder."""

    path: str | Path
    dockerfile_path: str = "Dockerfile"


class DockerSection:
    """`environment.docker`: the older names for what an image is made from. To set one takes the others back."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.enabled = True

    @property
    def base_image(self) -> str | None:
        """The image that it stands on."""
        return self._environment.image

    @base_image.setter
    def base_image(self, image: str | None) -> None:
        self._environment.image = image
        if image is not None:
            self._environment.dockerfile = self._environment.context = None

    @property
    def base_dockerfile(self) -> str | None:
        """The text of a Dockerfile, or the path of one."""
        return self._environment.dockerfile

    @base_dockerfile.setter
    def base_dockerfile(self, dockerfile: str | None) -> None:
        self._environment.dockerfile = dockerfile
        if dockerfile is not None:
            self._environment.image = self._environment.context = None

    @property
    def build_context(self) -> BuildContext | None:
        """The folder that is built as it is."""
        return self._environment.context

    @build_context.setter
    def build_context(self, context: BuildContext | None) -> None:
        self._environment.context = context
        if context is not None:
            self._environment.image = self._environment.dockerfile = None


class PythonSection:
    """`environment.python`: the older names for who brings packages, and which."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    @property
    def user_managed_dependencies(self) -> bool:
        """Whether the image's Python is used as it is."""
        return self._environment.user_managed

    @user_managed_dependencies.setter
    def user_managed_dependencies(self, value: bool) -> None:
        self._environment.user_managed = value

    @property
    def interpreter_path(self) -> str | None:
        """Where the interpreter is in the image."""
        return self._environment.interpreter_path

    @interpreter_path.setter
    def interpreter_path(self, path: str | None) -> None:
        self._environment.interpreter_path = path

    @property
    def conda_dependencies(self) -> CondaDependencies | None:
        """What conda and pip are asked for."""
        return self._environment.conda_dependencies

    @conda_dependencies.setter
    def conda_dependencies(self, dependencies: CondaDependencies | None) -> None:
        self._environment.conda_file = dependencies
