"""Files that programs name, read as the command line reads a project's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.sdk.sections import BuildContext

if TYPE_CHECKING:
    from reconciler.sdk.environment import Environment


def load_environment(source: str | Path, params_override: list[Mapping[str, Any]] | None = None) -> Environment:
    """The environment of an Azure ML document; what is wrong with it is told as `envform validate` tells it."""
    from reconciler.sdk.environment import Environment
    from reconciler.sdk.fields import described
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
    environment = Environment(**fields)
    environment.loaded = {} if params_override else described(environment)
    return environment


def conda_document(path: Path) -> Mapping[str, object]:
    """The mapping that a conda file holds."""
    from reconciler.session.documents import read_mapping

    return read_mapping(path.absolute().parent, path.name)


def requirement_lines(path: Path) -> list[str]:
    """The lines of a requirements file, without comments."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        detail = f"The requirements file `{path}` cannot be read: {cause}."
        raise EnvformError(Diagnostic.error("No such requirements file", detail)) from cause
    lines = (line.strip() for line in text.replace("\\\n", " ").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def document_text(content: Mapping[str, object]) -> str:
    """A mapping as a YAML document."""
    from reconciler.language.yaml_documents import dump
    from reconciler.sdk.dumping import plain

    return dump(plain(content))
