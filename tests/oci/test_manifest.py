from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.manifest import LARGEST_MANIFEST, Index, Manifest, parse
from reconciler.oci.platform import parse_platform, select, suits
from reconciler.oci.strict_json import ContentError

DIGEST = Digest.of(b"{}")
PART: dict[str, Any] = {"mediaType": media_types.OCI_CONFIG, "digest": DIGEST, "size": 2}
IMAGE: dict[str, Any] = {"schemaVersion": 2, "mediaType": media_types.OCI_MANIFEST, "config": PART, "layers": [PART]}
INDEX: dict[str, Any] = {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": [PART]}


def spelled(value: object) -> bytes:
    return json.dumps(value).encode()


def test_an_image_manifest_is_read() -> None:
    subject = {**PART, "mediaType": media_types.OCI_MANIFEST}
    found = parse(spelled({**IMAGE, "subject": subject, "artifactType": "application/x", "annotations": {"a": "b"}}))
    assert isinstance(found, Manifest)
    assert found.config == Descriptor(media_types.OCI_CONFIG, DIGEST, 2)
    assert found.layers == (found.config,)
    assert found.subject == Descriptor(media_types.OCI_MANIFEST, DIGEST, 2)
    assert (found.artifact_type, found.annotations) == ("application/x", {"a": "b"})


def test_an_index_is_read_with_its_platforms() -> None:
    arm = {**PART, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}
    found = parse(spelled({**INDEX, "manifests": [arm, PART]}))
    assert isinstance(found, Index)
    assert [entry.platform for entry in found.manifests] == ["linux/arm64/v8", ""]


def test_the_media_type_may_be_missing_and_is_told_by_what_is_there() -> None:
    for value, media_type in ((IMAGE, media_types.OCI_MANIFEST), (INDEX, media_types.OCI_INDEX)):
        bare = {key: member for key, member in value.items() if key != "mediaType"}
        assert parse(spelled(bare)).media_type == media_type
        assert parse(spelled(bare), media_type + "; charset=utf-8").media_type == media_type


def test_a_missing_artifact_type_is_the_configs_type() -> None:
    found = parse(spelled(IMAGE))
    assert isinstance(found, Manifest)
    assert found.artifact_type == media_types.OCI_CONFIG


def test_unknown_types_and_members_are_no_errors() -> None:
    odd = {**PART, "mediaType": "application/x-odd", "data": "e30=", "urls": ["https://example.com"]}
    found = parse(spelled({**IMAGE, "layers": [odd], "unknown": {"a": [1, None]}, "mediaType": "application/x-odd"}))
    assert isinstance(found, Manifest)
    assert found.layers[0].media_type == "application/x-odd"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b'"text"', "must be a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b" " * (LARGEST_MANIFEST + 1), "are not read"),
        (spelled(IMAGE)[:-1] + b', "config": {}}', "twice"),
        (spelled(IMAGE)[:-1] + b', "x": NaN}', "not a whole number"),
        (spelled(IMAGE)[:-1] + b', "x": 1e400}', "not a whole number"),
        (spelled(IMAGE)[:-1] + b', "x": ' + b"9" * 10_000 + b"}", "not valid JSON"),
        (spelled({**IMAGE, "schemaVersion": 1}), "schema version 1"),
        (spelled({**IMAGE, "schemaVersion": True}), "schema"),
        (spelled({**IMAGE, "schemaVersion": "2"}), "`schemaVersion` 2"),
        (spelled({"mediaType": media_types.OCI_MANIFEST}), "`schemaVersion` 2"),
        (spelled({**IMAGE, "manifests": []}), "at once an image and an index"),
        (spelled({**INDEX, "config": {}}), "at once an image and an index"),
        (spelled({**INDEX, "mediaType": media_types.OCI_MANIFEST}), "An index of images was found"),
        (spelled({**IMAGE, "mediaType": media_types.DOCKER_INDEX}), "An image manifest was found"),
        (spelled({"schemaVersion": 2, "layers": []}), "names no config"),
        (spelled({**IMAGE, "config": []}), "must be an object"),
        (spelled({**IMAGE, "layers": {}}), "list of objects"),
        (spelled({**IMAGE, "layers": [[]]}), "list of objects"),
        (spelled({**IMAGE, "mediaType": 1}), "must be a text"),
        (spelled({**IMAGE, "annotations": {"a": 1}}), "texts only"),
        (spelled({**IMAGE, "subject": {"digest": "x"}}), "`size` of the subject"),
        *(
            (spelled({**IMAGE, "config": {**PART, "size": size}}), "`size` of the config")
            for size in (-1, True, "2", None, 1 << 63)
        ),
        *(
            (spelled({**IMAGE, "layers": [{**PART, "digest": digest}]}), "`digest` of a layer")
            for digest in ("", "sha256:abc", "sha512:" + "0" * 128, DIGEST.upper(), DIGEST + "\n", "../" * 24)
        ),
    ],
)
def test_what_a_stranger_may_send_is_refused_in_a_sentence(content: bytes, why: str) -> None:
    with pytest.raises(ContentError, match=r"\.$") as caught:
        parse(content)
    assert why in str(caught.value)


def test_another_type_than_the_expected_one_is_refused() -> None:
    with pytest.raises(ContentError, match="was expected"):
        parse(spelled(IMAGE), media_types.DOCKER_MANIFEST)
    with pytest.raises(ContentError, match="was expected"):
        parse(spelled(INDEX), media_types.OCI_MANIFEST)


KEYS = st.sampled_from(sorted({*IMAGE, *INDEX, *PART, "subject", "annotations", "platform"}))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
NEARLY = st.builds(
    lambda value, changed: {**value, **changed},
    st.sampled_from([IMAGE, INDEX]),
    st.dictionaries(KEYS, JSON, max_size=2),
)


@given(st.binary(max_size=64) | (JSON | NEARLY).map(spelled))
def test_any_bytes_are_read_or_refused_in_a_sentence(content: bytes) -> None:
    try:
        parse(content)
    except ContentError as cause:
        refusal = str(cause)
    else:
        refusal = "It was read."
    assert refusal.endswith(".")


def entry(platform: str, word: bytes = b"") -> Descriptor:
    return Descriptor(media_types.OCI_MANIFEST, Digest.of(word or platform.encode()), 2, platform=platform)


@pytest.mark.parametrize(
    ("found", "wanted", "fits"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/arm64/v8", "linux/arm64", True),
        ("linux/arm64", "linux/arm64/v8", True),
        ("linux/arm/v7", "linux/arm", True),
        ("linux/arm/v6", "linux/arm", False),
        ("linux/aarch64", "linux/arm64", True),
        ("linux/amd64/v3", "linux/amd64", False),
        ("windows/amd64", "linux/amd64", False),
        ("unknown/unknown", "linux/amd64", False),
        ("", "linux/amd64", True),
    ],
)
def test_an_image_suits_the_platform_that_it_was_made_for(found: str, wanted: str, fits: bool) -> None:
    assert suits(found, wanted) is fits


def test_the_first_image_for_the_platform_is_chosen() -> None:
    manifests = [
        entry("unknown/unknown"),
        entry("linux/arm64/v8"),
        entry("linux/amd64", b"a"),
        entry("linux/amd64", b"b"),
    ]
    assert select(manifests, "linux/amd64") == manifests[2]
    assert select(manifests, "linux/arm64") == manifests[1]
    assert select(manifests, "linux/s390x") is None
    assert select([], "linux/amd64") is None


def test_an_image_without_platform_is_chosen_only_when_it_stands_alone() -> None:
    assert select([entry("", b"a")], "linux/amd64") == entry("", b"a")
    assert select([entry("", b"a"), entry("", b"b")], "linux/amd64") is None


@pytest.mark.parametrize("text", ["linux/amd64", "linux/arm64", "linux/arm64/v8", "linux/x86_64", "linux/arm/v6"])
def test_a_platform_has_one_spelling(text: str) -> None:
    assert parse_platform(parse_platform(text)) == parse_platform(text)
    assert suits(text, parse_platform(text))


@pytest.mark.parametrize(
    "text", ["", "linux", "linux/", "/amd64", "Linux/amd64", "linux/amd64/v1/x", "linux amd64", "linux/amd64\n"]
)
def test_what_is_no_platform_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_platform(text)


def test_canonical_json_is_what_manifests_are_written_in() -> None:
    assert parse(canonical_json(IMAGE)) == parse(spelled(IMAGE))
