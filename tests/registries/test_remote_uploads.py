"""Pushing to registries that refuse, forget, or lose the line: all of the image is there, or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from urllib.parse import parse_qs, urlsplit

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci.image import Blob
from reconciler.oci.reference import Name
from tests.conformance.images import artefact_for, image_of, index_of
from tests.registries.scripted import Ask, Scripted, scripted

IMAGE = image_of("one")
(LAYER,) = IMAGE.layers
TRAINING = Name("training", "3")


class Keeping(Scripted):
    """A small registry that keeps what it is sent, chunk by chunk."""

    def __init__(self) -> None:
        super().__init__()
        self.blobs: dict[tuple[str, str], bytes] = {}
        self.manifests: dict[tuple[str, str], bytes] = {}
        self.open: dict[str, bytes] = {}
        self.numbers = count()
        place = r"/v2/(.+)/blobs/"
        self.on("(HEAD|GET)", rf"{place}sha256:.*", self.blob)
        self.on("POST", rf"{place}uploads/.*", self.begin)
        self.on("PATCH", "/upload/.*", self.append)
        self.on("PUT", "/upload/.*", self.close_upload)
        self.on("PUT", "/v2/.*/manifests/.*", self.put)
        self.on("(HEAD|GET)", "/v2/.*/manifests/.*", self.get)

    def blob(self, ask: Ask) -> None:
        repository, _, digest = ask.path.removeprefix("/v2/").partition("/blobs/")
        content = self.blobs.get((repository, digest))
        ask.reply(404) if content is None else ask.reply(200, content)

    def begin(self, ask: Ask) -> None:
        parts = urlsplit(ask.path)
        repository = parts.path.removeprefix("/v2/").partition("/blobs/")[0]
        query = parse_qs(parts.query)
        if "mount" in query and (content := self.blobs.get((query["from"][0], query["mount"][0]))) is not None:
            self.blobs[repository, query["mount"][0]] = content
            ask.reply(201)
            return
        ask.reply(202, Location=self.opened(repository))

    def opened(self, repository: str) -> str:
        upload = f"{next(self.numbers)}/{repository}"
        self.open[upload] = b""
        return f"/upload/{upload}?_state=a%2Fb"

    def append(self, ask: Ask) -> None:
        upload = self.uploading(ask)
        self.open[upload] += ask.sent
        ask.reply(202, Location=ask.path, Range=f"0-{len(self.open[upload]) - 1}")

    def close_upload(self, ask: Ask) -> None:
        upload = self.uploading(ask)
        repository = upload.partition("/")[2]
        content = self.open.pop(upload) + ask.sent
        query = parse_qs(urlsplit(ask.path).query)
        assert query["_state"] == ["a/b"]
        if Digest.of(content) != query["digest"][0]:
            ask.json({"errors": [{"code": "DIGEST_INVALID"}]}, 400)
            return
        self.blobs[repository, query["digest"][0]] = content
        ask.reply(201)

    def put(self, ask: Ask) -> None:
        repository, _, reference = ask.path.removeprefix("/v2/").partition("/manifests/")
        digest = Digest.of(ask.sent)
        self.manifests[repository, digest] = self.manifests[repository, reference] = ask.sent
        ask.reply(201, Docker_Content_Digest=digest)

    def get(self, ask: Ask) -> None:
        repository, _, reference = ask.path.removeprefix("/v2/").partition("/manifests/")
        content = self.manifests.get((repository, reference))
        if content is None:
            ask.reply(404)
            return
        kind = "index" if b'"manifests"' in content else "manifest"
        kind = f"application/vnd.oci.image.{kind}.v1+json"
        ask.reply(200, content, Content_Type=kind, Docker_Content_Digest=Digest.of(content))

    def uploading(self, ask: Ask) -> str:
        return urlsplit(ask.path).path.removeprefix("/upload/")

    def holds(self, repository: str) -> bool:
        return all((f"team/{repository}", blob.descriptor.digest) in self.blobs for blob in IMAGE.blobs)


@pytest.fixture
def server() -> Iterator[Keeping]:
    with scripted(Keeping()) as started:
        yield started


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RegistryError) as caught:
        act()
    (problem,) = caught.value.diagnostics
    return f"{problem.summary}\n{problem.detail}"


def test_content_comes_before_the_manifest_and_the_tag_comes_last(server: Keeping) -> None:
    server.registry().push(IMAGE, [TRAINING, Name("training", "latest")])
    assert server.holds("training")
    puts = [path.rpartition("/")[2] for path in server.paths("PUT")]
    assert puts[-3:] == [IMAGE.digest, "3", "latest"]


def test_what_is_there_is_not_sent(server: Keeping) -> None:
    server.registry().push(IMAGE, [TRAINING])
    server.asked.clear()
    server.registry().push(IMAGE, [Name("training", "4")])
    assert server.paths("POST") == []


def test_another_repository_gets_its_content_by_mount(server: Keeping) -> None:
    server.registry().push(IMAGE, [TRAINING, Name("envform", "ab")])
    assert server.holds("envform")
    mounts = [path for path in server.paths("POST") if "mount=" in path]
    assert len(mounts) == len(IMAGE.blobs)
    assert len([path for path in server.paths("PUT") if "/upload/" in path]) == len(IMAGE.blobs)


def test_a_mount_that_begins_an_upload_is_carried_on_with_that(server: Keeping) -> None:
    server.on("POST", ".*mount=.*", lambda ask: ask.reply(202, Location=server.opened("team/envform")))
    server.registry().push(IMAGE, [TRAINING, Name("envform", "ab")])
    assert server.holds("envform")
    assert [path for path in server.paths("POST") if "mount=" not in path and "/envform/" in path] == []


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405])
def test_who_may_not_mount_sends(server: Keeping, code: int) -> None:
    server.on("POST", ".*mount=.*", lambda ask: ask.reply(code))
    server.registry().push(IMAGE, [TRAINING, Name("envform", "ab")])
    assert server.holds("envform")


def test_a_line_that_is_cut_in_an_upload_begins_it_anew(server: Keeping) -> None:
    server.on("PUT", "/upload/.*", lambda ask: ask.reset(), server.close_upload)
    server.registry().push(IMAGE, [TRAINING])
    assert server.holds("training")
    assert len(server.waited) >= 1


def test_an_answer_that_is_lost_after_success_sends_nothing_twice(server: Keeping) -> None:
    def kept_and_cut(ask: Ask) -> None:
        server.blobs["team/training", parse_qs(urlsplit(ask.path).query)["digest"][0]] = ask.sent
        ask.reset()

    server.on("PUT", "/upload/.*", kept_and_cut)
    server.registry().push(IMAGE, [TRAINING])
    assert len([path for path in server.paths("PUT") if "/upload/" in path]) == len(IMAGE.blobs)


@pytest.mark.parametrize("code", [400, 404, 416, 429, 500, 503])
def test_an_upload_that_is_lost_over_there_begins_anew(server: Keeping, code: int) -> None:
    server.on("PUT", "/upload/.*", lambda ask: ask.reply(code), server.close_upload)
    server.registry().push(IMAGE, [TRAINING])
    assert server.holds("training")


@pytest.mark.parametrize("code", [401, 403, 405, 507])
def test_an_upload_that_is_refused_names_nothing(server: Keeping, code: int) -> None:
    server.on("PUT", "/upload/.*", lambda ask: ask.reply(code))
    assert f"answers {code}" in refusal(lambda: server.registry().push(IMAGE, [TRAINING]))
    assert not server.manifests


def test_no_place_to_send_to_is_an_error(server: Keeping) -> None:
    server.on("POST", ".*", lambda ask: ask.reply(202))
    assert "where to send content" in refusal(lambda: server.registry().push(IMAGE, [TRAINING]))


# ----------------------------------------------------------------------------------------------------------- chunks


def test_what_is_too_long_for_one_request_goes_in_several(server: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.registries.remote_upload.CHUNK", 3000)
    server.on("PUT", "/upload/.*", lambda ask: ask.reply(413) if ask.sent else server.close_upload(ask))
    server.registry().push(IMAGE, [TRAINING])
    assert server.holds("training")
    ranges = [asked.headers["Content-Range"] for asked in server.asked if asked.method == "PATCH"]
    assert {"0-2999", "3000-5999", "6000-8999", "9000-10239"} <= set(ranges)


def test_long_content_is_not_tried_in_one_request(server: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.registries.remote_upload.LONGEST_PUT", 0)
    monkeypatch.setattr("reconciler.registries.remote_upload.CHUNK", 3000)
    server.registry().push(IMAGE, [TRAINING])
    assert server.holds("training")
    assert all(not asked.body for asked in server.asked if asked.method == "PUT" and "/upload/" in asked.path)


def test_chunks_are_as_long_as_the_registry_wants_them(server: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.registries.remote_upload.LONGEST_PUT", 0)
    monkeypatch.setattr("reconciler.registries.remote_upload.CHUNK", 10)

    def begin(ask: Ask) -> None:
        ask.reply(202, Location=server.opened("team/training"), OCI_Chunk_Min_Length="8000")

    server.on("POST", ".*", begin)
    server.registry().push(IMAGE, [TRAINING])
    lengths = [len(asked.body) for asked in server.asked if asked.method == "PATCH"]
    assert sorted(lengths) == sorted([8000, 2240, IMAGE.config.descriptor.size])


def test_a_chunk_that_was_taken_wrongly_begins_the_upload_anew(
    server: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.registries.remote_upload.LONGEST_PUT", 0)
    server.on("PATCH", ".*", lambda ask: ask.reply(202, Location=ask.path, Range="0-7"), server.append)
    server.registry().push(IMAGE, [TRAINING])
    assert server.holds("training")


# ----------------------------------------------------------------------------------------------- manifests and tags


def test_content_that_was_deleted_meanwhile_is_sent_again(server: Keeping) -> None:
    registry = server.registry()
    registry.push(IMAGE, [TRAINING])
    server.blobs.clear()

    def unknown(ask: Ask) -> None:
        ask.json({"errors": [{"code": "MANIFEST_BLOB_UNKNOWN"}]}, 400)

    server.on("PUT", "/v2/.*/manifests/.*", unknown, server.put)
    registry.push(IMAGE, [Name("training", "4")])
    assert server.holds("training")


def test_a_manifest_that_is_kept_as_another_is_an_error_and_gets_no_tag(server: Keeping) -> None:
    server.on("PUT", "/v2/.*/manifests/.*", lambda ask: ask.reply(201, Docker_Content_Digest=Digest.of(b"other")))
    assert "corrupt" in refusal(lambda: server.registry().push(IMAGE, [TRAINING]))
    assert len([path for path in server.paths("PUT") if "/manifests/" in path]) == 1


def test_a_lost_answer_to_a_tag_is_looked_up_and_not_sent_again(server: Keeping) -> None:
    def kept_and_cut(ask: Ask) -> None:
        server.manifests["team/training", "3"] = ask.sent
        ask.reset()

    server.on("PUT", ".*/manifests/3", kept_and_cut)
    server.registry().push(IMAGE, [TRAINING])
    assert len([path for path in server.paths("PUT") if path.endswith("/3")]) == 1


def test_a_tag_that_was_not_set_is_an_error_that_may_pass(server: Keeping) -> None:
    server.on("PUT", ".*/manifests/3", lambda ask: ask.reset())
    with pytest.raises(RegistryError) as caught:
        server.registry().push(IMAGE, [TRAINING])
    assert caught.value.temporary
    assert len([path for path in server.paths("PUT") if path.endswith("/3")]) == 1


def test_a_tag_that_may_not_move_is_right_when_it_is_set_already(server: Keeping) -> None:
    server.registry().push(IMAGE, [TRAINING])
    server.on("PUT", ".*/manifests/3", lambda ask: ask.json({"errors": [{"code": "TAG_INVALID"}]}, 400))
    server.registry().push(IMAGE, [TRAINING])
    assert "answers 400" in refusal(lambda: server.registry().push(image_of("two"), [TRAINING]))


def test_a_tag_that_was_refused_for_now_is_set_later(server: Keeping) -> None:
    server.on("PUT", ".*/manifests/3", lambda ask: ask.reply(429, Retry_After="4"), server.put)
    server.registry().push(IMAGE, [TRAINING])
    assert server.waited == [4.0]


def test_a_source_that_ends_early_is_never_taken_for_whole(server: Keeping) -> None:
    short = Blob(LAYER.descriptor, Blob.of(b"short", "").open)
    lying = type(IMAGE)(IMAGE.manifest, IMAGE.media_type, IMAGE.config, (short,))
    assert "corrupt" in refusal(lambda: server.registry().push(lying, [TRAINING]))
    assert not server.manifests
    assert ("team/training", LAYER.descriptor.digest) not in server.blobs


# -------------------------------------------------------------------------------------------- referrers and deletion


def test_attachments_are_kept_under_a_tag_where_there_is_no_api(server: Keeping) -> None:
    note, other = artefact_for(IMAGE, "signed"), artefact_for(IMAGE, "scanned")
    registry = server.registry()
    registry.push(IMAGE, [TRAINING])
    for one in (note, other, note):
        registry.push(one, [Name("training", digest=one.digest)])
    assert [found.digest for found in registry.referrers(TRAINING)] == [note.digest, other.digest]
    assert ("team/training", f"sha256-{IMAGE.digest.hex}") in server.manifests


def test_a_registry_that_knows_what_is_attached_needs_no_tag(server: Keeping) -> None:
    note = artefact_for(IMAGE, "signed")

    def put(ask: Ask) -> None:
        server.manifests["team/training", Digest.of(ask.sent)] = ask.sent
        ask.reply(201, OCI_Subject=IMAGE.digest)

    server.on("PUT", f".*/manifests/{note.digest}", put)
    index = index_of({"linux/amd64": note})
    server.on("GET", "/v2/team/training/referrers/.*", lambda ask: ask.reply(200, index))
    registry = server.registry()
    registry.push(note, [Name("training", digest=note.digest)])
    assert [found.digest for found in registry.referrers(Name("training", digest=IMAGE.digest))] == [note.digest]
    assert not any("sha256-" in path for path in server.paths("PUT"))


@pytest.mark.parametrize("code", [400, 405])
def test_a_registry_that_deletes_nothing_is_left_as_it_was(server: Keeping, code: int) -> None:
    registry = server.registry()
    registry.push(IMAGE, [TRAINING])
    before = dict(server.manifests)
    server.on("DELETE", ".*", lambda ask: ask.reply(code))
    for name in (TRAINING, Name("training", digest=IMAGE.digest)):
        assert "does not delete anything" in refusal(partial(registry.delete, name))
    assert server.manifests == before
