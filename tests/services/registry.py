"""Debian's docker-registry on a loopback port that the operating system picks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.running import running
from tests.services.wants import require


@dataclass(frozen=True)
class RegistryServer:
    """A real registry, empty when it starts; without TLS, authentication and limits on deletion unless asked for."""

    host: str
    storage: Path


@contextmanager
def serve_registry(folder: Path, **more: Mapping[str, object]) -> Iterator[RegistryServer]:
    """A registry that keeps its files in a folder, until the block ends. `more` is for its settings."""
    program = require("docker-registry")
    storage = folder / "storage"
    settings: dict[str, dict[str, object]] = {
        "log": {"level": "info", "accesslog": {"disabled": True}},
        "http": {"addr": "127.0.0.1:0", "secret": "loopback"},
        "storage": {"filesystem": {"rootdirectory": str(storage)}, "delete": {"enabled": True}},
    }
    for section, wanted in more.items():
        settings[section] = {**settings.get(section, {}), **wanted}
    configuration = folder / "registry.yml"
    configuration.write_text(json.dumps({"version": 0.1, **settings}))  # JSON is YAML
    with running([program, "serve", configuration], folder / "log", r"listening on (127\.0\.0\.1:\d+)") as ready:
        yield RegistryServer(ready[1], storage)
