"""Fills the instances of a block: what is the same in all of them is evaluated once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.filled import Filled, Shared, fill
from reconciler.language.lookups import Context
from reconciler.language.project import LOCAL, UNDECIDED, Project
from reconciler.language.scope import Scope
from reconciler.language.traversals import Reference, block_references
from reconciler.language.worked import Workshop
from reconciler.model.diagnostic import Diagnostics

_VARYING = frozenset({"base_image", "each", "count", "environment", "data", "self"})


def worked_block(project: Project, target: str) -> Declaration:
    """The block; where it has many instances, with what they share worked out in its expressions."""
    block = project.declared.blocks[target]
    if len(project.expansion(target).instances) < 2:
        return block
    known = project.worked.get(target)
    if known is None:
        scope = project.scope(UNDECIDED, context=Context(own=target))
        workshop = Workshop(scope, lambda found: _refers_to_varying(project, found))
        known = project.worked[target] = workshop.declaration(block)
    return known


def fill_instance(project: Project, target: str, block: Declaration, scope: Scope, problems: Diagnostics) -> Filled:
    """The values of one instance."""
    if len(project.expansion(target).instances) < 2:
        return fill(block, scope, problems)
    shared = project.shared.get(target)
    if shared is None:
        shared = project.shared[target] = _shared(project, block)
    problems.extend(replace(item, address=block.address) for item in shared.problems)
    own, same = fill(shared.rest.at(block.address), scope, problems), shared.filled
    return Filled(
        block,
        own.labels,
        {**same.arguments, **own.arguments},
        {**same.blocks, **own.blocks},
        same.sensitive | own.sensitive,
        same.unknown | own.unknown,
    )


def _shared(project: Project, block: Declaration) -> Shared:
    one_by_one = [replace(block, arguments={name: one}, blocks={}) for name, one in block.arguments.items()]
    one_by_one += [replace(block, arguments={}, blocks={type_: some}) for type_, some in block.blocks.items()]
    varying = [part for part in one_by_one if _varies(project, part)]
    same = [part for part in one_by_one if not _varies(project, part)]
    problems = Diagnostics()
    filled = fill(_joined(block, same), project.scope(UNDECIDED), problems)
    return Shared(filled, tuple(problems), _joined(block, varying))


def _joined(block: Declaration, parts: Sequence[Declaration]) -> Declaration:
    arguments = {name: one for part in parts for name, one in part.arguments.items()}
    blocks = {type_: some for part in parts for type_, some in part.blocks.items()}
    return replace(block, arguments=arguments, blocks=blocks)


def _varies(project: Project, part: Declaration) -> bool:
    return any(_refers_to_varying(project, found) for found in block_references(part))


def _refers_to_varying(project: Project, found: Reference) -> bool:
    root = found.name.name
    step = found.steps[0] if found.steps else None
    if root == "local" and isinstance(step, nodes.Attribute):
        return bool(project.needed(LOCAL + step.name))
    return root in _VARYING
