"""The flags of every command that changes the state: whether to lock it, and how long to wait for whoever has."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from reconciler.cli.flags import option

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)"


class Duration(click.ParamType[float]):
    """A time as Go spells it, as Terraform takes it: `30s`, `1m30s`, `1.5h`; in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds; click hands its own defaults over as they are."""
        if isinstance(value, float):
            return value
        text = str(value)
        if text == "0":
            return 0.0
        if not re.fullmatch(f"(?:{_PART})+", text, re.ASCII):
            hint = f", such as `{text}s`" if text.isdecimal() else ""
            self.fail(f"`{text}` is no duration: write a number with its unit, h, m, s or ms{hint}", param, ctx)
        return sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text, re.ASCII))


def lock_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-lock` and `-lock-timeout`; what they say goes into the invocation."""
    settings: dict[str, Any] = {"expose_value": False, "callback": _locking}
    lock = click.option(
        "-lock",
        help="Do not lock the state; only where nobody else can be writing.",
        type=click.BOOL,
        is_flag=False,
        default=True,
        **settings,
    )
    timeout = option(
        "-lock-timeout",
        "DURATION",
        "Wait so long for a state that is locked, such as 30s or 5m. The default is not to wait.",
        type=Duration(),
        default=0.0,
        **settings,
    )
    decorated: Callable[..., Any] = lock(timeout(command))
    return decorated


def _locking(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    given = {"lock": "locking", "lock_timeout": "lock_timeout"}[parameter.name or ""]
    context.obj = context.find_root().obj = replace(context.obj, **{given: value})
