"""The command `envform serve`."""

from __future__ import annotations

import click

from reconciler.cli.flags import option
from reconciler.cli.invocation import Invocation
from reconciler.cli.job_command import JobCommand
from reconciler.cli.job_flags import job_of, job_options
from reconciler.cli.locking import Duration
from reconciler.cli.project import workspace_options
from reconciler.cli.watch import watched
from reconciler.model.work import Way


@click.command(
    "serve",
    cls=JobCommand,
    examples=(
        ("The image's own server", "envform serve scoring"),
        ("A server of this folder", "envform serve scoring -mount=.:/app -workdir=/app -- python score.py"),
    ),
)
@click.argument("environment", metavar="ENVIRONMENT")
@click.argument("words", metavar="[COMMAND...]", nargs=-1)
@workspace_options
@option(
    "-timeout",
    "DURATION",
    "How long it may take from its start until it is ready, such as 30s or 5m; the default is 2m.",
    type=Duration(),
    default=120.0,
)
@job_options
@click.pass_obj
def command(
    invocation: Invocation,
    environment: str,
    words: tuple[str, ...],
    timeout: float,
    on: Way | None,
    gpus: str,
    env: tuple[str, ...],
    mount: tuple[str, ...],
    workdir: str,
) -> int:
    """Start a registered environment as an inference server, and tell when it lives and is ready.

    ENVIRONMENT is NAME, NAME:VERSION, NAME@latest or NAME@LABEL, and says by `inference_config` where it answers. What
    is started is COMMAND, or the image's own command, with the network of this machine. It is ended where it is not
    ready in time, and by Ctrl-C; the exit code is the server's, or 125 to 127 as those of `envform run`.
    """
    from reconciler.session.inference import serve
    from reconciler.session.ways import How

    job = job_of(invocation.root, words, env, mount, workdir, gpus)
    with watched(invocation, as_json=False) as session:
        return serve(session, environment, job, How(on, gpus), timeout)
