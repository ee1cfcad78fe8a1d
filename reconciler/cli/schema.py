"""The command `envform schema`."""

from __future__ import annotations

import json
from typing import Any

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation

_FORMS = ("configuration", "environment", "state")


@click.command(
    "schema",
    cls=Command,
    examples=(
        ("Keep the schema of our own YAML where an editor finds it", "envform schema >envform.schema.json"),
        ("That of Azure ML's environment documents", "envform schema environment"),
        ("That of the state file", "envform schema state"),
    ),
)
@click.argument("form", metavar=f"[{'|'.join(_FORMS)}]", type=click.Choice(_FORMS), default=_FORMS[0])
@click.pass_obj
def command(invocation: Invocation, form: str) -> None:
    """Print a JSON Schema (2020-12), with which editors complete words and check them.

    There is one for *.envform.yaml files, one for Azure ML's environment documents, and one for the state file.

    An editor that speaks the YAML language server reads the schema that a file's first line names:
    # yaml-language-server: $schema=envform.schema.json
    """
    invocation.out.write(json.dumps(_schema(form), indent=2, ensure_ascii=False) + "\n")


def _schema(form: str) -> dict[str, Any]:
    if form == "state":
        from reconciler.backends.format import json_schema

        return json_schema()
    from reconciler.language.json_schema import configuration_schema, environment_schema

    return environment_schema() if form == "environment" else configuration_schema()
