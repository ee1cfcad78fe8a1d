"""Environments of programs as Azure ML documents."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.sdk.fields import described

if TYPE_CHECKING:
    from reconciler.language.yaml_nodes import Plain
    from reconciler.sdk.environment import Environment

_WORDS = ("name", "version", "description", "tags", "image", "conda_file", "build", "inference_config", "os_type")
_NO_MATTER = ("properties", "user_managed")


def dump_environment(environment: Environment, dest: str | Path | IO[str]) -> None:
    """Write the document; EnvformError where it would be of another definition."""
    if isinstance(dest, (str, Path)):
        path = Path(dest)
        text = document_text(environment, path.absolute().parent)
        path.write_text(text, encoding="utf-8")
    else:
        dest.write(document_text(environment, Path.cwd()))


def document_text(environment: Environment, folder: Path) -> str:
    """The document, for a folder from which it sees its files."""
    from reconciler.language.azureml.dump import dump_environment

    said = described(environment)
    lacking = sorted(said.keys() - {*_WORDS, *_NO_MATTER})
    if lacking:
        names = ", ".join(f"`{name}`" for name in lacking)
        detail = f"Azure ML's documents have no word for {names}, so the document would be another environment."
        hint = "`save_to_directory` writes what it can; `envform env export` tells what it leaves out"
        raise EnvformError(Diagnostic.error("No word in Azure ML's documents", detail, hint=hint))
    fields = {name: _seen(name, said[name], folder) for name in _WORDS if name in said}
    return dump_environment({name: plain(one) for name, one in fields.items()})


def _seen(name: str, value: Any, folder: Path) -> Any:
    if name == "conda_file" and isinstance(value, str):
        return _relative(value, folder)
    if name == "build":
        named = value["dockerfile_path"]
        return {
            "path": _relative(value["path"], folder),
            **({"dockerfile_path": named} if named != "Dockerfile" else {}),
        }
    return value


def _relative(path: str, folder: Path) -> str:
    return Path(os.path.relpath(path, folder.resolve())).as_posix()


def plain(value: object) -> Plain:
    """What a document can hold: mappings, lists and texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if isinstance(value, (int, float, bool)) or value is None else str(value)
