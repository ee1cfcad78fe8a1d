"""Requirements from wherever they are written, put together in order: the block's own list, files, files in files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from reconciler.language.definition.context import tree_digest
from reconciler.language.definition.go_paths import clean
from reconciler.language.definition.noted import At
from reconciler.language.definition.reading import Reading
from reconciler.language.definition.requirement import Requirement, wheel_with_odd_name
from reconciler.language.definition.requirements import CONSTRAINT, INCLUDE, Entry, Option, parse_requirements
from reconciler.language.definition.template import unrendered
from reconciler.language.passage import Document, Passage
from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Severity
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.source_tree import is_source

_FIND_LINKS = "--find-links"
_DEEPEST = 20


@dataclass(slots=True)
class PipList:
    """What pip is asked for. Paths count from the file that names them; they are kept as the project calls them."""

    reading: Reading
    packages: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    files: dict[str, Digest] = field(default_factory=dict)
    asked: list[tuple[Requirement, At]] = field(default_factory=list)

    def take(self, entries: Iterable[tuple[Entry, At]], folder: str, above: tuple[str, ...] = ()) -> None:
        """All entries of one list, files that it includes in their place."""
        for entry, at in entries:
            try:
                if isinstance(entry, Requirement):
                    self.asked.append((entry, at))
                    self.packages.append(self._requirement(entry, folder, at))
                else:
                    self._option(entry, folder, above, at)
            except RefusedError as error:
                self.reading.tell(at(), error)

    def include(self, name: str, above: tuple[str, ...] = ()) -> None:
        """A requirements file, by its name in the project; RefusedError where it cannot be read."""
        if name in above or len(above) > _DEEPEST:
            circle = " → ".join((*above[:3], name))
            raise RefusedError("Requirements include each other", f"These files include each other: {circle}.")
        text = self.reading.files.text(name)
        passage = Passage(Document(name, text))
        self.reading.noted.texts[name] = text
        entries: list[tuple[Entry, At]] = []
        for line in parse_requirements(text):
            at = _at(passage, line.start, line.end)
            if isinstance(line.entry, RefusedError):
                self.reading.tell(at(), line.entry)
            else:
                entries.append((line.entry, at))
        self.take(entries, name.rpartition("/")[0], (*above, name))

    def _option(self, option: Option, folder: str, above: tuple[str, ...], at: At) -> None:
        if option.ignored:
            detail = f"pip ignores `{option.ignored[:60]}` behind `{option.flag}` without a word, and so does envform."
            self.reading.tell(at(), RefusedError("Ignored words in a requirement", detail), Severity.WARNING)
        is_address = "://" in option.value
        if option.flag not in (INCLUDE, CONSTRAINT):
            found = option.flag == _FIND_LINKS and not is_address
            self.options.append(f"{_FIND_LINKS} ./{self._kept(option.value, folder)}" if found else option.text)
        elif is_address:
            detail = f"What lies at `{option.value[:80]}` may change at any time, and no hash would tell."
            hint = "download the file into the project"
            self.reading.tell(at(), RefusedError("Requirements from elsewhere", detail, hint), Severity.WARNING)
            self.options.append(option.text)
        elif option.flag == INCLUDE:
            self.include(clean(f"{folder}/{option.value}" if folder else option.value), above)
        else:
            inner = PipList(self.reading, files=self.files)
            inner.include(clean(f"{folder}/{option.value}" if folder else option.value), above)
            self.constraints.extend((*inner.packages, *inner.constraints))
            self.options.extend(inner.options)

    def _requirement(self, requirement: Requirement, folder: str, at: At) -> str:
        if requirement.template:
            raise unrendered(requirement.template)
        if requirement.editable:
            detail = "An image holds copies: what is installed with `-e` is installed as if it were not."
            self.reading.tell(at(), RefusedError("Editable requirement", detail, "leave `-e` out"), Severity.WARNING)
        text = self._placed(requirement, folder) if requirement.path else requirement.text
        if name := wheel_with_odd_name(requirement):
            detail = f"`{name[:80]}` is no name of a wheel, NAME-VERSION-PYTHON-ABI-PLATFORM.whl, so pip refuses it."
            self.reading.tell(at(), RefusedError("Invalid name of a wheel", detail), Severity.WARNING)
        return text

    def _placed(self, requirement: Requirement, folder: str) -> str:
        if requirement.path.startswith("~"):
            raise RefusedError(
                "File outside of the project", "`~` is another folder for everybody. Copy the file into the project."
            )
        return requirement.text.replace(requirement.path, self._kept(requirement.path, folder), 1)

    def _kept(self, path: str, folder: str) -> str:
        """A file or folder of the project, digested, so that a changed wheel is noticed."""
        files = self.reading.files
        name = clean(path if path.startswith("/") or not folder else f"{folder}/{path}")
        kind = files.kind(name)
        if kind is None:
            raise RefusedError("No such file", f"There is no file or folder `{name}` in the project.")
        if kind == "file":
            self.files[name] = files.digest(name)
        else:
            entries = [entry for entry in files.tree(name) if is_source(entry.name)]
            self.files[name] = tree_digest(files, name, entries)
        return name


def own_list(reading: Reading, name: str, entries: Iterable[tuple[int, Entry]]) -> list[tuple[Entry, At]]:
    """The entries of a list in the block, with their places."""
    return [(entry, _of(reading, name, number)) for number, entry in entries]


def _of(reading: Reading, name: str, number: int) -> At:
    return lambda: reading.place(name, (number,))


def _at(passage: Passage, start: int, end: int) -> At:
    return lambda: passage.place(start, end)
