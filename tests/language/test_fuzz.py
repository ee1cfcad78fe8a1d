"""Whatever a text holds, envform reads it or says what is wrong with it; a traceback is never the answer."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.language.hcl import parse
from reconciler.language.pieces import split
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import EnvformError

VALID = """\
# A project with something of everything.
envform {
  registry  = "oci:./registry" // where images are kept
  workspace = "default"
}

environment "training" {
  name        = "train-${1 + 2 * 3 == 7 ? "a" : "b"}"
  image       = "docker.io/library/python:3.12-slim"
  version     = "1.10"
  description = <<-EOT
    Hello ${~ "there" ~} friend,
      %{ for i, x in ["a", "b"] ~}
      ${i}: ${x}
      %{ endfor ~}
    %{ if true }yes%{ else }no%{ endif } $${kept}
  EOT
  tags = {
    team  = "größe \\u00e9 \\"quoted\\""
    n     = -1.5e3 + (2 - -1) % 2
    list  = [for x in [{ a = 1 }, { a = 2 }] : x.a if x.a > 1][0]
    splat = ([{ a = [1] }][*].a[0])[0], legacy = [{ a = 1 }].*.a[0]
    /* object */ map = { for k, v in { a = "b" } : v => k... }["b"][0]
    not = !true || false && true
  }
}

environment other { image = "oci:./images:base" }
"""

WORDS = '" ${ %{ } { [ ] ( ) = == => ? : :: . .. ... , ~ - ! * [*] .* && || for in if endif else null true a é'
MARKS = ("<<EOT\n", "<<-A\n", "EOT\n", "\n", "\r\n", "\t", "\x00", "\ufeff", "/*", "*/", "#", "//", "\\", "$", "%", "'")
PIECES = st.sampled_from([*WORDS.split(), *MARKS, "1", "1.5", "1e3", ";"])

BOUNDED = settings(max_examples=250, deadline=2000, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def survive(text: str) -> None:
    """Read a project; only EnvformError may come out, with places that lie in the text."""
    began = time.process_time()
    try:
        configuration = configure({"main.hcl": text})
        for address in configuration.addresses:
            evaluate(configuration, address, {})
    except EnvformError as error:
        lines = text.count("\n") + 1
        for diagnostic in error.diagnostics:
            assert diagnostic.summary
            subject = diagnostic.subject
            if subject is not None:
                assert 1 <= subject.start.line <= subject.end.line <= lines
                assert 0 <= subject.start.byte <= subject.end.byte <= len(text.encode(errors="surrogatepass"))
    assert time.process_time() - began < 2


def test_the_text_that_is_edited_is_valid() -> None:
    configuration = configure({"main.hcl": VALID})
    found = [evaluate(configuration, address, {}) for address in configuration.addresses]
    assert [item.name for item in found] == ["other", "train-a"]


@BOUNDED
@given(st.text())
@example('"${"')
@example("a = \ud800")
def test_random_text(text: str) -> None:
    survive(text)


@BOUNDED
@given(st.binary())
def test_random_bytes(content: bytes) -> None:
    survive(content.decode("utf-8", errors="replace"))
    survive(content.decode("latin-1"))


@BOUNDED
@given(st.lists(PIECES, max_size=30))
def test_random_rows_of_meaningful_pieces(pieces: list[str]) -> None:
    survive("".join(pieces))
    survive('environment "a" {\n  image = ' + " ".join(pieces) + "\n}\n")


@BOUNDED
@given(st.data())
def test_random_edits_of_a_valid_file(data: st.DataObject) -> None:
    text = VALID
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.one_of(PIECES, st.just(""), st.text(max_size=4))) + text[end:]
    survive(text)


@BOUNDED
@given(st.integers(0, len(VALID)))
def test_a_valid_file_cut_short(at: int) -> None:
    survive(VALID[:at])


@BOUNDED
@given(st.lists(PIECES, max_size=20))
def test_pieces_of_a_file_lie_in_order_and_hold_all_that_is_not_blank(pieces: list[str]) -> None:
    text = VALID + "".join(pieces) + VALID
    last = 0
    for start, end in split(text):
        assert last <= start < end <= len(text)
        last = end


@BOUNDED
@given(st.lists(PIECES, max_size=12))
def test_the_same_text_gives_the_same_nodes_or_the_same_mistake(pieces: list[str]) -> None:
    text = "a = " + " ".join(pieces)

    def outcome() -> object:
        try:
            return parse(text)
        except SpanError as error:
            return error.summary, error.detail, error.start, error.end

    assert outcome() == outcome()


@pytest.mark.parametrize(
    "open_end", ['environment "a" {\n  image = "x"\n', 'x "a" {\n  a = <<E\nx\n', "a {\n", 'a = "${\n', "a = [\n"]
)
def test_blocks_that_are_never_closed_take_no_time_that_grows_with_their_square(open_end: str) -> None:
    began = time.process_time()
    assert list(split(open_end * 10_000))
    assert time.process_time() - began < 5
