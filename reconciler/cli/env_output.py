"""The forms in which the commands on environments answer: a table for people, JSON and YAML for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
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
    document = {"format_version": _FORMAT_VERSION, **content}
    if form == JSON:
        invocation.out.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    from reconciler.language.functions.yaml_text import yaml_text

    invocation.out.write(yaml_text(_language_value(document)))


def _language_value(value: object) -> Any:
    """The same as expressions have it: numbers exact, lists that nobody can change."""
    if isinstance(value, Mapping):
        return {str(key): _language_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(map(_language_value, value))
    if isinstance(value, str):
        return str(value)
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
