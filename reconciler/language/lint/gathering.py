"""Makes facts of an environment: of its values, and of what its definition was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.language.definition.conda import CondaFile
from reconciler.language.definition.conda_spec import Spec
from reconciler.language.definition.finding import Where
from reconciler.language.definition.noted import At, Noted
from reconciler.language.definition.requirement import Requirement
from reconciler.language.filled import Filled
from reconciler.language.lint.facts import CondaFacts, Facts, Package, Stated
from reconciler.model.diagnostic import Place, Position
from reconciler.model.pattern import lazy_pattern

_NAMED = lazy_pattern(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?P<versions>[~=!<>]=?[^;]*)?")


def facts_of(filled: Filled, noted: Noted, constraints: tuple[str, ...]) -> Facts:
    """What rules look at. A package that a constraints file gives a version has one."""
    constrained = {found["name"] for text in constraints if (found := _NAMED.match(text)) and found["versions"]}
    images = [Stated(image, _argument(filled, "image"))] if (image := filled.text("image")) else []
    python = filled.text("python_version")
    return Facts(
        address=filled.declaration.address,
        images=(*images, *(Stated(text, at) for text, at in noted.images)),
        dockerfiles=tuple(Stated(text, at) for text, at in noted.dockerfiles),
        python=Stated(python, _argument(filled, "python_version")) if python else None,
        conda=_conda(*noted.conda) if noted.conda else None,
        packages=tuple(_packages(noted, constrained)),
    )


def _argument(filled: Filled, name: str) -> At:
    def place() -> Place:
        declaration = filled.declaration
        start, end = declaration.header_span
        if name in declaration.arguments:
            start, end = filled.node(name).start, filled.node(name).end
        return declaration.passage.place(start, end, declaration.context)

    return place


def _packages(noted: Noted, constrained: set[str]) -> Iterator[Package]:
    if noted.conda:
        conda, where = noted.conda
        for path, spec in conda.dependencies:
            yield _of_conda(spec, _placed(where, path))
    for requirement, at in noted.requirements:
        versioned = _is_versioned(requirement) or requirement.name in constrained
        yield Package(requirement.name, Stated(requirement.text, at), versioned)


def _of_conda(spec: Spec, at: At) -> Package:
    return Package(spec.name, Stated(spec.text, at), bool(spec.version or spec.build or spec.template))


def _is_versioned(requirement: Requirement) -> bool:
    if requirement.pinned or requirement.path or requirement.template:
        return True
    found = _NAMED.match(requirement.text)
    return "://" not in requirement.text and bool(found and found["versions"])


def _conda(conda: CondaFile, where: Where) -> CondaFacts:
    channels = bool(conda.channels) or all(spec.channel for _, spec in conda.dependencies)
    pythons = [(path, spec) for path, spec in conda.dependencies if spec.name == "python"]
    pips = [_of_conda(spec, _placed(where, path)) for path, spec in conda.dependencies if spec.name == "pip"]
    return CondaFacts(
        where=lambda: _first_line(where(())),
        has_channels=channels,
        has_pip_list=conda.has_pip_list,
        pythons=tuple(Stated(spec.template or spec.version, _placed(where, path)) for path, spec in pythons),
        pips=tuple(pips),
    )


def _placed(where: Where, path: tuple[str | int, ...]) -> At:
    return lambda: where(path)


def _first_line(place: Place | None) -> Place | None:
    """The beginning of a place that may be a whole file."""
    if place is None or place.subject.start.line == place.subject.end.line:
        return place
    start, code = place.subject.start, place.snippet.code.partition("\n")[0].rstrip()
    length = len(code) - start.column + 1
    end = Position(start.line, start.column + length, start.byte + len(code[start.column - 1 :].encode()))
    return Place(replace(place.subject, end=end), replace(place.snippet, code=code))
