"""A machine that never saw a package, and a registry whose images have its layer already."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from reconciler.builders.layers.base_python import told_key
from reconciler.builders.layers.builder import LayersBuilder
from reconciler.builders.layers.grouping import SOLO_FROM
from reconciler.builders.layers.packages import Package, Seen
from reconciler.builders.layers.target import Target
from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.model.publication import CACHE, LAYERS
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import JsonObject
from reconciler.oci.volume import PACK_TYPE, Volume
from reconciler.registries.layer_index import RegistryLayerIndex, bound, tag_of
from reconciler.registries.memory import MemoryRegistry
from tests.builders.building import Workshop, recipe
from tests.builders.making_wheels import TinyWheel, artefact
from tests.builders.small_bases import python_base

BIG, SMALL = SOLO_FROM + 5000, 3000


class Machine:
    """One that publishes in a registry which others use, too; `fetched` are the packages that it had to bring."""

    def __init__(self, folder: Path, registry: MemoryRegistry) -> None:
        self.fetched: list[str] = []
        self._shop, self._registry = Workshop(folder), registry
        self.builder = LayersBuilder(self._shop.cache, self._fetch, RegistryLayerIndex(lambda: registry))

    def build(self, *wheels: Path) -> Image:
        """An image, published, and told of."""
        image = self.builder.build(recipe(BASE, wheels), BASE, lambda _: None)
        self._registry.push(image, [Name(CACHE, image.digest.hex[:32])])
        self.builder.publish()
        return image

    def _fetch(self, wanted: Artefact, seen: Seen) -> Path:
        if not self._shop.cache.find("artefacts", wanted.digest):
            self.fetched.append(wanted.name)
        return self._shop.files.fetch(wanted, seen)


BASE = python_base()


def wheel(folder: Path, name: str, size: int, version: str = "1.0") -> Path:
    content = random.Random(f"{name} {version}").randbytes(size)
    program = f"[console_scripts]\n{name} = {name}:main\n"
    return TinyWheel({f"{name}.py": content}, name=name, version=version, entry_points=program).write(folder)


@pytest.fixture
def wheels(tmp_path: Path) -> dict[str, Path]:
    sizes = {"one": BIG, "two": BIG, "three": BIG, "four": SMALL, "five": SMALL, "six": SMALL}
    return {name: wheel(tmp_path, name, size) for name, size in sizes.items()}


def alone(folder: Path, *wheels: Path) -> Digest:
    """What a machine makes that fetches everything."""
    return Workshop(folder).build(BASE, wheels).digest


def key(path: Path) -> str:
    return Package(artefact(path), Target("3.11")).key


def test_a_machine_without_a_cache_makes_a_new_mix_from_what_others_have_built(
    tmp_path: Path, wheels: dict[str, Path]
) -> None:
    one, two, three, four, five, six = wheels.values()
    world = MemoryRegistry(at_hand=False)
    first = Machine(tmp_path / "first", world)
    first.build(one, two, four, five)
    first.build(three, six)
    before = set(world.blobs)
    fresh = Machine(tmp_path / "fresh", world)
    image = fresh.build(one, three, four, six)
    assert fresh.fetched == []
    sent = [len(content) for digest, content in world.blobs.items() if digest not in before]
    assert max(sent) < 40_000, "the small group, config and manifest, and what is known of that group"
    assert image.digest == alone(tmp_path / "alone", one, three, four, six)

    another = Machine(tmp_path / "another", world)
    new = wheel(tmp_path, "seven", BIG)
    assert another.build(one, four, new).digest == alone(tmp_path / "alone", one, four, new)
    assert another.fetched == ["seven"]


def test_what_is_known_here_is_asked_of_nobody_and_told_once(tmp_path: Path, wheels: dict[str, Path]) -> None:
    world = MemoryRegistry(at_hand=False)
    machine = Machine(tmp_path / "machine", world)
    machine.build(*wheels.values())
    world.requests.clear()
    for _ in range(3):
        machine.build(*wheels.values())
    assert [asked.partition(" ")[0] for asked in world.requests] == ["push"] * 3


def test_files_that_one_shares_with_others_are_settled_as_if_the_wheels_were_there(tmp_path: Path) -> None:
    first = TinyWheel({"same.py": "first"}, name="first").write(tmp_path)
    second = TinyWheel({"same.py": "second", "more.bin": random.Random(1).randbytes(BIG)}, name="second").write(
        tmp_path
    )
    world = MemoryRegistry(at_hand=False)
    machine = Machine(tmp_path / "machine", world)
    machine.build(first)
    machine.build(second)
    fresh = Machine(tmp_path / "fresh", world)
    assert fresh.build(first, second).digest == alone(tmp_path / "alone", first, second)
    assert fresh.fetched == []


def closed(base: Image) -> Image:
    """The same base, of which no layer may be read."""

    def refuse() -> BinaryIO:
        raise AssertionError("A layer of the base was read.")

    return replace(base, layers=tuple(replace(layer, open=refuse) for layer in base.layers))


def test_a_base_that_others_have_read_is_not_read_again(tmp_path: Path, wheels: dict[str, Path]) -> None:
    world = MemoryRegistry(at_hand=False)
    image = Machine(tmp_path / "first", world).build(wheels["four"])
    fresh = Machine(tmp_path / "fresh", world)
    assert fresh.builder.python(closed(BASE), "base", "", "linux/amd64").version == "3.11"
    assert fresh.builder.build(recipe(BASE, [wheels["four"]]), closed(BASE), lambda _: None).digest == image.digest


@pytest.mark.parametrize(
    "lie_about",
    [
        {"pythons": [{"path": "usr/bin/python3.11"}]},
        {"pythons": 1},
        {"pythons": [], "libraries": [], "links": {}, "installed": {}, "glibc": 2},
        {"pythons": [], "libraries": ["x\ny"], "links": {}, "installed": {}, "glibc": ""},
        {},
    ],
)
def test_a_base_of_which_others_tell_nonsense_is_read(
    tmp_path: Path, wheels: dict[str, Path], lie_about: JsonObject
) -> None:
    world = MemoryRegistry(at_hand=False)
    lie(world, Volume({told_key(BASE.digest): {"base": lie_about}}))
    fresh = Machine(tmp_path / "fresh", world)
    assert fresh.build(wheels["four"]).digest == alone(tmp_path / "alone", wheels["four"])


def lie(world: MemoryRegistry, volume: Volume) -> None:
    """Put something in the place of what is known."""
    world.push(bound(volume), [Name(LAYERS, tag_of(key)) for key in volume.rows])


GONE = {"digest": Digest.of(b"never seen"), "size": 10, "diff_id": Digest.of(b"")}


@pytest.mark.parametrize(
    "row",
    [
        GONE,
        {**GONE, "digest": "md5:1"},
        {**GONE, "digest": 1},
        {**GONE, "size": "1"},
        {"size": 1},
        {**GONE, "diff_id": "x"},
        {},
    ],
)
def test_a_layer_that_the_registry_does_not_have_is_made(
    tmp_path: Path, wheels: dict[str, Path], row: dict[str, object]
) -> None:
    world = MemoryRegistry(at_hand=False)
    lie(world, Volume({key(wheels["one"]): {"layer": row}}))
    fresh = Machine(tmp_path / "fresh", world)
    assert fresh.build(wheels["one"]).digest == alone(tmp_path / "alone", wheels["one"])
    assert fresh.fetched == ["one"]


@pytest.mark.parametrize("files", [1, {"/etc/passwd": "x"}, {"../x": "x"}, {"a//b": "x"}, {"x": 1}, {"x": ["x"]}])
def test_contents_that_no_wheel_can_have_are_read_from_the_wheel(
    tmp_path: Path, wheels: dict[str, Path], files: object
) -> None:
    world = MemoryRegistry(at_hand=False)
    lie(world, Volume({key(wheels["four"]): {"contents": {"files": files, "needs": {}, "brings": []}}}))
    fresh = Machine(tmp_path / "fresh", world)
    assert fresh.build(wheels["four"]).digest == alone(tmp_path / "alone", wheels["four"])
    assert fresh.fetched == ["four"]


def test_what_was_damaged_is_told_again_by_the_next_who_had_to_fetch_it(
    tmp_path: Path, wheels: dict[str, Path]
) -> None:
    world = MemoryRegistry(at_hand=False)
    mix = [wheels["one"], wheels["four"]]
    Machine(tmp_path / "first", world).build(*mix)
    (volume,) = {digest for digest in world.list(LAYERS).values() if digest}
    facts = world.pull(Name(LAYERS, digest=volume), "")
    assert facts
    world.blobs[facts.layers[0].descriptor.digest] = b"something else"
    second, third = Machine(tmp_path / "second", world), Machine(tmp_path / "third", world)
    second.build(*mix)
    third.build(*mix)
    assert (sorted(second.fetched), third.fetched) == (["four", "one"], [])


def test_a_file_in_a_pack_that_is_another_one_is_fetched(tmp_path: Path, wheels: dict[str, Path]) -> None:
    world = MemoryRegistry(at_hand=False)
    Machine(tmp_path / "first", world).build(wheels["four"], wheels["five"])
    (found,) = RegistryLayerIndex(lambda: world).find([key(wheels["four"])])
    wrong = b"x" * sum(file.size for file in found.files)
    lie(
        world,
        Volume(
            {name: {k: v for k, v in row.items() if k != "layer"} for name, row in found.rows.items()},
            found.files,
            Blob.of(wrong, PACK_TYPE),
        ),
    )
    fresh, next_one = Machine(tmp_path / "fresh", world), Machine(tmp_path / "next", world)
    image = fresh.build(wheels["four"])
    assert image.digest == alone(tmp_path / "alone", wheels["four"])
    assert fresh.fetched == ["four"]
    next_one.build(wheels["four"])
    assert next_one.fetched == [], "whoever fetched it told of it again"


def test_a_layer_that_others_could_not_tell_of_is_told_once_it_is_there(
    tmp_path: Path, wheels: dict[str, Path]
) -> None:
    world = MemoryRegistry(at_hand=False)
    Machine(tmp_path / "first", world).build(wheels["one"])
    (found,) = RegistryLayerIndex(lambda: world).find([key(wheels["one"])])
    lie(world, Volume({key(wheels["one"]): {"contents": found.rows[key(wheels["one"])]["contents"]}}))
    second, third = Machine(tmp_path / "second", world), Machine(tmp_path / "third", world)
    second.build(wheels["one"])
    third.build(wheels["one"])
    assert (second.fetched, third.fetched) == (["one"], [])


def test_of_an_image_that_was_not_published_layers_are_told_once_it_is(tmp_path: Path, wheels: dict[str, Path]) -> None:
    world = MemoryRegistry(at_hand=False)
    first = Machine(tmp_path / "first", world)
    first.builder.build(recipe(BASE, [wheels["one"]]), BASE, lambda _: None)
    first.builder.publish()
    Machine(tmp_path / "first", world).build(wheels["one"])
    fresh = Machine(tmp_path / "fresh", world)
    fresh.build(wheels["one"])
    assert fresh.fetched == []


class Refusing(MemoryRegistry):
    """Takes images, and nothing else."""

    def push(self, image: Image, names: Sequence[Name]) -> Descriptor:
        if any(name.repository == LAYERS for name in names):
            raise RegistryError("Registry refused", "Not you.")
        return super().push(image, names)


def test_a_registry_in_which_one_may_not_write_the_index_gets_its_image(
    tmp_path: Path, wheels: dict[str, Path]
) -> None:
    world = Refusing()
    image = Machine(tmp_path / "machine", world).build(*wheels.values())
    assert world.describe(Name(CACHE, image.digest.hex[:32]))
    assert not world.list(LAYERS)
