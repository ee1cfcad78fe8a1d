"""What every resolver promises, each in a world with the same index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.digest import Digest
from reconciler.protocols import Resolver
from reconciler.resolvers.memory import MemoryResolver
from reconciler.resolvers.pypi import PypiResolver
from tests.resolvers.index import serve_index
from tests.resolvers.resolving import clean_environment

Index = Mapping[str, Sequence[Artefact]]
Opens = Callable[[Index], AbstractContextManager[Resolver]]
BASE = Digest.of(b"base")
PYTHON = "3.11"


def artefact(name: str, version: str) -> Artefact:
    file = f"{name}-{version}-py3-none-any.whl"
    return Artefact(name, version, f"https://index.test/{file}", Digest.of(file.encode()), 100)


@contextmanager
def in_memory(index: Index) -> Iterator[Resolver]:
    yield MemoryResolver(index)


@contextmanager
def on_loopback(index: Index) -> Iterator[Resolver]:
    with TemporaryDirectory() as folder, serve_index() as server:
        for it in (one for artefacts in index.values() for one in artefacts):
            server.add(it.name, it.version, sha256=it.digest.hex)
        environment = clean_environment(Path(folder), Path(folder, "cache"))
        environment["UV_DEFAULT_INDEX"] = server.simple
        yield PypiResolver(Path(folder), lambda _: None, Path(folder), environment=environment)


INDEX = {
    "numpy": [artefact("numpy", version) for version in ("1.26.4", "2.0.0", "2.10.0", "2.9.1", "3.0.0rc1")],
    "scikit-learn": [artefact("scikit-learn", "1.5.0")],
    "onlybeta": [artefact("onlybeta", "1.0b1"), artefact("onlybeta", "1.0b2")],
    "many": [artefact("many", f"1.{n}") for n in range(9)],
}


@pytest.fixture(scope="module", params=[pytest.param(in_memory, id="memory"), pytest.param(on_loopback, id="pypi")])
def resolver(request: pytest.FixtureRequest) -> Iterator[Resolver]:
    opens: Opens = request.param
    with opens(INDEX) as opened:
        yield opened


def definition(*packages: str) -> Definition:
    return Definition("oci:./bases:python", BASE, "linux/amd64", packages)


def versions(lock: Lock) -> dict[str, str]:
    return {artefact.name: artefact.version for artefact in lock.artefacts}


def refusal(resolver: Resolver, *packages: str) -> tuple[str, str, str]:
    with pytest.raises(ResolutionError) as caught:
        resolver.resolve(definition(*packages), PYTHON, None)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.summary, diagnostic.detail, diagnostic.hint


def test_no_packages_lock_the_base_alone(resolver: Resolver) -> None:
    assert resolver.resolve(definition(), PYTHON, None) == Lock(BASE, "linux/amd64")


def test_a_lock_says_which_python_it_was_made_for(resolver: Resolver) -> None:
    assert resolver.resolve(definition("numpy"), PYTHON, None).python == PYTHON


def test_takes_the_newest_version_by_number_and_no_prerelease(resolver: Resolver) -> None:
    (found,) = resolver.resolve(definition("numpy"), PYTHON, None).artefacts
    expected = artefact("numpy", "2.10.0")
    assert (found.name, found.version, found.digest) == (expected.name, expected.version, expected.digest)


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("numpy==2.0.0", "2.0.0"),
        ("numpy <2.10", "2.9.1"),
        ("numpy~=2.0.0", "2.0.0"),
        ("numpy!=2.10.0,>1", "2.9.1"),
        ("numpy>=3.0.0rc1", "3.0.0rc1"),
        ("NumPy>2", "2.10.0"),
        ("onlybeta", "1.0b2"),
    ],
)
def test_takes_the_newest_version_that_fits(resolver: Resolver, requirement: str, version: str) -> None:
    (found,) = resolver.resolve(definition(requirement), PYTHON, None).artefacts
    assert found.version == version


@pytest.mark.parametrize("spelled", ["scikit-learn", "Scikit_Learn", "scikit.learn"])
def test_one_package_has_many_spellings(resolver: Resolver, spelled: str) -> None:
    assert versions(resolver.resolve(definition(spelled), PYTHON, None)) == {"scikit-learn": "1.5.0"}


def test_the_order_of_packages_does_not_change_the_lock(resolver: Resolver) -> None:
    one = resolver.resolve(definition("numpy", "scikit-learn"), PYTHON, None)
    other = resolver.resolve(definition("scikit-learn", "numpy"), PYTHON, None)
    assert one == other
    assert one.digest == other.digest


def test_two_requirements_of_one_package_hold_together(resolver: Resolver) -> None:
    assert versions(resolver.resolve(definition("numpy>=2", "numpy<2.5"), PYTHON, None)) == {"numpy": "2.0.0"}
    assert refusal(resolver, "numpy>=2.9", "numpy<2")[0] == "Requirements cannot be met"


def test_keeps_a_preferred_version_that_still_fits(resolver: Resolver) -> None:
    held = Lock(BASE, "linux/amd64", (artefact("numpy", "2.0.0"),))
    lock = resolver.resolve(definition("numpy>=2", "scikit-learn"), PYTHON, held)
    assert versions(lock) == {"numpy": "2.0.0", "scikit-learn": "1.5.0"}


def test_leaves_a_preferred_version_that_fits_no_more(resolver: Resolver) -> None:
    held = Lock(BASE, "linux/amd64", (artefact("numpy", "1.26.4"), artefact("scikit-learn", "1.5.0")))
    assert versions(resolver.resolve(definition("numpy>=2"), PYTHON, held)) == {"numpy": "2.10.0"}


def test_a_patched_base_moves_no_package(resolver: Resolver) -> None:
    before = resolver.resolve(definition("numpy<2.5"), PYTHON, None)
    patched = replace(definition("numpy<2.5"), base=Digest.of(b"patched"))
    after = resolver.resolve(patched, PYTHON, before)
    assert after.base == patched.base
    assert after.artefacts == before.artefacts


def test_an_unknown_package_is_named_with_the_one_that_was_meant(resolver: Resolver) -> None:
    summary, detail, hint = refusal(resolver, "numpi")
    assert summary == "Requirements cannot be met"
    assert "numpi" in detail
    assert hint == "did you mean `numpy`?"


def test_when_no_version_fits_the_requirement_is_named(resolver: Resolver) -> None:
    summary, detail, _ = refusal(resolver, "many>=2")
    assert summary == "Requirements cannot be met"
    assert "many>=2" in detail


def test_in_memory_the_newest_versions_that_there_are_are_shown() -> None:
    summary, detail, _ = refusal(MemoryResolver(INDEX), "many>=2")
    assert summary == "Requirements cannot be met"
    assert "many>=2" in detail
    assert "1.8, 1.7, 1.6, 1.5, 1.4, …" in detail


def test_in_memory_all_that_cannot_be_met_is_told_at_once() -> None:
    _, detail, _ = refusal(MemoryResolver(INDEX), "many>=2", "numpy", "nothing-of-the-kind")
    assert "many" in detail
    assert "nothing-of-the-kind" in detail
    assert "numpy" not in detail


@pytest.mark.parametrize("text", ["", "numpy>>2", "-r requirements.txt", "numpy==", "a b"])
def test_what_is_no_requirement_is_refused_in_words(resolver: Resolver, text: str) -> None:
    assert refusal(resolver, text)[0] == "Invalid requirement"


@pytest.mark.parametrize("text", ["numpy[fast]", "numpy; python_version < '3'", "numpy @ https://x.test/n.whl"])
def test_an_index_in_memory_says_what_it_cannot_know(text: str) -> None:
    assert refusal(MemoryResolver(INDEX), text)[0] == "Requirement is out of reach"
