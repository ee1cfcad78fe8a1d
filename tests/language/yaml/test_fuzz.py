"""Whatever a YAML file holds, envform reads it or says what is wrong with it; a traceback is never the answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.language.azureml.references import parse_reference
from reconciler.language.configuration import configure
from reconciler.language.files import TreeEntry
from reconciler.language.kinds_of_files import declares_environment, specification_of
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import plain
from reconciler.model.diagnostic import EnvformError
from reconciler.model.digest import Digest

OURS = """\
# A project with something of everything.
envform: {registry: "oci:./registry"}
locals:
  base: &base {image: 'python:3.12', tags: {n: -1.5}}
environment:
  training:
    <<: *base
    description: |
      Hello ${~ "there" ~} friend, %{ if true }yes%{ endif }
        $${kept} it's ${1 + 2}
    depends_on: [environment.other]
    lifecycle:
      precondition: [{condition: "${1 == 1}", error_message: "b\\u00e9 ${x}"}]
  other: {image: "${local.base.image}", version: "1.10"}
"""
AZURE = """\
$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
name: a-b
version: 3
description: >-
  folded
  text
tags: {x: 1, 'y': "z"}
image: mcr.microsoft.com/x:1
conda_file: {name: q, channels: [c], dependencies: [python=3.10, {pip: [a==1]}]}
inference_config:
  liveness_route: &r {path: /, port: 80}
  readiness_route: *r
  scoring_route: {<<: *r, port: 81}
os_type: linux
"""
ASSET = "name: a-1.0\nversion: auto\ntype: environment\nspec: env.yml\nextra_config: env.yml\n"
MARKS = ": - [ ] { } ' \" | > & * ! !! % @ ` # , ? <<: ~ ${ %{ {{ }} --- ... null yes 010 1.10 2022-02-03 &a *a \\ é"
PIECES = st.sampled_from([*MARKS.split(), " ", "\n", "  ", "\t", "\r\n", "\x00", "\ufeff", "\ud800", "\x85", "\u2028"])
BOUNDED = settings(max_examples=200, deadline=2000, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@dataclass(frozen=True)
class Folder:
    """One YAML file whatever is asked for, and a folder called `ctx`."""

    text_of_all: str

    def content(self, name: str) -> bytes:
        return self.text(name).encode(errors="surrogatepass")

    def text(self, name: str) -> str:
        if not name.endswith("yml"):
            raise RefusedError("No such file", name)
        return self.text_of_all

    def digest(self, name: str) -> Digest:
        return Digest.of(self.content(name))

    def kind(self, name: str) -> str | None:
        return "folder" if name == "ctx" else "file" if name.endswith("yml") else None

    def tree(self, folder: str) -> Sequence[TreeEntry]:
        return [TreeEntry("Dockerfile.yml", "file", size=1)] if folder == "ctx" else []


def survive(name: str, text: str, other: str = "") -> None:
    """Read a project of one file; only EnvformError may come out, with places that lie in some text."""
    began = time.process_time()
    try:
        configure({name: text}, files=Folder(other))  # type: ignore[arg-type]  # kind() is a str for short
    except EnvformError as error:
        for diagnostic in error.diagnostics:
            assert diagnostic.summary
            subject = diagnostic.subject
            if subject is not None and subject.filename == name:
                assert 1 <= subject.start.line <= subject.end.line <= text.count("\n") + 1
                assert 0 <= subject.start.byte <= subject.end.byte <= len(text.encode(errors="surrogatepass"))
    assert time.process_time() - began < 2


def survive_everywhere(text: str) -> None:
    survive("main.envform.yaml", text)
    survive("env.yml", text)
    survive("asset.yaml", ASSET, text)
    declares_environment(text)
    specification_of("asset.yaml", text)
    for read in (lambda: plain(load(text, "x")), lambda: parse_reference(text)):
        try:
            read()
        except (EnvformError, RefusedError):
            continue


def edited(data: st.DataObject, text: str) -> str:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.one_of(PIECES, st.just(""), st.text(max_size=4))) + text[end:]
    return text


@BOUNDED
@given(st.text())
@example("a: \ud800")
@example("\ufeff\ufeff")
@example("a: ${\n")
@example("environment:\n  a: {image: '${'}\n")
@example("? ${x}\n: y")
@example("locals: {a: !!int 'x', b: !!float '', c: !!bool '', d: !!null x, e: !!timestamp x, f: !!binary x}")
@example("locals: {=: =, a: 2022-99-99, b: 1e999999, c: 0x, d: '${1e99999}', e: .inf, f: -.inf}")
def test_random_text(text: str) -> None:
    survive_everywhere(text)


@BOUNDED
@given(st.binary())
def test_random_bytes(content: bytes) -> None:
    survive_everywhere(content.decode("utf-8", errors="replace"))
    survive_everywhere(content.decode("latin-1"))


@BOUNDED
@given(st.lists(PIECES, max_size=30))
def test_random_rows_of_meaningful_pieces(pieces: list[str]) -> None:
    survive_everywhere("".join(pieces))
    survive("main.envform.yaml", "environment:\n  a:\n    image: " + " ".join(pieces))
    survive("env.yml", "name: a\nimage: " + " ".join(pieces))


@BOUNDED
@given(st.data())
def test_random_edits_of_valid_files(data: st.DataObject) -> None:
    survive("main.envform.yaml", edited(data, OURS))
    survive("env.yml", edited(data, AZURE))
    survive("asset.yaml", edited(data, ASSET), edited(data, AZURE))


@BOUNDED
@given(st.integers(0, len(OURS)), st.integers(0, len(AZURE)))
def test_valid_files_cut_short(ours: int, azure: int) -> None:
    survive("main.envform.yaml", OURS[:ours])
    survive("env.yml", AZURE[:azure])
