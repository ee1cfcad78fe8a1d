"""Reads texts into a Configuration: everything that can be checked without evaluating environments is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.language import hcl
from reconciler.language.blocks import Parse, read_blocks
from reconciler.language.called import check_calls
from reconciler.language.connections import connect
from reconciler.language.declared import sort_declarations
from reconciler.language.examination import check_empty, check_others, examine_all
from reconciler.language.files import Files
from reconciler.language.graph import order
from reconciler.language.hcl import garbage_collection_paused
from reconciler.language.inputs import NO_INPUTS, Inputs
from reconciler.language.instances import Instance, dependencies, list_instances
from reconciler.language.lookups import Context
from reconciler.language.moves import read_imports, read_moves, read_removals
from reconciler.language.names import check_names
from reconciler.language.project import UNDECIDED, Project
from reconciler.language.settings import Defaults, read_settings
from reconciler.language.shipped import with_curated
from reconciler.language.span import SpanError
from reconciler.language.unused import check_unused
from reconciler.language.variables import check_validations, give_values
from reconciler.language.versions import UNSUPPORTED
from reconciler.language.vocabulary import ENVFORM
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, Diagnostics, Severity, distinct
from reconciler.model.environment import Settings
from reconciler.model.frozen import dataclass
from reconciler.model.intent import Import, Move, Removal


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a project declares, sound in structure; `sources` are the texts it was read from.

    `instances` has for each address its block and its key. `warnings` do not stop anything, and are still to be told.
    """

    settings: Settings
    sources: Mapping[str, str]
    project: Project
    defaults: Defaults
    instances: Mapping[Address, Instance]
    warnings: tuple[Diagnostic, ...] = ()
    moves: tuple[Move, ...] = ()
    removals: tuple[Removal, ...] = ()
    imports: tuple[Import, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every environment, instances one by one."""
        return tuple(self.instances)

    def dependencies(self, address: Address) -> tuple[str, ...]:
        """The addresses of environments and data that must be known before this one (or this data) is evaluated."""
        return dependencies(self.project, address, self.instances.get(address))


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration that may be wrong, and what was found before any environment was looked at."""

    configuration: Configuration
    problems: tuple[Diagnostic, ...]

    def checked(self) -> Configuration:
        """The configuration; EnvformError with everything that is wrong, in values too, so that one run tells all."""
        problems = Diagnostics([*self.problems])
        if problems.failed:
            found = self.configuration
            for _ in examine_all(found.project, found.defaults, found.instances, problems):
                pass
            check_others(found.project, problems)
        told = sorted(distinct(problems), key=_place)
        Diagnostics(told).check()
        return replace(self.configuration, warnings=tuple(told))


def configure(
    sources: Mapping[str, str], parse: Parse = hcl.parse, files: Files | None = None, inputs: Inputs = NO_INPUTS
) -> Configuration:
    """The configuration that the texts make together; EnvformError with everything that is wrong with them."""
    return draft(sources, parse, files, inputs).checked()


def draft(
    sources: Mapping[str, str], parse: Parse = hcl.parse, files: Files | None = None, inputs: Inputs = NO_INPUTS
) -> Draft:
    """What the texts make together, right or wrong; EnvformError where they want another version of envform."""
    problems = Diagnostics()
    with garbage_collection_paused():
        blocks = read_blocks(sources, parse, files, problems)
        with_curated(blocks, sources.values(), inputs.curated, parse, problems)
        declared = sort_declarations(blocks, problems)
        edges = connect(declared, problems)
    check_calls(declared, problems)
    variables = give_values(declared.variables, inputs, problems)
    project = Project(declared, variables, edges, order(edges, problems), files, problems)
    settings, defaults = _prepare(project, inputs, problems)
    # What this version does not know may be right in another, so nothing else is said.
    Diagnostics([item for item in problems if item.summary == UNSUPPORTED]).check()
    instances = list_instances(project)
    check_validations(project, problems)
    check_names(project, instances, problems)
    check_empty(project, defaults, problems)
    moved = read_moves(project, problems), read_removals(project, problems), read_imports(project, problems)
    check_unused(declared, edges, sources, problems)
    return Draft(Configuration(settings, sources, project, defaults, instances, (), *moved), tuple(problems))


def _prepare(project: Project, inputs: Inputs, problems: Diagnostics) -> tuple[Settings, Defaults]:
    """Work out what others stand on, the settings among it."""
    blocks = project.declared.settings
    for second in blocks[1:]:
        detail = f"A project has one `envform` block, and there is one already at {blocks[0].where}. Join them."
        second.report(SpanError("Duplicate envform block", detail, *second.header_span), problems)
    if not blocks and ENVFORM.type not in project.declared.unsure:
        detail = (
            "A project says in an `envform` block where its images are kept, and there is none in its files. "
            f"Write, for example:\n\n{ENVFORM.indented_example}"
        )
        problems.add(Diagnostic.error("Missing envform block", detail))
    found = Settings(""), Defaults()
    for target in (*project.order.objects, *sorted(project.order.circular)):
        if target == ENVFORM.type and blocks:
            found = read_settings(blocks[0], project.scope(UNDECIDED, context=Context(settings=True)), inputs, problems)
            project.workspace = found[0].workspace
        else:
            project.prepare(target)
    return found


def _place(diagnostic: Diagnostic) -> tuple[bool, bool, str, int]:
    """Errors first, and each by its place."""
    subject = diagnostic.subject
    place = (False, subject.filename, subject.start.byte) if subject else (True, "", 0)
    return diagnostic.severity is not Severity.ERROR, *place
