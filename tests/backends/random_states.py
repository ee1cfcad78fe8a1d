"""Any state that envform could have written."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from reconciler.model.address import Address
from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.digest import Digest
from reconciler.model.edits import Edit
from reconciler.model.origin import How, Origin
from reconciler.model.state import Record, Registered, State

_digests = st.binary(max_size=4).map(Digest.of)
_words = st.text(max_size=12)
_names = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)
_addresses = st.builds(Address.of, st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), st.none() | _words)
_artefacts = st.builds(Artefact, _words, _words, _words, _digests, st.integers(0, 1 << 50))
_locks = st.builds(Lock, _digests, _words, st.lists(_artefacts, max_size=3).map(tuple))
_definitions = st.builds(Definition, _words, _digests, _words, st.lists(_words, max_size=3).map(tuple))
_origins = st.builds(Origin, st.sampled_from(get_args(How)), st.none() | _digests)
_edits = st.builds(Edit, _words, _words, st.lists(_words, max_size=2).map(tuple))


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
        origin=st.none() | _origins,
        edits=st.lists(_edits, max_size=2).map(tuple),
    )
    versions = st.lists(records, min_size=1, max_size=3, unique_by=lambda record: record.version).map(tuple)
    some = st.dictionaries(_names, st.tuples(_addresses, versions), max_size=3)
    environments = {name: Registered(name, address, records) for name, (address, records) in draw(some).items()}
    return State(draw(_words), draw(st.integers(1, 1 << 60)), environments, locks)
