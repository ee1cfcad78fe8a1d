"""A requirements file, or a list of its lines: requirements and pip's options, as pip reads them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from reconciler.language.definition.credentials import refuse_credentials
from reconciler.language.definition.requirement import INVALID, Requirement, parse_requirement
from reconciler.language.definition.template import find_template
from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

INCLUDE = "--requirement"
CONSTRAINT = "--constraint"
_EDITABLE = "--editable"
_SHORT = {"-r": INCLUDE, "-c": CONSTRAINT, "-e": _EDITABLE, "-i": "--index-url", "-f": "--find-links"}
_TAKES_VALUE = {
    INCLUDE, CONSTRAINT, _EDITABLE, "--index-url", "--extra-index-url", "--find-links", "--no-binary", "--only-binary",
    "--trusted-host", "--use-feature",
}  # fmt: skip
_ALONE = {"--no-index", "--prefer-binary", "--require-hashes", "--pre"}
_ALIASES = {"--pypi-url": "--index-url"}
_OF_A_REQUIREMENT = ("--hash", "--global-option", "--config-setting", "--config-settings")
_HASH = lazy_pattern(r"sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})")
_COMMENT = lazy_pattern(r"(?:^|(?<=\s))#")
_OPTIONS_START = lazy_pattern(r"\s(?=--?[a-zA-Z])")
_UNSAFE = lazy_pattern(r"[\s'\"\\]")
_WEAK_HASH = lazy_pattern(r"(md5|sha1|sha224):[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Option:
    """An option of pip for the whole list; `ignored` are words after it that pip drops without a word."""

    flag: str
    value: str = ""
    ignored: str = ""

    @property
    def text(self) -> str:
        """The one spelling of the option."""
        return f"{self.flag} {shlex.quote(self.value) if _UNSAFE.search(self.value) else self.value}".rstrip()


Entry = Requirement | Option


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line of a file, with its place, and what is in it or what is wrong with it."""

    start: int
    end: int
    entry: Entry | RefusedError


@lru_cache(maxsize=256)
def parse_requirements(text: str) -> tuple[Line, ...]:
    """All that a requirements file asks for, in order."""
    return tuple(_lines(text.removeprefix("\ufeff"), len(text) - len(text.removeprefix("\ufeff"))))


def _lines(text: str, skipped: int) -> Iterator[Line]:
    for start, end, logical in _logical_lines(text):
        if not _without_comment(logical):
            continue
        entry: Entry | RefusedError
        try:
            entry = parse_entry(logical)
        except RefusedError as error:
            entry = error
        yield Line(start + skipped, end + skipped, entry)


def _logical_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Lines joined where one ends with a backslash; a comment ends a line that would go on, as in pip."""
    parts: list[str] = []
    begun = at = 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
        if not parts:
            begun = at + len(line) - len(line.lstrip())
        at += len(raw)
        comment = bool(re.match(r"\s*#", line))
        if line.endswith("\\") and not comment:
            parts.append(line[:-1] if not parts else f" {line[:-1].strip()}")
            continue
        parts.append(f" {line.strip()}" if parts else line)
        yield begun, max(at - len(raw) + len(line.rstrip()), begun), "".join(parts)
        parts = []
    if parts:
        yield begun, len(text.rstrip()), "".join(parts)


@lru_cache(maxsize=65536)
def parse_entry(content: str) -> Entry:
    """A requirement or an option of pip, from one line; RefusedError when it is neither."""
    content = _without_comment(content)
    if content.startswith("-"):
        return _option(content)
    split = None if "{{" in content else _OPTIONS_START.search(content)
    if split is None:
        return parse_requirement(content)
    requirement = parse_requirement(content[: split.start()])
    options = " ".join(sorted(_requirement_options(content, _words(content[split.start() :]))))
    return replace(requirement, text=f"{requirement.text} {options}")


def _without_comment(line: str) -> str:
    """A comment begins at the start of a line or behind white space."""
    found = _COMMENT.search(line) if "#" in line else None
    return (line[: found.start()] if found else line).strip()


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as cause:
        raise RefusedError(INVALID, f"In `{text.strip()[:80]}` a quote is never closed.") from cause


def _option(content: str) -> Entry:
    template = find_template(content)
    words = [content] if template else _words(content)
    flag, joined, value = words[0].partition("=")
    if not flag.startswith("--") and len(flag) > 2:
        flag, joined, value = flag[:2], "-", words[0][2:]
    rest = words[1:]
    flag = _SHORT.get(flag, _ALIASES.get(flag, flag))
    if template:
        return Requirement(" ".join(content.split()), template=template)
    if flag in _ALONE and not joined:
        return Option(flag, ignored=" ".join(rest))
    if flag not in _TAKES_VALUE:
        raise _unknown(flag)
    if not joined:
        if not rest:
            raise RefusedError(INVALID, f"The option `{flag}` takes a value, and none is given.")
        value, *rest = rest
    return _valued(flag, value, " ".join(rest))


def _valued(flag: str, value: str, ignored: str) -> Entry:
    refuse_credentials(value)
    if "${" in value:
        detail = f"The value of `{flag}` holds a variable, so the definition has no identity. Write the value."
        raise RefusedError("Variable in a requirement", detail)
    if flag == _EDITABLE:
        found = parse_requirement(f"{value} {ignored}".strip())
        if not found.path and "+" not in found.text.partition("://")[0]:
            detail = f"`{value[:80]}` cannot be installed with `-e`, which takes a folder or a repository."
            raise RefusedError(INVALID, detail, "leave `-e` out, or begin a repository with `git+`")
        return replace(found, editable=True)
    return Option(flag, value, ignored)


def _unknown(flag: str) -> RefusedError:
    known = (*_TAKES_VALUE, *_ALONE)
    detail = f"`{flag[:60]}` is not an option that may stand in a list of requirements."
    if flag in ("--no-deps", "--user", "--upgrade", "-U", "-t", "--target"):
        detail = f"`{flag}` belongs on pip's command line, not into a list of requirements. Remove it."
    return RefusedError("Unsupported pip option", detail, did_you_mean(flag, known))


def _requirement_options(content: str, words: list[str]) -> Iterator[str]:
    at = iter(words)
    for word in at:
        flag, joined, value = word.partition("=")
        if flag not in _OF_A_REQUIREMENT:
            detail = f"`{word[:60]}` cannot stand behind the requirement in `{content[:80]}`."
            raise RefusedError("Unsupported pip option", detail, did_you_mean(flag, _OF_A_REQUIREMENT))
        value = value if joined else next(at, "")
        if flag == "--hash" and not _HASH.fullmatch(value):
            weak = _WEAK_HASH.fullmatch(value)
            why = f"`{weak[1]}` protects nothing; use sha256" if weak else "it is `sha256:` and 64 hex digits"
            raise RefusedError("Invalid hash", f"`{value[:90]}` is not a hash that can be checked: {why}.")
        if not value:
            raise RefusedError(INVALID, f"The option `{flag}` takes a value, and none is given.")
        yield f"{flag}={value}"
