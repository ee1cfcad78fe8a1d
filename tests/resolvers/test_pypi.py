"""What is chosen, for whom, and in which order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from reconciler.model.definition import Artefact, Definition
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.digest import Digest
from tests.resolvers.index import Index
from tests.resolvers.resolving import BASE, World, filenames, versions

X86, ARM = "manylinux_2_28_x86_64", "manylinux_2_28_aarch64"


def test_an_artefact_says_all_that_is_needed_to_fetch_and_check_it(world: World, index: Index) -> None:
    offer = index.add("alpha", "1.0")
    lock = world.resolve("alpha")
    address = f"{index.url}/files/alpha-1.0-py3-none-any.whl"
    digest = Digest.parse(f"sha256:{offer.sha256}")
    assert lock.artefacts == (Artefact("alpha", "1.0", address, digest, len(offer.content), "wheel"),)
    assert (lock.base, lock.platform, lock.python) == (BASE, "linux/amd64", "3.11")


def test_packages_are_in_the_order_in_which_pip_installs_them(world: World, index: Index) -> None:
    index.add("aaa", "1", needs=["zzz", "mmm"])
    index.add("mmm", "1", needs=["zzz"])
    index.add("zzz", "1")
    index.add("bbb", "1")
    assert [it.name for it in world.resolve("aaa", "bbb").artefacts] == ["zzz", "bbb", "mmm", "aaa"]


def test_packages_that_need_each_other_are_ordered_all_the_same(world: World, index: Index) -> None:
    index.add("ring", "1", needs=["stone[set]"])
    index.add("stone", "1", needs=["ring; extra == 'set'"], extras=["set"])
    index.add("box", "1", needs=["ring"])
    assert [it.name for it in world.resolve("box", "stone").artefacts] == ["stone", "ring", "box"]


def test_the_order_of_requirements_and_their_spelling_do_not_change_the_lock(world: World, index: Index) -> None:
    index.add("My_Package", "1", needs=["dep.of-it>=1"])
    index.add("dep-of-it", "1")
    index.add("dep-of-it", "2")
    one = world.resolve("my-package", "dep-of-it<2")
    other = world.resolve("dep.of_it<2", "My.Package")
    assert one == other
    assert versions(one) == {"my-package": "1", "dep-of-it": "1"}


@pytest.mark.parametrize(
    ("python", "platform", "file"),
    [
        ("3.11", "linux/amd64", f"cp311-cp311-{X86}"),
        ("3.11", "linux/arm64", f"cp311-cp311-{ARM}"),
        ("3.12.4", "linux/amd64", f"cp39-abi3-{X86}"),
        ("3.8", "linux/amd64", "py2.py3-none-any"),
    ],
)
def test_the_best_wheel_for_the_target_is_chosen(
    world: World, index: Index, python: str, platform: str, file: str
) -> None:
    for tags in (f"cp311-cp311-{X86}", f"cp311-cp311-{ARM}", f"cp39-abi3-{X86}", "py2.py3-none-any",
                 "cp311-cp311-manylinux_2_34_x86_64", "cp311-cp311-win_amd64", "cp311-cp311-musllinux_1_2_x86_64",
                 "cp311-cp311-macosx_11_0_arm64"):  # fmt: skip
        index.add("fast", "1.0", tags=tags)
    world.python, world.platform = python, platform
    assert filenames(world.resolve("fast")) == [f"fast-1.0-{file}.whl"]


def test_of_two_builds_of_one_wheel_the_later_is_chosen(world: World, index: Index) -> None:
    for build in ("2", "10", ""):
        index.add("built", "1.0", build=build)
    assert filenames(world.resolve("built")) == ["built-1.0-10-py3-none-any.whl"]


def test_old_and_plain_linux_tags_run_too(world: World, index: Index) -> None:
    index.add("old", "1", tags="cp311-cp311-manylinux1_x86_64")
    index.add("plain", "1", tags="cp311-cp311-linux_x86_64")
    assert len(world.resolve("old", "plain").artefacts) == 2


def test_markers_are_those_of_the_target(world: World, index: Index) -> None:
    for name in ("young", "old", "arm", "mac"):
        index.add(name, "1")
    index.add("asks", "1", needs=["young; python_version >= '3.12'", "old; python_version < '3.9'",
                                  "arm; platform_machine == 'aarch64'", "mac; sys_platform == 'darwin'"])  # fmt: skip
    world.python, world.platform = "3.8", "linux/arm64"
    assert set(versions(world.resolve("asks"))) == {"asks", "old", "arm"}
    world.python, world.platform = "3.13", "linux/amd64"
    assert set(versions(world.resolve("asks", "old; python_version < '3'"))) == {"asks", "young"}


def test_a_version_that_wants_a_newer_python_is_passed_over(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.add("lib", "2", python=">=3.12")
    assert versions(world.resolve("lib")) == {"lib": "1"}


def test_local_versions_and_prereleases(world: World, index: Index) -> None:
    for version in ("2.0", "2.0+cpu", "2.1rc1"):
        index.add("torchlike", version)
    assert versions(world.resolve("torchlike==2.0+cpu")) == {"torchlike": "2.0+cpu"}
    assert versions(world.resolve("torchlike==2.0")) == {"torchlike": "2.0+cpu"}
    assert versions(world.resolve("torchlike", options=("--pre",))) == {"torchlike": "2.1rc1"}


def test_a_yanked_version_is_taken_only_where_it_is_pinned_or_held_and_told(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.add("lib", "2", yanked="it eats files")
    assert versions(world.resolve("lib")) == {"lib": "1"}
    assert world.warnings == []
    pinned = world.resolve("lib==2")
    assert versions(pinned) == {"lib": "2"}
    (warning,) = world.warnings
    assert warning.summary == "Withdrawn package"
    assert "it eats files" in warning.detail
    assert versions(world.resolve("lib", prefer=pinned)) == {"lib": "2"}


def test_held_packages_stay_and_others_are_the_newest(world: World, index: Index) -> None:
    index.add("held", "1")
    before = world.resolve("held")
    index.add("held", "2")
    index.add("fresh", "3", needs=["held"])
    world.cache = world.root / "another cache"
    assert versions(world.resolve("held", "fresh", prefer=before)) == {"held": "1", "fresh": "3"}
    assert versions(world.resolve("held>=2", prefer=before)) == {"held": "2"}
    assert versions(world.resolve("held")) == {"held": "2"}


def test_a_held_version_keeps_its_file_when_a_better_one_is_uploaded(world: World, index: Index) -> None:
    index.add("lib", "1")
    before = world.resolve("lib")
    index.add("lib", "1", tags="cp311-cp311-manylinux_2_17_x86_64", python=">=3")
    world.cache = world.root / "another cache"
    assert world.resolve("lib", prefer=before).digest == before.digest
    assert world.resolve("lib").digest != before.digest


def test_constraints_bind_and_bring_nothing_in(world: World, index: Index) -> None:
    for version in ("1", "2", "3"):
        index.add("lib", version)
    index.add("other", "1")
    assert versions(world.resolve("lib", constraints=("lib<3", "other==1"))) == {"lib": "2"}


def test_what_is_newer_than_a_date_is_not_seen(world: World, index: Index) -> None:
    index.add("lib", "1", uploaded="2024-01-01T00:00:00Z")
    index.add("lib", "2", uploaded="2025-01-01T00:00:00Z")
    wanted = Definition("x:1", BASE, "linux/amd64", ("lib",), exclude_newer="2024-06-01T00:00:00Z")
    found = world.resolver().resolve(wanted, "3.11", None)
    assert versions(found) == {"lib": "1"}
    with pytest.raises(ResolutionError) as caught:
        world.resolver().resolve(replace(wanted, exclude_newer="2020-01-01T00:00:00Z"), "3.11", None)
    assert "`exclude_newer` leaves out all, or something" in caught.value.diagnostics[0].detail


def test_an_index_that_says_little_is_asked_for_the_rest(world: World, index: Index) -> None:
    offer = index.add("lib", "1")
    index.says = set()
    (found,) = world.resolve("lib").artefacts
    assert (found.digest, found.size) == (f"sha256:{offer.sha256}", len(offer.content))


def test_a_size_that_nobody_tells_is_nought_and_not_part_of_the_lock(world: World, index: Index) -> None:
    index.add("lib", "1")
    told = world.resolve("lib")
    index.says = {"json", "hashes"}
    index.answers = {"HEAD ": 503}
    world.cache = world.root / "another cache"
    quiet = world.resolve("lib")
    assert [it.size for it in quiet.artefacts] == [0]
    assert quiet.digest == told.digest


def test_equal_questions_are_asked_once_in_a_run_and_a_base_makes_no_difference(world: World, index: Index) -> None:
    index.add("lib", "1")
    resolver = world.resolver()
    wanted = Definition("x:1", BASE, "linux/amd64", ("lib",))
    first = resolver.resolve(wanted, "3.11", None)
    asked = len(index.requests)
    patched = replace(wanted, base=Digest.of(b"patched"))
    assert resolver.resolve(patched, "3.11", None) == replace(first, base=patched.base)
    assert len(index.requests) == asked


def test_a_hundred_definitions_are_resolved_side_by_side(world: World, index: Index) -> None:
    for number in range(10):
        index.add(f"lib{number}", "1", needs=[f"lib{number - 1}"] if number else [])
    resolver = world.resolver()
    definitions = [Definition("x:1", BASE, "linux/amd64", (f"lib{n % 10}", f"lib{n // 10}")) for n in range(100)]
    with ThreadPoolExecutor(16) as pool:
        locks = list(pool.map(lambda it: resolver.resolve(it, "3.11", None), definitions))
    assert [len(lock.artefacts) for lock in locks] == [max(n % 10, n // 10) + 1 for n in range(100)]


def test_an_environment_full_of_other_wishes_changes_nothing(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.add("lib", "2")
    index.add("lib", "3rc1")
    world.more = {
        "UV_RESOLUTION": "lowest", "UV_PRERELEASE": "allow", "UV_EXCLUDE_NEWER": "2001-01-01", "UV_CONSTRAINT": "/none",
        "UV_PYTHON": "3.99", "VIRTUAL_ENV": "/nowhere", "UV_TORCH_BACKEND": "cpu", "UV_INDEX_STRATEGY": "no such",
        "UV_NO_BINARY": "1", "PIP_PRE": "1", "UV_OVERRIDE": "/none", "UV_SYSTEM_PYTHON": "1", "RUST_LOG": "trace",
    }  # fmt: skip
    assert versions(world.resolve("lib")) == {"lib": "2"}


def test_an_extra_that_a_package_does_not_have_is_told(world: World, index: Index) -> None:
    index.add("lib", "1", extras=["more"])
    assert versions(world.resolve("lib[most]")) == {"lib": "1"}
    (told,) = world.warnings
    assert (told.summary, "`lib==1` has no extra `most`" in told.detail) == ("Package without this extra", True)
