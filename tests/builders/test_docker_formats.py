"""What goes to an engine and what comes from it, byte by byte; no real engine is asked."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.builders.attempt import Attempt
from reconciler.builders.docker import engine
from reconciler.builders.docker.archive import archived
from reconciler.builders.docker.blueprint import Foundation, Sent
from reconciler.builders.docker.context import place_for_context, write_context
from reconciler.builders.docker.dockerfile import frontend_of, standing_on, without_frontend
from reconciler.builders.docker.log import BuildLog
from reconciler.builders.docker.order import Order
from reconciler.builders.docker.saved import read_saved
from reconciler.builders.docker.trace import read_trace
from reconciler.builders.layers.cache import Cache
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.model.event import ChangeProgressed, Event
from reconciler.oci.config import read_config
from reconciler.oci.strict_json import ContentError
from tests.builders.small_bases import files_layer, python_base
from tests.registries.scripted import Ask, Scripted, scripted


def sent(name: str, content: bytes, *, executable: bool = False) -> Sent:
    digest = Digest.of(content)
    return Sent(name, "file", executable, len(content), digest=digest, open=lambda: io.BytesIO(content))


def context(*files: Sent) -> bytes:
    into = io.BytesIO()
    write_context(files, "Dockerfile", "FROM scratch\n", into)
    return into.getvalue()


def test_a_context_is_the_same_bytes_each_time_and_holds_what_was_hashed() -> None:
    files = (Sent("a", "folder"), sent("a/x", b"1", executable=True), Sent("link", "link", target="a/x"))
    assert context(*files) == context(*files)
    with tarfile.open(fileobj=io.BytesIO(context(*files))) as archive:
        told = [(one.name, oct(one.mode), one.uid, one.mtime, one.uname, one.linkname) for one in archive]
    assert told == [
        ("a", "0o755", 0, 315532800, "", ""),
        ("a/x", "0o755", 0, 315532800, "", ""),
        ("link", "0o777", 0, 315532800, "", "a/x"),
        ("Dockerfile", "0o644", 0, 315532800, "", ""),
    ]


@pytest.mark.parametrize("now", [b"2", b"12", b""])
def test_a_file_that_changes_while_it_is_sent_stops_the_build(now: bytes) -> None:
    was = sent("x", b"1")
    with pytest.raises(BuildError, match="Build context has changed"):
        context(Sent("x", "file", size=1, digest=was.digest, open=lambda: io.BytesIO(now)))


def test_a_full_temporary_folder_is_told_and_is_no_change_of_the_context() -> None:
    big = sent("big", bytes(1 << 20))

    def collect() -> None:
        with place_for_context() as file, Path("/dev/full").open("wb") as full:
            os.dup2(full.fileno(), file.fileno())
            write_context([big], "Dockerfile", "FROM scratch\n", file)

    with pytest.raises(BuildError, match="Temporary folder is full"):
        collect()


def test_only_what_stands_behind_from_is_replaced() -> None:
    text = "# python\nFROM --platform=linux/amd64 python AS python\nRUN python\nFROM python\\\n  :3\nFROM a/python:3"
    found = {Foundation(2, "python", "python"): "one", Foundation(6, "a/python:3", "a/python:3"): "two"}
    assert standing_on(text, found) == text.replace("amd64 python AS", "amd64 one AS").replace(
        "FROM a/python:3", "FROM two"
    )


def test_images_that_are_copied_from_are_replaced_wherever_they_are_named() -> None:
    text = (
        "FROM scratch\nCOPY --from=a/uv:1 /uv /a/uv:1\nRUN --mount=type=bind,from=a/uv:1,target=/a \\\n"
        "  --mount=from=a/uv:1 run --with=a/uv:1\nCOPY --from=a/uv:12 . ."
    )
    found = {Foundation(line, "a/uv:1", "a/uv:1", is_copied=True): "one" for line in (2, 3)}
    assert standing_on(text, found) == text.replace("from=a/uv:1 ", "from=one ").replace("from=a/uv:1,", "from=one,")


def test_a_dockerfile_is_read_without_the_frontend_that_it_names() -> None:
    text = "# escape=`\n# syntax = docker/dockerfile:1\r\n# syntax=no\nFROM scratch\n# syntax=late"
    assert frontend_of(text) == "docker/dockerfile:1"
    assert frontend_of("FROM scratch\n# syntax=late") == ""
    assert without_frontend(text) == "# escape=`\n#\n#\nFROM scratch\n# syntax=late"


def saved(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> io.BytesIO:
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    into.seek(0)
    return into


def test_what_is_loaded_and_saved_again_keeps_its_layers(tmp_path: Path) -> None:
    base = python_base()
    stream = io.BytesIO(b"".join(archived(base, "envform.invalid/base:1")))
    known = {layer.descriptor.digest: layer for layer in base.layers}
    again = read_saved(stream, known, Cache(tmp_path))
    assert [layer.descriptor for layer in again.layers] == [layer.descriptor for layer in base.layers]
    assert read_config(again) == read_config(base)
    assert not (tmp_path / "blobs").exists()


LAYER = files_layer({"x": b"new"})
CONFIG = {"os": "linux", "architecture": "amd64", "container": "only-this-build", "config": {}}


def config_of(*layers: bytes) -> bytes:
    return json.dumps({**CONFIG, "rootfs": {"type": "layers", "diff_ids": [Digest.of(one) for one in layers]}}).encode()


def test_a_layer_that_is_new_is_packed_the_same_each_time(tmp_path: Path) -> None:
    manifest = json.dumps([{"Config": "c.json", "RepoTags": None, "Layers": ["1/layer.tar", "2/layer.tar"]}]).encode()
    files = {"c.json": config_of(LAYER, LAYER), "1/layer.tar": LAYER, "manifest.json": manifest}
    images = [
        read_saved(saved(files, {"2/layer.tar": "../1/layer.tar"}), {}, Cache(tmp_path / name)) for name in ("a", "b")
    ]
    assert images[0].digest == images[1].digest
    assert [gzip.decompress(layer.open().read()) for layer in images[0].layers] == [LAYER, LAYER]
    assert "container" not in read_config(images[0])


@pytest.mark.parametrize("packed", [False, True])
def test_newer_engines_save_layouts(tmp_path: Path, *, packed: bool) -> None:
    layer = gzip.compress(LAYER, mtime=0) if packed else LAYER
    config = config_of(LAYER)
    names = [f"blobs/sha256/{Digest.of(content).hex}" for content in (config, layer)]
    manifest = json.dumps([{"Config": names[0], "RepoTags": None, "Layers": names[1:]}]).encode()
    files = {names[0]: config, names[1]: layer, "index.json": b"{}", "manifest.json": manifest}
    image = read_saved(saved(files), {}, Cache(tmp_path))
    assert gzip.decompress(image.layers[0].open().read()) == LAYER


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"manifest.json": b"[]"},
        {"manifest.json": b'[{"Config":"c.json","Layers":["1/layer.tar"]}]', "c.json": config_of(LAYER)},
        {"manifest.json": b'[{"Config":"c.json","Layers":["1/layer.tar"]}]', "c.json": b"{}", "1/layer.tar": LAYER},
        {
            "manifest.json": b'[{"Config":"c.json","Layers":["1/layer.tar"]}]',
            "c.json": config_of(b""),
            "1/layer.tar": LAYER,
        },
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(ContentError):
        read_saved(saved(files), {}, Cache(tmp_path))


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def trace(*parts: bytes) -> bytes:
    return json.dumps({"id": "moby.buildkit.trace", "aux": b64encode(b"".join(parts)).decode()}).encode() + b"\r\n"


def test_the_lines_of_a_step_are_told_as_they_come_and_kept_for_when_it_fails() -> None:
    events: list[Event] = []
    log = BuildLog(events.append)
    one, other = field(1, b"sha256:1"), field(1, b"sha256:2")
    begun = field(3, b"[1/2] RUN make") + field(5, b"")
    pieces = [
        trace(field(1, one + begun)),
        trace(field(3, one + field(4, b"half a "))),
        trace(field(3, other + field(4, b"of another step\n")), field(3, one + field(4, b"line\n\x1b[31mred\x1b[0m"))),
        trace(field(1, one + begun + field(7, b"exit code: 2"))),
        b'{"errorDetail":{"message":"failed: exit code: 2"},"error":"x"}\r\n',
    ]
    everything = b"".join(pieces)
    log.listen([everything[:50], everything[50:51], everything[51:]])
    assert [event.step for event in events if isinstance(event, ChangeProgressed)] == [
        "[1/2] RUN make",
        "of another step",
        "half a line",
        "red",
    ]
    assert (log.step, log.error, log.last) == ("RUN make", "failed: exit code: 2", ("half a line", "red"))


def test_what_engines_say_in_between_is_not_glued_to_a_line_that_did_not_end() -> None:
    events: list[Event] = []
    log = BuildLog(events.append)
    said = [
        "Step 1/1 : RUN make\n",
        " ---> Running in 0123456789ab\n",
        "half",
        "Removing intermediate container 0123\n",
    ]
    log.listen(json.dumps({"stream": one}).encode() + b"\n" for one in said)
    assert log.last == ("half",)


def test_letters_that_come_in_two_pieces_are_whole_and_titles_of_terminals_are_no_text() -> None:
    log = BuildLog(lambda _: None)
    log.vertex("1", "RUN make", started=True, error="exit code: 1")
    for piece in (b"gr\xc3", b"\xbc\xc3\x9f", b"e\n\x1b]0;make\x07all\n"):
        log.output("1", piece)
    assert log.last == ("grüße", "all")


def test_a_line_that_never_ends_costs_little_and_is_cut() -> None:
    log = BuildLog(lambda _: None)
    piece, begun = b"x" * (1 << 14), time.process_time()
    log.vertex("1", "RUN make", started=True, error="exit code: 1")
    for _ in range(1 << 11):  # 32 MiB, which took half a minute when each piece was joined to all before
        log.output("1", piece)
    log.output("1", b"\rdone\n")
    assert log.last == ("done",)
    assert time.process_time() - begun < 5


def test_an_engine_that_answers_no_more_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_GRACE", 0.1)
    frozen = threading.Event()

    def begun(ask: Ask) -> None:
        ask.send_response(200)
        ask.end_headers()
        frozen.wait(60)

    with scripted(Scripted()) as server:
        server.on("GET", ".*/version", lambda ask: ask.json({"ApiVersion": "1.41", "Os": "linux", "Arch": "amd64"}))
        server.on("GET", ".*/_ping", lambda ask: ask.reply(200, b"OK"))
        server.on("GET", ".*/networks.*", lambda ask: ask.json([]))
        server.on("POST", ".*", begun)
        order = Order(io.BytesIO(), "Dockerfile", "linux/amd64", {}, "")
        asked = engine.Engine({"DOCKER_HOST": f"tcp://{server.host}"})
        with pytest.raises(BuildError, match="Build took too long"):
            asked.build(order, BuildLog(lambda _: None), Attempt(lambda _: None, limit=0.1))
        frozen.set()


@pytest.mark.parametrize("message", [b"\x0a\xff", b"\x0a", b"\x0b", b"\xff" * 12])
def test_a_trace_that_is_cut_off_is_no_trace(message: bytes) -> None:
    with pytest.raises(ValueError, match="a "):
        list(read_trace(message))
