"""All that an `environment` block says about Python packages, as parts of a definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache

from reconciler.language.definition.conda import CondaFile, parse_conda
from reconciler.language.definition.finding import Path, Where, report
from reconciler.language.definition.noted import At
from reconciler.language.definition.pip_lists import PipList, own_list
from reconciler.language.definition.reading import Reading
from reconciler.language.definition.requirements import Entry, parse_entry
from reconciler.language.definition.template import unrendered
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import YamlDocument, plain
from reconciler.model.definition import Conda
from reconciler.model.diagnostic import EnvformError, Place
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_PYTHON = lazy_pattern(r"[23]\.\d{1,2}(\.\d{1,2})?")
_CONDA = ("conda_file", "conda")


@dataclass(frozen=True, slots=True)
class Packages:
    """The package sections of a definition; variables are what conda would set when it is activated."""

    packages: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    files: Mapping[str, Digest] = field(default_factory=dict)
    conda: Conda | None = None
    python: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


NO_PACKAGES = Packages()


def read_packages(reading: Reading) -> Packages:
    """The sections; what is wrong with them is added to the problems."""
    if not any(reading.has(name) for name in (*_CONDA, "pip", "requirements_file", "python_version")):
        return NO_PACKAGES
    pip = PipList(reading)
    conda, variables, asked = None, {}, None
    for parsed, where, folder in _conda(reading):
        conda, variables, asked = _take_conda(parsed, where, folder, pip), parsed.variables, parsed
    if reading.has("requirements_file"):
        try:
            pip.include(reading.text("requirements_file"))
        except RefusedError as error:
            reading.refused("requirements_file", error)
    pip.take(own_list(reading, "pip", _own_entries(reading, "pip")), "")
    reading.noted.requirements.extend(pip.asked)
    python = _python(reading, asked)
    sections = (tuple(pip.packages), tuple(pip.options), tuple(pip.constraints))
    return Packages(*sections, dict(sorted(pip.files.items())), conda, python, variables)


def _own_entries(reading: Reading, name: str) -> list[tuple[int, Entry]]:
    entries = []
    for number, text in enumerate(reading.texts(name)):
        try:
            entries.append((number, parse_entry(text)))
        except RefusedError as error:
            reading.refused(name, error, (number,))
    return entries


def _python(reading: Reading, conda: CondaFile | None) -> str:
    version = reading.text("python_version")
    if version and not _PYTHON.fullmatch(version):
        detail = f"`{version[:40]}` is no version of Python. Write major and minor, such as 3.11, or all three parts."
        reading.refuse("python_version", "Invalid Python version", detail)
    if version and conda and conda.python:
        detail = f"conda is asked for `{conda.python.text}` already. Say it once."
        reading.refuse("python_version", "Conflicting arguments", detail)
    return version


def _conda(reading: Reading) -> Iterator[tuple[CondaFile, Where, str]]:
    """What is asked of conda, where each part of it stands, and the folder that paths in it count from.

    There is one, unless it was told that there may be only one.
    """
    block = reading.block("conda") if reading.has("conda") else None
    if block:
        yield _of_block(block)
    value = reading.filled.arguments.get("conda_file") if reading.has("conda_file") else None
    if isinstance(value, str):
        yield from _of_file(reading, value)
    elif isinstance(value, Mapping):
        yield parse_conda(value), lambda path: reading.place("conda_file", path), _document_folder(reading)
    elif value is not None:
        reading.refuse("conda_file", "Invalid argument value", "`conda_file` is the path of a file, or an object.")


def _document_folder(reading: Reading) -> str:
    return reading.filled.declaration.passage.document.filename.rpartition("/")[0]


def _of_block(block: Reading) -> tuple[CondaFile, Where, str]:
    channels, dependencies, pip = (list(block.texts(name)) for name in ("channels", "dependencies", "pip"))
    asked = block.filled.declaration.arguments.keys() & {"dependencies", "pip"}
    if not (dependencies or pip or asked - block.filled.arguments.keys()):
        block.refuse(
            "", "Argument without effect", "This `conda` block asks for no package.", 'dependencies = ["python=3.11"]'
        )
    tree = {"channels": channels, "dependencies": [*dependencies, {"pip": pip}] if pip else dependencies}

    def where(path: Path) -> Place:
        name, rest = str(path[0]) if path else "", path[1:]
        if len(path) > 2 and path[2] == "pip":
            name, rest = "pip", path[3:]
        return block.place(name, rest)

    return parse_conda(tree), where, _document_folder(block)


@lru_cache(maxsize=64)
def _loaded(text: str, name: str) -> tuple[YamlDocument, CondaFile]:
    """A conda file, read once for all environments that share it; nothing may be changed in the result."""
    document = load(text, name)
    return document, parse_conda(plain(document))


def _of_file(reading: Reading, name: str) -> Iterator[tuple[CondaFile, Where, str]]:
    try:
        text = reading.files.text(name)
        reading.noted.texts[name] = text
        document, parsed = _loaded(text, name)
    except RefusedError as error:
        reading.refused("conda_file", error)
    except EnvformError as error:
        reading.problems.extend(error.diagnostics)
    else:
        yield parsed, lambda path: document.place(*path), name.rpartition("/")[0]


def _take_conda(parsed: CondaFile, where: Where, folder: str, pip: PipList) -> Conda:
    reading = pip.reading
    reading.noted.conda = parsed, where
    report(tuple(parsed.findings), where, reading.address, reading.problems)
    for path, spec in parsed.dependencies:
        if spec.template:
            reading.tell(where(path), unrendered(spec.template))
    pip.take([(entry, _placed(where, path)) for path, entry in parsed.pip], folder)
    return Conda(tuple(parsed.channels), tuple(spec.text for _, spec in parsed.dependencies))


def _placed(where: Where, path: Path) -> At:
    return lambda: where(path)
