"""One project folder and one index, and what is resolved with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reconciler.model.definition import Definition, Lock
from reconciler.model.diagnostic import Diagnostic, ResolutionError
from reconciler.model.digest import Digest
from reconciler.model.event import Event, Told
from reconciler.resolvers.pypi import PypiResolver
from tests.resolvers.index import Index

BASE = Digest.of(b"base")


@dataclass
class World:
    """Nothing of this machine's set-up is seen: the index is the default one, and the cache is the test's own."""

    root: Path
    index: Index
    cache: Path
    told: list[Event] = field(default_factory=list)
    python: str = "3.11"
    platform: str = "linux/amd64"
    more: Mapping[str, str] = field(default_factory=dict)

    def resolver(self, *, deadline: float = 60.0) -> PypiResolver:
        environment = clean_environment(self.root, self.cache) | {"UV_DEFAULT_INDEX": self.index.simple, **self.more}
        return PypiResolver(self.root, self.told.append, self.cache / "built", deadline, environment)

    def resolve(
        self,
        *packages: str,
        prefer: Lock | None = None,
        options: tuple[str, ...] = (),
        constraints: tuple[str, ...] = (),
        files: Mapping[str, Digest] | None = None,
    ) -> Lock:
        wanted = Definition("x:1", BASE, self.platform, packages, options, constraints, files or {})
        return self.resolver().resolve(wanted, self.python, prefer)

    def refusal(
        self, *packages: str, options: tuple[str, ...] = (), files: Mapping[str, Digest] | None = None
    ) -> ResolutionError:
        with pytest.raises(ResolutionError) as caught:
            self.resolve(*packages, options=options, files=files)
        return caught.value

    def refused(self, *packages: str, options: tuple[str, ...] = ()) -> Diagnostic:
        return self.refusal(*packages, options=options).diagnostics[0]

    @property
    def warnings(self) -> list[Diagnostic]:
        return [event.diagnostic for event in self.told if isinstance(event, Told)]


def clean_environment(home: Path, cache: Path) -> dict[str, str]:
    """An environment in which nobody has set up anything."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "XDG_CONFIG_DIRS": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(cache),
        "UV_HTTP_RETRIES": "0",
    }


def versions(lock: Lock) -> dict[str, str]:
    return {it.name: it.version for it in lock.artefacts}


def filenames(lock: Lock) -> list[str]:
    return [it.url.rpartition("/")[2] for it in lock.artefacts]
