"""The grammar's tables lie beside the program or are kept between runs, and whichever are taken give the same nodes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.language import hcl
from reconciler.language.automaton import Tables
from reconciler.language.hcl import KeptTables, parse
from reconciler.language.sealed import seal, unseal
from reconciler.language.span import SpanError
from reconciler.session.grammar import grammar_kept

TEXT = """environment "a" {
  tags = { for k, v in var.tags : upper(k) => "${v}-%{ if v == "x" }y%{ endif }"... if k != 1 }
  x    = -1.50 + a.b[*].c[0] == 2 ? [1, true, null] : (f(x...))
  y = <<-EOT
    %{ for i in z ~}
    ${i}
    %{ endfor }
  EOT
}
"""


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """As if nothing had been parsed yet."""
    hcl._automaton.cache_clear()
    KeptTables.offer(bytes)
    KeptTables.made = None
    yield
    hcl._automaton.cache_clear()
    KeptTables.offer(bytes)
    KeptTables.made = None


@pytest.fixture(autouse=True)
def another_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if what lies beside the program were of another python-hcl2."""
    monkeypatch.setattr(hcl, "_shipped", bytes)


def offer(stored: bytes) -> None:
    KeptTables.offer(lambda: stored)


@pytest.fixture
def beside() -> bytes:
    stored = (Path(hcl.__file__).parent / "tables.json").read_bytes()
    if unseal(stored)[0] != hcl._key(hcl._grammar()):
        pytest.skip("`make tables` was not run since another python-hcl2 has been installed")
    return stored


def test_what_lies_beside_the_program_is_what_the_installed_grammar_makes(beside: bytes) -> None:
    assert beside == hcl.made_tables(), "run `make tables`"


@pytest.mark.usefixtures("beside")
def test_with_the_tables_beside_the_program_lark_is_not_even_imported() -> None:
    code = "import sys; from reconciler.language.hcl import parse; parse('a = 1'); sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_kept_tables_are_not_made_again_and_give_the_same_nodes() -> None:
    nodes = parse(TEXT)
    made = KeptTables.made
    assert made is not None
    hcl._automaton.cache_clear()
    offer(made)
    KeptTables.made = None
    assert parse(TEXT) == nodes
    assert KeptTables.made is None


def test_tables_come_back_as_they_were() -> None:
    parse("a = 1")
    assert KeptTables.made is not None
    _, plain = unseal(KeptTables.made)
    assert Tables.of(plain).plain() == Tables.of(Tables.of(plain).plain()).plain()
    assert len(Tables.of(plain).states) > 100


@pytest.mark.parametrize("stored", [b"", b"damaged", seal(None), seal(["another grammar", []]), seal([])])
def test_what_is_damaged_or_of_another_grammar_is_made_anew(stored: bytes) -> None:
    offer(stored)
    assert len(parse("a = 1").items) == 1
    assert KeptTables.made is not None


def test_a_mistake_is_the_same_with_kept_tables() -> None:
    for _ in range(2):
        with pytest.raises(SpanError) as caught:
            parse("a = 1 +\n")
        assert caught.value.summary
        hcl._automaton.cache_clear()
        offer(KeptTables.made or b"")


def test_they_lie_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for expected in (True, False):
        with grammar_kept():
            parse("a = 1")
            assert (KeptTables.made is not None) is expected
        hcl._automaton.cache_clear()
        assert [path.name for path in (tmp_path / "cache" / "envform").iterdir()] == ["grammar"]


@pytest.mark.parametrize("place", ["/dev/null/cache", "relative"])
def test_without_such_a_folder_it_works_too(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", place)
    with grammar_kept():
        assert len(parse("a = 1").items) == 1
    assert list(tmp_path.iterdir()) == []
