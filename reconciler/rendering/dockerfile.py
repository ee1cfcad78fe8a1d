"""A Dockerfile that gives what an environment's image has: the same base, steps and packages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.pattern import lazy_pattern
from reconciler.model.spark_settings import FILE, FOLDER, VARIABLE, spark_settings
from reconciler.model.state import Record
from reconciler.rendering.conda_files import conda_artefacts, explicit_text
from reconciler.rendering.pip_files import is_of_project, pip_artefacts, requirements_text

_PREFIX = "/opt/env"
_WORK = "/tmp/envform"  # noqa: S108 - in a stage that nobody else is in
# Engines older than Docker 23 know no texts in a Dockerfile by themselves; all of them can fetch who does.
_SYNTAX = "# syntax=docker/dockerfile:1"
# Tags as both projects document them and public Dockerfiles have them; what is installed by them is held by hashes.
_WITH_UV = "RUN --mount=type=bind,from=ghcr.io/astral-sh/uv:0.9.0,source=/uv,target=/usr/local/bin/uv"
_MICROMAMBA = "docker.io/mambaorg/micromamba:2.5.0"
_OWN, _PACKAGES, _CONDA = "envform-steps", "envform-packages", "envform-conda"
_DAEMON = "docker-daemon:"
_FROM = lazy_pattern(r"(?i)FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*")
_LAYOUT = lazy_pattern(r"(?i)(FROM\s+(?:--\S+\s+)*)oci:([^:\s]+):?(\S*)(.*)")


def dockerfile_text(name: str, record: Record, lock: Lock) -> str:
    """For BuildKit, with all that it needs written out; only files of the project are taken from the context."""
    definition = record.definition
    own = _standing(list(definition.dockerfile or _own(definition)))
    directives = [*takewhile(lambda line: line.startswith("#"), own)]
    arguments = [*takewhile(lambda line: line.upper().startswith("ARG "), own[len(directives) :])]
    rest = own[len(directives) + len(arguments) :]
    lines = [*([] if any(line.startswith("# syntax=") for line in directives) else [_SYNTAX]), *directives]
    lines.append(f"# {name}:{record.version}, as envform has recorded it. BuildKit builds it.")
    if any(is_of_project(one) for one in lock.artefacts):
        lines.append("# The context of the build is the project's folder, for packages are taken from it.")
    lines += ["", *arguments]
    lines += rest if not _installs(lock) else _staged(definition, lock, rest)
    if definition.spark:
        lines += ["", *_heredoc(spark_settings(definition.spark), f"{FOLDER}/{FILE}"), f"ENV {VARIABLE}={FOLDER}"]
    lines += [f"ENV {key}={_quoted(value)}" for key, value in sorted(record.details.environment_variables.items())]
    return "\n".join(lines) + "\n"


def _installs(lock: Lock) -> bool:
    return bool(conda_artefacts(lock) or pip_artefacts(lock))


def _own(definition: Definition) -> Iterator[str]:
    image = definition.image.removeprefix(_DAEMON)
    pinned = definition.base and "@" not in image and not image.startswith("oci:") and image == definition.image
    yield f"FROM {image}{f'@{definition.base}' if pinned else ''}"
    yield from definition.steps


def _standing(own: Sequence[str]) -> list[str]:
    """The same where a base in a folder of images is one that the build is told of."""
    lines: list[str] = []
    told: dict[str, str] = {}
    for line in own:
        found = _LAYOUT.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        place = f"{found[2]}:{found[3]}".rstrip(":")
        if place not in told:
            told[place] = f"base{len(told) + 1 if told else ''}"
            lines.append(f"# The base is in a folder of images: --build-context {told[place]}=oci-layout://{place}")
        lines.append(f"{found[1]}{told[place]}{found[4]}")
    return lines


def _staged(definition: Definition, lock: Lock, own: Sequence[str]) -> Iterator[str]:
    """Packages are installed apart, by root, so that nothing else of that is left and the image's user stays."""
    conda, pip = conda_artefacts(lock), pip_artefacts(lock)
    if conda:
        yield from _conda_stage(lock, conda)
    lines, name = _named(own)
    yield from lines
    if pip:
        yield from ("", f"FROM {name} AS {_PACKAGES}", "USER 0:0")
        if conda:
            yield f"COPY --from={_CONDA} {_PREFIX} {_PREFIX}"
        yield from _pip(definition, lock, pip, in_conda=bool(conda))
    yield from ("", f"FROM {name}", f"COPY --from={_PACKAGES if pip else _CONDA} {_PREFIX} {_PREFIX}")
    yield f"ENV {'CONDA_PREFIX' if conda else 'VIRTUAL_ENV'}={_PREFIX}"
    yield f"ENV PATH={_PREFIX}/bin:$PATH"


def _named(own: Sequence[str]) -> tuple[list[str], str]:
    """The same with a name for its last stage."""
    lines = list(own)
    for at in reversed(range(len(lines))):
        if found := _FROM.fullmatch(lines[at]):
            if not found[2]:
                lines[at] = f"{lines[at].rstrip()} AS {_OWN}"
            return lines, found[2] or _OWN
    return lines, _OWN


def _conda_stage(lock: Lock, conda: Iterable[Artefact]) -> Iterator[str]:
    yield from (f"FROM {_MICROMAMBA} AS {_CONDA}", "USER 0:0")
    for one in conda:
        if is_of_project(one):
            yield _copied(one)
    text = explicit_text(lock, with_pip=False, local=f"file://{_WORK}/")
    yield from _heredoc(text, f"{_WORK}/explicit.txt")
    yield f"RUN micromamba create --yes --prefix {_PREFIX} --file {_WORK}/explicit.txt"
    yield ""


def _pip(definition: Definition, lock: Lock, pip: Iterable[Artefact], *, in_conda: bool) -> Iterator[str]:
    """By uv, which needs neither pip nor venv in the base, and leaves nothing behind."""
    if not in_conda:
        python = definition.interpreter or lock.python or "python3"
        make = f"uv venv --no-python-downloads --python {python} {_PREFIX}"
        yield f"{_WITH_UV} test -e {_PREFIX}/bin/python || {make}"
    yield from _heredoc(requirements_text(definition, lock), f"{_WORK}/requirements.txt")
    for one in pip:
        if is_of_project(one):
            yield _copied(one)
    flags = f"--python {_PREFIX}/bin/python --no-cache --no-deps --require-hashes"
    yield f"{_WITH_UV} cd {_WORK} && uv pip install {flags} --requirement requirements.txt"


def _copied(artefact: Artefact) -> str:
    path = artefact.url.removeprefix("./")
    return f"COPY {json.dumps([path, f'{_WORK}/{path}'])}"


def _heredoc(text: str, path: str) -> Iterator[str]:
    yield f"COPY <<'EOF' {path}"
    yield from text.splitlines()
    yield "EOF"


def _quoted(text: str) -> str:
    """As Docker reads it between double quotes; a line break would end the instruction."""
    for character in ("\\", '"', "$"):
        text = text.replace(character, f"\\{character}")
    return f'"{" ".join(text.splitlines())}"'
