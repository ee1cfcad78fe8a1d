"""A registry, or whatever answers in its place, that fails in every way: told as it is, never taken for "not there"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.reference import Name
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_retry import retry_after
from tests.conformance.images import PLATFORM, content_of, image_of
from tests.registries.scripted import Act, Ask, Scripted, scripted

IMAGE = image_of("one")
TRAINING = Name("training", "3")
MANIFESTS = "/v2/team/training/manifests/.*"
BLOBS = "/v2/team/training/blobs/.*"


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(Scripted()) as started:
        yield started


@pytest.fixture
def whole(server: Scripted) -> Scripted:
    """One that has the image, and does nothing wrong yet."""
    server.on("(GET|HEAD)", MANIFESTS, lambda ask: ask.manifest(IMAGE))
    for blob in IMAGE.blobs:
        server.on("(GET|HEAD)", f"{BLOBS[:-2]}{blob.descriptor.digest}", status(200, blob.open().read()))
    return server


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RegistryError) as caught:
        act()
    (problem,) = caught.value.diagnostics
    return f"{problem.summary}\n{problem.detail}"


def status(code: int, body: bytes = b"", **headers: str) -> Act:
    return lambda ask: ask.reply(code, body, **headers)


def pulled(server: Scripted, **options: float) -> list[bytes]:
    image = server.registry(**options).pull(TRAINING, PLATFORM)
    assert image is not None
    return content_of(image)


# -------------------------------------------------------------------------------------- "cannot tell" is not "gone"


@pytest.mark.parametrize("code", [400, 401, 403, 418, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("question", ["describe", "list", "pull", "missing", "referrers", "delete"])
def test_every_other_status_than_404_is_an_error(server: Scripted, code: int, question: str) -> None:
    server.on(".*", ".*", status(code, b"<html>go away</html>", Content_Type="text/html"))
    registry = server.registry()
    asks: dict[str, Callable[[], object]] = {
        "describe": lambda: registry.describe(TRAINING),
        "list": lambda: registry.list("training"),
        "pull": lambda: registry.pull(TRAINING, PLATFORM),
        "missing": lambda: registry.missing(TRAINING),
        "referrers": lambda: registry.referrers(TRAINING),
        "delete": lambda: registry.delete(TRAINING),
    }
    said = refusal(asks[question])
    assert f"answers {code}" in said
    assert "go away" not in said
    expected = "Registry refuses access" if code in (401, 403) else "Registry failed"
    assert said.startswith(expected)


def test_a_page_for_people_that_says_404_is_no_answer_of_a_registry(server: Scripted) -> None:
    server.on(".*", ".*", status(404, b"<html>", Content_Type="text/html; charset=utf-8"))
    for ask in (lambda: server.registry().describe(TRAINING), lambda: server.registry().list("training")):
        assert "unintelligibly" in refusal(ask)


def test_a_404_with_nothing_in_it_is_a_404(server: Scripted) -> None:
    server.on(".*", ".*", status(404))
    assert server.registry().describe(TRAINING) is None
    assert server.registry().list("training") == {}
    assert server.registry().referrers(Name("training", digest=IMAGE.digest)) == ()


def test_nobody_there_is_told_with_the_reason(server: Scripted) -> None:
    registry = server.registry()
    server.server_close()
    said = refusal(lambda: registry.describe(TRAINING))
    assert said.startswith("Registry cannot be reached")
    assert "refused" in said


def silent(ask: Ask) -> None:
    ask.rfile.read(1)


def test_who_never_answers_is_left_after_all_tries(server: Scripted) -> None:
    server.on(".*", ".*", silent)
    assert "did not answer" in refusal(lambda: server.registry(timeout=0.05).describe(TRAINING))
    assert len(server.waited) == 4


# ---------------------------------------------------------------------------------------------------------- retries


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(whole: Scripted, code: int) -> None:
    whole.on("HEAD", MANIFESTS, status(code), status(code), lambda ask: ask.manifest(IMAGE))
    assert whole.registry().describe(TRAINING) == IMAGE.descriptor
    assert whole.waited == [0.5, 1.0]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("7", 7.0), ("0", 0.5), ("-5", 0.5), ("9" * 30, 60.0), ("soon", 0.5), ("Wed, 21 Oct 1815 07:28:00 GMT", 0.5)],
)
def test_the_wait_that_a_registry_asks_for_is_kept_within_reason(whole: Scripted, asked: str, waited: float) -> None:
    whole.on("HEAD", MANIFESTS, status(429, Retry_After=asked), lambda ask: ask.manifest(IMAGE))
    assert whole.registry().describe(TRAINING) == IMAGE.descriptor
    assert whole.waited == [waited]


def test_a_wait_may_be_asked_for_as_a_date() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert retry_after(format_datetime(now + timedelta(seconds=9), usegmt=True), now) == 9.0


def test_all_waiting_together_has_an_end(whole: Scripted) -> None:
    whole.on("HEAD", MANIFESTS, status(503, Retry_After="60"))
    registry = whole.registry()
    for _ in range(3):
        refusal(lambda: registry.describe(TRAINING))
    assert sum(whole.waited) <= 120.0
    assert len(whole.paths("HEAD")) == 5


# ---------------------------------------------------------------------------------------------------------- content


def test_a_blob_that_breaks_off_is_read_on_where_it_broke(whole: Scripted) -> None:
    (layer,) = IMAGE.layers
    content = layer.open().read()

    def cut(ask: Ask) -> None:
        ask.send_response(200)
        ask.send_header("Content-Length", str(len(content)))
        ask.end_headers()
        ask.wfile.write(content[:700])
        ask.wfile.flush()
        ask.connection.shutdown(2)

    def rest(ask: Ask) -> None:
        begin = int(ask.headers["Range"].removeprefix("bytes=").rstrip("-"))
        ask.reply(206, content[begin:], Content_Range=f"bytes {begin}-{len(content) - 1}/{len(content)}")

    whole.on("GET", f"{BLOBS[:-2]}{layer.descriptor.digest}", cut, rest)
    assert pulled(whole) == content_of(IMAGE)
    assert [asked.headers["Range"] for asked in whole.asked if "Range" in asked.headers] == ["bytes=700-"]


def test_a_registry_that_knows_no_ranges_is_read_from_the_start(whole: Scripted) -> None:
    (layer,) = IMAGE.layers
    content = layer.open().read()

    def cut(ask: Ask) -> None:
        ask.send_response(200)
        ask.send_header("Content-Length", str(len(content)))
        ask.end_headers()
        ask.wfile.write(content[:700])
        ask.wfile.flush()
        ask.connection.shutdown(2)

    whole.on("GET", f"{BLOBS[:-2]}{layer.descriptor.digest}", cut, lambda ask: ask.reply(200, content))
    assert pulled(whole) == content_of(IMAGE)


def test_a_blob_that_always_breaks_off_is_an_error(whole: Scripted) -> None:
    (layer,) = IMAGE.layers
    whole.on("GET", f"{BLOBS[:-2]}{layer.descriptor.digest}", lambda ask: ask.reset())
    assert "cannot be reached" in refusal(lambda: pulled(whole))


@pytest.mark.parametrize("body", [b"", b"x", b"y" * 5000])
def test_a_blob_of_another_length_is_refused(whole: Scripted, body: bytes) -> None:
    (layer,) = IMAGE.layers
    whole.on("GET", f"{BLOBS[:-2]}{layer.descriptor.digest}", status(200, body))
    assert "corrupt" in refusal(lambda: pulled(whole))


def test_a_blob_of_another_digest_is_refused(whole: Scripted) -> None:
    (layer,) = IMAGE.layers
    wrong = b"\1" * layer.descriptor.size
    whole.on("GET", f"{BLOBS[:-2]}{layer.descriptor.digest}", status(200, wrong))
    assert "corrupt" in refusal(lambda: pulled(whole))


def test_a_manifest_that_never_ends_is_not_read_to_its_end(whole: Scripted) -> None:
    def endless(ask: Ask) -> None:
        ask.send_response(200)
        ask.send_header("Content-Type", media_types.OCI_MANIFEST)
        ask.send_header("Content-Length", str(1 << 30))
        ask.end_headers()
        while ask.command == "GET":
            ask.wfile.write(b" " * 65536)

    whole.on("(GET|HEAD)", MANIFESTS, endless)
    assert "longer than 4194304 bytes" in refusal(lambda: pulled(whole))


def test_a_manifest_said_to_be_huge_is_not_fetched(whole: Scripted) -> None:
    whole.on("HEAD", MANIFESTS, lambda ask: ask.manifest(IMAGE, Content_Length=str(1 << 30)))
    assert "1073741824 bytes" in refusal(lambda: pulled(whole))
    assert whole.paths("GET") == []


@pytest.mark.parametrize("left_out", ["Docker_Content_Digest", "Content_Length", "Content_Type"])
def test_what_a_head_does_not_tell_is_learnt_from_the_content(whole: Scripted, left_out: str) -> None:
    whole.on("HEAD", MANIFESTS, lambda ask: ask.manifest(IMAGE, **{left_out: ""}))
    assert whole.registry().describe(TRAINING) == IMAGE.descriptor


def test_a_wrong_digest_in_the_header_of_a_manifest_is_refused(whole: Scripted) -> None:
    lie = Digest.of(b"lie")
    whole.on("(GET|HEAD)", MANIFESTS, lambda ask: ask.manifest(IMAGE, Docker_Content_Digest=lie))
    assert "corrupt" in refusal(lambda: whole.registry().describe(Name("training", digest=IMAGE.digest)))
    assert "corrupt" in refusal(lambda: pulled(whole))


def test_all_four_kinds_of_manifest_are_accepted_in_one_line(whole: Scripted) -> None:
    pulled(whole)
    for asked in whole.asked:
        if "/manifests/" in asked.path:
            assert asked.headers["Accept"].count("application/vnd.") == 4


def test_another_kind_in_the_header_than_in_the_manifest_is_refused(whole: Scripted) -> None:
    whole.on("(GET|HEAD)", MANIFESTS, lambda ask: ask.manifest(IMAGE, Content_Type=media_types.DOCKER_MANIFEST))
    assert "cannot be understood" in refusal(lambda: pulled(whole))


# ------------------------------------------------------------------------------------------------------------ lists


def test_pages_are_followed_to_the_last(server: Scripted) -> None:
    tags = "/v2/team/training/tags/list"
    server.on("GET", rf"{tags}\?n=1000", lambda ask: ask.json({"tags": ["a"]}, Link=f'<{tags}?last=a>; rel="next"'))
    server.on("GET", rf"{tags}\?last=a", lambda ask: ask.json({"tags": ["b"]}))
    assert server.registry().list("training") == {"a": None, "b": None}


@pytest.mark.parametrize("body", [{"name": "x", "tags": None}, {"name": "x"}, {"tags": []}])
def test_a_list_of_nothing_is_spelled_in_many_ways(server: Scripted, body: object) -> None:
    server.on("GET", ".*", lambda ask: ask.json(body))
    assert server.registry().list("training") == {}


@pytest.mark.parametrize("body", [[], 3, {}, {"message": "not found"}, {"tags": 3}, {"tags": [3]}, {"tags": {"a": 1}}])
def test_a_list_that_is_none_is_an_error(server: Scripted, body: object) -> None:
    server.on("GET", ".*", lambda ask: ask.json(body))
    assert "unintelligibly" in refusal(lambda: server.registry().list("training"))


def test_pages_that_lead_back_to_themselves_are_an_error(server: Scripted) -> None:
    link = '</v2/team/training/tags/list?n=1000>; rel="next"'
    server.on("GET", ".*", lambda ask: ask.json({"tags": ["a"]}, Link=link))
    assert "repeat themselves" in refusal(lambda: server.registry().list("training"))
    assert len(server.asked) == 2


def test_empty_pages_without_end_are_an_error(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.registries.remote_listing._MOST_PAGES", 20)
    link = '</v2/team/training/tags/list?n=1000>; rel="next"'
    server.on("GET", ".*", lambda ask: ask.json({"tags": []}, Link=link))
    assert "more than 20 pages" in refusal(lambda: server.registry().list("training"))


def test_digests_that_a_listing_tells_are_taken(server: Scripted) -> None:
    digest = Digest.of(b"one")
    server.on("GET", ".*", lambda ask: ask.json({"tags": ["a", "b"], "manifest": {digest: {"tag": ["a"]}, "x": 3}}))
    assert server.registry().list("training") == {"a": digest, "b": None}


def test_tags_that_point_out_referrers_are_not_listed(server: Scripted) -> None:
    server.on("GET", ".*", lambda ask: ask.json({"tags": ["1", "sha256-" + "a" * 64]}))
    assert server.registry().list("training") == {"1": None}


def test_a_registry_that_does_not_tell_its_repositories_says_so(server: Scripted) -> None:
    server.on("GET", "/v2/_catalog.*", status(403))
    assert "does not tell which repositories" in refusal(server.registry().catalog)


def test_names_that_no_registry_holds_are_not_asked_for(server: Scripted) -> None:
    registry = server.registry()
    for name in (Name("Training", "1"), Name("a//b", "1"), Name("training", "a b"), Name("../etc", "1")):
        assert registry.describe(name) is None
    assert registry.list("Training") == {}
    assert server.asked == []


# ------------------------------------------------------------------------------------------------------------- kept


def test_what_was_pulled_before_costs_one_question(whole: Scripted, tmp_path: Path) -> None:
    for _ in range(2):
        whole.asked.clear()
        image = RemoteRegistry(Client(whole.host, kept=tmp_path), "team").pull(TRAINING, PLATFORM)
        assert image is not None
        assert image.manifest == IMAGE.manifest
    assert [asked.method for asked in whole.asked] == ["HEAD"]


@pytest.mark.parametrize("content", [b"", b"broken", IMAGE.manifest + b" "])
def test_what_is_kept_and_broken_is_asked_for_again(whole: Scripted, tmp_path: Path, content: bytes) -> None:
    for blob in (IMAGE.digest, IMAGE.config.descriptor.digest):
        (tmp_path / blob.hex[:2]).mkdir(exist_ok=True)
        (tmp_path / blob.hex[:2] / blob.hex).write_bytes(content)
    image = RemoteRegistry(Client(whole.host, kept=tmp_path), "team").pull(TRAINING, PLATFORM)
    assert image is not None
    assert content_of(image) == content_of(IMAGE)
    assert (tmp_path / IMAGE.digest.hex[:2] / IMAGE.digest.hex).read_bytes() == IMAGE.manifest


def test_where_nothing_can_be_kept_all_still_works(whole: Scripted, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    image = RemoteRegistry(Client(whole.host, kept=tmp_path / "file"), "team").pull(TRAINING, PLATFORM)
    assert image is not None
    assert content_of(image) == content_of(IMAGE)


def test_what_is_kept_and_gone_over_there_is_gone(whole: Scripted, tmp_path: Path) -> None:
    registry = RemoteRegistry(Client(whole.host, kept=tmp_path), "team")
    assert registry.pull(TRAINING, PLATFORM) is not None
    whole.on("HEAD", MANIFESTS, status(404))
    assert registry.pull(TRAINING, PLATFORM) is None
