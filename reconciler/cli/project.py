"""The flags that every command has that reads a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from reconciler.cli.command import TYPED
from reconciler.cli.flags import Typed, option, split_flag
from reconciler.language.inputs import VariableText
from reconciler.model.diagnostic import Diagnostic, Diagnostics


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-f`, `-var` and `-var-file`, in the order in which they were typed, and `-workspace`; into the invocation."""
    document = click.option(
        "-file",  # click takes `-f=FILE` for a value that begins with `=`, so the flag needs a longer name too
        "-f",
        metavar="FILE",
        help="Read this Azure ML document too, though it does not say that it is one. Short: -f. Repeatable.",
        multiple=True,
        expose_value=False,
        callback=_documents,
    )
    return _variable_options(document(_workspace_option(command)))


def workspace_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same without `-f`."""
    return _variable_options(_workspace_option(command))


def _variable_options(command: Callable[..., Any]) -> Callable[..., Any]:
    # One callback reads both: only together they have an order.
    values: dict[str, Any] = {"multiple": True, "expose_value": False, "callback": _variables}
    file = option("-var-file", "FILE", "Set the variables that this file gives values; repeatable.", **values)
    text = option("-var", "NAME=VALUE", "Set one variable; repeatable.", **values)
    decorated: Callable[..., Any] = text(file(command))
    return decorated


def _workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    workspace = option(
        "-workspace",
        "NAME",
        "Work in this workspace, whichever is selected.",
        default="",
        expose_value=False,
        callback=_workspace,
    )
    decorated: Callable[..., Any] = workspace(command)
    return decorated


def _workspace(context: click.Context, _: click.Parameter, name: str) -> None:
    context.obj = context.find_root().obj = replace(context.obj, workspace=name)


def _documents(context: click.Context, _: click.Parameter, names: tuple[str, ...]) -> None:
    if names:
        context.obj = context.find_root().obj = context.obj.with_documents(names)


def _variables(context: click.Context, _: click.Parameter, __: object) -> None:
    problems = Diagnostics()
    found = tuple(_typed(context.meta[TYPED], problems))
    problems.check()
    if found:
        context.obj = context.find_root().obj = context.obj.with_variables(found)


def _typed(typed: Typed, problems: Diagnostics) -> Iterator[VariableText | Path]:
    for word in typed.flags:
        _, flag, value = split_flag(word)
        if flag == "var-file":
            yield Path(value or "")
        elif flag == "var":
            name, equals, text = (value or "").partition("=")
            if equals and name.strip():
                yield VariableText(name.strip(), text)
            else:
                detail = f"`-var={value}` gives no value. A variable's name is followed by `=` and its value."
                problems.add(Diagnostic.error("Invalid value", detail, hint="write `-var=NAME=VALUE`"))
