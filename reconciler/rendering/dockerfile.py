"""A Dockerfile that gives what an environment's image has: the same base, steps and packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.spark_settings import FILE, FOLDER, VARIABLE, spark_settings
from reconciler.model.state import Record
from reconciler.rendering.conda_files import conda_artefacts, explicit_text
from reconciler.rendering.pip_files import pip_artefacts, requirements_text

_PREFIX = "/opt/env"
_WORK = "/tmp/envform"  # noqa: S108 - in the image, where nobody else is yet
_LAYOUT, _DAEMON = "oci:", "docker-daemon:"
_WITH_UV = "RUN --mount=type=bind,from=ghcr.io/astral-sh/uv:0.9.0,source=/uv,target=/usr/local/bin/uv"
_MICROMAMBA = "docker.io/mambaorg/micromamba:2.0.5"


def dockerfile_text(name: str, record: Record, lock: Lock) -> str:
    """For BuildKit, with all that it needs written out; only files of the project are taken from the context."""
    definition, conda, pip = record.definition, conda_artefacts(lock), pip_artefacts(lock)
    lines = [f"# {name}:{record.version}, as envform has recorded it. BuildKit builds it."]
    if any(_is_local(one) for one in pip):
        lines.append("# The context of the build is the project's folder, for wheels are taken from it.")
    if conda:
        lines += ["", *_conda_stage(lock)]
    lines += ["", *_own(definition)]
    if conda:
        lines += ["", f"COPY --from=conda {_PREFIX} {_PREFIX}", f"ENV CONDA_PREFIX={_PREFIX}"]
    if pip:
        lines += ["", *_pip(definition, lock, pip, in_conda=bool(conda))]
    if conda or pip:
        lines.append(f"ENV PATH={_PREFIX}/bin:$PATH")
    if definition.spark:
        lines += ["", *_heredoc(spark_settings(definition.spark), f"{FOLDER}/{FILE}"), f"ENV {VARIABLE}={FOLDER}"]
    lines += [f"ENV {key}={_quoted(value)}" for key, value in sorted(record.details.environment_variables.items())]
    return "\n".join(lines) + "\n"


def _own(definition: Definition) -> Iterator[str]:
    if definition.dockerfile:
        yield from definition.dockerfile
        return
    yield from _from(definition)
    yield from definition.steps


def _from(definition: Definition) -> Iterator[str]:
    image = definition.image.removeprefix(_DAEMON)
    if image.startswith(_LAYOUT):
        folder, _, tag = image.removeprefix(_LAYOUT).partition(":")
        yield "# The base is in a folder of images, so the build is to be told of it:"
        yield f"#     docker build --build-context base=oci-layout://{folder}:{tag} …"
        yield "FROM base"
        return
    daemon = definition.image.startswith(_DAEMON)
    pinned = f"@{definition.base}" if definition.base and "@" not in image and not daemon else ""
    yield f"FROM {image}{pinned}"


def _conda_stage(lock: Lock) -> Iterator[str]:
    yield f"FROM {_MICROMAMBA} AS conda"
    yield "USER root"
    yield from _heredoc(explicit_text(lock, with_pip=False), f"{_WORK}/explicit.txt")
    yield f"RUN micromamba create --yes --prefix {_PREFIX} --file {_WORK}/explicit.txt"


def _pip(definition: Definition, lock: Lock, pip: Iterable[Artefact], *, in_conda: bool) -> Iterator[str]:
    """By uv, which needs neither pip nor venv in the base, and leaves nothing behind."""
    if not in_conda:
        python = definition.interpreter or lock.python or "python3"
        yield f"{_WITH_UV} uv venv --no-python-downloads --python {python} {_PREFIX}"
        yield f"ENV VIRTUAL_ENV={_PREFIX}"
    yield from _heredoc(requirements_text(definition, lock), f"{_WORK}/requirements.txt")
    for one in pip:
        if _is_local(one):
            path = one.url.removeprefix("./")
            yield f"COPY {path} {_WORK}/{path}"
    flags = f"--python {_PREFIX}/bin/python --no-cache --no-deps --require-hashes"
    yield f"{_WITH_UV} cd {_WORK} && uv pip install {flags} --requirement requirements.txt"


def _is_local(artefact: Artefact) -> bool:
    return "://" not in artefact.url


def _heredoc(text: str, path: str) -> Iterator[str]:
    yield f"COPY <<'EOF' {path}"
    yield from text.splitlines()
    yield "EOF"


def _quoted(text: str) -> str:
    """As Docker reads it between double quotes; a line break would end the instruction."""
    for character in ("\\", '"', "$"):
        text = text.replace(character, f"\\{character}")
    return f'"{" ".join(text.splitlines())}"'
