"""Parts of an environment that have names of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.sdk.environment import Environment

_DEFAULTS = {"arguments": [], "shared_volumes": True, "shm_size": "2g", "gpu_support": False}


@dataclass(slots=True)
class BuildContext:
    """A folder with a Dockerfile; `dockerfile_path` is seen from the folder."""

    path: str | Path = "."
    dockerfile_path: str = "Dockerfile"

    @classmethod
    def from_local_directory(
        cls, workspace: object = None, path: str | Path = ".", dockerfile_path: str = "Dockerfile"
    ) -> BuildContext:
        """The older way to say it. Nothing is uploaded, so the workspace does not matter."""
        del workspace
        return cls(path, dockerfile_path)


@dataclass(slots=True)
class ContainerRegistry:
    """Where a base image is. Credentials are refused when the environment is registered: `envform login` has them."""

    address: str | None = None
    username: str | None = None
    password: str | None = None


class DockerSection:
    """`environment.docker`: the older names for what an image is made from. To set one takes the others back.

    How a container is started is no part of an image: `arguments`, `shm_size`, `shared_volumes` and `gpu_support` have
    no effect, of which the workspace's `warnings` tell.
    """

    __slots__ = ("_environment", "_registry", "arguments", "enabled", "gpu_support", "shared_volumes", "shm_size")

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._registry = ContainerRegistry()
        self.enabled = True
        self.arguments: list[str] = []
        self.shared_volumes = True
        self.shm_size: str | None = "2g"
        self.gpu_support = False

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
    def base_image_registry(self) -> ContainerRegistry:
        """Where the image is, if its name does not say."""
        return self._registry

    @base_image_registry.setter
    def base_image_registry(self, registry: ContainerRegistry | str | None) -> None:
        self._registry = registry if isinstance(registry, ContainerRegistry) else ContainerRegistry(registry)

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

    @property
    def without_effect(self) -> Iterator[str]:
        """Settings that were given a value."""
        return (name for name, usual in _DEFAULTS.items() if getattr(self, name) not in (usual, None))


@dataclass(slots=True)
class SparkPackage:
    """A Maven package."""

    group: str
    artifact: str
    version: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


class SparkSection:
    """`environment.spark`: packages that Spark finds when it is run."""

    __slots__ = ("packages", "precache_packages", "repositories")

    def __init__(self, spark: Mapping[str, object] | None = None) -> None:
        self.repositories = _texts(spark, "repositories")
        self.packages: list[SparkPackage | str] = [*_texts(spark, "packages")]
        self.precache_packages = True

    @property
    def block(self) -> Mapping[str, list[str]]:
        """As an `environment` block has it."""
        lists = {"repositories": list(self.repositories), "packages": [str(one) for one in self.packages]}
        return {name: texts for name, texts in lists.items() if texts}


def _texts(spark: Mapping[str, object] | None, name: str) -> list[str]:
    given = (spark or {}).get(name)
    return [str(one) for one in given] if isinstance(given, (list, tuple)) else []
