"""The command `envform env share`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.model.digest import Digest

_LARGE = 10 << 20


@click.command(
    "share",
    cls=Command,
    examples=(
        ("The latest version, for all teams", "envform env share training -registry=registry.example.com/shared"),
        ("Under another name", "envform env share training:3 -registry=oci:../shared -name=tabular -version=1"),
    ),
)
@click.argument("environment", metavar="ENVIRONMENT")
@project_options
@option("-registry", "PLACE", "Where to: HOST/NAMESPACE, or oci:DIR for a folder.", required=True)
@option("-name", "NAME", "What it is called there; the default is its own name.", default="")
@option("-version", "VERSION", "Which version it is there; the default is its own.", default="")
@click.pass_obj
def command(invocation: Invocation, environment: str, registry: str, name: str, version: str) -> None:
    """Bring a registered version into another registry, with the lock of its packages and with its labels.

    ENVIRONMENT is NAME, NAME:VERSION, NAME@latest or NAME@LABEL. There it is found by `data "environment"` and by
    `envform copy`. A version that is there with the same image is left alone; with another one it is an error, for what
    is published never changes. Labels move there as they do here.
    """
    from reconciler.rendering.copies import copied_text, sending_line
    from reconciler.session.sharing import share

    def tell(digest: Digest, size: int) -> None:
        if size >= _LARGE:
            invocation.err.line(sending_line(digest, size))

    with watched(invocation, as_json=False) as session:
        shared = share(session, environment, registry, name, version, tell)
    if done := shared.copied:
        invocation.out.write(copied_text([(shared.name, shared.digest)], done.sent, done.size, done.there, {}))
    elif not shared.labels:
        invocation.out.line(f"Nothing to do: {shared.name} is this image already.")
    if shared.labels:
        invocation.out.line(f"{shared.name} is called there, too: {', '.join(shared.labels)}.")
    for label, before in shared.moved:
        invocation.out.line(f"The label `{label}` moved there from {before} to {shared.version}.")
