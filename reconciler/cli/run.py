"""The command `envform run`."""

from __future__ import annotations

import click

from reconciler.cli.interrupts import stoppable
from reconciler.cli.invocation import Invocation
from reconciler.cli.job_command import JobCommand
from reconciler.cli.job_flags import job_of, job_options, wrong
from reconciler.cli.project import workspace_options
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.event import ApplyFinished
from reconciler.model.work import Way


@click.command(
    "run",
    cls=JobCommand,
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
@job_options
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
    without a command the image's own is run. The exit code is the command's, or 128 and the signal that ended it. As of
    `docker run` it is 127 where there is no such program, 126 where it cannot be started, 125 where envform failed.

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

    _check_what(environment, document, workdir)
    job = job_of(invocation.root, words, env, mount, workdir, gpus)
    how = How(on, gpus)
    # What is on stdout is the command's.
    with watched(invocation, as_json=False, takes=lambda event: isinstance(event, ApplyFinished)) as session:
        if not document:
            return run_job(session, environment, words, job.variables, job.mounts, workdir, how)
        return run_document(session, document, how, job.variables, job.mounts, lambda: stoppable(invocation))


def _check_what(environment: str, document: str, workdir: str) -> None:
    if document and environment:
        detail = f"`{document}` says in which environment its command is run, so `{environment}` cannot be given too."
        raise EnvformError(Diagnostic.error("Environment and job together", detail, hint="leave one of them out"))
    if document and workdir:
        raise EnvformError(wrong("-workdir", workdir, "a job begins in its own `code`"))
    if not (document or environment):
        detail = "Name the environment that the command is run in, or the document of a job with `-f`."
        hint = "`envform env list` shows them"
        raise EnvformError(Diagnostic.error("Environment is missing", detail, hint=hint))
