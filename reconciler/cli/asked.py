"""The flags that say what a plan is to be about; plan, apply and destroy share them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from reconciler.cli.flags import option, option_or_switch, switch
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.observation import Level
from reconciler.model.request import EVERYTHING, Request


class _Refresh(click.Choice[str]):
    """The levels, and the two words that Terraform has for the same flag."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Terraform's `true` and `false` mean what their users expect."""
        return super().convert({"true": Level.LIST.value, "false": Level.NONE.value}.get(value, value), param, ctx)


def refresh_option(default: Level) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`-refresh`."""
    others = ", ".join(level.value for level in Level if level is not Level.NONE)
    return option(
        "-refresh",
        "LEVEL",
        f"How closely to look at the registry: none (or false), {others}. The default is {default.value}.",
        type=_Refresh([level.value for level in Level]),
        default=default.value,
    )


target_option = option(
    "-target",
    "ADDRESS",
    "Look only at this environment and what it stands on; * and ? stand for any text. Repeatable.",
    multiple=True,
)


# Read from the end, as decorators are.
_FLAGS = (
    refresh_option(Level.LIST),
    option(
        "-replace",
        "ADDRESS",
        "Register a new version, made anew, though nothing differs; * and ? stand for any text. Repeatable.",
        multiple=True,
    ),
    option_or_switch(
        "-upgrade",
        "[ADDRESS]",
        "Let packages that are not pinned move to their newest versions, everywhere or at one address. Repeatable.",
        alone=EVERYTHING,
    ),
    target_option,
    switch("-destroy", "Plan to archive or delete everything that is registered."),
)


def request_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hands the command one `request` instead of the flags that it is made of."""

    @functools.wraps(command)
    def with_request(
        *args: Any,
        refresh: str,
        destroy: bool,
        target: tuple[str, ...],
        replace: tuple[str, ...],
        upgrade: tuple[str, ...],
        **others: Any,
    ) -> Any:
        if destroy and (replace or upgrade):
            detail = (
                "With -destroy everything is taken down: leave -replace and -upgrade out, for nothing is made anew."
            )
            raise EnvformError(Diagnostic.error("Conflicting flags", detail))
        request = Request(level=Level(refresh), destroy=destroy, targets=target, replace=replace, upgrade=upgrade)
        return command(*args, request=request, **others)

    decorated: Callable[..., Any] = with_request
    for flag in _FLAGS:
        decorated = flag(decorated)
    return decorated
