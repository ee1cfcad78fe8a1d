"""The command `envform run`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import workspace_options
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.event import ApplyFinished
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean
from reconciler.model.work import WAYS, Mount, Way

_RIGHTS = {"ro": False, "rw": True}
_GPUS = lazy_pattern(r"all|[1-9][0-9]{0,3}|device=[\w-]+(,[\w-]+)*")


@click.command(
    "run",
    cls=Command,
    examples=(
        ("A program of the latest version", "envform run training -- python -c 'import numpy'"),
        ("A script of this folder", "envform run training -mount=.:/work -workdir=/work -- python train.py"),
        ("An older version, with a variable", "envform run training:2 -env=EPOCHS=3 -- python -m trainer"),
        ("An Azure ML command job", "envform run -f=job.yml"),
        ("By a Docker engine, with its GPUs", "envform run training -on=docker -gpus=all -- nvidia-smi"),
    ),
)
@click.argument("environment", metavar="[ENVIRONMENT]", default="")
@click.argument("words", metavar="[COMMAND...]", nargs=-1)
@workspace_options
@click.option(
    "-file",
    "-f",
    "document",
    metavar="FILE",
    help="Run the command job that this Azure ML document describes, and nothing else. Short: -f.",
    default="",
)
@option(
    "-on",
    "docker|oci|local",
    "Where: by a Docker engine, by `runc` or `crun`, or on this machine itself; by default what there is.",
    type=click.Choice(WAYS),
    default=None,
)
@option("-gpus", "all|N|device=ID,...", "Let it see GPUs of this machine; a Docker engine can show them.", default="")
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
    document: str,
    on: Way | None,
    gpus: str,
    env: tuple[str, ...],
    mount: tuple[str, ...],
    workdir: str,
) -> int:
    """Run a command in a registered environment, and end as it ends.

    ENVIRONMENT is NAME, NAME:VERSION, NAME@latest or NAME@LABEL. Write `--` before a command that has flags of its own;
    without a command the image's own is run. The exit code is the command's, or 128 and the signal that ended it.

    With -f a command job of Azure ML is run: its code is the current folder, its inputs and outputs are paths of this
    machine, seen from the document, and an environment that is written out in it is registered without a name, once for
    what it holds. Its compute target may be one of those of -on; any other means this machine.

    The image is the one on record, checked by its digest, and unpacked once for `runc` or `crun`; where there is
    neither, a Docker engine is sent it once. With -on=local its packages are installed in a virtual environment of this
    machine, without the rest of the image. What the command writes in a container is gone when it ends, but for mounts.
    """
    from reconciler.session.job_documents import run_document
    from reconciler.session.running import run_job
    from reconciler.session.ways import How

    problems = Diagnostics()
    variables = dict(_variable(text, problems) for text in env)
    mounts = tuple(_mount(text, invocation.root, problems) for text in mount)
    _check_flags(workdir, gpus, problems)
    _check_what(environment, document, workdir, problems)
    problems.check()
    how = How(on, gpus)
    # What is on stdout is the command's.
    with watched(invocation, as_json=False, takes=lambda event: isinstance(event, ApplyFinished)) as session:
        if not document:
            return run_job(session, environment, words, variables, mounts, workdir, how)
        return run_document(session, document, how, variables, mounts)


def _check_flags(workdir: str, gpus: str, problems: Diagnostics) -> None:
    if workdir and not workdir.startswith("/"):
        problems.add(_wrong("-workdir", workdir, "it is a path in the image, which begins with `/`"))
    if gpus and not _GPUS.fullmatch(gpus):
        problems.add(_wrong("-gpus", gpus, "it is `all`, a number, or `device=` and ids with commas between them"))


def _check_what(environment: str, document: str, workdir: str, problems: Diagnostics) -> None:
    if document and environment:
        detail = f"`{document}` says in which environment its command is run, so `{environment}` cannot be given too."
        problems.add(Diagnostic.error("Environment and job together", detail, hint="leave one of them out"))
    elif document and workdir:
        problems.add(_wrong("-workdir", workdir, "a job begins in its own `code`"))
    elif not (document or environment):
        detail = "Name the environment that the command is run in, or the document of a job with `-f`."
        problems.add(Diagnostic.error("Environment is missing", detail, hint="`envform env list` shows them"))


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
