"""The cache gives what parsing gives, whatever is in it."""

from __future__ import annotations

import hashlib

import pytest

from reconciler.language.block_cache import FORM, BlockCache
from reconciler.language.hcl import parse
from reconciler.language.nodes import Body
from reconciler.language.span import SpanError

BLOCKS = (
    'environment "a" {\n  image = "oci:./images:base"\n}\n',
    """environment "b" {
  tags = { for k, v in var.tags : upper(k) => "${v}-%{ if v == "x" }y%{ endif }"... if k != 1 }
}
""",
    """locals {
  x = -1.50 + a.b[*].c[0] == 2 ? [1, true, null] : (f(x...))
  y = <<-EOT
    %{ for i in z ~}
    ${i}
    %{ endfor }
  EOT
}
""",
)


class Counted:
    """Parses, and counts how often."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str) -> Body:
        self.texts.append(text)
        return parse(text)


def filled() -> bytes:
    cache = BlockCache(parse, tool="1")
    for block in BLOCKS:
        cache.parse(block)
    stored = cache.store()
    assert stored is not None
    return stored


def test_a_second_run_parses_nothing_and_gives_the_same_nodes() -> None:
    counted = Counted()
    cache = BlockCache(counted, filled(), tool="1")
    assert [cache.parse(block) for block in BLOCKS] == [parse(block) for block in BLOCKS]
    assert counted.texts == []
    assert cache.store() is None


def test_only_the_block_that_was_edited_is_parsed() -> None:
    counted = Counted()
    cache = BlockCache(counted, filled(), tool="1")
    edited = BLOCKS[0].replace("base", "other")
    for block in (edited, *BLOCKS[1:]):
        cache.parse(block)
    assert counted.texts == [edited]
    assert cache.store() is not None


def test_what_is_no_longer_there_is_not_kept() -> None:
    cache = BlockCache(parse, filled(), tool="1")
    cache.parse(BLOCKS[0])
    stored = cache.store()
    assert stored is not None
    assert len(stored) < len(filled())


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"nonsense",
        b"\xff" * 200,
        b"0" * 64 + b"\n" + filled().partition(b"\n")[2],
        filled()[:-1],
        filled().replace(b"base", b"evil"),
    ],
    ids=["empty", "nonsense", "bytes", "another checksum", "cut", "edited"],
)
def test_a_damaged_cache_is_parsed_anew(stored: bytes) -> None:
    counted = Counted()
    cache = BlockCache(counted, stored, tool="1")
    assert [cache.parse(block) for block in BLOCKS] == [parse(block) for block in BLOCKS]
    assert counted.texts == [*BLOCKS]


def test_the_cache_of_another_envform_is_not_used() -> None:
    counted = Counted()
    BlockCache(counted, filled(), tool="2").parse(BLOCKS[0])
    assert counted.texts == [BLOCKS[0]]


def test_a_mistake_is_told_every_time() -> None:
    cache = BlockCache(parse, tool="1")
    for _ in range(2):
        with pytest.raises(SpanError):
            cache.parse('environment "a" {\n  image = \n}\n')


@pytest.mark.parametrize(
    "document",
    [
        b"[]",
        b"{}",
        b"not JSON",
        b"\xff",
        b'{"tool": "1 1", "blocks": 1}',
        b"[" * 100_000,
    ],
)
def test_a_foreign_document_under_a_right_checksum_is_parsed_anew(document: bytes) -> None:
    stored = hashlib.sha256(document).hexdigest().encode() + b"\n" + document
    assert BlockCache(parse, stored, tool="1").parse(BLOCKS[0]) == parse(BLOCKS[0])


@pytest.mark.parametrize(
    "form", ["[]", "[99]", "[0]", '["a", 1]', "[null]", "1", "[0, 1, 2, [3]]", "[" * 500 + "]" * 500]
)
def test_a_block_of_an_unknown_form_is_parsed_anew(form: str) -> None:
    key = hashlib.sha256(BLOCKS[0].encode()).hexdigest()
    document = f'{{"tool": "{FORM} 1", "blocks": {{"{key}": {form}}}}}'.encode()
    stored = hashlib.sha256(document).hexdigest().encode() + b"\n" + document
    assert BlockCache(parse, stored, tool="1").parse(BLOCKS[0]) == parse(BLOCKS[0])


def test_an_expression_of_twenty_thousand_terms_is_read_and_not_kept() -> None:
    text = "a = " + " + ".join(["1"] * 20_000) + "\n"
    cache = BlockCache(parse, tool="1")
    assert len(cache.parse(text).items) == 1
    assert cache.store() is None
