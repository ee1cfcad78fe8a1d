"""What a command is handed: the project folder, and the ways in and out of the program."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import field, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TextIO

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.rendering.style import PLAIN, Style

if TYPE_CHECKING:
    from reconciler.language.inputs import VariableText

WIDTH_ELSEWHERE = 80


class ExitCode(IntEnum):
    """What a command returns, and the shell sees."""

    FINE = 0
    FAILED = 1
    CHANGES = 2
    NOT_RUN = 125
    NOT_EXECUTABLE = 126
    NO_SUCH_PROGRAM = 127
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141


OWN_FAILURE = "reconciler.cli.own_failure"  # in the context's `meta`: how a command ends that could not do its work


class OutputClosedError(Exception):
    """Whoever read our output has closed it, as `head` does; there is nobody left to tell."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One way out: where text goes, and how it may look there."""

    file: TextIO
    style: Style = PLAIN
    width: int = WIDTH_ELSEWHERE
    terminal: bool = False

    @classmethod
    def of(cls, file: TextIO, environ: Mapping[str, str]) -> Self:
        """Colour and width as the file and the user's environment allow."""
        if not file.isatty():
            return cls(file)
        coloured = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        return cls(file, Style.ansi() if coloured else Style.plain(), _columns(file), terminal=True)

    @property
    def draws_boxes(self) -> bool:
        """Whether lines drawn with characters arrive as lines."""
        return self.terminal and self.draws_lines

    @property
    def draws_lines(self) -> bool:
        """Whether this way out can spell them at all."""
        try:
            "╷│╵─".encode(self.file.encoding or "utf-8")
        except UnicodeEncodeError:
            return False
        return True

    def write(self, text: str) -> None:
        """Send text now, so that both streams keep their order where they meet.

        Raises OutputClosedError, and EnvformError where the text cannot be kept (a full disk).
        """
        try:
            self.file.write(text)
            self.file.flush()
        except BrokenPipeError as cause:
            raise OutputClosedError from cause
        except OSError as cause:
            reason = cause.strerror or str(cause)
            raise EnvformError(
                Diagnostic.error(
                    "Output not written", f"What envform prints could not be written to where it was sent: {reason}."
                )
            ) from cause

    def line(self, text: str = "") -> None:
        """Send one line."""
        self.write(text + "\n")

    def without_colour(self) -> Self:
        """The same stream, plain."""
        return replace(self, style=Style.plain())


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of the program. Results go to `out`, diagnostics and progress to `err`."""

    root: Path
    out: Stream
    err: Stream
    input: TextIO
    variables: tuple[VariableText | Path, ...] = ()
    documents: tuple[str, ...] = ()
    workspace: str = ""
    locking: bool = True
    lock_timeout: float = 0.0
    told: list[Diagnostic] = field(default_factory=list)

    @classmethod
    def of_process(cls) -> Self:
        """The streams, the environment and the folder that this process was started with."""
        out, err = _opened(sys.stdout, "w"), _opened(sys.stderr, "w")
        streams = (Stream.of(out, os.environ), Stream.of(err, os.environ))
        return cls(_current_folder(), *streams, input=_opened(sys.stdin, "r"))

    @property
    def interactive(self) -> bool:
        """Whether a person can answer a question."""
        return self.input.isatty()

    def ask(self, prompt: str) -> str:
        """The line that answers a prompt, without its blanks; empty at the end of input."""
        self.err.write(prompt)
        answer = self.input.readline()
        if not answer.endswith("\n"):
            self.err.line()
        return answer.strip()

    def tell(self, *diagnostics: Diagnostic) -> None:
        """Show diagnostics as the terminal allows: in a box, or plain; a blank line before those that are not first."""
        from reconciler.rendering.diagnostics import diagnostics_text

        width = self.err.width if self.err.terminal else None
        text = diagnostics_text(diagnostics, self.err.style, width, box=self.err.draws_boxes)
        self.err.write("\n" + text if self.told and text else text)
        self.told.extend(diagnostics)

    def without_colour(self) -> Self:
        """The same, with both ways out plain."""
        return replace(self, out=self.out.without_colour(), err=self.err.without_colour())

    def with_variables(self, variables: tuple[VariableText | Path, ...]) -> Self:
        """The same with values for the project's variables: those that win stand last."""
        return replace(self, variables=variables)

    def with_documents(self, documents: tuple[str, ...]) -> Self:
        """The same with YAML documents that belong to the project though they do not say so."""
        return replace(self, documents=documents)

    def in_folder(self, folder: Path) -> Self:
        """The same for another project folder, relative ones seen from this one; EnvformError when it is none."""
        root = self.root / folder
        try:
            if stat.S_ISDIR(root.stat().st_mode):
                return replace(self, root=root)
            why = "is not a folder"
        except FileNotFoundError:
            why = "does not exist"
        except OSError as cause:
            why = f"cannot be looked at: {cause.strerror}"
        raise EnvformError(
            Diagnostic.error(
                "Project folder not found",
                f'The folder "{folder}" that was given with -chdir {why}.',
                hint="a relative folder is seen from where envform was started",
            )
        )


def _columns(file: TextIO) -> int:
    try:
        return os.get_terminal_size(file.fileno()).columns or WIDTH_ELSEWHERE
    except OSError:
        return WIDTH_ELSEWHERE


def _opened(file: TextIO | None, mode: Literal["r", "w"]) -> TextIO:
    """A standard stream that always takes what it is given; Python has none at all where it was closed."""
    if file is None:
        return Path(os.devnull).open(mode)
    if isinstance(file, io.TextIOWrapper):
        file.reconfigure(errors="backslashreplace" if mode == "w" else "surrogateescape")
    return file


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:  # removed under our feet: what needs it will say so
        return Path(os.curdir)
