"""The command `envform output`."""

from __future__ import annotations

import json as jsons

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic

NO_OUTPUTS = Diagnostic.warning(
    "No outputs found",
    "The state has no outputs: either the configuration declares none, or nothing was applied since it does.",
)


@click.command(
    "output",
    cls=Command,
    examples=(
        ("All outputs of the last apply", "envform output"),
        ("One of them, as a script wants it", "envform output -raw image"),
        ("For a program", "envform output -json"),
    ),
)
@click.argument("name", metavar="[NAME]", required=False)
@project_options
@switch("-json", "Print JSON.")
@switch("-raw", "Print the one text or number as it is, with nothing after it.")
@click.pass_obj
def command(invocation: Invocation, name: str | None, json: bool, raw: bool) -> None:
    """Print the outputs that the last apply recorded. Of sensitive ones no value is kept."""
    from reconciler.rendering.output_values import outputs_json, raw_text
    from reconciler.rendering.outputs import values_text, written
    from reconciler.session.outputs import find_output

    with watched(invocation, as_json=False) as session:
        outputs = session.recorded.outputs
        found = None if name is None else find_output(outputs, name)
        raw_value = raw_text(found) if raw else ""
    if raw:
        text = raw_value
    elif found is not None:
        text = (jsons.dumps(found.value, ensure_ascii=False) if json else written(found.value, 0)) + "\n"
    else:
        text = jsons.dumps(outputs_json(outputs), indent=2, ensure_ascii=False) + "\n" if json else values_text(outputs)
    if not (outputs or json):
        invocation.tell(NO_OUTPUTS)
    invocation.out.write(text)
