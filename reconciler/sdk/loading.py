"""Files that programs name, read as the command line reads a project's."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.sdk.sections import BuildContext

if TYPE_CHECKING:
    from reconciler.sdk.environment import Environment

_STREAM = "stream.yml"


def load_environment(
    source: str | PathLike[str] | IO[str] | IO[bytes],
    *,
    relative_origin: str | PathLike[str] | None = None,
    params_override: list[Mapping[str, Any]] | None = None,
) -> Environment:
    """The environment of an Azure ML document; what is wrong with it is told as `envform validate` tells it.

    Of an open file the content counts. Paths in it are seen from where it lies, or from where `relative_origin` does.
    """
    from reconciler.sdk.environment import Environment
    from reconciler.sdk.fields import described
    from reconciler.session.documents import read_environment

    path, text = _opened(source)
    if relative_origin is not None:
        text = _text(path) if text is None else text
        path = Path(relative_origin) / (path.name if Path(relative_origin).is_dir() else "")
    root = Path.cwd() if path.absolute().is_relative_to(Path.cwd()) else path.absolute().parent
    fields: dict[str, Any] = dict(read_environment(root, path, text))
    for override in params_override or ():
        fields.update(override)
    if isinstance(conda := fields.get("conda_file"), str):
        fields["conda_file"] = root / conda
    if isinstance(build := fields.pop("build", None), Mapping):
        fields["build"] = BuildContext(root / build["path"], build.get("dockerfile_path", "Dockerfile"))
    environment = Environment(**fields)
    environment.loaded = {} if params_override else described(environment)
    return environment


def _opened(source: str | PathLike[str] | IO[str] | IO[bytes]) -> tuple[Path, str | None]:
    """Where it is, and what is in it where that has been opened already; a stream without a name is here."""
    if isinstance(source, (str, PathLike)):
        return Path(source), None
    content = source.read()
    name = getattr(source, "name", None)
    path = Path(name) if isinstance(name, str) else Path(_STREAM)
    try:
        return path, content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError as cause:
        raise EnvformError(Diagnostic.error("Invalid YAML document", f"`{path}` is not UTF-8: {cause}.")) from cause


def conda_document(path: Path) -> Mapping[str, object]:
    """The mapping that a conda file holds."""
    from reconciler.session.documents import read_mapping

    return read_mapping(path.absolute().parent, path.name)


def requirement_lines(path: Path) -> list[str]:
    """The lines of a requirements file, without comments."""
    text = _text(path, "No such requirements file")
    lines = (line.strip() for line in text.replace("\\\n", " ").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _text(path: Path, summary: str = "No such file") -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        detail = f"`{path}` cannot be read: {cause}."
        raise EnvformError(Diagnostic.error(summary, detail)) from cause


def document_text(content: Mapping[str, object]) -> str:
    """A mapping as a YAML document."""
    from reconciler.language.yaml_documents import dump
    from reconciler.sdk.dumping import plain

    return dump(plain(content))
