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
    """Each environment that is not too wrong to be looked at, and whether it is sound.

    Blocks that make no instance are looked at too, as far as that can be done without one.
    """
    for address, instance in instances.items():
        own = Diagnostics()
        found = examine(project, defaults, address, instance, UNDECIDED, own)
        problems.extend(own)
        if found is not None:
            yield found, not own.failed
    for target in project.declared.blocks:
        if not project.expansion(target).instances:
            check_block(project, defaults, target, problems)


def check_others(project: Project, problems: Diagnostics) -> None:
    """Outputs, data and assertions."""
    read_outputs(project, UNDECIDED, problems)
    for name in project.declared.data:
        read_data(project, f"data.environment.{name}", UNDECIDED, problems)
    problems.extend([*failed_checks(project, UNDECIDED, problems)])
