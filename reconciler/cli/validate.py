"""The command `envform validate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.cli.sessions import open_session
from reconciler.model.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from reconciler.rendering.style import Style


@click.command(
    "validate",
    cls=Command,
    examples=(
        ("Before each commit", "envform validate"),
        ("In CI: warnings fail too", "envform validate -strict"),
        ("For a program, in the shape of Terraform's", "envform validate -json"),
    ),
)
@project_options
@switch("-json", "Print one JSON object.")
@switch("-strict", "Return 1 for warnings too.")
@click.pass_obj
def command(invocation: Invocation, json: bool, strict: bool) -> ExitCode:
    """Check the configuration: its syntax, references and values, and what is known to go wrong with environments.

    Reads nothing but the project folder: no registry, no package index, no state.
    """
    verdict = open_session(invocation, lambda _: None).validate()
    found = verdict.diagnostics
    errors = sum(item.severity is Severity.ERROR for item in found)
    failed = bool(errors or (strict and found))
    if json:
        invocation.out.write(_as_json(found, errors, valid=not failed))
        return ExitCode.FAILED if failed else ExitCode.FINE
    invocation.tell(*found)
    if not failed:
        invocation.out.line(_success(invocation.out.style, verdict.environments, len(found)))
    elif not errors:
        invocation.err.line("\nThe configuration is valid, and with -strict warnings are failures.")
    return ExitCode.FAILED if failed else ExitCode.FINE


def _success(style: Style, environments: int, warnings: int) -> str:
    counted = f"{_counted(environments, 'environment')}, {_counted(warnings, 'warning')}"
    return f"{style.bold(style.green('Success!'))} The configuration is valid. {counted}."


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _as_json(found: Sequence[Diagnostic], errors: int, *, valid: bool) -> str:
    import json

    from reconciler.rendering.diagnostics import diagnostic_json

    document = {
        "format_version": "1.0",
        "valid": valid,
        "error_count": errors,
        "warning_count": len(found) - errors,
        "diagnostics": [diagnostic_json(item) for item in found],
    }
    return json.dumps(document, indent=2) + "\n"
