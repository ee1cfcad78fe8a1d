"""What is in the build contexts of a project, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reconciler.language.definition.context import read_context
from reconciler.language.span import RefusedError
from reconciler.model.context_files import ContextFiles, Counted, LeftOut

if TYPE_CHECKING:
    from reconciler.language.definition.dockerignore import Ignored
    from reconciler.model.definition import Definition
    from reconciler.session import Session


def context_files(session: Session, definition: Definition) -> ContextFiles | None:
    """The files of a definition's build context; None where it has none, or where the folder is no longer there."""
    context = definition.context
    if context is None:
        return None
    files = session.reader.remembered
    try:
        found = read_context(files, context.path, context.dockerfile, context.arguments, context.target)
    except RefusedError:
        return None
    counted = tuple(Counted(one.name, one.size) for one in found.sent if one.kind != "folder")
    return ContextFiles(context.path, counted, tuple(_left_out(found.ignored)), found.ignore_file)


def _left_out(ignored: Sequence[Ignored]) -> Iterator[LeftOut]:
    """A folder that is ignored as a whole is one line."""
    whole = {one.entry.name for one in ignored if one.entry.kind == "folder"}
    inside: dict[str, list[int]] = {}
    told = []
    for one in ignored:
        parts = one.entry.name.split("/")
        above = next((top for count in range(1, len(parts)) if (top := "/".join(parts[:count])) in whole), "")
        if above:
            if one.entry.kind != "folder":
                inside.setdefault(above, []).append(one.entry.size)
        else:
            told.append(one)
    for one in told:
        folder = one.entry.kind == "folder"
        sizes = inside.get(one.entry.name, []) if folder else [one.entry.size]
        name = f"{one.entry.name}/" if folder else one.entry.name
        yield LeftOut(name, sum(sizes), len(sizes), one.pattern.line, one.pattern.text)
