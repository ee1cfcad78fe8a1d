"""The command `envform fmt`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, switch
from reconciler.cli.hcl_files import MAXIMUM_BYTES, HclFile, decoded, find
from reconciler.cli.invocation import ExitCode, Invocation, Stream
from reconciler.model.diagnostic import Diagnostics, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.rendering.escape import safe

# Terraform's: scripts and editors know them.
_BROKEN = 2
_UNFORMATTED = 3
_STANDARD_INPUT = Path("-")


@click.command(
    "fmt",
    cls=Command,
    examples=(
        ("Format all HCL files of this folder", "envform fmt"),
        (
            "In CI, this folder and those below: 3 means that something is not formatted",
            "envform fmt -check -recursive",
        ),
        ("Show what would change, and change nothing", "envform fmt -diff -write=false"),
        ("In an editor", "envform fmt -"),
    ),
)
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=PathName())
@switch("-check", "Write nothing; return 3 when something is not formatted.")
@switch("-diff", "Show what changes.")
@switch("-recursive", "Format the files in folders below, too.")
@switch("-write", "Do not change files.", default=True)
@click.option("-list", "name_files", type=click.BOOL, default=True, help="Do not name the files that change.")
@click.pass_obj
def command(
    invocation: Invocation,
    paths: Sequence[Path],
    check: bool,
    diff: bool,
    recursive: bool,
    write: bool,
    name_files: bool,
) -> int:
    """Set the white space of HCL files as `terraform fmt` does, and change nothing else.

    A PATH is a file or a folder; without one, it is the project folder. `-` formats standard input to standard
    output. Names of files that change are printed. Returns 2 when a file cannot be formatted; others still are.
    """
    from reconciler.session.grammar import grammar_kept

    _speak_utf8(invocation.out)
    work = _Formatting(invocation, check, diff, write and not check, name_files)
    with grammar_kept():
        if _STANDARD_INPUT in paths:
            work.format_input()
        else:
            for file in find(invocation.root, paths or [Path()], work.problems, recursive=recursive):
                work.format_file(file)
    if work.problems.items:
        invocation.tell(*work.problems)
    if work.problems.failed:
        return _BROKEN
    return _UNFORMATTED if check and work.changed else ExitCode.FINE


@dataclass(slots=True)
class _Formatting:
    """One run: what was asked for, and what has been found so far."""

    invocation: Invocation
    check: bool
    diff: bool
    write: bool
    name_files: bool
    changed: bool = False
    problems: Diagnostics = field(default_factory=Diagnostics)

    def format_file(self, file: HclFile) -> None:
        """Format one file; what stops it is kept for later."""
        try:
            old = file.read()
            new = self._formatted(file.name, old)
            if new is None or new == old:
                return
            self.changed = True
            if self.write:
                file.replace(new)
        except EnvformError as error:
            self.problems.extend(error.diagnostics)
            return
        if self.name_files:
            self.invocation.out.line(safe(file.name))
        if self.diff:
            self._show_difference(file.name, old, new)

    def format_input(self) -> None:
        """Format standard input to standard output, or only look at it."""
        name = "<stdin>"
        try:
            old = decoded(name, _content(self.invocation))
        except EnvformError as error:
            self.problems.extend(error.diagnostics)
            return
        new = self._formatted(name, old)
        if new is None:
            return
        self.changed = new != old
        if self.diff:
            self._show_difference(name, old, new)
        elif not self.check:
            self.invocation.out.write(new if new.endswith("\n") else new + "\n")

    def _formatted(self, name: str, text: str) -> str | None:
        from reconciler.language.formatting.check import mistakes
        from reconciler.language.formatting.lines import format_text

        found = mistakes(name, text)
        self.problems.extend(found)
        return None if found else format_text(text)

    def _show_difference(self, name: str, old: str, new: str) -> None:
        from reconciler.language.formatting.difference import patch

        out = self.invocation.out
        colours = {"+": out.style.green, "-": out.style.red}
        for line in patch(name, old, new):
            shown = safe(line) if out.terminal else line
            out.line(colours.get(line[0], str)(shown))


def _speak_utf8(out: Stream) -> None:
    """HCL is UTF-8 wherever it is, and its newlines are part of it."""
    if isinstance(out.file, io.TextIOWrapper):
        out.file.reconfigure(encoding="utf-8", newline="")


def _content(invocation: Invocation) -> bytes:
    if isinstance(invocation.input, io.TextIOWrapper):
        content: bytes = invocation.input.buffer.read(MAXIMUM_BYTES + 1)
        return content
    return invocation.input.read().encode()
