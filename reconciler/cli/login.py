"""The command `envform login`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option, switch
from reconciler.cli.invocation import Invocation
from reconciler.model.diagnostic import Diagnostic, EnvformError


@click.command(
    "login",
    cls=Command,
    examples=(
        ("As a person, who is asked for the password", "envform login -username=ann registry.example.com"),
        ("In a script", "envform login -username=ci -password-stdin registry.example.com < token"),
    ),
)
@click.argument("host")
@option("-username", "NAME", "Who logs in; asked for where it is left out.", default="")
@switch("-password-stdin", "Read the password from standard input.")
@click.pass_obj
def command(invocation: Invocation, host: str, username: str, password_stdin: bool) -> None:
    """Show a registry a name and a password, and keep them where Docker keeps them if it takes them.

    That is the program that `credHelpers` or `credsStore` in Docker's config.json names, or that file itself; it is in
    $DOCKER_CONFIG or ~/.docker, and $REGISTRY_AUTH_FILE stands before both. Whoever has logged in with Docker or Podman
    need not do so again. There is no flag for the password: what is typed is kept in histories, and shown by `ps`.
    """
    from reconciler.session.logins import log_in

    username = username or (invocation.ask("Username: ") if not password_stdin else "")
    if not username:
        raise _lacking("name", "-username=NAME")
    password = _piped(invocation) if password_stdin else _typed(invocation)
    if not password:
        raise _lacking("password", "-password-stdin")
    invocation.out.line(log_in(host, username, password))


def _piped(invocation: Invocation) -> str:
    return invocation.input.read().rstrip("\r\n")


def _typed(invocation: Invocation) -> str:
    """Nobody sees what a person types; what a program writes it must say that it writes."""
    if not invocation.interactive:
        return ""
    from getpass import getpass

    return getpass("Password: ", stream=invocation.err.file)


def _lacking(what: str, flag: str) -> EnvformError:
    detail = f"To log in takes a name and a password, and there is no {what}. Add `{flag}`."
    return EnvformError(Diagnostic.error("Nothing to log in with", detail))
