"""The older ways to begin an environment: from files, folders, images, and what is installed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from reconciler.model.diagnostic import Diagnostic, EnvformError

if TYPE_CHECKING:
    from reconciler.sdk.environment import Arguments, Environment
    from reconciler.sdk.sections import BuildContext, ContainerRegistry


class Origins:
    """What Azure ML's first SDK calls `Environment.from_…`."""

    __slots__ = ()

    @classmethod
    def from_conda_specification(cls, name: str, file_path: str | Path) -> Environment:
        """With the packages of a conda file."""
        made = _made(cls, name)
        made.conda_file = Path(file_path)
        _ = made.python.conda_dependencies  # a file that cannot be read is told of now
        return made

    @classmethod
    def from_pip_requirements(cls, name: str, file_path: str | Path, pip_version: str | None = None) -> Environment:
        """With the packages of a requirements file. They are installed without pip, so its version has no effect."""
        del pip_version
        made = _made(cls, name)
        made.more["requirements_file"] = Path(file_path)
        _ = made.python.conda_dependencies
        return made

    @classmethod
    def from_docker_image(
        cls,
        name: str,
        image: str,
        container_registry: ContainerRegistry | None = None,
        conda_specification: str | Path | None = None,
        pip_requirements: str | Path | None = None,
    ) -> Environment:
        """On an image; without packages the image's own Python is used as it is."""
        made = _with_packages(_made(cls, name), conda_specification, pip_requirements)
        made.docker.base_image = image
        made.docker.base_image_registry = container_registry
        return made

    @classmethod
    def from_dockerfile(
        cls,
        name: str,
        dockerfile: str,
        conda_specification: str | Path | None = None,
        pip_requirements: str | Path | None = None,
    ) -> Environment:
        """On what a Dockerfile makes, given by its text or its path; without packages its own Python is used."""
        made = _with_packages(_made(cls, name), conda_specification, pip_requirements)
        made.docker.base_dockerfile = dockerfile
        return made

    @classmethod
    def from_docker_build_context(cls, name: str, docker_build_context: BuildContext) -> Environment:
        """Of a folder with a Dockerfile."""
        made = _made(cls, name)
        made.docker.build_context = docker_build_context
        return made

    @classmethod
    def from_existing_conda_environment(cls, name: str, conda_environment_name: str) -> Environment:
        """With what a conda environment of this machine has installed, each package in its version."""
        from reconciler.sdk.sketched import arguments_of

        said, _ = arguments_of("conda-env", conda_environment_name)
        return _made(cls, name, said)

    @classmethod
    def load_from_directory(cls, path: str | Path) -> Environment:
        """Of a folder that `save_to_directory` or Azure ML's first SDK has written."""
        from reconciler.sdk.sketched import arguments_of

        said, name = arguments_of("azureml", str(path))
        return _made(cls, name, said)


def _made(kind: type[Origins], name: str | None, said: Arguments | None = None) -> Environment:
    return cast("type[Environment]", kind)(name, **(said or {}))


def _with_packages(made: Environment, conda: str | Path | None, pip: str | Path | None) -> Environment:
    if conda is not None and pip is not None:
        detail = f"`{conda}` and `{pip}` were given, and an environment has its packages from one of them."
        raise EnvformError(
            Diagnostic.error("Conflicting arguments", detail, hint="name the pip packages in the conda file")
        )
    if conda is not None:
        made.conda_file = Path(conda)
    elif pip is not None:
        made.more["requirements_file"] = Path(pip)
    else:
        made.user_managed = True
    return made
