"""The command `envform new`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option, switch
from reconciler.cli.invocation import Invocation
from reconciler.model.diagnostic import Diagnostic, EnvformError

_PREFIX = "-from-"
_SOURCES = (
    ("conda-file", "FILE", "A conda file (environment.yml)."),
    ("requirements", "FILE", "A requirements file of pip, with those that it includes."),
    ("pyproject", "FILE", "The dependencies in a pyproject.toml."),
    ("uv-lock", "FILE", "What a uv.lock has chosen for Linux."),
    ("pixi-lock", "FILE", "What a pixi.lock has chosen for linux-64."),
    ("conda-env", "NAME", "What a conda environment of this machine has installed; a name or its folder."),
    ("venv", "DIR", "What a virtual environment of this machine has installed."),
    ("image", "REF", "An image as it is."),
    ("dockerfile", "FILE", "A Dockerfile, with its folder where it copies files."),
    ("azureml", "DIR", "An environment that Azure ML saved: a folder, or a YAML document."),
)


def _source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for kind, metavar, text in reversed(_SOURCES):
        command = option(f"{_PREFIX}{kind}", metavar, text, default="")(command)
    return command


@click.command(
    "new",
    cls=Command,
    examples=(
        ("From a conda file, to look at", "envform new -from-conda-file=environment.yml"),
        ("From what pip is told, into a file", "envform new -from-requirements=requirements.txt -out=training.hcl"),
        ("From a virtual environment that works", "envform new -from-venv=.venv -name=training"),
        ("From a folder that Azure ML saved, as YAML", "envform new -from-azureml=saved -yaml"),
    ),
)
@_source_options
@option("-name", "NAME", "What the environment is called; else as its source is.", default="")
@option(
    "-image", "REF", "The image to stand on; else one of envform's own table, where the source names none.", default=""
)
@option("-python", "X.Y", "The Python to have, where the source does not say.", default="")
@option(
    "-extra", "NAME", "An extra or group of the project, or an environment of pixi, too; repeatable.", multiple=True
)
@switch("-yaml", "Write YAML in place of HCL.")
@option("-out", "FILE", "Write into this new file in place of standard output.", type=PathName(), default=None)
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    name: str,
    image: str,
    python: str,
    extra: tuple[str, ...],
    yaml: bool,
    out: Path | None,
    **sources: str,
) -> None:
    """Write the definition of an environment from what is there already.

    What is written passes `envform validate`, and is formatted as `envform fmt` does. What of the source it does not
    have is told. A file that exists is never overwritten. The folder of FILE is a project: paths in it are seen from
    there, and lead to nothing outside of it.
    """
    from reconciler.cli.sessions import open_session
    from reconciler.session.draft_sources import Wanted
    from reconciler.session.drafts import Drafts

    kind, source = _one(sources)
    wanted = Wanted(kind, source, name, image, python, extra, yaml or is_yaml(out))
    if out is not None:
        refuse_existing(invocation.root / out, out)
    written = Drafts(open_session(invocation, lambda _: None), out).write(wanted)
    invocation.tell(*written.told)
    if out is None:
        invocation.out.write(written.text)
        return
    write_new(invocation.root / out, out, written.text)
    invocation.err.line(f"Written to {out}.")


def _one(sources: dict[str, str]) -> tuple[str, str]:
    given = [(kind, sources[f"from_{kind.replace('-', '_')}"]) for kind, _, _ in _SOURCES]
    found = [pair for pair in given if pair[1]]
    if len(found) == 1:
        return found[0]
    flags = ", ".join(f"{_PREFIX}{kind}" for kind, _ in found)
    what = f"several are given: {flags}" if found else "none is given"
    detail = f"An environment is made from one source, and {what}. `envform new -help` lists them."
    raise EnvformError(Diagnostic.error("One source is needed", detail))


def is_yaml(out: Path | None) -> bool:
    """Whether the name of the new file asks for YAML."""
    return out is not None and out.suffix in (".yaml", ".yml")


def _exists(out: Path) -> EnvformError:
    detail = f"`{out}` exists, and envform does not overwrite what somebody wrote. Choose another place with -out."
    return EnvformError(Diagnostic.error("File exists", detail))


def refuse_existing(path: Path, shown: Path) -> None:
    """EnvformError where there is something of this name already."""
    if path.exists():
        raise _exists(shown)


def write_new(path: Path, shown: Path, text: str) -> None:
    """A file that was not there before."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as cause:
        if path.exists():
            raise _exists(shown) from cause
        detail = f"`{shown}` cannot be written: {(cause.strerror or str(cause)).lower()}."
        raise EnvformError(Diagnostic.error("File not written", detail)) from cause
