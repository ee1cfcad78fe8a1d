"""Dockerfiles: as a text where they stand alone, as a build context where they copy files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from reconciler.language.definition.dockerfile import parse_dockerfile
from reconciler.language.definition.stages import stages_of
from reconciler.language.sketches.requirements_files import Read
from reconciler.language.sketches.sketch import Section, Sketch, unusable


def sketch_dockerfile(path: str, sketch: Sketch, read: Read, within: Callable[[str], str | None]) -> None:
    """A Dockerfile, with the folder that it lies in where it needs one."""
    text = read(path)
    parsed = parse_dockerfile(text)
    if parsed.problems:
        problem = parsed.problems[0]
        raise unusable(f"`{path}`, line {problem.line}: {problem.error.detail}", problem.error.hint)
    if not stages_of(parsed, {}, []):
        raise unusable(f"`{path}` has no `FROM`, so nothing can be built from it.")
    folder = posixpath.dirname(path)
    sketch.name = sketch.name or posixpath.basename(posixpath.normpath(folder)).strip(".") or "image"
    # Comments alone are lost: the text is written as it is.
    if not any(one.keyword in ("COPY", "ADD") and not _is_from(one.arguments) for one in parsed.instructions):
        sketch.fields["dockerfile"] = text
        return
    inside = within(folder or ".")
    if inside is None:
        raise unusable(
            f"`{path}` copies files from its folder, which lies outside of the project.",
            "copy the folder into the project, or name the project's folder with -chdir",
        )
    dockerfile = posixpath.basename(path)
    named = {} if dockerfile == "Dockerfile" else {"dockerfile_path": dockerfile}
    sketch.fields["build"] = Section({"path": inside, **named})


def _is_from(arguments: str) -> bool:
    return "--from=" in arguments.partition(" /")[0]
