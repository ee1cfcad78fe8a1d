"""The command `envform env clone`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option, switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.new import is_yaml, refuse_existing, write_new
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "clone",
    cls=Command,
    examples=(
        ("A curated one, to change it", "envform env clone envform-sklearn training -out=training.hcl"),
        ("A version that was good", "envform env clone training:3 training-old"),
    ),
)
@click.argument("source", metavar="ENVIRONMENT")
@click.argument("new", metavar="NEW")
@project_options
@switch("-yaml", "Write YAML in place of HCL.")
@option("-out", "FILE", "Write into this new file in place of standard output.", type=PathName(), default=None)
@click.pass_obj
def command(invocation: Invocation, source: str, new: str, yaml: bool, out: Path | None) -> None:
    """Write the definition of an environment under another name, as a block that can be changed.

    ENVIRONMENT is a curated one (`envform env list -curated`), or a registered NAME, NAME:VERSION or NAME@latest. The
    new one begins with versions of its own. A file that exists is never overwritten.
    """
    from reconciler.session.drafts import Drafts

    if out is not None:
        refuse_existing(invocation.root / out, out)
    with watched(invocation, as_json=False) as session:
        written = Drafts(session, out).clone(source, new, yaml=yaml or is_yaml(out))
    invocation.tell(*written.told)
    if out is None:
        invocation.out.write(written.text)
        return
    write_new(invocation.root / out, out, written.text)
    invocation.err.line(f"Written to {out}.")
