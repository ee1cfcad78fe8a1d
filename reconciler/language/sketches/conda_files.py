"""Conda files, what a conda environment has installed, and pixi's lock files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from reconciler.language.definition.conda import CondaFile, parse_conda
from reconciler.language.definition.finding import report
from reconciler.language.definition.template import unrendered
from reconciler.language.sketches.requirements_files import Read, Requirements
from reconciler.language.sketches.sketch import Section, Sketch
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import YamlDocument, plain
from reconciler.model.diagnostic import Diagnostic, Diagnostics


def sketch_conda_file(path: str, sketch: Sketch, read: Read, within: Callable[[str], str | None]) -> None:
    """A conda file: its packages in a `conda` block, its variables beside it."""
    document = load(read(path), path)
    tree = plain(document)
    name = tree.get("name") if isinstance(tree, dict) else None
    sketch.name = sketch.name or (name if isinstance(name, str) else "")
    if isinstance(tree, dict) and tree.get("prefix"):
        sketch.leave(f"`prefix` in `{path}` is a folder of one machine, and means nothing in an image.")
    parsed = parse_conda(tree)
    problems = Diagnostics()
    _report(parsed, document, problems)
    problems.check()
    sketch.told.extend(problems)
    sketch_conda(parsed, posixpath.dirname(path), sketch, Requirements(sketch, read, within))


def _report(parsed: CondaFile, document: YamlDocument, problems: Diagnostics) -> None:
    report(tuple(parsed.findings), lambda at: document.place(*at), "", problems)
    templates = [(at, spec.template) for at, spec in parsed.dependencies]
    pip = [(at, getattr(entry, "template", "")) for at, entry in parsed.pip]
    for at, template in (*templates, *pip):
        if template:
            refused = unrendered(template)
            problems.add(Diagnostic.error(refused.summary, refused.detail, hint=refused.hint).at(document.place(*at)))


def sketch_conda(parsed: CondaFile, folder: str, sketch: Sketch, requirements: Requirements) -> None:
    """What was read from a conda file, wherever that stood."""
    lists = {
        "channels": parsed.channels,
        "dependencies": [spec.text for _, spec in parsed.dependencies],
        "pip": list(requirements.of_entries([entry for _, entry in parsed.pip], folder)),
    }
    sketch.fields["conda"] = Section({name: texts for name, texts in lists.items() if texts})
    if parsed.variables:
        sketch.fields["environment_variables"] = parsed.variables
