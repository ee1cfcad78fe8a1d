"""A Dockerfile cut into instructions, as BuildKit cuts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from reconciler.language.definition.instructions import mistakes_in
from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

SUMMARY = "Invalid Dockerfile"
KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
_DIRECTIVE = lazy_pattern(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_DIRECTIVES = {"syntax", "escape", "check"}
_COMMENT = lazy_pattern(r"\s*#")
_KEYWORD = lazy_pattern(r"\s*([A-Za-z]+)(?:\s+|$)")
_HEREDOC = lazy_pattern(
    r"(?:^|\s)\d*<<(?P<tabs>-?)(?P<quote>['\"]?)(?P<name>[A-Za-z0-9_./-]+)(?P=quote)(?=\s|$|[;&|)>])"
)
_MAY_BE_EMPTY = {"CMD", "ENTRYPOINT"}  # they take back what the base image has
_WITH_HEREDOCS = {"RUN", "COPY", "ADD"}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction; `arguments` is the rest of its lines put together, comments and line ends left out."""

    keyword: str
    arguments: str
    line: int
    heredocs: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The one spelling of the instruction."""
        return "\n".join([f"{self.keyword} {self.arguments}".rstrip(), *self.heredocs])


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake on a line, counted from 1."""

    line: int
    error: RefusedError


@dataclass(slots=True)
class Dockerfile:
    """Its parser directives, its instructions in order, and what is wrong with it."""

    directives: dict[str, str] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def normal_form(self) -> tuple[str, ...]:
        """What it means: without comments, empty lines and line ends."""
        directives = (f"# {name}={value}" for name, value in sorted(self.directives.items()))
        return (*directives, *(instruction.text for instruction in self.instructions))

    def refuse(self, line: int, detail: str, hint: str = "") -> None:
        """Keep one mistake."""
        self.problems.append(Problem(line, RefusedError(SUMMARY, detail, hint)))


def parse_dockerfile(text: str) -> Dockerfile:
    """The instructions of a text; what is no instruction is told in the problems."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    parsed = Dockerfile()
    start = _directives(lines, parsed)
    escape = "`" if parsed.directives.get("escape") == "`" else "\\"
    for number, logical, following in _logical_lines(lines, start, escape):
        _instruction(number, logical, following, parsed)
    return parsed


def _directives(lines: list[str], parsed: Dockerfile) -> int:
    """They stand above everything else; the first line that is none ends them."""
    for at, line in enumerate(lines):
        found = _DIRECTIVE.fullmatch(line.strip())
        if not found or found[1].lower() not in _DIRECTIVES:
            return at
        name = found[1].lower()
        if name in parsed.directives:
            parsed.refuse(at + 1, f"The directive `{name}` stands in this file twice.")
        if name == "escape" and found[2] not in ("\\", "`"):
            parsed.refuse(at + 1, f"The escape character is a backslash or a backtick, and this is `{found[2][:20]}`.")
        parsed.directives[name] = found[2]
    return len(lines)


class _Following:
    """The lines after an instruction, for the heredocs in it."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines = lines
        self.at = at

    def until(self, name: str, *, strip_tabs: bool) -> str | None:
        """What stands before the line that ends a heredoc, that line included; None where there is none."""
        taken = []
        for at in range(self.at, len(self.lines)):
            line = self.lines[at].lstrip("\t") if strip_tabs else self.lines[at]
            taken.append(line)
            if line == name:
                self.at = at + 1
                return "\n".join(taken)
        self.at = len(self.lines)
        return None


def _logical_lines(lines: list[str], start: int, escape: str) -> Iterator[tuple[int, str, _Following]]:
    goes_on = re.compile(rf"(?:^|(?<=[^{re.escape(escape)}])){re.escape(escape)}[ \t]*$")
    at = start
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _COMMENT.match(line):
            at += 1
            continue
        number, parts = at + 1, []
        line = line.lstrip()
        while True:
            at += 1
            joined = goes_on.sub("", line)
            parts.append(joined)
            if joined == line:
                break
            # Comments and empty lines inside of an instruction are as if they were not there.
            while at < len(lines) and (not lines[at].strip() or _COMMENT.match(lines[at])):
                at += 1
            if at == len(lines):
                break
            line = lines[at]
        following = _Following(lines, at)
        logical = "".join(parts).strip()
        if logical:
            yield number, logical, following
        at = following.at


def _instruction(number: int, logical: str, following: _Following, parsed: Dockerfile) -> None:
    found = _KEYWORD.match(logical)
    keyword = found[1].upper() if found else logical.split(maxsplit=1)[0]
    if not found or keyword not in KEYWORDS:
        shown = keyword[:40]
        parsed.refuse(number, f"`{shown}` is not an instruction that Docker knows.", did_you_mean(keyword, KEYWORDS))
        return
    arguments = logical[found.end() :].strip()
    if not arguments and keyword not in _MAY_BE_EMPTY:
        parsed.refuse(number, f"`{keyword}` needs something after it.")
        return
    for detail, hint in mistakes_in(keyword, arguments):
        parsed.refuse(number, detail, hint)
    heredocs = []
    if keyword in _WITH_HEREDOCS and "<<" in arguments:
        for opening in _HEREDOC.finditer(arguments):
            content = following.until(opening["name"], strip_tabs=bool(opening["tabs"]))
            if content is None:
                parsed.refuse(
                    number, f"The heredoc `{opening['name'][:40]}` is never closed: no line is just its name."
                )
                break
            heredocs.append(content)
    parsed.instructions.append(Instruction(keyword, arguments, number, tuple(heredocs)))
