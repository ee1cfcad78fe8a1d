"""The command `envform graph`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "graph",
    cls=Command,
    examples=(
        ("A picture, with Graphviz", "envform graph | dot -Tsvg >environments.svg"),
        ("For a page that draws Mermaid", "envform graph -type=mermaid"),
    ),
)
@project_options
@option("-type", "TYPE", "dot (the default) or mermaid.", type=click.Choice(["dot", "mermaid"]), default="dot")
@click.pass_obj
def command(invocation: Invocation, type: str) -> None:  # noqa: A002 - the flag's name
    """Draw which environments and data stand on which others, from the configuration alone."""
    from reconciler.rendering.graphs import dot, mermaid

    with watched(invocation, as_json=False) as session:
        edges = session.edges()
    invocation.out.write(mermaid(edges) if type == "mermaid" else dot(edges))
