"""What is taken for a deflated stream is what readers of layers take for one."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.builders.layers import inflating

MOST = 5000
TEXTS = (b"", b"x", b"abc" * 100, bytes(range(256)) * 4, b"hello world " * 50)
STREAMS = [zlib.compress(text, level, wbits=-15) for text in TEXTS for level in (0, 1, 6, 9)]
Changes = list[tuple[float, int]]


def changed(stream: bytes, changes: Changes) -> bytes:
    """The stream with some bytes replaced, most of them near its beginning, where the codes are told."""
    content = bytearray(stream)
    for place, byte in changes:
        content[int(place**3 * len(content))] = byte
    return bytes(content)


def outcome(begin: Callable[[], inflating.Inflate], stream: bytes) -> tuple[bytes, bytes] | None:
    """What it unpacks to and what was left; None for what is no stream, or no whole one."""
    inflate = begin()
    try:
        content = inflate.decompress(stream, MOST)
    except (zlib.error, inflating.DamagedError):
        return None
    return (content, inflate.unused_data) if inflate.eof else None


# One byte, after a code for distances that leaves some of them over.
INCOMPLETE = (
    "05c1010100000040a0adf8ff4118866118866118866118866118866118866118866118866118867118866118"
    "8661188661188661188661188661188661188661186118866118866118866118866118866118866118860d"
)
PLACES = st.floats(0, 1, exclude_max=True)


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(STREAMS), st.lists(st.tuples(PLACES, st.integers(0, 255)), max_size=3))
@example(bytes.fromhex(INCOMPLETE), [])
def test_what_zlib_refuses_is_refused_and_what_it_takes_is_taken(stream: bytes, changes: Changes) -> None:
    damaged = changed(stream, changes)
    assert outcome(inflating.begin, damaged) == outcome(lambda: zlib.decompressobj(-15), damaged)
