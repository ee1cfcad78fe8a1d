"""Looks at all that a configuration declares, while nothing is known of what others will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.language.environments import Examined, check_block, examine
from reconciler.language.instances import Instance
from reconciler.language.outputs import failed_checks, read_data, read_outputs
from reconciler.language.project import UNDECIDED, Project
from reconciler.language.settings import Defaults
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostics


def examine_all(
    project: Project, defaults: Defaults, instances: Mapping[Address, Instance], problems: Diagnostics
) -> Iterator[tuple[Examined, bool]]:
    """Each environment that is not too wrong to be looked at, and whether it is sound."""
    for address, instance in instances.items():
        own = Diagnostics()
        found = examine(project, defaults, address, instance, UNDECIDED, own)
        problems.extend(own)
        if found is not None:
            yield found, not own.failed


def check_empty(project: Project, defaults: Defaults, problems: Diagnostics) -> None:
    """Look at blocks that make no instance, on purpose or by mistake, as far as that can be done without one."""
    told = {(item.summary, item.subject) for item in problems}
    for target in project.declared.blocks:
        if not project.expansion(target).instances:
            own = Diagnostics()
            check_block(project, defaults, target, own)
            # What was said of references before is said in other words when they are evaluated.
            problems.extend(item for item in own if (item.summary, item.subject) not in told)


def check_others(project: Project, problems: Diagnostics) -> None:
    """Outputs, data and assertions."""
    read_outputs(project, UNDECIDED, problems)
    for name in project.declared.data:
        read_data(project, f"data.environment.{name}", UNDECIDED, problems)
    problems.extend([*failed_checks(project, UNDECIDED, problems)])
