"""The command `envform import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.apply import Manner, carry_out, manner_options
from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.new import refuse_existing, write_new
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.event import Told
from reconciler.model.request import Request

if TYPE_CHECKING:
    from reconciler.model.restoration import Restoration

_FILE = Path("imported.envform.hcl")
_QUESTION = """
Do you want to put these on record?
  Nothing is built, and nothing in the registry is changed.{written}
  Only 'yes' will be accepted to approve.

  Enter a value: """
_NOTHING = "Nothing to import: every version that the registry has a record of is on record here.\n"


@click.command(
    "import",
    cls=Command,
    examples=(
        ("Manage what is published already", "envform import environment.training training:7"),
        ("The newest version", "envform import environment.training training"),
        ("Everything, after the state was lost", "envform import -all"),
        ("Some of another project's", "envform import -all -only='vision-*' -out=vision.hcl"),
    ),
)
@click.argument("address", metavar="[ADDRESS]", required=False)
@click.argument("id_", metavar="[NAME:VERSION]", required=False)
@project_options
@click.option(
    "-all",
    "everything",  # `all` is Python's own
    help="Put on record whatever the registry has a record of and the state has not.",
    type=click.BOOL,
    is_flag=False,
    default=False,
)
@option("-only", "PATTERN", "Of all, those of this name; * and ? stand for any text. Repeatable.", multiple=True)
@option(
    "-out",
    "FILE",
    f"Declare what is declared nowhere in this new file. The default is {_FILE}.",
    type=PathName(),
    default=None,
)
@manner_options
@click.pass_obj
def command(
    invocation: Invocation,
    address: str | None,
    id_: str | None,
    manner: Manner,
    everything: bool,
    only: tuple[str, ...],
    out: Path | None,
) -> ExitCode:
    """Record a version that the registry holds as that of an environment of the configuration.

    Nothing is built and no image is changed: what is published must be what the configuration declares.

    With -all the state is made again from the records that envform keeps beside the images it publishes. What the
    state has stays as it is, and what is missing is added: all versions, also of what is archived or was registered by
    a program. What is declared goes to its address; what is not is declared in a new file, as it was. Where several
    projects publish in one registry, those records are taken that belong to this one.
    """
    _check(address, id_, manner, everything=everything, only=only, out=out)
    if everything:
        return _restore(invocation, manner, only, out or _FILE)
    return carry_out(invocation, manner, Request(imports=((address or "", id_ or ""),)))


def _check(
    address: str | None,
    id_: str | None,
    manner: Manner,
    *,
    everything: bool,
    only: tuple[str, ...],
    out: Path | None,
) -> None:
    if everything and address:
        detail = "-all takes everything that is missing, so no address is given beside it. `-only=NAME` takes less."
        raise EnvformError(Diagnostic.error("Conflicting flags", detail))
    if everything and manner.json and not manner.auto_approve:
        detail = "With -json there is no question, so the answer must be given before: add -auto-approve."
        raise EnvformError(Diagnostic.error("Nobody can be asked", detail))
    if not everything and (only or out):
        detail = "-only and -out say what -all is to take, and where to. Add -all, or leave them out."
        raise EnvformError(Diagnostic.error("Conflicting flags", detail))
    if not everything and not (address and id_):
        detail = "Give the address of an environment and what is published, as in the example; or everything: -all.\n\n"
        example = "    envform import environment.training training:7\n"
        raise EnvformError(Diagnostic.error("Nothing to import", detail + example))
    if out and (out.suffix != ".hcl" or out.name.startswith(".") or out.parent != Path()):
        detail = f"`{out}` would not be read: configuration are files in the project's folder that end in `.hcl`."
        raise EnvformError(Diagnostic.error("File would not be configuration", detail))


def _restore(invocation: Invocation, manner: Manner, only: tuple[str, ...], file: Path) -> ExitCode:
    from reconciler.session.restoring import Restoring

    with watched(invocation, as_json=manner.json) as session, session.locked("import") as locked:
        restoring = Restoring(session, locked.state, only)
        found = restoring.found(file.name)
        for diagnostic in found.told:
            session.emit(Told(diagnostic))
        _tell_found(invocation, found, session.settings.registry, file, as_json=manner.json)
        if not found.environments:
            return ExitCode.FINE
        if found.text:
            refuse_existing(invocation.root / file, file)
        if not manner.auto_approve and invocation.ask(_question(found, file)) != "yes":
            invocation.err.line("\nImport cancelled.")
            return ExitCode.FAILED
        if found.text:
            # before the state: what is on record and declared nowhere would be archived
            write_new(invocation.root / file, file, found.text)
        restoring.record(found)
        _tell_done(invocation, found, file, as_json=manner.json)
    return ExitCode.FINE


def _tell_found(invocation: Invocation, found: Restoration, registry: str, file: Path, *, as_json: bool) -> None:
    from reconciler.rendering.restoration import restoration_lines, restoration_text
    from reconciler.session import utc_now

    if as_json:
        for line in restoration_lines(found, file.name, utc_now()):
            invocation.out.line(line)
    elif found.environments:
        invocation.out.write(restoration_text(found, registry, file.name))
    else:
        invocation.out.write("Nothing to import.\n" if found.told else _NOTHING)


def _tell_done(invocation: Invocation, found: Restoration, file: Path, *, as_json: bool) -> None:
    from reconciler.rendering.restoration import amount_text, restored_lines
    from reconciler.session import utc_now

    if as_json:
        for line in restored_lines(found, utc_now()):
            invocation.out.line(line)
        return
    more = f" What nothing declared is declared in {file}." if found.text else ""
    invocation.out.write(f"\nImport complete! {amount_text(found)} put on record.{more}\n")


def _question(found: Restoration, file: Path) -> str:
    return _QUESTION.format(written=f"\n  What is declared nowhere is written into {file}." if found.text else "")
