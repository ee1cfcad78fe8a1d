"""What is known of layers, beside the images: found again, never believed blindly, and never in anybody's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.model.publication import CACHE, LAYERS
from reconciler.oci.assembly import artefact, assemble
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.oci.reference import Name
from reconciler.oci.volume import PACK_TYPE, Rows, Volume
from reconciler.protocols import Registry
from reconciler.registries.layer_index import FACTS_TYPE, VOLUME_TYPE, RegistryLayerIndex, bound, tag_of
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.memory import MemoryRegistry
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_client import Client
from tests.registries.serving import serve_folder
from tests.services.registry import RegistryServer

LAYER = Blob.of(b"a layer", "application/vnd.oci.image.layer.v1.tar+gzip")
FILE = b"a small wheel"
ROWS: dict[str, Rows] = {
    "1 3.11 numpy": {"layer": {"digest": LAYER.descriptor.digest, "size": LAYER.descriptor.size, "diff_id": "x"}},
    "1 3.11 six": {"contents": {"files": {"six.py": "644:1:2"}, "needs": {}, "brings": []}},
}
VOLUME = Volume(ROWS, (Descriptor("", Digest.of(FILE), len(FILE)),), Blob.of(FILE, PACK_TYPE))


@pytest.fixture(params=["memory", "layout", "remote", "served"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    if request.param == "memory":
        yield MemoryRegistry(at_hand=False)
    elif request.param == "layout":
        yield LayoutRegistry(tmp_path / "images")
    elif request.param == "served":
        with serve_folder(tmp_path / "images", tmp_path / "log") as host:
            yield RemoteRegistry(Client(host), "ours")
    else:
        server: RegistryServer = request.getfixturevalue("registry_server")
        yield RemoteRegistry(Client(server.host), Digest.of(str(tmp_path).encode()).hex[:12])


def of(registry: Registry) -> RegistryLayerIndex:
    """What another machine has."""
    return RegistryLayerIndex(lambda: registry)


def publish(registry: Registry) -> None:
    registry.push(assemble(Blob.of(b"{}", "application/json"), [LAYER]), [Name(CACHE, "image")])


def test_what_one_machine_keeps_another_finds_by_any_of_its_keys(registry: Registry) -> None:
    assert not of(registry).find(["1 3.11 six"]), "nothing is there yet, and that is no error"
    assert of(registry).keep(VOLUME)
    for asked in (["1 3.11 six", "1 3.11 torch"], ["1 3.11 numpy"], [*ROWS]):
        (found,) = of(registry).find(asked)
        assert (found.rows, found.files) == (ROWS, VOLUME.files)
        assert found.pack
        with found.pack.open() as pack:
            assert pack.read() == FILE
    assert list(of(registry).lacking(["1 3.11 torch", *ROWS])) == ["1 3.11 torch"]


def test_a_layer_is_held_once_an_image_with_it_is_there_and_as_long_as_it_should_be(registry: Registry) -> None:
    assert not of(registry).held([LAYER.descriptor])
    publish(registry)
    longer = Descriptor("", LAYER.descriptor.digest, 5000)
    other = Descriptor("", Digest.of(b"other"), 5)
    assert set(of(registry).held([LAYER.descriptor, other])) == {LAYER.descriptor.digest}
    assert not of(registry).held([longer])


def test_a_volume_goes_once_none_of_its_layers_is_there(registry: Registry) -> None:
    publish(registry)
    of(registry).keep(VOLUME)
    gone = Volume({"gone": {"layer": {"digest": Digest.of(b"gone"), "size": 4, "diff_id": "x"}}})
    of(registry).keep(gone)
    registry.push(artefact("text/plain", [LAYER]), [Name(LAYERS, "theirs")])
    of(registry).tidy()
    assert set(registry.list(LAYERS)) == {"theirs", *map(tag_of, ROWS)}
    assert of(registry).find(ROWS)


@pytest.mark.parametrize(
    "facts",
    [
        b"",
        b"{}",
        b'{"rows":{},"files":[{"digest":"sha256:1","size":1}]}',
        b'{"rows":{"k":[]},"files":[]}',
        b'{"rows":{"k":{"layer":1}},"files":[]}',
        b'{"rows":{},"files":[{"digest":"' + Digest.of(FILE).encode() + b'","size":99}]}',
    ],
)
def test_facts_that_are_not_as_we_write_them_count_for_nothing(facts: bytes) -> None:
    import zlib

    world = MemoryRegistry()
    for content in (facts, zlib.compress(facts), zlib.compress(facts)[:-2], zlib.compress(facts) + b"more"):
        blobs = [Blob.of(content, FACTS_TYPE), Blob.of(FILE, PACK_TYPE)]
        world.push(artefact(VOLUME_TYPE, blobs), [Name(LAYERS, tag_of("k"))])
        assert not of(world).find(["k"])


def test_other_artefacts_and_damaged_ones_are_passed_over_and_the_rest_is_found() -> None:
    world = MemoryRegistry()
    of(world).keep(VOLUME)
    world.push(artefact("text/plain", [Blob.of(b"hello", "text/plain")]), [Name(LAYERS, tag_of("theirs"))])
    damaged = bound(Volume({"damaged": {}}))
    world.push(damaged, [Name(LAYERS, tag_of("damaged"))])
    world.blobs[damaged.layers[0].descriptor.digest] = b"something else"
    hollow = bound(Volume({"hollow": {}}))
    world.push(hollow, [Name(LAYERS, tag_of("hollow"))])
    del world.blobs[hollow.layers[0].descriptor.digest]
    index = of(world)
    assert [one.rows for one in index.find(["theirs", "damaged", "hollow", *ROWS])] == [ROWS]
    assert index.lacking(["theirs", "damaged", "hollow", *ROWS]) == ["damaged", "hollow"], "others' are left to them"
    of(world).tidy()
    assert set(world.list(LAYERS)) == {tag_of("theirs")}, "nothing of use is left: no image has the layer"


class Refusing(MemoryRegistry):
    """Lets nobody see or write the index."""

    def list(self, repository: str) -> Mapping[str, Digest | None]:
        super().list(repository)
        raise RegistryError("Registry refused", "Not you.")


def test_a_registry_that_refuses_is_asked_once_and_nobody_hears_of_it() -> None:
    world = Refusing()
    index = of(world)
    assert (index.find(ROWS), index.lacking(ROWS), index.held([LAYER.descriptor])) == ((), (), ())
    assert index.keep(VOLUME) is False
    assert world.requests == [f"list {LAYERS}"]


def test_many_keys_cost_one_listing_and_one_look_at_each_volume() -> None:
    world = MemoryRegistry()
    rows = {f"key {number}": {"layer": {"digest": Digest.of(b"x"), "size": 1, "diff_id": "x"}} for number in range(50)}
    of(world).keep(Volume(rows))
    world.requests.clear()
    index = of(world)
    assert len(index.find(rows)) == 1
    assert index.find(rows)
    assert [asked.partition(" ")[0] for asked in world.requests] == ["list", "pull"]
