"""What pip's words in a definition come to: places, files of the project, addresses, hashes."""

from __future__ import annotations

import hashlib

import pytest

from reconciler.model.definition import Artefact
from reconciler.model.digest import Digest
from tests.resolvers.index import Index, Offer, wheel
from tests.resolvers.resolving import World, filenames, versions


def keep(world: World, path: str, content: bytes) -> dict[str, Digest]:
    place = world.root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return {path: Digest.of(content)}


def test_a_stated_index_takes_the_place_of_the_machines(world: World, index: Index, other: Index) -> None:
    index.add("lib", "2")
    other.add("lib", "1")
    lock = world.resolve("lib", options=(f"--index-url {other.simple}",))
    assert versions(lock) == {"lib": "1"}
    assert lock.artefacts[0].index == other.simple
    assert index.requests == []


def test_a_package_of_an_extra_index_is_not_looked_for_in_another(world: World, index: Index, other: Index) -> None:
    index.add("inside", "99")
    index.add("public", "1")
    other.add("inside", "1")
    option = f"--extra-index-url {other.simple}"
    lock = world.resolve("inside", "public", options=(option,))
    assert versions(lock) == {"inside": "1", "public": "1"}
    assert {it.name: it.index for it in lock.artefacts} == {"inside": other.simple, "public": ""}
    told = world.refusal("inside>50", options=(option,)).diagnostics[0]
    assert "is looked for in one index only" in told.detail
    assert "unsafe" not in told.detail


def test_links_of_the_project_are_enough_without_an_index(world: World, index: Index) -> None:
    keep(world, "wheels, and more/lib-1-py3-none-any.whl", wheel("lib", "1"))
    index.add("lib", "2")
    options = ("--find-links './wheels, and more'", "--no-index")
    (found,) = world.resolve("lib", options=options).artefacts
    assert (found.version, found.index) == ("1", "./wheels, and more")
    assert found.size == len(wheel("lib", "1"))
    assert index.requests == []
    assert world.refused("absent", options=options).summary == "Requirements cannot be met"


def test_a_wheel_of_the_project_is_locked_by_its_path(world: World, index: Index) -> None:
    index.add("needed", "1")
    content = wheel("own", "1.5", ["needed"])
    files = keep(world, "vendor/own-1.5-py3-none-any.whl", content)
    for text in ("./vendor/own-1.5-py3-none-any.whl", "own @ file:vendor/own-1.5-py3-none-any.whl"):
        lock = world.resolve(text, files=files)
        expected = Artefact("own", "1.5", "vendor/own-1.5-py3-none-any.whl", Digest.of(content), len(content))
        assert lock.artefacts[1] == expected
        assert versions(lock) == {"needed": "1", "own": "1.5"}


def test_folders_and_names_with_blanks_and_umlauts_are_paths_like_others(world: World) -> None:
    files = keep(world, "größe, 100% neu/own-1-py3-none-any.whl", wheel("own", "1"))
    (found,) = world.resolve("./größe, 100% neu/own-1-py3-none-any.whl", files=files).artefacts
    assert found.url == "größe, 100% neu/own-1-py3-none-any.whl"


def test_extras_and_markers_of_project_files_count(world: World, index: Index) -> None:
    index.add("extra-lib", "1")
    content = wheel("own", "1", ["extra-lib; extra == 'more'"], ["more"])
    files = keep(world, "own-1-py3-none-any.whl", content)
    path = "./own-1-py3-none-any.whl"
    assert set(versions(world.resolve(f"{path}[more]", files=files))) == {"own", "extra-lib"}
    index.add("lib", "1")
    assert set(versions(world.resolve(f'{path}; python_version < "3"', "lib", files=files))) == {"lib"}


def test_a_folder_that_states_its_metadata_needs_a_build_all_the_same(world: World, index: Index) -> None:
    index.add("needed", "1")
    project = '[project]\nname = "own"\nversion = "0.3"\ndependencies = ["needed"]\n'
    keep(world, "own/pyproject.toml", project.encode())
    keep(world, "own/setup.py", b"open('it ran', 'w')")
    told = world.refusal("./own", files={"own": Digest.of(b"tree")}).diagnostics[0]
    assert told.summary == "Package needs a build"
    assert "    own\n" in told.detail
    assert "    allow_source_builds = true" in told.detail
    assert not list(world.root.rglob("it ran"))


def test_a_folder_whose_build_would_have_to_run_is_refused(world: World) -> None:
    keep(world, "own/setup.py", b"open('it ran', 'w')")
    told = world.refusal("./own", files={"own": Digest.of(b"tree")}).diagnostics[0]
    assert told.summary == "Package needs a build"
    assert "./own" in told.detail
    assert str(world.root) not in told.detail
    assert not list(world.root.rglob("it ran"))


def test_a_repository_is_refused_and_nobody_is_asked(world: World, index: Index) -> None:
    told = world.refused(f"lib @ git+{index.url}/lib.git@{'a' * 40}")
    assert told.summary == "Package needs a build"
    assert "planning runs nobody's code" in told.detail
    assert index.requests == []


def test_a_wheel_at_an_address_is_locked_with_what_it_hashes_to(world: World, other: Index) -> None:
    offer = other.add("direct", "3")
    address = f"{other.url}/files/{offer.filename}"
    for text in (f"direct @ {address}", address, f"{address} --hash=sha256:{offer.sha256}"):
        (found,) = world.resolve(text).artefacts
        assert (found.version, found.url, found.digest) == ("3", address, f"sha256:{offer.sha256}")


def test_a_missing_address_is_not_an_outage(world: World, other: Index) -> None:
    told = world.refusal(f"direct @ {other.url}/files/direct-3-py3-none-any.whl")
    assert told.diagnostics[0].summary == "Package file not found"
    assert not told.temporary


def test_a_hash_chooses_the_file_and_a_wrong_one_is_refused(world: World, index: Index) -> None:
    fast = index.add("lib", "1", tags="cp311-cp311-manylinux_2_17_x86_64", python=">=3")
    plain = index.add("lib", "1")
    lock = world.resolve(f"lib==1 --hash=sha256:{plain.sha256}")
    assert filenames(lock) == [plain.filename]
    both = f"lib==1 --hash=sha256:{plain.sha256} --hash=sha256:{fast.sha256}"
    assert filenames(world.resolve(both)) == [fast.filename]
    told = world.refused(f"lib==1 --hash=sha256:{'0' * 64}")
    assert told.summary == "Package has another hash"
    assert plain.sha256 in told.detail


def test_a_longer_hash_is_compared_with_the_content(world: World, index: Index) -> None:
    offer = index.add("lib", "1")
    long = hashlib.sha512(offer.content).hexdigest()
    assert versions(world.resolve(f"lib==1 --hash=sha512:{long}")) == {"lib": "1"}
    assert world.refused(f"lib==1 --hash=sha512:{'0' * 128}").summary == "Package has another hash"


def test_hashes_for_some_are_hashes_for_all(world: World, index: Index) -> None:
    top = index.add("top", "1", needs=["below"])
    below = index.add("below", "1")
    told = world.refused(f"top==1 --hash=sha256:{top.sha256}")
    assert told.summary == "Requirement without a hash"
    assert "below==1" in told.detail
    assert world.refused("below", options=("--require-hashes",)).summary == "Requirement without a hash"
    complete = [f"top==1 --hash=sha256:{top.sha256}", f"below==1 --hash=sha256:{below.sha256}"]
    assert versions(world.resolve(*complete)) == {"top": "1", "below": "1"}


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("--no-binary lib", "`allow_source_builds = true` allows them"),
        ("--requirement https://host.test/all.txt", "Download the file into the project"),
        ("--index-url https://${TOKEN}@host.test/simple", "variable"),
    ],
)
def test_an_option_that_cannot_be_followed_is_refused(world: World, option: str, why: str) -> None:
    told = world.refused("lib", options=(option,))
    assert told.summary == "Unsupported pip option"
    assert why in told.detail


def test_options_without_meaning_here_are_passed_over(world: World, index: Index) -> None:
    index.add("lib", "1")
    options = ("--prefer-binary", "--only-binary :all:", "--use-feature fast-deps", "--no-binary :none:")
    assert versions(world.resolve("lib", options=options)) == {"lib": "1"}


def test_a_file_that_the_definition_does_not_hold_is_not_read(world: World) -> None:
    keep(world, "own-1-py3-none-any.whl", wheel("own", "1"))
    assert world.refused("./own-1-py3-none-any.whl").summary == "Project file is not part of the definition"
    assert world.refused("own @ file:///etc/passwd").summary == "Project file is not part of the definition"


def test_constraints_at_an_address_bind(world: World, index: Index, other: Index) -> None:
    index.add("lib", "1")
    index.add("lib", "2")
    other.offers["limits"] = [Offer("limits.txt", b"lib<2\n", "", b"")]
    option = f"--constraint {other.url}/files/limits.txt"
    assert versions(world.resolve("lib", options=(option,))) == {"lib": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "lib\n--index-url https://evil.test/simple",
        "https://host.test/lib-1-py3-none-any.whl\n--index-url https://evil.test/simple",
        "https://host.test/lib-1-py3-none-any.whl --index-url https://evil.test/simple",
        "lib @ https://${TOKEN}@host.test/lib-1-py3-none-any.whl",
        "lib\udc80",
        "-e .",
        "/etc/passwd",
    ],
)
def test_nothing_but_requirements_reaches_uv(world: World, index: Index, text: str) -> None:
    told = world.refused(text)
    assert told.summary == "Invalid requirement"
    told.detail.encode()
    assert index.requests == []
