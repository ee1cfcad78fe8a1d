"""Many questions at once: as true as one by one, whatever answers, and asked twice only where an answer is in doubt."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.reference import Name
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_line import Line
from reconciler.registries.remote_many import answers
from tests.conformance.images import image_of
from tests.registries.scripted import Act, Ask, Scripted, scripted

IMAGE = image_of("one")
HEADS = "/v2/team/training/manifests/"
NAMES = [Name("training", str(number)) for number in range(30)]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(Scripted()) as started:
        started.on("(GET|HEAD)", f"{HEADS}.*", lambda ask: ask.manifest(IMAGE))
        yield started


def bare(text: str) -> Act:
    """These bytes for an answer, with the image's own headers where `{true}` stands."""
    told = f"Content-Type: {media_types.OCI_MANIFEST}\r\nContent-Length: {len(IMAGE.manifest)}\r\n"
    true = f"{told}Docker-Content-Digest: {IMAGE.digest}\r\n"
    return lambda ask: (ask.wfile.write(text.format(true=true, told=told, digest=IMAGE.digest).encode()), None)[1]


def test_plain_answers_are_asked_for_once_each(server: Scripted) -> None:
    assert set(server.registry().describe_many(NAMES).values()) == {IMAGE.descriptor}
    assert sorted(server.paths("HEAD")) == sorted(HEADS + name.tag for name in NAMES)
    assert not server.paths("GET")


def test_answers_belong_to_their_questions(server: Scripted) -> None:
    images = {name: image_of(name.tag) for name in NAMES}

    def own(ask: Ask) -> None:
        ask.manifest(images[Name("training", ask.path.removeprefix(HEADS))])

    server.on("HEAD", f"{HEADS}.*", own)
    server.on("HEAD", f"{HEADS}7", lambda ask: ask.reply(404))
    found = server.registry().describe_many(NAMES)
    assert list(found) == NAMES
    assert found == {name: None if name.tag == "7" else image.descriptor for name, image in images.items()}


def moved(ask: Ask) -> None:
    ask.reply(307, Location=f"{HEADS}elsewhere")


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(Ask.reset, id="reset"),
        pytest.param(moved, id="redirect"),
        pytest.param(lambda ask: ask.reply(503), id="busy"),
        pytest.param(lambda ask: ask.reply(429, Retry_After="1"), id="too many"),
        pytest.param(lambda ask: ask.reply(304), id="not modified, which nobody asked for"),
        pytest.param(lambda ask: ask.manifest(IMAGE, Connection="close"), id="close"),
        pytest.param(lambda ask: ask.manifest(IMAGE, Docker_Content_Digest=""), id="no digest"),
        pytest.param(lambda ask: ask.manifest(IMAGE, Docker_Content_Digest="sha256:7"), id="no sound digest"),
        pytest.param(lambda ask: ask.manifest(IMAGE, Content_Length=""), id="no length"),
        pytest.param(bare("HTTP/1.1 200 OK\r\n{true}Set-Cookie: a\r\nSet-Cookie: b\r\n\r\n"), id="a header twice"),
        pytest.param(bare("HTTP/1.1 200 OK\r\n{true}docker-content-digest: sha256:7\r\n\r\n"), id="two digests"),
        pytest.param(bare("HTTP/1.1 200 OK\r\n{told}Docker-Content-Digest:\r\n {digest}\r\n\r\n"), id="a folded line"),
        pytest.param(bare("HTTP/1.1 200 OK\r\n{true}\r\nHTTP/1.1 200 OK\r\nno"), id="more than an answer"),
        pytest.param(bare("HTTP/1.1 200 OK\r\n{true}"), id="less than an answer"),
        pytest.param(bare("200 OK\r\n{true}\r\n"), id="no answer"),
    ],
)
def test_what_is_no_plain_answer_is_asked_for_by_the_other_way(server: Scripted, act: Act) -> None:
    def doubtful(ask: Ask) -> None:
        act(ask)
        ask.close_connection = True

    server.on("HEAD", f"{HEADS}1", doubtful, lambda ask: ask.manifest(IMAGE))
    server.on("HEAD", f"{HEADS}2", doubtful, lambda ask: ask.manifest(IMAGE))
    assert set(server.registry(timeout=2).describe_many(NAMES[:6]).values()) == {IMAGE.descriptor}


@pytest.mark.parametrize("code", [400, 401, 403, 500])
def test_a_refusal_among_many_answers_is_an_error(server: Scripted, code: int) -> None:
    server.on("HEAD", f"{HEADS}20", lambda ask: ask.reply(code))
    with pytest.raises(RegistryError, match=str(code)):
        server.registry().describe_many(NAMES)


def test_after_an_error_nothing_more_is_asked() -> None:
    asked: list[int] = []
    over = threading.Event()

    class Ending(Line):
        def close(self) -> None:
            over.set()

    def ask(number: int, _line: Line) -> None:
        asked.append(number)
        if number == 0:
            raise RegistryError("Registry failed", "It did.")
        assert over.wait(60)

    with pytest.raises(RegistryError):
        answers(range(400), ask, lambda: Ending(socket.socket, "r.example.com"), 2)
    assert sorted(asked) in ([0], [0, 1])


def test_who_never_answers_plainly_is_not_asked_twice_for_long(server: Scripted) -> None:
    server.on("HEAD", f"{HEADS}.*", lambda ask: ask.reply(404))
    assert set(server.registry().describe_many(NAMES).values()) == {None}
    assert len(server.asked) <= len(NAMES) + 2 * 8


def test_a_wrong_digest_is_no_answer_about_another(server: Scripted) -> None:
    wanted = [Name("training", digest=digest) for digest in (IMAGE.digest, Digest.of(b"other"))]
    with pytest.raises(RegistryError, match="corrupt"):
        server.registry().describe_many(wanted)


def test_a_token_that_would_be_a_second_question_is_not_sent(
    server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    challenge = f'Bearer realm="http://{server.host}/token",service="s"'
    server.on("HEAD", f"{HEADS}.*", lambda ask: ask.reply(401, WWW_Authenticate=challenge))
    body = json.dumps({"token": "a\r\nHost: b\r\n\r\nDELETE /v2/team/training/manifests/1 HTTP/1.1"})
    server.on("GET", "/token.*", lambda ask: ask.reply(200, body.encode(), Content_Type="application/json"))
    with pytest.raises(RegistryError):
        server.registry().describe_many(NAMES)
    assert not server.paths("DELETE")
    assert all("\n" not in value for asked in server.asked for value in asked.headers.values())


def test_a_proxy_is_asked_for_every_one_of_them(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{server.host}")
    monkeypatch.setenv("ENVFORM_INSECURE_REGISTRIES", "registry.invalid")
    monkeypatch.delenv("no_proxy", raising=False)
    server.on("HEAD", f"http://registry.invalid{HEADS}.*", lambda ask: ask.manifest(IMAGE))
    found = RemoteRegistry(Client("registry.invalid"), "team").describe_many(NAMES)
    assert set(found.values()) == {IMAGE.descriptor}
    assert len(server.asked) == len(NAMES)


def test_content_that_images_share_is_asked_for_once(server: Scripted) -> None:
    gone = IMAGE.layers[0].descriptor.digest
    blobs = "/v2/team/training/blobs/"
    for blob in IMAGE.blobs:
        server.on(
            "HEAD", f"{blobs}{blob.descriptor.digest}", lambda ask: ask.reply(200, Content_Length=sizes[ask.path])
        )
    sizes = {f"{blobs}{blob.descriptor.digest}": str(blob.descriptor.size) for blob in IMAGE.blobs}
    server.on("HEAD", f"{blobs}{gone}", lambda ask: ask.reply(404))
    server.on("GET", f"{HEADS}none", lambda ask: ask.reply(404))
    names = [*NAMES, Name("training", "none"), Name("NOT/A/NAME", "1")]
    found = server.registry().missing_many(names)
    assert found == {name: (gone,) if name in NAMES else () for name in names}
    assert sorted(set(server.paths("HEAD"))) == sorted(sizes)
    assert server.paths("HEAD").count(f"{blobs}{gone}") <= 2
    assert len(server.paths("HEAD")) == len(IMAGE.blobs) + 1
