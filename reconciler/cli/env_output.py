"""The forms in which the commands on environments answer: a table for people, JSON and YAML for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.rendering.values import Value

TABLE, JSON, YAML = "table", "json", "yaml"
_FORMAT_VERSION = "1.0"


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-output`, of which `-o` is the short name."""
    decorated: Callable[..., Any] = click.option(
        "-output",
        "-o",
        "output",
        metavar="FORMAT",
        type=click.Choice((TABLE, JSON, YAML)),
        default=TABLE,
        help="table (the default), json or yaml. Short: -o.",
    )(command)
    return decorated


def write_document(invocation: Invocation, form: str, content: Mapping[str, Value]) -> None:
    """One document, with the version of its form."""
    text = json.dumps({"format_version": _FORMAT_VERSION, **content}, indent=2, ensure_ascii=False) + "\n"
    if form == YAML:
        from reconciler.language.yaml_documents import dump

        text = dump(json.loads(text))
    invocation.out.write(text)
