"""States to try things with: one of each kind of value, and random ones."""

from __future__ import annotations

from hypothesis import strategies as st

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


_digests = st.binary(max_size=4).map(Digest.of)
_words = st.text(max_size=12)
_names = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)
_addresses = st.builds(Address.of, st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), st.none() | _words)
_artefacts = st.builds(Artefact, _words, _words, _words, _digests, st.integers(0, 1 << 50))
_locks = st.builds(Lock, _digests, _words, st.lists(_artefacts, max_size=3).map(tuple))
_definitions = st.builds(Definition, _words, _digests, _words, st.lists(_words, max_size=3).map(tuple))


@st.composite
def states(draw: st.DrawFn) -> State:
    """Any state that envform could have written."""
    locks = {lock.digest: lock for lock in draw(st.lists(_locks, min_size=1, max_size=3))}
    records = st.builds(
        Record,
        version=_words,
        hash=_words,
        definition=_definitions,
        lock=st.sampled_from(sorted(locks)),
        image=_digests,
        created=_words,
        description=_words,
        tags=st.dictionaries(_words, _words, max_size=3),
        archived=st.booleans(),
        depends_on=st.lists(_addresses, max_size=2).map(tuple),
    )
    versions = st.lists(records, min_size=1, max_size=3, unique_by=lambda record: record.version).map(tuple)
    some = st.dictionaries(_names, st.tuples(_addresses, versions), max_size=3)
    environments = {name: Registered(name, address, records) for name, (address, records) in draw(some).items()}
    return State(draw(_words), draw(st.integers(1, 1 << 60)), environments, locks)
