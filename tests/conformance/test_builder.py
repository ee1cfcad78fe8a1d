"""What every builder promises."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reconciler.builders.memory import MemoryBuilder
from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.model.event import Event
from reconciler.model.work import Recipe
from reconciler.oci import media_types
from reconciler.oci.assembly import append_layer, assemble
from reconciler.oci.config import labels_of, read_config
from reconciler.oci.image import Blob, Image
from reconciler.protocols import Builder
from tests.builders.building import Workshop
from tests.builders.making_wheels import TinyWheel
from tests.builders.making_wheels import artefact as artefact_of
from tests.builders.small_bases import files_layer, python_base

BASE_LABELS = {"org.example.base": "yes"}


def base_image(config: bytes | None = None) -> Image:
    if config:
        return assemble(Blob.of(config, media_types.OCI_CONFIG), ())
    return append_layer(python_base(), files_layer({"etc/base": b"its own"}), history="base", labels=BASE_LABELS)


BASE = base_image()


@pytest.fixture(params=["memory", "layers"])
def builder(request: pytest.FixtureRequest, tmp_path: Path) -> Builder:
    return MemoryBuilder() if request.param == "memory" else Workshop(tmp_path / "cache", tmp_path).builder


def ignore(_: Event) -> None:
    """Nobody looks."""


WHEELS = TemporaryDirectory(prefix="envform-wheels-")


@cache
def artefact(name: str, version: str = "1.0") -> Artefact:
    wheel = TinyWheel({f"{name}.py": version}, name=name, version=version)
    return artefact_of(wheel.write(Path(WHEELS.name)))


def recipe(*packages: str, artefacts: tuple[Artefact, ...] | None = None) -> Recipe:
    definition = Definition("oci:./bases:python", BASE.digest, "linux/amd64", packages)
    chosen = tuple(artefact(name) for name in sorted(packages)) if artefacts is None else artefacts
    return Recipe(definition, Lock(BASE.digest, "linux/amd64", chosen), packages)


def digests(image: Image) -> list[Digest]:
    return [layer.descriptor.digest for layer in image.layers]


def test_equal_recipes_make_equal_bytes(builder: Builder) -> None:
    one = builder.build(recipe("numpy", "torch"), BASE, ignore)
    other = builder.build(recipe("numpy", "torch"), base_image(), ignore)
    assert one.manifest == other.manifest
    assert one.config.open().read() == other.config.open().read()
    assert [layer.open().read() for layer in one.layers] == [layer.open().read() for layer in other.layers]


def test_the_order_in_which_packages_were_asked_for_makes_no_other_image(builder: Builder) -> None:
    one, other = recipe("numpy", "torch"), recipe("torch", "numpy")
    assert one.definition.hash != other.definition.hash
    assert builder.build(one, BASE, ignore).digest == builder.build(other, BASE, ignore).digest


def test_another_version_makes_another_image(builder: Builder) -> None:
    newer = recipe("numpy", artefacts=(artefact("numpy", "1.1"),))
    assert builder.build(recipe("numpy"), BASE, ignore).digest != builder.build(newer, BASE, ignore).digest


def test_the_base_stays_below_and_as_it_was(builder: Builder) -> None:
    before = BASE.manifest
    image = builder.build(recipe("numpy"), BASE, ignore)
    assert digests(image)[: len(BASE.layers)] == digests(BASE)
    assert len(image.layers) > len(BASE.layers)
    assert BASE.manifest == before


def test_a_patched_base_keeps_the_layers_above_it(builder: Builder) -> None:
    patched = append_layer(BASE, files_layer({"etc/patch": b"a patch"}), history="patch", labels={})
    above = digests(builder.build(recipe("numpy"), BASE, ignore))[len(BASE.layers) :]
    assert above
    assert digests(builder.build(recipe("numpy"), patched, ignore))[len(patched.layers) :] == above


def test_labels_say_what_is_true_of_the_image_itself(builder: Builder) -> None:
    wanted = recipe("numpy")
    labels = labels_of(read_config(builder.build(wanted, BASE, ignore)))
    assert labels["dev.envform.lock"] == wanted.lock.digest
    assert labels["dev.envform.recipe"]
    assert labels["org.opencontainers.image.base.name"] == "oci:./bases:python"
    assert labels["org.opencontainers.image.base.digest"] == BASE.digest
    assert labels["org.example.base"] == "yes"
    assert wanted.definition.hash not in str(labels)


def test_a_lock_without_artefacts_is_its_base(builder: Builder) -> None:
    assert builder.build(recipe(), BASE, ignore).digest == BASE.digest


@pytest.mark.parametrize("config", [b"[]", b"{", b'{"rootfs":{"diff_ids":7}}'])
def test_a_base_that_cannot_be_built_on_is_refused_in_words(builder: Builder, config: bytes) -> None:
    with pytest.raises(BuildError) as caught:
        builder.build(recipe("numpy"), base_image(config), ignore)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "Base image cannot be built on"
    assert "`oci:./bases:python`" in diagnostic.detail


def test_a_layer_in_memory_names_each_artefact() -> None:
    image = MemoryBuilder().build(recipe("numpy", "torch"), BASE, ignore)
    with tarfile.open(fileobj=image.layers[-1].open()) as tar:
        found = {member.name: tar.extractfile(member) for member in tar}
        texts = {name: file.read().decode() for name, file in found.items() if file}
    assert texts == {
        f"opt/env/artefacts/{it.name}-{it.version}": f"{it.name} {it.version} {it.digest}\n"
        for it in (artefact("numpy"), artefact("torch"))
    }


def test_where_a_file_was_fetched_makes_no_other_layer() -> None:
    moved = replace(artefact("numpy"), url="https://mirror.test/numpy.whl")
    one = MemoryBuilder().build(recipe("numpy"), BASE, ignore)
    other = MemoryBuilder().build(recipe("numpy", artefacts=(moved,)), BASE, ignore)
    assert one.layers[-1].descriptor == other.layers[-1].descriptor
