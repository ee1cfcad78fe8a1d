"""Files that programs name, read as the command line reads a project's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.sdk.sections import BuildContext

if TYPE_CHECKING:
    from reconciler.sdk.environment import Environment


def load_environment(source: str | Path, params_override: list[Mapping[str, Any]] | None = None) -> Environment:
    """The environment of an Azure ML document; what is wrong with it is told as `envform validate` tells it."""
    from reconciler.sdk.environment import Environment
    from reconciler.session.documents import read_environment

    path = Path(source)
    root = Path.cwd() if path.absolute().is_relative_to(Path.cwd()) else path.absolute().parent
    fields: dict[str, Any] = dict(read_environment(root, path))
    for override in params_override or ():
        fields.update(override)
    if isinstance(conda := fields.get("conda_file"), str):
        fields["conda_file"] = root / conda
    if isinstance(build := fields.pop("build", None), Mapping):
        fields["build"] = BuildContext(root / build["path"], build.get("dockerfile_path", "Dockerfile"))
    return Environment(**fields)


def conda_document(path: Path) -> Mapping[str, object]:
    """The mapping that a conda file holds."""
    from reconciler.session.documents import read_mapping

    return read_mapping(path.absolute().parent, path.name)


def document_text(content: Mapping[str, object]) -> str:
    """A mapping as a YAML document."""
    from reconciler.language.yaml_documents import dump

    return dump(dict(content))  # type: ignore[arg-type]  # lists and texts
