"""Packages from the Python package index, or from one that speaks like it, chosen by uv."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import Diagnostic, ResolutionError
from reconciler.model.event import Told
from reconciler.model.pattern import lazy_pattern
from reconciler.protocols import EventSink
from reconciler.resolvers.pypi_addresses import Credentials, redacted, with_login
from reconciler.resolvers.pypi_choice import Choice, held_lines
from reconciler.resolvers.pypi_failures import failure, unbuilt
from reconciler.resolvers.pypi_files import Files
from reconciler.resolvers.pypi_lock import packages_of
from reconciler.resolvers.pypi_machine import Indexes, machine_indexes
from reconciler.resolvers.pypi_old_python import for_newer_python
from reconciler.resolvers.pypi_request import Request, request_of
from reconciler.resolvers.pypi_source import Builds, copied_folders
from reconciler.resolvers.pypi_target import Target
from reconciler.resolvers.pypi_uv import Answer, Uv, UvError

# Where one definition met silence, a hundred others need not wait for it too.
_AWAY_FOR = 10.0
_YANKED = lazy_pattern(r"^warning: `([^`]+)` is yanked(?: \(reason: (.*)\))?$", re.MULTILINE)
_NO_EXTRA = lazy_pattern(r"^warning: The package `([^`]+)` does not have an extra named `([^`]+)`$", re.MULTILINE)


@dataclass(frozen=True)
class PypiResolver:
    """Reads metadata only, and runs nobody's code unless a definition allows source builds; safe in threads.

    `deadline` bounds one resolution, and each build, in seconds; `built` is where built wheels are kept.
    """

    root: Path
    emit: EventSink
    built: Path
    deadline: float = 300.0
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    _asked: dict[Hashable, Future[tuple[Artefact, ...]]] = field(default_factory=dict, init=False, repr=False)
    _away: dict[Indexes, tuple[float, ResolutionError]] = field(default_factory=dict, init=False, repr=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def resolve(self, definition: Definition, python: str, prefer: Lock | None) -> Lock:
        """A lock for the definition's pip packages. Equal questions of one run are asked once."""
        if not definition.packages:
            return Lock(definition.base, definition.platform)
        target = Target.here(python) if definition.runtime == "local" else Target.of(python, definition.platform)
        key = (
            definition.packages, definition.options, definition.constraints, tuple(sorted(definition.files.items())),
            definition.exclude_newer, definition.allow_source_builds, target, prefer and prefer.artefacts,
        )  # fmt: skip
        artefacts = self._once(key, lambda: self._resolve(definition, target, prefer))
        return Lock(definition.base, definition.platform, artefacts, target.minor)

    def authorization(self, url: str) -> str:
        """The header with which this machine may fetch an artefact; empty where it needs none, or has none."""
        return self._credentials.authorization(url)

    def _resolve(self, definition: Definition, target: Target, prefer: Lock | None) -> tuple[Artefact, ...]:
        if not definition.allow_source_builds:
            return self._chosen(definition, request_of(definition, self.root), target, prefer)
        with copied_folders(definition, self.root) as copies:
            return self._chosen(definition, request_of(definition, self.root, copies), target, prefer)

    def _chosen(
        self, definition: Definition, request: Request, target: Target, prefer: Lock | None
    ) -> tuple[Artefact, ...]:
        uv = Uv(
            request, target, request.places(self._machine), self._credentials, self.environment, self.deadline,
            definition.exclude_newer,
        )  # fmt: skip
        if (away := self._away.get(uv.places)) and time.monotonic() < away[0]:
            raise away[1]
        try:
            answer = uv.resolve(held_lines(prefer))
        except UvError as error:
            told = failure(str(error), (*definition.packages, *definition.constraints), request)
            told = for_newer_python(told, str(error), definition, target.minor)
            if told.temporary:
                self._away[uv.places] = time.monotonic() + _AWAY_FOR, told
            raise told from error
        except OSError as error:
            raise ResolutionError(
                "Resolver cannot work here",
                f"Where temporary files are kept, it says: {error.strerror}.",
                temporary=True,
            ) from error
        self._warn(answer)
        packages = packages_of(answer.pylock, answer.annotated, answer.folder)
        builds = Builds(self.built, target, partial(_build, uv, request))
        choice = Choice(definition, request, target, self._files, self.deadline, builds, prefer)
        artefacts = choice.artefacts(packages)
        if choice.built:
            self.emit(Told(_ran(choice.built)))
        return artefacts

    @cached_property
    def _machine(self) -> Indexes:
        return machine_indexes(self.environment)

    @cached_property
    def _credentials(self) -> Credentials:
        machine = self._machine
        places = (machine.default, *machine.extra, *machine.links)
        return Credentials((with_login(place, self.environment) for place in places), self.environment.get("NETRC", ""))

    @cached_property
    def _files(self) -> Files:
        offline = self.environment.get("UV_OFFLINE", "").lower() in ("1", "true", "yes", "on")
        return Files(self._credentials, offline=offline, certificates=self._machine.certificates)

    def _once(self, key: Hashable, work: Callable[[], tuple[Artefact, ...]]) -> tuple[Artefact, ...]:
        """The first who asks works, others wait; what failed may be asked again."""
        mine: Future[tuple[Artefact, ...]] = Future()
        with self._guard:
            asked = self._asked.setdefault(key, mine)
        if asked is not mine:
            return asked.result()
        try:
            mine.set_result(work())
        except BaseException as error:
            with self._guard:
                del self._asked[key]
            mine.set_exception(error)
            raise
        return mine.result()

    def _warn(self, answer: Answer) -> None:
        for name, reason in _YANKED.findall(answer.told):
            why = f" Its authors say why: {redacted(reason)[:200]}" if reason else ""
            detail = f"`{name}` was withdrawn from the index and is installed because it is pinned or held.{why}"
            self.emit(Told(Diagnostic.warning("Withdrawn package", detail)))
        for name, extra in _NO_EXTRA.findall(answer.told):
            detail = f"`{name}` has no extra `{extra}`, so asking for it brings nothing, as with pip."
            self.emit(Told(Diagnostic.warning("Package without this extra", detail)))


def _build(uv: Uv, request: Request, source: Path, folder: Path) -> None:
    try:
        uv.build(source, folder)
    except UvError as error:
        raise unbuilt(str(error), source.name, request) from error


def _ran(built: Sequence[Artefact]) -> Diagnostic:
    listed = "".join(f"\n    {it.name} {it.version}" for it in built)
    return Diagnostic.warning(
        "Packages built from source",
        f"The definition allows it, so these ran the code that builds them on this machine:\n{listed}",
    )
