"""The command `envform version`."""

from __future__ import annotations

import json
import os
import platform
import sys

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.model.release import __version__

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@click.command(
    "version",
    cls=Command,
    examples=(("Which envform is this", "envform version"), ("For a program", "envform version -json")),
)
@switch("-json", "Print one JSON object.")
@click.pass_obj
def command(invocation: Invocation, json: bool) -> None:
    """Show which envform this is, and what it runs on."""
    invocation.out.write(_as_json() if json else f"envform v{__version__}\non {_platform()}\n")


def _as_json() -> str:
    facts = {"envform_version": __version__, "platform": _platform(), "python_version": platform.python_version()}
    return json.dumps(facts, indent=2) + "\n"


def _platform() -> str:
    machine = os.uname().machine
    return f"{sys.platform}_{_MACHINES.get(machine, machine)}"
