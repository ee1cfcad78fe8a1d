"""Real Azure ML definitions with the answers of Azure's own loaders, which are kept beside this repository."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from reconciler.language.yaml_nodes import Mapping, Node, Sequence, YamlDocument
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError, Severity

_BESIDE = Path(__file__).parents[3] / "shared" / "corpus" / "azureml"
_Result = TypeVar("_Result")


def corpus() -> Path:
    """The folder of the corpus; tests that need it are skipped where it is not."""
    given = os.environ.get("ENVFORM_CORPUS")
    folder = Path(given) if given else _BESIDE
    if not (folder / "oracles").is_dir():
        pytest.skip(f"the corpus is not there: {folder} (set ENVFORM_CORPUS)")
    return folder


@cache
def oracle(folder: Path, name: str) -> list[dict[str, Any]]:
    """The cases of one oracle; none where this part of the corpus has no such file."""
    path = folder / "oracles" / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def repository(folder: Path, path: str) -> tuple[ProjectFiles, str]:
    """The files of the repository that a path of the corpus lies in, and the path in it."""
    top, name, rest = path.split("/", 2)
    return ProjectFiles(folder / top / name), rest


def at(document: YamlDocument, path: str) -> Node | None:
    """The node under a path such as `jobs/train/environment`, whose keys may hold slashes themselves."""
    return _below(document.root, path.split("/"))


def _below(node: Node | None, steps: list[str]) -> Node | None:
    if not steps:
        return node
    if isinstance(node, Sequence):
        return _below(node.items[int(steps[0])], steps[1:])
    for length in range(1, len(steps) + 1) if isinstance(node, Mapping) else ():
        inner = node.get("/".join(steps[:length])) if isinstance(node, Mapping) else None
        if inner is not None:
            return _below(inner, steps[length:])
    return None


@dataclass(frozen=True)
class Answer:
    """What we make of a case: a value, or reasons why there is none."""

    value: Any
    diagnostics: tuple[Diagnostic, ...]

    @property
    def word(self) -> str:
        """In the words of the oracles."""
        warned = any(item.severity is Severity.WARNING for item in self.diagnostics)
        return "refuse" if self.value is None else "accept-warn" if warned else "accept"

    @property
    def reason(self) -> str:
        """The first error, on one line."""
        return next(iter(self.reasons), "")

    @property
    def reasons(self) -> list[str]:
        """All errors, each on one line."""
        errors = [item for item in self.diagnostics if item.severity is Severity.ERROR]
        return [f"{item.summary}: {item.detail}".replace("\n", " ") for item in errors]


def answer(work: Callable[[Diagnostics], _Result | None]) -> Answer:
    """What a reader returns, or tells."""
    problems = Diagnostics()
    try:
        value = work(problems)
    except EnvformError as error:
        return Answer(None, (*problems, *error.diagnostics))
    except RefusedError as refused:
        return Answer(None, (*problems, Diagnostic.error(refused.summary, refused.detail, hint=refused.hint)))
    return Answer(None if problems.failed else value, tuple(problems))


@dataclass
class Table:
    """Verdicts, counted; `wrong` holds the cases that are neither the oracle's nor stricter for a reason."""

    title: str
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, case: str, expected: str, found: Answer, stricter: Iterable[str] = ()) -> None:
        """One case: `expected` is a word of the oracles; `stricter` are beginnings of reasons that are documented."""
        refused = found.value is None
        if expected.startswith("refuse"):
            verdict = "stricter" if expected == "refuse-stricter" else "refused"
            is_right = refused
        elif refused:
            verdict = "stricter"
            is_right = any(found.reason.startswith(reason) for reason in stricter)
        else:
            verdict = "accepted"
            is_right = expected != "accept-warn" or found.word == expected
        self.counts[verdict if is_right else "wrong"] += 1
        if not is_right:
            self.wrong.append(f"{case}: {expected} expected, {found.word} found; {found.reason}")

    def show(self) -> str:
        """One line of the table that the tests print."""
        columns = (f"{word} {self.counts[word]:4}" for word in ("accepted", "refused", "stricter", "wrong"))
        return f"{self.title:24} {'  '.join(columns)}"
