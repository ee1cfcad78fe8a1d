"""What is compressed has the same bytes on every machine and under every Python, and is unpacked by everybody."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
from pathlib import Path

from reconciler.builders.layers.archive import Entry, OnDisk, write_layer
from reconciler.builders.layers.gzip_members import GzipMembers, Written
from reconciler.model.digest import Digest

# Python 3.11 to 3.13 agree. Where it is another one, packages that are there already become other layers: let PACKING
# move with it.
KNOWN = "sha256:1e91444524d92d94900a6476ea4d7e5528aa8ac15262f331c66e00a9dbf07284"


def sample() -> bytes:
    """Text, numbers, noise and zeros, more than two pieces of them."""
    words = [hashlib.sha256(bytes([number])).hexdigest() for number in range(200)]
    text = "\n".join(words[(number * number) % 200] for number in range(20000)).encode()
    noise = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(20000))
    return text + noise + bytes(300_000) + b"".join(number.to_bytes(4, "big") for number in range(100_000))


def packed(content: bytes, steps: int = 0) -> tuple[bytes, Written]:
    """Given at once, or in pieces of changing sizes."""
    blob, at, sizes = io.BytesIO(), 0, random.Random(steps)
    members = GzipMembers(blob, packed=True)
    while at < len(content):
        size = sizes.randrange(1, 700_000) if steps else len(content)
        members.store(content[at : at + size])
        at += size
    written = members.finish()
    return blob.getvalue(), written


def packed_sample() -> str:
    return packed(sample())[1].digest


def test_the_bytes_are_those_that_were_written_down() -> None:
    assert packed_sample() == KNOWN


def test_it_does_not_matter_in_which_pieces_it_came() -> None:
    content = sample()
    blob, written = packed(content)
    assert {packed(content, steps)[1] for steps in range(1, 6)} == {written}
    assert gzip.decompress(blob) == content
    assert (written.size, written.digest, written.diff_id) == (len(blob), Digest.of(blob), Digest.of(content))
    assert len(blob) < 0.6 * len(content)


def test_layers_of_files_are_much_smaller_than_the_files(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"def run(): pass\n" * 50_000)
    entries: list[Entry] = [OnDisk("opt/text", 0o644, 800_000, 0, tmp_path / "text")]
    plain, small = io.BytesIO(), io.BytesIO()
    stored, compressed = write_layer(entries, plain), write_layer(entries, small, packed=True)
    assert stored.diff_id == compressed.diff_id
    assert compressed.size * 50 < stored.size
