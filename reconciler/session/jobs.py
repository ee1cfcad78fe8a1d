"""What is to be run in an environment: a command line, the files it works on, and where they are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path

from reconciler.language.azureml.placeholders import filled, misused
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.model.work import Job, Mount

CODE = "/code"
_INPUTS, _OUTPUTS = "/inputs", "/outputs"


@dataclass(frozen=True, slots=True)
class Data:
    """A file or folder of this machine, by its absolute path; of an output that is a file the folder is made."""

    path: Path
    writable: bool = False
    is_file: bool = False

    @property
    def folder(self) -> Path:
        """Where an output is left."""
        return self.path.parent if self.is_file else self.path


@dataclass(frozen=True, slots=True)
class Task:
    """A command line with `${{inputs.NAME}}` and `${{outputs.NAME}}` in it; it begins in `code`, where that is."""

    command: str
    code: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str | Data] = field(default_factory=dict)
    outputs: Mapping[str, Data] = field(default_factory=dict)
    limit: float = 0.0

    def check(self) -> None:
        """EnvformError with all that the command asks for and nobody gives."""
        problems = Diagnostics()
        for detail, hint in misused(self.command, list(self.inputs), list(self.outputs)):
            problems.add(Diagnostic.error("Invalid job", detail, hint=hint))
        given = {"code": self.code, **{name: one.path for name, one in self._paths(self.inputs, "inputs.")}}
        for name, path in given.items():
            if path is not None and not (path.is_dir() if name == "code" else path.exists()):
                there = "that is no folder" if path.exists() else "nothing is there"
                detail = f"`{name}` of the job is `{path}`, and {there}."
                problems.add(Diagnostic.error("No such file or folder", detail))
        problems.check()

    def make_outputs(self) -> None:
        """The folders in which outputs are left."""
        for name, one in self.outputs.items():
            try:
                one.folder.mkdir(parents=True, exist_ok=True)
            except OSError as cause:
                detail = f"`outputs.{name}` is left in `{one.folder}`, which cannot be made: {cause.strerror}."
                raise EnvformError(Diagnostic.error("Output cannot be left", detail)) from cause

    def on_this_machine(self) -> Job:
        """Every file at its own path."""
        return self._job({name: str(one.path) for name, one in self._all}, str(self.code or ""))

    def in_container(self) -> Job:
        """Code, inputs and outputs each at a path of its own."""
        seen: dict[str, str] = {}
        mounts = [Mount(str(self.code), CODE)] if self.code else []
        for name, one in self._paths(self.inputs, "inputs."):
            target = f"{_INPUTS}/{name.partition('.')[2]}"
            seen[name] = target if one.path.is_dir() else f"{target}/{one.path.name}"
            mounts.append(Mount(str(one.path), seen[name], one.writable))
        for name, one in self._paths(self.outputs, "outputs."):
            target = f"{_OUTPUTS}/{name.partition('.')[2]}"
            seen[name] = f"{target}/{one.path.name}" if one.is_file else target
            mounts.append(Mount(str(one.folder), target))
        return self._job(seen, CODE if self.code else "", tuple(mounts))

    def _job(self, seen: Mapping[str, str], folder: str, mounts: tuple[Mount, ...] = ()) -> Job:
        texts = {f"inputs.{name}": one for name, one in self.inputs.items() if isinstance(one, str)}
        command = ("bash", "-c", filled(self.command, {**texts, **seen}))
        return Job(command, self.variables, mounts, folder, limit=self.limit, alone=True)

    @property
    def _all(self) -> Iterator[tuple[str, Data]]:
        yield from self._paths(self.inputs, "inputs.")
        yield from self._paths(self.outputs, "outputs.")

    @staticmethod
    def _paths(given: Mapping[str, str | Data] | Mapping[str, Data], before: str = "") -> Iterator[tuple[str, Data]]:
        for name, one in given.items():
            if isinstance(one, Data):
                yield f"{before}{name}", one
