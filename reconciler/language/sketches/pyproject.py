"""`pyproject.toml`: what a project needs to run, with the extras and groups that are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconciler.language.definition.names import python_name
from reconciler.language.definition.requirements import Entry, parse_entry
from reconciler.language.sketches.projects import (
    Table,
    known_part,
    loaded,
    python_for,
    table,
    tables,
    tell_optional,
    texts,
)
from reconciler.language.sketches.requirements_files import Requirements
from reconciler.language.sketches.sketch import Sketch, unusable
from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass

_INCLUDED = "include-group"
# What decides about packages in a project of uv, and has no word here.
_OF_UV = ("constraint-dependencies", "override-dependencies", "exclude-newer", "find-links", "no-index", "conflicts")


def sketch_pyproject(
    text: str, path: str, sketch: Sketch, requirements: Requirements, extras: Sequence[str], python: str = ""
) -> None:
    """What a project needs to run; its extras and groups only where they are asked for."""
    document = loaded(text, path)
    project = table(document.get("project"))
    if not project:
        poetry = "poetry" in table(document.get("tool"))
        hint = "`poetry export` writes a requirements file; use `-from-requirements`" if poetry else ""
        raise unusable(f"`{path}` has no `[project]` table, which is where a project's dependencies stand.", hint)
    sketch.name = sketch.name or str(project.get("name", ""))
    sketch.python = python_for(str(project.get("requires-python", "")), path, python)
    parts = _Parts.of(document, project, path)
    wanted = [*parts.needed(), *parts.asked_for(extras)]
    tell_optional(parts.left(), path, sketch)
    if "dependencies" in texts(project.get("dynamic")):
        sketch.leave(f"`dependencies` in `{path}` are dynamic: only building the project would tell them.")
    options = list(_settings_of_uv(table(table(document.get("tool")).get("uv")), path, sketch))
    folder = path.rpartition("/")[0]
    sketch.fields["pip"] = list(requirements.of_entries([_entry(one, path) for one in (*options, *wanted)], folder))
    if not wanted:
        raise unusable(f"The project in `{path}` names no dependencies, so there is nothing to install.")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A project's dependencies, and those in its extras and groups; `seen` are the parts that were taken."""

    path: str
    own: str
    dependencies: Sequence[str]
    listed: Mapping[str, Sequence[object]]
    seen: set[str]

    @classmethod
    def of(cls, document: Table, project: Table, path: str) -> _Parts:
        """Extras and groups by their names; of one name, both."""
        listed: dict[str, list[object]] = {}
        for kind in (table(project.get("optional-dependencies")), table(document.get("dependency-groups"))):
            for name, content in kind.items():
                listed.setdefault(name, []).extend(content if isinstance(content, list) else ())
        own = python_name(str(project.get("name", "")))
        return cls(path, own, texts(project.get("dependencies")), listed, set())

    def needed(self) -> Iterator[str]:
        """What everybody needs."""
        return self._lines(self.dependencies)

    def asked_for(self, extras: Sequence[str]) -> Iterator[str]:
        """What is in these extras and groups, with all that they include."""
        return self._lines([{_INCLUDED: one} for one in extras])

    def left(self) -> dict[str, str]:
        """Those that nobody asked for, with what is in them."""
        return {name: ", ".join(texts(content)[:5]) for name, content in self.listed.items() if name not in self.seen}

    def _lines(self, content: Sequence[object]) -> Iterator[str]:
        for one in content:
            included = [str(one.get(_INCLUDED))] if isinstance(one, dict) else self._own_extras(str(one))
            for name in included:
                part = known_part(name, self.listed, self.path)
                if part not in self.seen:
                    self.seen.add(part)
                    yield from self._lines(self.listed[part])
            if not included and isinstance(one, str):
                yield one

    def _own_extras(self, text: str) -> list[str]:
        """Which of its own extras a project asks for, as in `app[gpu]`; none where it asks for another project."""
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return []
        return sorted(requirement.extras) if python_name(requirement.name) == self.own else []


def _settings_of_uv(settings: Table, path: str, sketch: Sketch) -> Iterator[str]:
    """Where uv looks for packages; what else decides about them there is told."""
    for one in tables(settings.get("index")):
        if not one.get("explicit"):
            yield f"{'--index-url' if one.get('default') else '--extra-index-url'} {one.get('url')}"
    if isinstance(index := settings.get("index-url"), str):
        yield f"--index-url {index}"
    yield from (f"--extra-index-url {one}" for one in texts(settings.get("extra-index-url")))
    names = [f"`{name}`" for name in table(settings.get("sources"))]
    if names:
        verb, it = ("comes", "it") if len(names) == 1 else ("come", "they")
        detail = f"{', '.join(names)} {verb} from elsewhere by `[tool.uv.sources]` in `{path}`; here {it} {verb} from "
        sketch.leave(f"{detail}the index.")
    if others := [f"`{name}`" for name in _OF_UV if settings.get(name)]:
        sketch.leave(f"{', '.join(others)} of `[tool.uv]` in `{path}`: uv chooses other packages by that.")


def _entry(text: str, path: str) -> Entry:
    try:
        return parse_entry(text)
    except RefusedError as error:
        raise unusable(f"`{path}`: {error.detail}", error.hint) from error
