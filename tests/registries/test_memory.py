from __future__ import annotations

from reconciler.oci.reference import Name
from reconciler.registries.memory import MemoryRegistry
from tests.conformance.images import PLATFORM, image_of


def test_it_counts_what_it_is_asked_in_order() -> None:
    image = image_of("one")
    registry = MemoryRegistry({"training:3": image, "base": image})
    assert registry.requests == []
    registry.describe(Name("training", "3"))
    registry.describe_many([Name("", "base"), Name("training", digest=image.digest)])
    registry.list("envform")
    registry.pull(Name("", "base"), PLATFORM)
    registry.push(image, [Name("training", "4"), Name("envform", "abc")])
    registry.delete(Name("training", "4"))
    registry.referrers(Name("training", "3"))
    assert registry.requests == [
        "describe training:3",
        "describe base",
        f"describe training@{image.digest}",
        "list envform",
        "pull base",
        "push training:4 envform:abc",
        "delete training:4",
        "referrers training:3",
    ]


def test_it_starts_with_the_images_that_it_is_given() -> None:
    one, two = image_of("one"), image_of("two")
    registry = MemoryRegistry({"training:3": one, "training:4": two, "base": one})
    assert registry.list("training") == {"3": one.digest, "4": two.digest}
    assert registry.list("") == {"base": one.digest}
