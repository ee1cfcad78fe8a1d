"""Who brings the packages of an environment, and which."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.sdk.conda_dependencies import CondaDependencies

if TYPE_CHECKING:
    from reconciler.sdk.environment import Environment


class PythonSection:
    """`environment.python`: the older names for who brings packages, and which."""

    __slots__ = ("_before", "_environment", "_lines", "_read", "_source")

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._read: CondaDependencies | None = None
        self._source: object = None
        self._before: Mapping[str, object] = {}
        self._lines: list[str] = []

    @property
    def user_managed_dependencies(self) -> bool:
        """Whether the image's Python is used as it is."""
        return self._environment.user_managed

    @user_managed_dependencies.setter
    def user_managed_dependencies(self, value: bool) -> None:
        self._environment.user_managed = value

    @property
    def interpreter_path(self) -> str | None:
        """Where the interpreter is in the image."""
        return self._environment.interpreter_path

    @interpreter_path.setter
    def interpreter_path(self, path: str | None) -> None:
        self._environment.interpreter_path = path

    @property
    def conda_dependencies_file(self) -> str | Path | None:
        """The conda file, where it is one."""
        given = self._environment.conda_file
        return given if isinstance(given, (str, Path)) else None

    @conda_dependencies_file.setter
    def conda_dependencies_file(self, path: str | Path | None) -> None:
        self._environment.conda_file = path

    @property
    def conda_dependencies(self) -> CondaDependencies:
        """What conda and pip are asked for, read from wherever it is said; to look at it changes nothing."""
        given = self._environment.conda_file
        if isinstance(given, CondaDependencies):
            return given
        source = (given, self._environment.requirements)
        if self._read is None or self._source != source:
            self._read = self._dependencies(given)
            self._source, self._before, self._lines = source, self._read.as_dict(), self._read.pip_lines
        return self._read

    @conda_dependencies.setter
    def conda_dependencies(self, dependencies: CondaDependencies | None) -> None:
        self._environment.conda_file = dependencies

    @property
    def packages(self) -> Mapping[str, Any]:
        """Arguments of a block for what was changed after it was read; those of the source where nothing was."""
        environment, read = self._environment, self._read
        if read is None or isinstance(environment.conda_file, CondaDependencies) or read.as_dict() == self._before:
            return {"conda_file": environment.conda_file, **environment.requirements}
        if not environment.requirements or read.asks_conda:
            return {"conda_file": read}
        if read.pip_lines[: len(self._lines)] != self._lines:
            return {"pip": read.pip_lines}
        added = read.pip_lines[len(self._lines) :]
        return {**environment.requirements, "pip": [*environment.requirements.get("pip", ()), *added]}

    def _dependencies(self, given: object) -> CondaDependencies:
        if isinstance(given, (str, Path)):
            return CondaDependencies(given)
        if isinstance(given, Mapping):
            return CondaDependencies.of(given)
        made = CondaDependencies()
        for line in self._environment.requirement_lines():
            made.add_pip_line(line)
        return made
