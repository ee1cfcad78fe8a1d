"""Reads texts into a Configuration: everything that can be checked without evaluating environments is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from reconciler.language import hcl, nodes
from reconciler.language.declaration import Declaration, label_text
from reconciler.language.environment_rule import ENVIRONMENT
from reconciler.language.environments import read_environment
from reconciler.language.files import Files
from reconciler.language.hcl import garbage_collection_paused
from reconciler.language.kinds_of_files import is_yaml
from reconciler.language.names import check_names
from reconciler.language.passage import Document, Passage
from reconciler.language.pieces import split
from reconciler.language.references import NOT_KNOWN, Undecided
from reconciler.language.scope import Scope
from reconciler.language.settings import read_settings
from reconciler.language.span import SpanError
from reconciler.language.structure import check_item
from reconciler.language.vocabulary import ENVFORM
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.environment import Settings

Parse = Callable[[str], nodes.Body]

_MOST_PROBLEMS = 100
_LABEL = re.compile(r"[^\W\d][\w-]*")
_TYPE = re.compile(r"\A[^\W\d][\w-]*")
_HEADER = re.compile(r'[^\W\d][\w-]*(?:[ \t]+"[^"\n]*")*(?=[ \t]*\{)')


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a project declares, parsed and sound in structure; `sources` are the texts it was read from."""

    settings: Settings
    addresses: tuple[Address, ...]
    sources: Mapping[str, str]
    declarations: Mapping[Address, Declaration]


def configure(sources: Mapping[str, str], parse: Parse = hcl.parse, files: Files | None = None) -> Configuration:
    """The configuration that the texts make together; EnvformError with everything that is wrong with them."""
    problems = Diagnostics()
    with garbage_collection_paused():
        declarations, types = _read(sources, parse, files, problems)
    environments = _environments(declarations, problems)
    settings = _settings(declarations, types, problems)
    check_names(environments, problems)
    if problems.failed:
        _check_values(environments, problems)
    problems.items.sort(key=_place)
    problems.check()
    return Configuration(settings, tuple(sorted(environments)), sources, environments)


def _read(
    sources: Mapping[str, str], parse: Parse, files: Files | None, problems: Diagnostics
) -> tuple[list[Declaration], set[str]]:
    """All declarations that are sound in structure, and the types of all blocks, the broken ones too."""
    declarations: list[Declaration] = []
    types: set[str] = set()
    for filename in sorted(sources):
        if is_yaml(filename):
            declarations.extend(_read_yaml(filename, sources[filename], files, types, problems))
            continue
        document = Document(filename, sources[filename])
        for start, end in split(document.text):
            if len(problems.items) >= _MOST_PROBLEMS:
                problems.add(Diagnostic.error("Too many problems", "Correct those above first, then try again."))
                # It may stand in what was not read.
                types.add(ENVFORM.type)
                return declarations, types
            passage, text = Passage(document, start), document.text[start:end]
            types.update(_TYPE.findall(text))
            for item in _items(text, parse, passage, problems):
                declaration = check_item(item, passage, problems)
                if declaration is not None:
                    declarations.append(declaration)
    return declarations, types


def _read_yaml(
    filename: str, text: str, files: Files | None, types: set[str], problems: Diagnostics
) -> list[Declaration]:
    from reconciler.language import yaml_reading

    reading = yaml_reading.read(filename, text, files, problems)
    if reading is None:
        # It may stand in what was not read.
        types.add(ENVFORM.type)
        return []
    types.update(reading.types)
    for item in reading.unsound:
        check_item(item, reading.passage, problems)
    found = [check_item(item, reading.passage, problems) for item in reading.items]
    return [declaration for declaration in found if declaration is not None]


def _items(
    text: str, parse: Parse, passage: Passage, problems: Diagnostics
) -> tuple[nodes.Argument | nodes.Block, ...]:
    try:
        return parse(text).items
    except SpanError as error:
        context = _HEADER.match(text)
        problems.add(passage.diagnostic(error, context.group() if context else ""))
        return ()


def _environments(declarations: list[Declaration], problems: Diagnostics) -> dict[Address, Declaration]:
    environments: dict[Address, Declaration] = {}
    for declaration in declarations:
        if declaration.rule is not ENVIRONMENT:
            continue
        node = declaration.block.labels[0]
        label = label_text(node)
        address = Address.of(label)
        if not _LABEL.fullmatch(label):
            detail = (
                f"`{label}` cannot be a label: it begins with a letter or `_`; then come letters, digits, `_`, `-`."
            )
            hint = "the name may be another one: set the argument `name`"
            declaration.report(SpanError("Invalid block label", detail, node.start, node.end, hint=hint), problems)
        elif address in environments:
            detail = f'There is an environment "{label}" at {environments[address].where} already. Labels are unique.'
            declaration.report(SpanError("Duplicate environment", detail, *declaration.header_span), problems)
        else:
            environments[address] = replace(declaration, address=address)
    return environments


def _check_values(environments: Mapping[Address, Declaration], problems: Diagnostics) -> None:
    """So that one run tells all mistakes, those in values too; references are left out."""
    for declaration in environments.values():
        found = Diagnostics()
        read_environment(declaration, Scope({"environment": Undecided()}), found)
        problems.extend(item for item in found if item.summary != NOT_KNOWN)


def _settings(declarations: list[Declaration], types: set[str], problems: Diagnostics) -> Settings:
    blocks = [declaration for declaration in declarations if declaration.rule is ENVFORM]
    for second in blocks[1:]:
        detail = f"A project has one `envform` block, and there is one already at {blocks[0].where}. Join them."
        second.report(SpanError("Duplicate envform block", detail, *second.header_span), problems)
    if not blocks and ENVFORM.type not in types:
        detail = (
            "A project says in an `envform` block where its images are kept, and there is none in its files. "
            f"Write, for example:\n\n{ENVFORM.indented_example}"
        )
        problems.add(Diagnostic.error("Missing envform block", detail))
    return read_settings(blocks[0], problems) if blocks else Settings("")


def _place(diagnostic: Diagnostic) -> tuple[bool, str, int]:
    subject = diagnostic.subject
    return (False, subject.filename, subject.start.byte) if subject else (True, "", 0)
