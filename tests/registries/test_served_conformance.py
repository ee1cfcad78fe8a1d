"""What the distribution specification asks of registries, of docker-registry and of ours alike.

Where docker-registry 2.8 is known to be behind the specification, the test names ours alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.image import Image
from tests.conformance.images import artefact_for, image_of, index_of
from tests.registries.serving import serve_folder
from tests.registries.talking import Said, Talk, with_query
from tests.services.registry import RegistryServer

ACCEPT = ", ".join(sorted(media_types.MANIFESTS | media_types.INDEXES))
OURS, DOCKERS = "envform registry serve", "docker-registry"
NOWHERE = Digest.of(b"nobody has pushed this")


@dataclass
class Place:
    """A registry, and a repository that only one test uses."""

    talk: Talk
    repository: str
    ours: bool

    def of(self, kind: str, reference: str) -> str:
        return f"/v2/{self.repository}/{kind}/{reference}"

    def manifest(self, method: str, reference: str, **headers: str) -> Said:
        return self.talk(method, self.of("manifests", reference), None, Accept=ACCEPT, **headers)

    def push(self, image: Image, *references: str) -> Digest:
        return self.talk.push(self.repository, image, *references)

    def put(self, reference: str, content: bytes, media_type: str = media_types.OCI_MANIFEST) -> Said:
        return self.talk.put_manifest(self.repository, reference, content, media_type)

    def begin(self) -> str:
        return self.talk.begin(self.repository)


@pytest.fixture(scope="module")
def our_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    with serve_folder(folder / "layout", folder / "log") as host:
        yield host


def place_of(host: str, request: pytest.FixtureRequest, *, ours: bool) -> Place:
    name = request.node.originalname.removeprefix("test_").replace("_", "-")[:60].strip("-")
    return Place(Talk(host), f"conformance/{name}", ours)


@pytest.fixture(params=[OURS, DOCKERS])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == OURS:
        return place_of(request.getfixturevalue("our_host"), request, ours=True)
    server: RegistryServer = request.getfixturevalue("registry_server")
    return place_of(server.host, request, ours=False)


@pytest.fixture
def ours(our_host: str, request: pytest.FixtureRequest) -> Place:
    return place_of(our_host, request, ours=True)


# Pull


def test_the_api_says_that_it_is_there(place: Place) -> None:
    said = place.talk("GET", "/v2/")
    assert said.status == 200
    assert said.headers["docker-distribution-api-version"] == "registry/2.0"


def test_a_manifest_comes_by_tag_and_by_digest_with_and_without_its_bytes(place: Place) -> None:
    image = image_of("pull")
    place.push(image, "1.0")
    for reference in ("1.0", image.digest):
        got, head = place.manifest("GET", reference), place.manifest("HEAD", reference)
        assert (got.status, head.status) == (200, 200)
        assert got.body == image.manifest
        assert head.body == b""
        for said in (got, head):
            assert said.headers["content-type"].startswith(media_types.OCI_MANIFEST)
            assert said.headers["docker-content-digest"] == image.digest
            assert said.headers["content-length"] == str(len(image.manifest))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_not_there_is_404_with_a_code(place: Place, method: str) -> None:
    place.push(image_of("there"), "1")
    answers = {
        "MANIFEST_UNKNOWN": [place.manifest(method, "2"), place.manifest(method, NOWHERE)],
        "BLOB_UNKNOWN": [place.talk(method, place.of("blobs", NOWHERE))],
    }
    for code, found in answers.items():
        for said in found:
            assert said.status == 404
            assert said.body == b"" if method == "HEAD" else said.codes == [code]


def test_a_blob_comes_whole_and_tells_what_it_is(place: Place) -> None:
    content = b"0123456789" * 20_000
    digest = place.talk.push_blob(place.repository, content)
    got, head = (place.talk(method, place.of("blobs", digest)) for method in ("GET", "HEAD"))
    assert (got.status, head.status) == (200, 200)
    assert (got.body, head.body) == (content, b"")
    for said in (got, head):
        assert said.headers["docker-content-digest"] == digest
        assert said.headers["content-length"] == str(len(content))
        assert said.headers["etag"].strip('"') == digest


def test_an_empty_blob_is_a_blob(place: Place) -> None:
    digest = place.talk.push_blob(place.repository, b"")
    assert place.talk("GET", place.of("blobs", digest)).body == b""


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=2-5", 2, 5), ("bytes=6-", 6, 9), ("bytes=0-0", 0, 0), ("bytes=8-99", 8, 9)]
)
def test_a_part_of_a_blob_comes_where_a_part_is_asked_for(place: Place, asked: str, first: int, last: int) -> None:
    digest = place.talk.push_blob(place.repository, b"0123456789")
    said = place.talk("GET", place.of("blobs", digest), Range=asked)
    assert said.status == 206
    assert said.body == b"0123456789"[first : last + 1]
    assert said.headers["content-range"] == f"bytes {first}-{last}/10"


def test_the_end_of_a_blob_comes_where_its_last_bytes_are_asked_for(place: Place) -> None:
    digest = place.talk.push_blob(place.repository, b"0123456789")
    assert place.talk("GET", place.of("blobs", digest), Range="bytes=-3").body == b"789"


@pytest.mark.parametrize("asked", ["bytes=10-20", "bytes=5-0"])
def test_a_part_that_is_not_there_is_416(ours: Place, asked: str) -> None:
    digest = ours.talk.push_blob(ours.repository, b"0123456789")
    assert ours.talk("GET", ours.of("blobs", digest), Range=asked).status == 416


def test_what_a_client_has_already_is_304(place: Place) -> None:
    digest = place.talk.push_blob(place.repository, b"0123456789")
    image = image_of("kept")
    place.push(image, "1")
    assert place.talk("GET", place.of("blobs", digest), If_None_Match=f'"{digest}"').status == 304
    assert place.manifest("GET", "1", If_None_Match=f'"{image.digest}"').status == 304


# Push


def test_a_blob_is_sent_in_one_put_after_a_post(place: Place) -> None:
    content = b"in one piece"
    digest = Digest.of(content)
    said = place.talk("PUT", with_query(place.begin(), digest=digest), content)
    assert said.status == 201
    assert said.headers["docker-content-digest"] == digest
    assert place.talk("GET", said.headers["location"]).body == content


def test_a_post_may_bring_the_whole_blob_or_be_told_to_go_on(place: Place) -> None:
    content = b"with the first request"
    digest = Digest.of(content)
    said = place.talk("POST", with_query(f"/v2/{place.repository}/blobs/uploads/", digest=digest), content)
    assert said.status == (201 if place.ours else 202)
    if said.status == 202:
        said = place.talk("PUT", with_query(said.headers["location"], digest=digest), content)
    assert said.status == 201
    assert place.talk("HEAD", place.of("blobs", digest)).status == 200


def test_a_blob_is_sent_in_pieces(place: Place) -> None:
    pieces = [b"first,", b"second,", b"third"]
    where, sent = place.begin(), 0
    for piece in pieces[:2]:
        said = place.talk("PATCH", where, piece, Content_Range=f"{sent}-{sent + len(piece) - 1}")
        sent += len(piece)
        assert said.status == 202
        assert said.headers["range"] == f"0-{sent - 1}"
        where = said.headers["location"]
    state = place.talk("GET", where)
    assert (state.status, state.headers["range"]) == (204, f"0-{sent - 1}")
    whole = b"".join(pieces)
    end = f"{sent}-{len(whole) - 1}"
    said = place.talk("PUT", with_query(where, digest=Digest.of(whole)), pieces[2], Content_Range=end)
    assert said.status == 201
    assert place.talk("GET", place.of("blobs", Digest.of(whole))).body == whole


def test_a_blob_is_sent_in_one_stream_of_unknown_length(place: Place) -> None:
    whole = b"as docker does it" * 5000
    pieces = iter([whole[:7], whole[7:40_000], whole[40_000:]])
    said = place.talk("PATCH", place.begin(), pieces)
    assert said.status == 202
    done = place.talk("PUT", with_query(said.headers["location"], digest=Digest.of(whole)), b"")
    assert done.status == 201
    assert place.talk("GET", place.of("blobs", Digest.of(whole))).body == whole


def test_a_digest_that_is_not_the_contents_is_400_and_nothing_is_kept(place: Place) -> None:
    said = place.talk("PUT", with_query(place.begin(), digest=NOWHERE), b"something else")
    assert said.status == 400
    assert said.codes[0] in {"DIGEST_INVALID", "BLOB_UPLOAD_INVALID"}
    assert place.talk("HEAD", place.of("blobs", NOWHERE)).status == 404


@pytest.mark.parametrize("digest", ["", "sha256:abc", "md5:0123", "nonsense"])
def test_an_upload_ends_with_a_digest_or_with_400(place: Place, digest: str) -> None:
    assert place.talk("PUT", with_query(place.begin(), digest=digest), b"x").status == 400


def test_an_upload_that_is_given_up_is_gone(place: Place) -> None:
    where = place.begin()
    assert place.talk("DELETE", where).status == 204
    assert place.talk("GET", where).status == 404


def test_a_blob_is_mounted_from_another_repository(place: Place) -> None:
    other = f"{place.repository}-other"
    digest = place.talk.push_blob(other, b"shared")
    asked = with_query(f"/v2/{place.repository}/blobs/uploads/", mount=digest, **{"from": other})
    said = place.talk("POST", asked, b"")
    assert said.status == 201
    assert place.talk("GET", said.headers["location"]).body == b"shared"


def test_what_cannot_be_mounted_begins_an_upload(place: Place) -> None:
    asked = with_query(f"/v2/{place.repository}/blobs/uploads/", mount=NOWHERE, **{"from": "conformance/nobody"})
    said = place.talk("POST", asked, b"")
    assert said.status == 202
    content = b"sent then"
    assert place.talk("PUT", with_query(said.headers["location"], digest=Digest.of(content)), content).status == 201


def test_a_manifest_is_kept_under_a_tag_that_may_move(place: Place) -> None:
    one, two = image_of("one"), image_of("two")
    place.push(one, "latest", "1")
    place.push(two, "latest")
    assert place.manifest("GET", "latest").body == two.manifest
    assert place.manifest("GET", "1").body == one.manifest


def test_a_manifest_tells_where_it_is_kept(place: Place) -> None:
    image = image_of("where")
    place.push(image)
    said = place.put("1", image.manifest)
    assert said.status == 201
    assert said.headers["docker-content-digest"] == image.digest
    assert place.manifest("GET", said.headers["location"].rpartition("/")[2]).body == image.manifest


def test_a_manifest_is_kept_by_its_own_digest_only(place: Place) -> None:
    image = image_of("digest")
    place.push(image)
    said = place.put(NOWHERE, image.manifest)
    assert (said.status, said.codes[0]) == (400, "DIGEST_INVALID")


def test_a_manifest_whose_content_is_not_there_is_refused(place: Place) -> None:
    said = place.put("1", image_of("nothing of it was pushed").manifest)
    assert said.status == 400
    assert set(said.codes) == {"MANIFEST_BLOB_UNKNOWN"} if place.ours else "MANIFEST_BLOB_UNKNOWN" in said.codes
    assert place.manifest("GET", "1").status == 404


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\x00\xff", b"[" * 100_000])
def test_what_is_no_manifest_is_refused(place: Place, content: bytes) -> None:
    said = place.put("1", content)
    assert said.status == 400
    assert said.codes[0] in {"MANIFEST_INVALID", "MANIFEST_UNKNOWN", "MANIFEST_UNVERIFIED", "TAG_INVALID"}


def test_an_index_holds_images_that_are_there(place: Place) -> None:
    images = {"linux/amd64": image_of("index"), "linux/arm64": image_of("index", "linux/arm64")}
    index = index_of(images)
    assert place.put("1", index, media_types.OCI_INDEX).status == 400
    for image in images.values():
        place.push(image)
    assert place.put("1", index, media_types.OCI_INDEX).status == 201
    said = place.manifest("GET", "1")
    assert said.body == index
    assert said.headers["content-type"].startswith(media_types.OCI_INDEX)


def test_a_layer_that_may_not_be_handed_on_need_not_be_there(ours: Place) -> None:
    image = image_of("windows")
    ours.push(image)
    manifest = json.loads(image.manifest)
    kind = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    manifest["layers"].append({"mediaType": kind, "digest": NOWHERE, "size": 7, "urls": ["https://example.com/layer"]})
    content = json.dumps(manifest).encode()
    assert ours.put("1", content).status == 201
    assert ours.manifest("GET", "1").body == content


# Content discovery


def test_tags_are_listed_all_at_once(place: Place) -> None:
    place.push(image_of("tags"), "b", "a", "C", "1.0")
    said = place.talk("GET", f"/v2/{place.repository}/tags/list")
    assert said.status == 200
    assert said.json["name"] == place.repository
    assert sorted(said.json["tags"]) == ["1.0", "C", "a", "b"]


def test_a_repository_that_nobody_pushed_to_is_unknown(place: Place) -> None:
    said = place.talk("GET", f"/v2/{place.repository}/tags/list")
    assert (said.status, said.codes) == (404, ["NAME_UNKNOWN"])


def test_a_repository_whose_last_image_was_deleted_is_empty_but_known(place: Place) -> None:
    image = image_of("the last one")
    place.push(image, "1", "2")
    assert place.manifest("DELETE", image.digest).status == 202
    said = place.talk("GET", f"/v2/{place.repository}/tags/list")
    assert said.status == 200
    assert not said.json["tags"]


def test_a_repository_of_images_without_tags_is_empty_but_known(ours: Place) -> None:
    ours.push(image_of("by its digest only"))
    said = ours.talk("GET", f"/v2/{ours.repository}/tags/list")
    assert (said.status, said.json["tags"]) == (200, [])


def test_tags_come_in_pages_that_lead_to_each_other(ours: Place) -> None:
    ours.push(image_of("pages"), "1", "2", "3", "4", "5")
    address: str = f"/v2/{ours.repository}/tags/list?n=2"
    pages = []
    while address:
        said = ours.talk("GET", address)
        pages.append(said.json["tags"])
        address = said.headers.get("link", "").partition("<")[2].partition(">")[0]
        assert bool(address) == (pages[-1] != ["5"])
    assert pages == [["1", "2"], ["3", "4"], ["5"]]
    assert ours.talk("GET", f"/v2/{ours.repository}/tags/list?last=3").json["tags"] == ["4", "5"]
    assert ours.talk("GET", f"/v2/{ours.repository}/tags/list?n=0").json["tags"] == []
    assert ours.talk("GET", f"/v2/{ours.repository}/tags/list?n=many").status == 400


def test_repositories_are_listed(place: Place) -> None:
    place.push(image_of("catalog"), "1")
    said = place.talk("GET", "/v2/_catalog?n=1000")
    assert said.status == 200
    assert place.repository in said.json["repositories"]


def test_what_is_attached_to_an_image_is_found_by_its_kind(ours: Place) -> None:
    image = image_of("subject")
    notes = [artefact_for(image, text, kind) for text, kind in (("a", "application/x-a"), ("b", "application/x-b"))]
    for note in notes:  # before its subject is there, which is allowed
        for blob in note.blobs:
            with blob.open() as content:
                ours.talk.push_blob(ours.repository, content.read())
        said = ours.put(note.digest, note.manifest)
        assert (said.status, said.headers["oci-subject"]) == (201, image.digest)
    said = ours.talk("GET", ours.of("referrers", image.digest))
    assert (said.status, said.headers["content-type"]) == (200, media_types.OCI_INDEX)
    assert {entry["digest"]: entry["artifactType"] for entry in said.json["manifests"]} == {
        notes[0].digest: "application/x-a",
        notes[1].digest: "application/x-b",
    }
    assert {entry["annotations"]["note"] for entry in said.json["manifests"]} == {"a", "b"}
    assert "oci-filters-applied" not in said.headers
    said = ours.talk("GET", with_query(ours.of("referrers", image.digest), artifactType="application/x-b"))
    assert [entry["digest"] for entry in said.json["manifests"]] == [notes[1].digest]
    assert said.headers["oci-filters-applied"] == "artifactType"
    assert ours.manifest("DELETE", notes[0].digest).status == 202
    left = ours.talk("GET", ours.of("referrers", image.digest)).json["manifests"]
    assert [entry["digest"] for entry in left] == [notes[1].digest]


def test_an_index_may_be_attached_to_an_image(ours: Place) -> None:
    image = image_of("subject of an index")
    ours.push(image, "1")
    index = {**json.loads(index_of({"linux/amd64": image})), "artifactType": "application/x-set"}
    index["subject"] = {"mediaType": image.media_type, "digest": image.digest, "size": len(image.manifest)}
    content = json.dumps(index).encode()
    said = ours.put(Digest.of(content), content, media_types.OCI_INDEX)
    assert (said.status, said.headers["oci-subject"]) == (201, image.digest)
    (found,) = ours.talk("GET", ours.of("referrers", image.digest)).json["manifests"]
    assert (found["digest"], found["artifactType"]) == (Digest.of(content), "application/x-set")


def test_nothing_is_attached_to_what_nobody_has_pushed(ours: Place) -> None:
    said = ours.talk("GET", ours.of("referrers", NOWHERE))
    assert (said.status, said.json["manifests"]) == (200, [])
    assert ours.talk("GET", ours.of("referrers", "sha256:short")).status == 400


# Content management


def test_a_manifest_that_is_deleted_takes_its_tags_along(place: Place) -> None:
    image = image_of("deleted")
    place.push(image, "1", "2")
    assert place.manifest("DELETE", image.digest).status == 202
    assert [place.manifest("GET", reference).status for reference in ("1", "2", image.digest)] == [404, 404, 404]
    assert place.manifest("DELETE", image.digest).status == 404


def test_what_was_deleted_can_be_pushed_again(place: Place) -> None:
    image = image_of("again")
    place.push(image, "1")
    place.manifest("DELETE", image.digest)
    place.push(image, "1")
    assert place.manifest("GET", "1").body == image.manifest


def test_a_tag_that_is_deleted_leaves_the_image(ours: Place) -> None:
    image = image_of("tag deleted")
    ours.push(image, "1", "2")
    assert ours.manifest("DELETE", "1").status == 202
    assert [ours.manifest("GET", reference).status for reference in ("1", "2", image.digest)] == [404, 200, 200]
    assert ours.manifest("DELETE", "1").status == 404


def test_an_image_that_another_repository_has_stays_there(place: Place) -> None:
    image = image_of("shared by two")
    other = f"{place.repository}-other"
    place.push(image, "1")
    place.talk.push(other, image, "1")
    assert place.manifest("DELETE", image.digest).status == 202
    assert place.manifest("GET", "1").status == 404
    assert place.talk("GET", f"/v2/{other}/manifests/1", Accept=ACCEPT).body == image.manifest


# Refusals


def test_a_method_that_an_address_does_not_take_is_405(place: Place) -> None:
    assert place.talk("PUT", f"/v2/{place.repository}/tags/list", b"").status == 405
    assert place.talk("POST", place.of("manifests", "1"), b"").status == 405


def test_an_upload_that_never_began_is_404(place: Place) -> None:
    unknown = place.of("blobs", "uploads/b8ee7a6c-7a0c-4c7b-9a3d-000000000000")
    assert place.talk("GET", unknown).status == 404
    said = place.talk("PATCH", unknown, b"x")
    assert (said.status, said.codes) == (404, ["BLOB_UPLOAD_UNKNOWN"]) if place.ours else said.status == 404


def test_an_upload_belongs_to_its_repository(ours: Place) -> None:
    where = ours.begin().replace(ours.repository, "conformance/somebody-else")
    assert ours.talk("PATCH", where, b"x").status == 404


@pytest.mark.parametrize("told", ["0-4", "5-9", "3-12", "nonsense", "4-3"])
def test_a_piece_that_does_not_follow_is_416_and_the_upload_goes_on(ours: Place, told: str) -> None:
    said = ours.talk("PATCH", ours.begin(), b"012", Content_Range="0-2")
    where = said.headers["location"]
    refused = ours.talk("PATCH", where, b"45678", Content_Range=told)
    assert refused.status == 416
    assert refused.headers["range"] == "0-2"
    assert ours.talk("PATCH", where, b"345", Content_Range="3-5").status == 202
    assert ours.talk("PUT", with_query(where, digest=Digest.of(b"012345")), b"").status == 201


def test_a_manifest_of_more_than_four_mebibytes_is_413_and_not_read(ours: Place) -> None:
    assert ours.put("1", b" " * ((4 << 20) + 1)).status == 413


def test_blobs_are_not_deleted_one_by_one(ours: Place) -> None:
    digest = ours.talk.push_blob(ours.repository, b"somebody may need this")
    assert ours.talk("DELETE", ours.of("blobs", digest)).status == 405
    assert ours.talk("HEAD", ours.of("blobs", digest)).status == 200


@pytest.mark.parametrize("name", ["Upper", "a//b", "-a", "a/", "a..b", "a/../b", "a%2F..%2F..%2Fetc", "ä", "a" * 300])
def test_a_bad_name_is_refused_and_reaches_no_file(ours: Place, name: str) -> None:
    said = ours.talk("GET", f"/v2/{quote(name, safe='/%')}/manifests/1")
    assert said.status in (400, 404)
    assert ours.talk("POST", f"/v2/{quote(name, safe='/%')}/blobs/uploads/", b"").status in (400, 404)


@pytest.mark.parametrize("tag", [".hidden", "-a", "a" * 129, "a b", "a%00b", "sha512:" + "0" * 128])
def test_a_bad_tag_is_refused(ours: Place, tag: str) -> None:
    image = image_of("bad tags")
    ours.push(image)
    assert ours.put(quote(tag, safe="%:"), image.manifest).status == 400
    assert ours.manifest("GET", quote(tag, safe="%:")).status == 404


def test_a_name_may_hold_the_words_of_the_protocol(ours: Place) -> None:
    image = image_of("words")
    for repository in ("a/blobs/uploads", "tags/list", "a/manifests/b", "a/b/c/d/e"):
        ours.talk.push(repository, image, "1")
        assert ours.talk("GET", f"/v2/{repository}/manifests/1").body == image.manifest
        assert ours.talk("GET", f"/v2/{repository}/tags/list").json == {"name": repository, "tags": ["1"]}
