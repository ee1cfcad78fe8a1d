"""Environments of programs as folders like those of Azure ML's first SDK."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.sdk.fields import described

if TYPE_CHECKING:
    from reconciler.sdk.environment import Environment

_DOCUMENT, _CONDA, _DOCKERFILE = "azureml_environment.json", "conda_dependencies.yml", "BaseDockerfile"
_WORDS = {
    "name", "version", "image", "dockerfile", "build", "conda_file", "environment_variables", "user_managed",
    "interpreter_path", "spark", "requirements_file", "pip",
}  # fmt: skip


def save_to_directory(environment: Environment, folder: Path, *, overwrite: bool) -> None:
    """Write the folder's files; EnvformError where it holds some already, or has no words for the environment."""
    said = described(environment)
    _refuse(said, folder, overwrite=overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _DOCUMENT).write_text(json.dumps(_document(environment, said), indent=4) + "\n", encoding="utf-8")
    if not environment.user_managed and ("conda_file" in said or environment.requirements):
        if environment.requirements:
            warnings.warn("loaded again, its packages are installed over a Python of conda's", stacklevel=3)
        environment.python.conda_dependencies.save(folder / _CONDA)
    if text := environment.dockerfile:
        single = Path(text.strip()) if len(text.split()) == 1 else None
        content = single.read_text(encoding="utf-8") if single else text
        (folder / _DOCKERFILE).write_text(content, encoding="utf-8")


def _refuse(said: dict[str, Any], folder: Path, *, overwrite: bool) -> None:
    if (folder / _DOCUMENT).exists() and not overwrite:
        detail = f"`{folder}` holds a saved environment already."
        raise EnvformError(Diagnostic.error("Folder in use", detail, hint="`overwrite=True` replaces it"))
    lacking = sorted(said.keys() - _WORDS - {"description", "tags", "properties"})
    if lacking:
        names = ", ".join(f"`{name}`" for name in lacking)
        detail = f"A saved environment has no word for {names}, so it would be another environment."
        raise EnvformError(Diagnostic.error("No word in saved environments", detail, hint="`dump` may have one"))


def _document(environment: Environment, said: dict[str, Any]) -> dict[str, Any]:
    build = said.get("build")
    context = (
        {"locationType": "localDir", "location": build["path"], "dockerfilePath": build["dockerfile_path"]}
        if build
        else None
    )
    return {
        "name": environment.name,
        "version": environment.version,
        "environmentVariables": dict(environment.environment_variables),
        "python": {
            "userManagedDependencies": environment.user_managed,
            "interpreterPath": environment.interpreter_path or "python",
            "condaDependenciesFile": None,
        },
        "docker": {
            "enabled": environment.docker.enabled,
            "baseImage": environment.image,
            "baseDockerfile": None,
            "buildContext": context,
            "baseImageRegistry": {"address": environment.docker.base_image_registry.address},
        },
        "spark": {**environment.spark.block},
    }
