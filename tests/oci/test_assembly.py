from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.assembly import append_layer, assemble
from reconciler.oci.config import labels_of, platform_of, read_config
from reconciler.oci.image import Blob, Image
from reconciler.oci.manifest import Manifest, parse
from reconciler.oci.strict_json import ContentError
from tests.conformance.images import artefact_for, image_of, tar_of

LAYER = tar_of({"opt/env/answer": b"42"})


def appended(base: Image) -> Image:
    return append_layer(base, LAYER, history="envform", labels={"dev.envform.hash": "abc", "word": "new"})


def config_of(image: Image) -> dict[str, Any]:
    value: dict[str, Any] = read_config(image)
    return value


def test_the_layer_comes_last_and_the_base_stays_as_it_was() -> None:
    base = image_of("one", layers=2)
    before = base.manifest
    built = appended(base)
    assert [layer.descriptor for layer in built.layers[:2]] == [layer.descriptor for layer in base.layers]
    assert built.layers[2].open().read() == LAYER
    assert base.manifest == before


def test_manifest_config_and_layers_agree() -> None:
    built = appended(image_of("one", layers=2))
    manifest = parse(built.manifest, built.media_type)
    assert isinstance(manifest, Manifest)
    assert manifest.config == built.config.descriptor
    assert manifest.layers == tuple(layer.descriptor for layer in built.layers)
    assert config_of(built)["rootfs"]["diff_ids"] == [layer.descriptor.digest for layer in built.layers]


def test_equal_arguments_make_equal_bytes() -> None:
    one, two = appended(image_of("one")), appended(image_of("one"))
    assert (one.manifest, one.config.open().read()) == (two.manifest, two.config.open().read())


def test_the_config_keeps_what_the_base_had_and_adds_to_it() -> None:
    config = config_of(appended(image_of("one", "linux/arm64/v8")))
    assert platform_of(config) == "linux/arm64/v8"
    assert config["config"]["Env"] == ["PATH=/bin"]
    assert labels_of(config) == {"word": "new", "dev.envform.hash": "abc"}
    assert config["history"][-1] == {"created": "1970-01-01T00:00:00Z", "created_by": "envform"}
    assert config["created"] == "1970-01-01T00:00:00Z"


def test_a_docker_image_becomes_an_oci_image_over_the_same_bytes() -> None:
    base = image_of("one")
    kind = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    layer = replace(base.layers[0], descriptor=replace(base.layers[0].descriptor, media_type=kind))
    config = replace(base.config, descriptor=replace(base.config.descriptor, media_type=media_types.DOCKER_CONFIG))
    built = appended(Image(base.manifest, media_types.DOCKER_MANIFEST, config, (layer,)))
    assert built.media_type == media_types.OCI_MANIFEST
    assert built.config.descriptor.media_type == media_types.OCI_CONFIG
    assert built.layers[0].descriptor.media_type == media_types.OCI_LAYER + "+gzip"
    assert built.layers[0].descriptor.digest == base.layers[0].descriptor.digest


@pytest.mark.parametrize(
    "config",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"rootfs":[]}',
        b'{"rootfs":{"diff_ids":{}}}',
        b'{"history":{}}',
        b'{"config":{"Labels":[]}}',
        b'{"config":{"Labels":{"a":1}}}',
    ],
)
def test_a_config_that_cannot_be_extended_is_refused_in_a_sentence(config: bytes) -> None:
    base = assemble(Blob.of(config, media_types.OCI_CONFIG), [])
    with pytest.raises(ContentError, match=r"\.$"):
        appended(base)


def test_a_bare_config_is_enough() -> None:
    built = appended(assemble(Blob.of(b'{"config":null}', media_types.OCI_CONFIG), []))
    assert config_of(built)["rootfs"] == {"type": "layers", "diff_ids": [Digest.of(LAYER)]}


def test_an_artefact_has_no_config_to_read() -> None:
    assert read_config(artefact_for(image_of("one"), "note")) == {}


def test_numbers_that_are_not_whole_stay_in_the_config() -> None:
    config = canonical_json({"config": {"x": 1.5}})
    built = appended(assemble(Blob.of(config, media_types.OCI_CONFIG), []))
    assert json.loads(built.config.open().read())["config"]["x"] == 1.5


def test_content_that_stands_twice_in_an_image_is_brought_once() -> None:
    layer = Blob.of(LAYER, media_types.OCI_LAYER)
    image = assemble(Blob.of(b"{}", media_types.OCI_CONFIG), [layer, layer])
    assert [blob.descriptor.digest for blob in image.blobs] == [Digest.of(LAYER), Digest.of(b"{}")]
