"""States to try things with, and an apply as a session does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from reconciler.backends.file import FileBackend
from reconciler.model.address import Address
from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.digest import Digest
from reconciler.model.state import Entry, Record, Registered, State

NOW = "2026-02-03T04:05:06Z"
LINEAGE = "5d2c6d3e-6f6c-4f4e-8f4e-3c5f0a9b1c2d"
BASE = Digest.of(b"base")


def now() -> str:
    return NOW


def lock_of(*names: str) -> Lock:
    artefacts = (Artefact(name, "1.0", f"https://index.test/{name}.whl", Digest.of(name.encode()), 7) for name in names)
    return Lock(BASE, "linux/amd64", tuple(artefacts))


LOCK = lock_of("numpy", "torch")


def registered(name: str, *versions: str) -> Registered:
    definition = Definition("oci:./bases:python", BASE, "linux/amd64", ("numpy", "torch"))
    image = Digest.of(name.encode())
    records = (Record(version, definition.hash, definition, LOCK.digest, image, NOW) for version in versions or ("1",))
    return Registered(name, Address.of(name), tuple(records))


def entry(name: str, *versions: str) -> Entry:
    return Entry(name, registered(name, *versions), {LOCK.digest: LOCK})


def state_of(*names: str, serial: int = 1, lineage: str = LINEAGE) -> State:
    return State(lineage, serial, {name: registered(name) for name in names}, {LOCK.digest: LOCK} if names else {})


def opened(path: Path) -> FileBackend:
    return FileBackend(path, envform_version="0.1.0", now=now)


def apply(path: Path, names: Iterable[str], acknowledge: Callable[[str], object] = str) -> State:
    """Add some environments; each is acknowledged once it is kept."""
    backend = opened(path)
    with backend.lock("apply"):
        state = backend.read()
        if state is None:
            state = State(LINEAGE, 1)
            backend.write(state)
        for name in names:
            backend.append(entry(name))
            acknowledge(name)
            state = state.after(entry(name))
        state = replace(state, serial=state.serial + 1)
        backend.write(state)
    return state
