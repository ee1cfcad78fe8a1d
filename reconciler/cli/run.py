"""The command `envform run`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.suggestion import did_you_mean
from reconciler.model.work import Mount

_RIGHTS = {"ro": False, "rw": True}


@click.command(
    "run",
    cls=Command,
    examples=(
        ("A program of the latest version", "envform run training -- python -c 'import numpy'"),
        ("A script of this folder", "envform run training -mount=.:/work -workdir=/work -- python train.py"),
        ("An older version, with a variable", "envform run training:2 -env=EPOCHS=3 -- python -m trainer"),
    ),
)
@click.argument("environment", metavar="ENVIRONMENT")
@click.argument("words", metavar="[COMMAND...]", nargs=-1)
@project_options
@option(
    "-env",
    "NAME[=VALUE]",
    "Set a variable, over those of the environment; without a value the one that it has here. Repeatable.",
    multiple=True,
)
@option(
    "-mount",
    "SRC:DST[:ro]",
    "Show a file or folder of this machine at the absolute path DST, read-only with `:ro`. Repeatable.",
    multiple=True,
)
@option("-workdir", "DIR", "Start in this folder of the image; the default is what the image says.", default="")
@click.pass_obj
def command(
    invocation: Invocation,
    environment: str,
    words: tuple[str, ...],
    env: tuple[str, ...],
    mount: tuple[str, ...],
    workdir: str,
) -> int:
    """Run a command in a registered environment, and end as it ends.

    ENVIRONMENT is NAME, NAME:VERSION or NAME@latest. Write `--` before a command that has flags of its own; without
    a command the image's own is run. The exit code is the command's, or 128 and the number of the signal that ended
    it.

    The image is the one on record, checked by its digest, and unpacked once into the user's cache folder; `runc` or
    `crun` starts it, as root or not, with the network of this machine. What the command writes is gone when it ends,
    but for what it writes into mounts.
    """
    from reconciler.session.running import run_job

    problems = Diagnostics()
    variables = dict(_variable(text, problems) for text in env)
    mounts = tuple(_mount(text, invocation.root, problems) for text in mount)
    if workdir and not workdir.startswith("/"):
        problems.add(_wrong("-workdir", workdir, "it is a path in the image, which begins with `/`"))
    problems.check()
    with watched(invocation, as_json=False) as session:
        return run_job(session, environment, words, variables, mounts, workdir)


def _variable(text: str, problems: Diagnostics) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or "\0" in text:
        problems.add(_wrong("-env", text, "a variable has a name, and then `=` and its value"))
    elif not equals and name not in os.environ:
        hint = did_you_mean(name, os.environ)
        problems.add(_wrong("-env", text, "no variable of that name is set here, so its value must be given", hint))
    return name, value if equals else os.environ.get(name, "")


def _mount(text: str, root: Path, problems: Diagnostics) -> Mount:
    spelled, colon, right = text.rpartition(":")
    if not (colon and right in _RIGHTS):
        spelled, right = text, "rw"
    source, colon, target = spelled.rpartition(":")
    place = root / Path(source).expanduser() if source else root
    if not (source and colon and target.startswith("/")):
        problems.add(_wrong("-mount", text, "write `SRC:DST` or `SRC:DST:ro`, and DST is a path that begins with `/`"))
    elif target.strip("/") == "" or ".." in target.split("/"):
        problems.add(_wrong("-mount", text, "DST must be a path below `/`, without `..`"))
    elif not place.exists():
        there = place.parent.iterdir() if place.parent.is_dir() else ()
        hint = did_you_mean(place.name, (path.name for path in there))
        problems.add(_wrong("-mount", text, f"there is nothing at `{place}`", hint))
    return Mount(os.path.realpath(place), target, _RIGHTS[right])


def _wrong(flag: str, value: str, why: str, hint: str = "") -> Diagnostic:
    return Diagnostic.error("Invalid value", f"`{flag}={value}` cannot be used: {why}.", hint=hint)
