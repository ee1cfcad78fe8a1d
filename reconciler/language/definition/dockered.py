"""Docker steps, the text of a Dockerfile, and build contexts, as parts of a definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from reconciler.language.definition.context import ELSEWHERE, read_context, refuse_elsewhere
from reconciler.language.definition.context import Context as Sent
from reconciler.language.definition.credentials import refuse_credentials, refuse_secret
from reconciler.language.definition.dockerfile import Instruction, Problem, parse_dockerfile
from reconciler.language.definition.effects import refuse_empty, tell_unused_arguments
from reconciler.language.definition.go_paths import clean
from reconciler.language.definition.reading import Reading
from reconciler.language.definition.sources import mistakes_in_bases
from reconciler.language.definition.stages import Stage, sources_of, stages_of, words
from reconciler.language.definition.template import find_template, unrendered
from reconciler.language.passage import Document, Passage
from reconciler.language.span import RefusedError
from reconciler.model.definition import Context
from reconciler.model.diagnostic import Place, Severity

_NOT_A_STEP = {"FROM": "a step stands on `image`", "MAINTAINER": "Docker has given it up; write LABEL"}


def read_steps(reading: Reading) -> tuple[str, ...]:
    """The steps in normal form, one instruction each."""
    steps = []
    for number, text in enumerate(reading.texts("docker_steps")):
        try:
            steps.append(_step(text).text)
        except RefusedError as error:
            reading.refused("docker_steps", error, (number,))
    return tuple(steps)


def _step(text: str) -> Instruction:
    parsed = parse_dockerfile(text)
    for problem in parsed.problems:
        raise problem.error
    if template := find_template(text):
        raise unrendered(template)
    if len(parsed.instructions) != 1:
        count = len(parsed.instructions)
        detail = f"A Docker step is one instruction, such as `RUN apt-get update`, and this text holds {count}."
        raise RefusedError("Invalid Docker step", detail, "write an element of the list for each" if count else "")
    instruction = parsed.instructions[0]
    if why := _NOT_A_STEP.get(instruction.keyword):
        raise RefusedError("Invalid Docker step", f"`{instruction.keyword}` cannot be a Docker step: {why}.")
    for problem in _mistakes(instruction):
        raise problem.error
    return instruction


def _mistakes(instruction: Instruction) -> Iterator[Problem]:
    """What is wrong with an instruction that has no build context: secrets in it, and files that it copies."""
    if instruction.keyword in ("ARG", "ENV"):
        for word in words(instruction.arguments):
            name, _, value = word.partition("=")
            try:
                refuse_secret("variable", name, value)
            except RefusedError as error:
                yield Problem(instruction.line, error)
    for source in sources_of(instruction, {}):
        detail = (
            f"`{(source or instruction.arguments)[:80]}` would be copied from a build context, and there is none here. "
            "What is copied belongs into a folder with a Dockerfile; name it in a `build` block."
        )
        hint = "COPY --from=IMAGE needs no context"
        yield Problem(instruction.line, RefusedError("Copy without a build context", detail, hint))


def read_dockerfile(reading: Reading) -> tuple[str, ...]:
    """A Dockerfile that is written out, in normal form."""
    if not reading.has("dockerfile"):
        return ()
    parsed = parse_dockerfile(reading.text("dockerfile"))
    problems = list(parsed.problems)
    stages = [(stage, find_template(stage.written)) for stage in stages_of(parsed, {}, problems)]
    problems.extend(Problem(stage.line, unrendered(template)) for stage, template in stages if template)
    named = [stage for stage, template in stages if not template]
    problems.extend(problem for stage in named for problem in mistakes_in_bases(stage, [one for one, _ in stages]))
    _note(reading, reading.text("dockerfile"), [stage for stage, _ in stages], lambda _: reading.place("dockerfile"))
    problems.extend(problem for instruction in parsed.instructions for problem in _mistakes(instruction))
    for problem in sorted(problems, key=lambda problem: problem.line):
        detail = f"Line {problem.line} of the text: {problem.error.detail}"
        reading.refuse("dockerfile", problem.error.summary, detail, problem.error.hint)
    return parsed.normal_form


def read_build(reading: Reading) -> Context | None:
    """The build context, hashed."""
    build = reading.block("build") if reading.has("build") else None
    if build is None or not build.text("path"):
        if build is not None and build.filled.text("path") is not None:
            build.refuse("path", "Invalid build context", "`path` is empty. It names the folder of the build context.")
        return None
    path, dockerfile = build.text("path"), build.text("dockerfile_path")
    _check_arguments(build)
    refuse_empty(build)
    if ELSEWHERE.match(path):
        build.refused("path", refuse_elsewhere(path))
        return None
    try:
        given = None if "args" in build.filled.unknown else build.strings("args")
        sent = read_context(reading.files, clean(path), dockerfile, given, build.text("target"))
    except RefusedError as error:
        named = {"Dockerfile not found": "dockerfile_path", "No such build stage": "target"}.get(error.summary, "path")
        build.refused(named if build.has(named) else "path", error)
        return None
    _tell(build, sent)
    tell_unused_arguments(build, parse_dockerfile(sent.text))
    passage = Passage(Document(sent.dockerfile_name, sent.text))
    reading.noted.texts[sent.dockerfile_name] = sent.text
    _note(reading, sent.text, sent.stages, lambda line: _line(passage, line))
    arguments = dict(sorted(build.strings("args").items()))
    files = [entry.size for entry in sent.sent if entry.kind != "folder"]
    ignored = sum(one.entry.kind != "folder" for one in sent.ignored)
    target = build.text("target")
    return Context(sent.tree, sent.dockerfile, clean(path), arguments, target, len(files), sum(files), ignored)


def _check_arguments(build: Reading) -> None:
    for name, value in build.strings("args").items():
        try:
            refuse_secret("build argument", name, value)
            refuse_credentials(value)
        except RefusedError as error:
            build.refused("args", error, (name,))


def _note(reading: Reading, text: str, stages: Sequence[Stage], where: Callable[[int], Place | None]) -> None:
    """The images that a Dockerfile stands on: not those of its own stages, nor `scratch`, nor what is not known yet."""
    names = {"scratch"}
    for stage in stages:
        if stage.base and stage.base.lower() not in names:
            reading.noted.images.append((stage.base, partial(where, stage.line)))
        names.add(stage.name)
    reading.noted.dockerfiles.append((text, partial(where, 1)))


def _tell(build: Reading, sent: Sent) -> None:
    """The problems of a Dockerfile, at their lines in it."""
    passage = Passage(Document(sent.dockerfile_name, sent.text))
    for problem in sent.errors:
        build.tell(_line(passage, problem.line), problem.error)
    for problem in sent.warnings:
        build.tell(_line(passage, problem.line), problem.error, Severity.WARNING)


def _line(passage: Passage, number: int) -> Place:
    lines = passage.document.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return passage.place(start, start + len(lines[number - 1].rstrip()))
