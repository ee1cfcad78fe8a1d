"""The instances of environment blocks, and what each of them stands on."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.project import LOCAL, Project
from reconciler.model.address import Address
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance: the address of its block, and the key that tells it from others; None where it is the only one."""

    block: str
    key: str | int | None = None

    @property
    def default_name(self) -> str:
        """The name of an environment that gives itself none."""
        label = self.block.partition(".")[2]
        return label if self.key is None else f"{label}-{self.key}"


def list_instances(project: Project) -> Mapping[Address, Instance]:
    """All of them, by address: blocks by label, instances in their order."""
    return {
        address: Instance(block, key)
        for block in sorted(project.declared.blocks)
        for key, address in zip(project.expansion(block).instances, project.instances(block), strict=True)
    }


def dependencies(project: Project, address: str, instance: Instance | None) -> tuple[str, ...]:
    """The addresses that must be known first. A reference to one of many instances means that one."""
    block = instance.block if instance else address
    names = project.names(block, instance.key) if instance else {}
    found: dict[str, None] = {}
    for edge in project.edges.get(block, ()):
        meant = project.needed(edge.target) if edge.target.startswith(LOCAL) else project.meant(edge, names)
        found.update(dict.fromkeys(meant))
    found.pop(address, None)
    return tuple(found)
