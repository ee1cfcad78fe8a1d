"""No address with credentials in it gets into a lock, and so into a state, a journal, a plan file or a registry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.execution.adoption import attach_lock, find_adoptable
from reconciler.execution.recordable import recordable
from reconciler.model.definition import Artefact, Lock
from reconciler.model.diagnostic import EnvformError, ResolutionError
from reconciler.model.digest import Digest
from reconciler.registries.memory import MemoryRegistry
from tests.execution.test_adoption import DEFINITION, LOCK, published
from tests.laws.sessions import Workspace

SECRET = "s3cr3t-of-mine"
WHEEL = Artefact("numpy", "1.0", "https://example.org/files/n@1/numpy.whl?page=2", Digest.of(b"numpy"), 7)
TELLING = [
    f"https://user:{SECRET}@example.org/numpy.whl",
    f"https://{SECRET}@example.org/numpy.whl",
    f"https://example.org/t/{SECRET}/linux-64/numpy.conda",
    f"https://example.org/numpy.whl?X-Amz-Signature={SECRET}",
    f"https://example.org/numpy.whl?page=2&token={SECRET}",
]


def lock_of(url: str) -> Lock:
    return Lock(LOCK.base, "linux/amd64", (replace(WHEEL, url=url),), "3.11")


@pytest.mark.parametrize("url", [WHEEL.url, "packages/numpy@1.whl", "file:///home/me@work/numpy.whl"])
def test_addresses_that_tell_nothing_pass(url: str) -> None:
    assert recordable(lock_of(url)) == lock_of(url)


@pytest.mark.parametrize("url", TELLING)
def test_a_lock_that_tells_a_secret_is_refused_and_the_secret_not_repeated(url: str) -> None:
    with pytest.raises(ResolutionError) as caught:
        recordable(lock_of(url))
    (told,) = caught.value.diagnostics
    assert "`numpy`" in told.detail
    assert SECRET not in str(told)


def test_the_plan_of_such_a_lock_names_the_environment_and_records_nothing() -> None:
    class Telling:
        def resolve(self, *_: object) -> Lock:
            return lock_of(TELLING[0])

    world = Workspace.new()
    world.declare('environment "a" {\n  image = "oci:./images:one"\n  pip = ["numpy"]\n}\n')
    world.parts.resolver = Telling()  # type: ignore[assignment]  # one that tells
    with pytest.raises(EnvformError) as caught:
        world.apply()
    (told,) = caught.value.diagnostics
    assert (told.summary, str(told.address)) == ("Address with credentials", "environment.a")
    assert SECRET not in str(told)
    assert world.state.environments == {}


def test_a_lock_beside_an_image_that_tells_a_secret_is_not_taken_over() -> None:
    registry = MemoryRegistry()
    lock = replace(LOCK, artefacts=lock_of(TELLING[0]).artefacts)
    image = published(registry, lock)
    attach_lock(registry, image, lock)
    assert find_adoptable(registry, DEFINITION) is None
