"""The shape of a state file: a state whose locks share what they have in common.

Ten thousand locks of fifty packages name a few thousand different files: each is kept once, under a key that
people can read, so that such a state stays small in the file and in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from reconciler.model.definition import Artefact, Lock
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.frozen import dataclass
from reconciler.model.state import RecordedOutput, Registered, State

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION: Final = 1
STRICT = {"extra": "forbid", "strict": True}
_KEY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class KeptLock:
    """A definition made exact; its files are keys of the document's files."""

    base: Digest | None
    files: tuple[str, ...]
    platform: str
    python: str = ""
    index: Digest | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A state file of envform. It is written by envform alone; the checksum covers everything below it."""

    __pydantic_config__: ClassVar = {**STRICT, "title": "envform state, version 1"}

    checksum: Digest
    envform_version: str
    environments: Mapping[str, Registered]
    files: Mapping[str, Artefact]
    lineage: str
    locks: Mapping[Digest, KeptLock]
    serial: int
    version: Literal[1]
    outputs: Mapping[str, RecordedOutput] = field(default_factory=dict)


@cache
def documents() -> TypeAdapter[Document]:
    """What validates and spells documents."""
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def document_of(state: State, envform_version: str) -> Document:
    """The document of a state, not yet signed; ValueError when it could not be read again."""
    if gap := next(gaps(state.environments, state.locks), None):
        raise ValueError(f"a state that could not be read again: {gap}")
    # by identity first: locks that were read together share their artefacts, and hashing each one is dear
    artefacts = {id(artefact): artefact for lock in state.locks.values() for artefact in lock.artefacts}
    keys = {identity: _key(artefact) for identity, artefact in artefacts.items()}
    return Document(
        checksum=Digest.of(b""),
        envform_version=envform_version,
        environments=state.environments,
        files={keys[identity]: artefact for identity, artefact in artefacts.items()},
        lineage=state.lineage,
        locks={
            digest: KeptLock(
                lock.base, tuple(keys[id(one)] for one in lock.artefacts), lock.platform, lock.python, lock.index
            )
            for digest, lock in state.locks.items()
        },
        serial=state.serial,
        version=VERSION,
        outputs=state.outputs,
    )


def _key(artefact: Artefact) -> str:
    said = [*artefact.form, artefact.url, artefact.size, artefact.index]
    digits = hashlib.sha256(canonical_json(said)).hexdigest()[:_KEY_DIGITS]
    return f"{artefact.name}-{artefact.version}-{digits}"


def state_of(document: Document) -> State:
    """The state of a document in which nothing is missing."""
    files = document.files
    locks = {
        digest: Lock(lock.base, lock.platform, tuple(files[key] for key in lock.files), lock.python, lock.index)
        for digest, lock in document.locks.items()
    }
    return State(document.lineage, document.serial, document.environments, locks, document.outputs)


def missing_files(document: Document) -> Iterator[str]:
    """Each file that a lock names and the document does not have."""
    for digest, lock in document.locks.items():
        yield from (f"locks.{digest}: {key} is not among the files" for key in lock.files if key not in document.files)


def gaps(environments: Mapping[str, Registered], locks: Mapping[Digest, object]) -> Iterator[str]:
    """What a state must not lack and its types cannot say."""
    for name, registered in environments.items():
        if not registered.versions:
            yield f"environments.{name}: has no version"
        for record in registered.versions:
            if record.lock not in locks:
                yield f"environments.{name}: the lock of version {record.version} is not among the locks"
