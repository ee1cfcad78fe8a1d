"""The command `envform env export`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option
from reconciler.cli.invocation import Invocation
from reconciler.cli.new import refuse_existing, write_new
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched

_FORMATS = ("azureml", "dockerfile", "requirements", "pylock", "conda-lock")


@click.command(
    "export",
    cls=Command,
    examples=(
        ("A document for `az ml environment create`, with its conda file", "envform env export training -out=azure"),
        ("What pip installs, to look at", "envform env export training:2 -format=requirements"),
        ("A Dockerfile that gives the same packages", "envform env export training -format=dockerfile -out=docker"),
    ),
)
@click.argument("environment", metavar="ENVIRONMENT")
@project_options
@option(
    "-format",
    "FORMAT",
    "azureml (the default), dockerfile, requirements, pylock or conda-lock.",
    type=click.Choice(_FORMATS),
    default=_FORMATS[0],
)
@option("-out", "DIR", "Write into this folder in place of standard output.", type=PathName(folder=True), default=None)
@click.pass_obj
def command(invocation: Invocation, environment: str, format: str, out: Path | None) -> None:  # noqa: A002 - the flag
    """Write one version for other tools: what it was declared as, or exactly what is in its image.

    azureml is an Azure ML document with its conda file: read again, it is the same definition where Azure ML has
    words for all of it; what it lacks is told. The others are exact: requirements.txt with hashes, pylock.toml, a
    Dockerfile, or conda's explicit list. They call files of the project by their paths in it, and tell how to bring
    there what was built on this machine. A file that exists is never overwritten.

    ENVIRONMENT is NAME, NAME:VERSION or NAME@latest.
    """
    from reconciler.session.catalogue import Called, Catalogue, find
    from reconciler.session.exports import Exporter

    with watched(invocation, as_json=False) as session:
        catalogue = Catalogue(session)
        state = catalogue.state
        found = find(state, Called.parse(environment), catalogue.workspace)
        folder = None if out is None else invocation.root / out
        exported = Exporter(found, state.locks.get(found.record.lock), invocation.root, folder).export(format)
    invocation.tell(*exported.told)
    if out is None or folder is None:
        invocation.out.write(next(iter(exported.files.values())))
        return
    for name in exported.files:
        refuse_existing(folder / name, out / name)
    for name, text in exported.files.items():
        write_new(folder / name, out / name, text)
        invocation.err.line(f"Written to {out / name}.")
