"""Requirements files, and those that they name, as one list."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator

from reconciler.language.definition.requirements import CONSTRAINT, INCLUDE, Entry, Option, parse_requirements
from reconciler.language.definition.template import unrendered
from reconciler.language.passage import Document, Passage
from reconciler.language.sketches.sketch import Sketch
from reconciler.language.span import RefusedError, SpanError
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.frozen import dataclass

Read = Callable[[str], str]
_FIND_LINKS = "--find-links"


@dataclass(frozen=True, slots=True)
class Requirements:
    """Gathers what goes into `pip`. `read` gives the text of a file by its path, EnvformError where there is none.

    `within` tells a path as the project has it; None for what lies outside of the project.
    """

    sketch: Sketch
    read: Read
    within: Callable[[str], str | None]

    def of_file(self, path: str, above: tuple[str, ...] = ()) -> list[str]:
        """All that a file asks for, what it includes in its place; `above` are the files that include it."""
        text = self.read(path)
        problems = Diagnostics()
        entries = list(_entries(path, text, problems))
        problems.check()
        self.sketch.told.extend(problems)
        return list(self.of_entries(entries, posixpath.dirname(path), (*above, path)))

    def of_entries(self, entries: Iterable[Entry], folder: str, above: tuple[str, ...] = ()) -> Iterator[str]:
        """The same for a list that was parsed; paths in it are seen from the folder."""
        for entry in entries:
            if isinstance(entry, Option):
                yield from self._option(entry, folder, above)
            elif entry.editable:
                self.sketch.leave(
                    f"`-e {entry.path or entry.text}` is installed from where it is being worked on, and an "
                    "environment is made once: what was changed later would not be in it.",
                    "build a wheel of it, and name that",
                )
            elif entry.path:
                yield from self._local(entry.text, entry.path, folder)
            else:
                yield entry.text

    def _option(self, option: Option, folder: str, above: tuple[str, ...]) -> Iterator[str]:
        if "://" in option.value or option.flag not in (INCLUDE, CONSTRAINT, _FIND_LINKS):
            yield option.text
            return
        path = posixpath.normpath(posixpath.join(folder, option.value))
        if option.flag == CONSTRAINT:
            yield from self._constraint(path)
        elif option.flag == _FIND_LINKS:
            yield from self._wheels(path)
        elif path not in above:
            yield from self.of_file(path, above)
        else:
            self.sketch.leave(f"`-r {option.value}` includes `{path}` inside of itself; the second time says nothing.")

    def _constraint(self, path: str) -> Iterator[str]:
        inside = self.within(path)
        if inside is not None:
            yield f"-c {inside}"
        else:
            self.sketch.leave(
                f"The constraints in `{path}` lie outside of the project, where nobody else has them.",
                "copy the file into the project, and add `-c FILE` to `pip`",
            )

    def _wheels(self, path: str) -> Iterator[str]:
        inside = self.within(path)
        if inside is not None:
            yield f"{_FIND_LINKS} {inside}"
        else:
            self.sketch.leave(
                f"The packages in `{path}`, which `{_FIND_LINKS}` names, lie outside of the project, where nobody else "
                "has them.",
                f"copy the folder into the project, and add `{_FIND_LINKS} DIR` to `pip`",
            )

    def _local(self, text: str, path: str, folder: str) -> Iterator[str]:
        inside = self.within(posixpath.normpath(posixpath.join(folder, path)))
        if inside is None:
            self.sketch.leave(
                f"`{path}` is not in the project, and nobody else has what lies elsewhere.",
                "copy it into the project, and add its path to `pip`",
            )
        elif inside == ".":
            self.sketch.leave(
                "The project folder itself is asked for, and this configuration is in it: with each of its changes the "
                "environment would be another one.",
                "build a wheel of the project, and name that",
            )
        else:
            yield text.replace(path, inside, 1) if path in text else f"./{inside}"


def _entries(name: str, text: str, problems: Diagnostics) -> Iterator[Entry]:
    passage = Passage(Document(name, text))
    for line in parse_requirements(text):
        entry = line.entry
        if not isinstance(entry, (RefusedError, Option)) and entry.template:
            entry = unrendered(entry.template)
        if isinstance(entry, RefusedError):
            error = SpanError(entry.summary, entry.detail, line.start, line.end, hint=entry.hint)
            problems.add(passage.diagnostic(error))
            continue
        if isinstance(entry, Option) and entry.ignored:
            detail = f"`{name}`: pip passes over `{entry.ignored[:80]}` behind `{entry.flag}`, and so does envform."
            problems.add(Diagnostic.warning("Words without effect", detail))
        yield entry


def sketch_requirements(path: str, sketch: Sketch, read: Read, within: Callable[[str], str | None]) -> None:
    """What a requirements file asks for."""
    sketch.fields["pip"] = Requirements(sketch, read, within).of_file(path)
