"""The stages of a Dockerfile: what each stands on, and which of them a build really makes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import field

from reconciler.language.definition.dockerfile import SUMMARY, Dockerfile, Instruction, Problem
from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

_VARIABLE = lazy_pattern(
    r"(?P<escaped>\\\$)|\$(?:(?P<name>\w+)"
    r"|\{(?P<braced>\w++)(?:(?P<operator>:?[-+?])(?P<word>[^{}]*+))?+(?P<other>[^}]{0,2000}+)\})"
)
_FLAG = lazy_pattern(r"--(?P<name>[a-z-]+)(?:=(?P<value>\S+))?(?:\s+|$)")
_FROM = lazy_pattern(r"(?P<base>\S+)(?:\s+as\s+(?P<name>\S+))?", re.IGNORECASE)
_STAGE_NAME = lazy_pattern(r"[a-z][a-z0-9_.-]*")
_QUOTE = lazy_pattern(r"['\"]|\\(?!\$)(.)")
# The build arguments, or None where nobody knows them yet.
Given = Mapping[str, str] | None
_MOUNT_FROM = lazy_pattern(r"--mount=\S*\bfrom=([^,\s]+)")


@dataclass(slots=True)
class Stage:
    """One FROM and what follows. `base` and `platform` have their variables filled in; None: one is not known."""

    number: int
    name: str
    base: str | None
    written: str
    line: int
    variables: dict[str, str | None] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    platform: str | None = ""


@dataclass(frozen=True, slots=True)
class Copied:
    """One COPY or ADD from the context, its sources with variables filled in; None where one is not known."""

    instruction: Instruction
    sources: tuple[str | None, ...]


def flags_of(arguments: str) -> tuple[dict[str, str], str]:
    """The `--flags` in front of an instruction's arguments, and the rest."""
    flags = {}
    while found := _FLAG.match(arguments):
        flags[found["name"]] = found["value"] or ""
        arguments = arguments[found.end() :]
    return flags, arguments


def filled_in(text: str, variables: Mapping[str, str | None]) -> str | None:
    """A text with the values of its variables; None where one of them is not known, or is used in a way of shells."""
    known = True

    def value(found: re.Match[str]) -> str:
        nonlocal known
        if found["escaped"]:
            return "$"
        given = variables.get(found["name"] or found["braced"], "")
        operator = found["operator"] or ""
        if found["other"] or given is None:
            known = False
        elif operator.endswith("-") and not given:
            return str(found["word"])
        elif operator.endswith("+"):
            return found["word"] if given else ""
        return given or ""

    result = _VARIABLE.sub(value, text)
    return result if known else None


def stages_of(parsed: Dockerfile, build_arguments: Given, problems: list[Problem]) -> list[Stage]:
    """The stages in order; mistakes in how they are begun are added to the problems."""
    stages: list[Stage] = []
    outer: dict[str, str | None] = dict.fromkeys(_PREDEFINED)
    for instruction in parsed.instructions:
        if instruction.keyword == "FROM":
            stage = _stage(instruction, len(stages), outer, problems)
            if stage:
                stages.append(stage)
        elif stages:
            _within(instruction, stages[-1], outer, build_arguments)
        elif instruction.keyword == "ARG":
            outer.update(_arguments(instruction, outer, build_arguments))
        else:
            detail = f"`{instruction.keyword}` stands before the first FROM, where only ARG may stand."
            problems.append(Problem(instruction.line, RefusedError(SUMMARY, detail)))
    if not stages and not parsed.problems and not problems:
        detail = "There is no FROM in it, so there is nothing to build."
        problems.append(Problem(1, RefusedError(SUMMARY, detail)))
    return stages


_PREDEFINED = (
    "TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT",
    "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT",
)  # fmt: skip


def _stage(
    instruction: Instruction, number: int, outer: Mapping[str, str | None], problems: list[Problem]
) -> Stage | None:
    flags, rest = flags_of(instruction.arguments)
    found = _FROM.fullmatch(rest)
    if not found:
        detail = f"`FROM {rest[:80]}` is neither `FROM IMAGE` nor `FROM IMAGE AS NAME`."
        problems.append(Problem(instruction.line, RefusedError(SUMMARY, detail)))
        return None
    name = (found["name"] or "").lower()
    if name and not _STAGE_NAME.fullmatch(name):
        detail = (
            f"`{name[:60]}` cannot name a stage: it begins with a letter; then come letters, digits, `_`, `-`, `.`."
        )
        problems.append(Problem(instruction.line, RefusedError(SUMMARY, detail)))
    base = filled_in(found["base"].strip("\"'"), outer)
    if base == "":
        detail = f"`{found['base'][:80]}` is empty once its variables are filled in: no ARG above gives them a value."
        problems.append(Problem(instruction.line, RefusedError(SUMMARY, detail)))
        base = None
    platform = filled_in(flags.get("platform", ""), outer)
    return Stage(number, name, base, found["base"], instruction.line, needs={(base or "").lower()}, platform=platform)


def _within(instruction: Instruction, stage: Stage, outer: Mapping[str, str | None], build_arguments: Given) -> None:
    stage.instructions.append(instruction)
    if instruction.keyword == "ARG":
        stage.variables.update(_arguments(instruction, {**outer, **stage.variables}, build_arguments, outer))
    elif instruction.keyword == "ENV":
        stage.variables.update(_environment(instruction, stage.variables))
    elif instruction.keyword == "RUN":
        stage.needs.update(name.lower() for name in _MOUNT_FROM.findall(instruction.arguments))
    elif instruction.keyword in ("COPY", "ADD"):
        origin = flags_of(instruction.arguments)[0].get("from")
        if origin:
            stage.needs.add((filled_in(origin, stage.variables) or "").lower())


def _arguments(
    instruction: Instruction,
    variables: Mapping[str, str | None],
    build_arguments: Given,
    outer: Mapping[str, str | None] | None = None,
) -> Iterator[tuple[str, str | None]]:
    for word in words(instruction.arguments):
        name, equals, default = word.partition("=")
        if build_arguments is None:
            yield name, None
        elif name in build_arguments:
            yield name, build_arguments[name]
        elif equals:
            yield name, filled_in(default, variables)
        else:
            yield name, (outer or {}).get(name, "")


def _environment(instruction: Instruction, variables: Mapping[str, str | None]) -> Iterator[tuple[str, str | None]]:
    pairs = words(instruction.arguments)
    if pairs and "=" not in pairs[0]:
        name, _, value = instruction.arguments.partition(" ")
        yield name, filled_in(value.strip(), variables)
        return
    for pair in pairs:
        name, _, value = pair.partition("=")
        yield name, filled_in(value, variables)


def words(text: str) -> list[str]:
    """The words of a line as a shell would cut it; by white space where its quotes do not close."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def made(stages: list[Stage], target: str) -> list[Stage]:
    """The stages that a build of the target makes; RefusedError where there is no such stage."""
    if not stages:
        return []
    by_name = {str(stage.number): stage for stage in stages} | {stage.name: stage for stage in stages if stage.name}
    if target and target.lower() not in by_name:
        known = [stage.name for stage in stages if stage.name]
        there = ", ".join(f"`{name}`" for name in known) or "no named stage"
        detail = f"The Dockerfile has no stage `{target[:60]}`; it has {there}."
        raise RefusedError("No such build stage", detail, did_you_mean(target, known))
    wanted = [by_name[target.lower()] if target else stages[-1]]
    for stage in wanted:
        needed = [by_name[name] for name in stage.needs if name in by_name and by_name[name].number < stage.number]
        wanted.extend(other for other in needed if other not in wanted)
    return sorted(wanted, key=lambda stage: stage.number)


def origins_of(stage: Stage) -> Iterator[tuple[int, str]]:
    """What a stage copies or mounts from, be it stages or images, as it is written, and the line of its instruction."""
    for instruction in stage.instructions:
        if instruction.keyword == "RUN":
            yield from ((instruction.line, name) for name in _MOUNT_FROM.findall(instruction.arguments))
        elif instruction.keyword in ("COPY", "ADD") and (origin := flags_of(instruction.arguments)[0].get("from")):
            yield instruction.line, origin


def copied(stage: Stage) -> Iterator[Copied]:
    """What a stage takes from the context."""
    for instruction in stage.instructions:
        if sources := sources_of(instruction, stage.variables):
            yield Copied(instruction, sources)


def sources_of(instruction: Instruction, variables: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """What an instruction takes from the context; nothing where it copies from elsewhere."""
    flags, rest = flags_of(instruction.arguments)
    if instruction.keyword not in ("COPY", "ADD") or "from" in flags:
        return ()
    sources = [source for source in _listed(rest)[:-1] if not source.startswith("<<")]
    if instruction.keyword == "ADD":
        sources = [source for source in sources if not re.match(r"[a-z+]+://|git@", source, re.IGNORECASE)]
    return tuple(filled_in(source, variables) for source in sources)


def _listed(text: str) -> list[str]:
    """The words of a COPY: a JSON list, or cut at white space, where quotes keep nothing together."""
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list):
            return [str(item) for item in listed]
    return [_QUOTE.sub(r"\1", word) for word in text.split()]
