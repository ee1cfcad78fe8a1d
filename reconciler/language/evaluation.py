"""Evaluates what a configuration declares, as far as it is known what that stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from reconciler.language.configuration import Configuration
from reconciler.language.declaration import Declaration
from reconciler.language.environments import Examined, examine, is_protected
from reconciler.language.filled import Filled
from reconciler.language.lifecycle import check_postconditions
from reconciler.language.outputs import checked, failed_checks, given_variables, read_data, read_outputs
from reconciler.language.passage import Places
from reconciler.language.value import Value
from reconciler.language.written_values import written
from reconciler.model.address import Address
from reconciler.model.beside import Checked
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError, Place, Severity
from reconciler.model.environment import Environment
from reconciler.model.intent import DataSource, Output

# Arguments that change no image and lead to nothing else, so that apply may work them out.
_MAY_BE_LATE = frozenset({"description", "environment_variables", "properties", "tags"})


def evaluate(
    configuration: Configuration, address: Address, known: Mapping[str, object], *, leaving: bool = False
) -> Environment:
    """The environment at an address of the configuration; `known` holds by address what others are decided to be.

    One that is `leaving` is not held to its preconditions.
    """
    problems = Diagnostics()
    instance = configuration.instances[address]
    project, defaults = configuration.project, configuration.defaults
    found = examine(project, defaults, address, instance, known, problems, leaving=leaving)
    if found is None or problems.failed:
        raise EnvformError(*problems)
    late = frozenset(found.filled.marked("unknown"))
    for name in sorted(late - _MAY_BE_LATE):
        detail = f"`{name}` was made from values that only building will tell, and it must be known before."
        found.filled.report("Value not known yet", detail, problems, at=name)
    problems.check()
    return replace(_environment(found, address), late=late, warnings=tuple(problems))


def protected_blocks(configuration: Configuration) -> Mapping[str, Place]:
    """By label the blocks that make no instance now and forbid that those they made are taken away."""
    project = configuration.project
    return {
        label: block.passage.place(*block.header_span, block.context)
        for label, target in ((label, f"environment.{label}") for label in project.declared.environments)
        if not project.expansion(target).instances and is_protected(project, target)
        for block in (project.declared.blocks[target],)
    }


def evaluate_data(configuration: Configuration, address: str, known: Mapping[str, object]) -> DataSource:
    """What to look up for `data.environment.NAME`."""
    problems = Diagnostics()
    found = read_data(configuration.project, address, known, problems)
    if found is None or problems.failed:
        raise EnvformError(*problems)
    return found


def evaluate_outputs(configuration: Configuration, known: Mapping[str, object]) -> tuple[Output, ...]:
    """All outputs, by name."""
    problems = Diagnostics()
    outputs = read_outputs(configuration.project, known, problems)
    problems.check()
    return outputs


def check_finished(configuration: Configuration, address: Address, known: Mapping[str, object]) -> None:
    """Hold an environment's postconditions once it is built; `known` has its own values too."""
    problems = Diagnostics()
    project, instance = configuration.project, configuration.instances[address]
    block = project.declared.blocks[instance.block]
    names = {**project.names(instance.block, instance.key, known), "self": cast(Value, known[address])}
    check_postconditions(project, block, known, names, problems)
    problems.check()


def check_assertions(configuration: Configuration, known: Mapping[str, object]) -> tuple[Diagnostic, ...]:
    """A warning for each assertion of a `check` block that does not hold, or that these values make a mistake."""
    problems = Diagnostics()
    failed = [*failed_checks(configuration.project, known, problems)]
    return (*failed, *(replace(item, severity=Severity.WARNING) for item in problems))


def check_results(configuration: Configuration, known: Mapping[str, object]) -> tuple[Checked, ...]:
    """The same for programs: each `check` block, those that hold too."""
    return tuple(checked(configuration.project, known))


def variable_values(configuration: Configuration) -> tuple[Output, ...]:
    """What the configuration was given."""
    return tuple(given_variables(configuration.project))


def _environment(found: Examined, address: Address) -> Environment:
    filled, described = found.filled, found.described
    return Environment(
        address=address,
        name=found.name,
        image=described.image,
        version=filled.text("version"),
        description=filled.text("description") or "",
        tags=filled.strings("tags") or {},
        platform=described.platform,
        contents=described.contents,
        details=described.details,
        policy=described.policy,
        depends_on=found.depends_on,
        lifecycle=found.lifecycle,
        sensitive=frozenset(filled.marked("sensitive")),
        places=_places(filled),
        values=written(found),
    )


def _places(filled: Filled) -> Places:
    declaration = filled.declaration
    return Places(declaration.passage, declaration.context, _spans(declaration))


def _spans(declaration: Declaration) -> Mapping[str, tuple[int, int]]:
    spans = {name: (item.value.start, item.value.end) for name, item in declaration.arguments.items()}
    for name in declaration.blocks:
        for inner in declaration.nested(name):
            spans.setdefault(name, inner.header_span)
    spans[""] = declaration.header_span
    return spans
