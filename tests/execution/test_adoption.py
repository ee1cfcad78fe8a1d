"""Locks that travel with images: found again with nothing but the registry, and believed only when they fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.builders.memory import MemoryBuilder
from reconciler.execution.adoption import Adopted, attach_lock, find_adoptable
from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.digest import Digest
from reconciler.model.event import Event
from reconciler.model.work import Recipe
from reconciler.oci.assembly import attachment
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.registries.memory import MemoryRegistry
from tests.conformance.images import PLATFORM, image_of

BASE = image_of("base")
DEFINITION = Definition("oci:images:base", BASE.digest, PLATFORM, packages=("numpy",))
WHEEL = Artefact("numpy", "2.4.6", "https://example.org/numpy.whl", Digest.of(b"numpy"), 7, index="https://example.org")
LOCK = Lock(BASE.digest, PLATFORM, (WHEEL,), "3.11")


@pytest.fixture
def registry() -> MemoryRegistry:
    return MemoryRegistry()


def built(lock: Lock) -> Image:
    events: list[Event] = []
    return MemoryBuilder().build(Recipe(DEFINITION, lock), BASE, events.append)


def published(registry: MemoryRegistry, lock: Lock = LOCK) -> Image:
    image = built(lock)
    registry.push(image, [Name("envform", DEFINITION.hash)])
    return image


def test_an_image_is_adopted_with_the_lock_it_was_built_from(registry: MemoryRegistry) -> None:
    image = published(registry)
    attach_lock(registry, image, LOCK)
    assert find_adoptable(registry, DEFINITION) == Adopted(image.digest, LOCK)


def test_an_image_without_its_lock_is_not_adopted(registry: MemoryRegistry) -> None:
    published(registry)
    assert find_adoptable(registry, DEFINITION) is None


def test_a_lock_of_another_image_is_not_believed(registry: MemoryRegistry) -> None:
    image = published(registry)
    attach_lock(registry, image, replace(LOCK, artefacts=(replace(WHEEL, digest=Digest.of(b"evil")),)))
    assert find_adoptable(registry, DEFINITION) is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"base": 7}'])
def test_anything_may_be_attached_and_is_passed_over(registry: MemoryRegistry, content: bytes) -> None:
    image = published(registry)
    odd = attachment(image.descriptor, Blob.of(content, "application/vnd.dev.envform.lock.v1+json"))
    registry.push(odd, [Name("envform", digest=odd.digest)])
    assert find_adoptable(registry, DEFINITION) is None
    attach_lock(registry, image, LOCK)
    assert find_adoptable(registry, DEFINITION) == Adopted(image.digest, LOCK)


def test_what_is_not_there_is_not_adopted(registry: MemoryRegistry) -> None:
    assert find_adoptable(registry, DEFINITION) is None
