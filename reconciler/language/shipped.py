"""Curated environments that come with envform: those that a project refers to are declared as if it had them itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.language import nodes
from reconciler.language.blocks import Blocks, Parse, read_blocks
from reconciler.language.declaration import Declaration
from reconciler.language.traversals import block_references
from reconciler.model.diagnostic import Diagnostics

_DEPENDS = "depends_on"


def with_curated(
    blocks: Blocks, sources: Iterable[str], curated: Mapping[str, str], parse: Parse, problems: Diagnostics
) -> None:
    """Add the curated environments that the blocks name: as `environment.NAME`, or as the `name` of data."""
    if not any(name in text for text in sources for name in curated):
        return
    blocks.declarations[:] = [_after_it(block, curated) for block in blocks.declarations]
    wanted = {name for block in blocks.declarations for name in _named(block) if name in curated}
    texts = {f"curated/{name}.hcl": curated[name] for name in wanted}
    blocks.declarations.extend(read_blocks(texts, parse, None, problems, shipped=True).declarations)


def _named(block: Declaration) -> Iterator[str]:
    for reference in block_references(block):
        step = reference.steps[0] if reference.steps else None
        if reference.name.name == "environment" and isinstance(step, nodes.Attribute):
            yield step.name


def _after_it(block: Declaration, curated: Mapping[str, str]) -> Declaration:
    """Data that names a curated environment is looked up once that is registered."""
    name, given = block.arguments.get("name"), block.arguments.keys()
    if block.rule.type != "data" or name is None or not given.isdisjoint((_DEPENDS, "registry")):
        return block
    text = name.value.value if isinstance(name.value, nodes.Literal) else None
    if text not in curated:
        return block
    span = (name.value.start, name.value.end)
    it = nodes.Attribute(*span, nodes.Name(*span, "environment"), str(text))
    argument = nodes.Argument(*span, _DEPENDS, nodes.Tuple(*span, (it,)))
    return replace(block, arguments={**block.arguments, _DEPENDS: argument})
