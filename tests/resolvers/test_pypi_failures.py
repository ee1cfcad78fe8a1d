"""What a user is told when packages cannot be resolved, and what nobody is told."""

from __future__ import annotations

import threading
import time

import pytest

from reconciler.model.definition import Definition
from reconciler.model.diagnostic import ResolutionError
from tests.resolvers.index import Index
from tests.resolvers.resolving import BASE, World, versions

SECRET = "s3kr1t"


def test_a_conflict_is_told_in_uvs_words_with_the_requirements_that_take_part(world: World, index: Index) -> None:
    index.add("frame", "1", needs=["numbers>=2"])
    index.add("numbers", "1")
    index.add("numbers", "2")
    index.add("bystander", "1")
    error = world.refusal("frame", "Numbers<2", "bystander")
    (told,) = error.diagnostics
    assert told.summary == "Requirements cannot be met"
    assert "    Because " in told.detail
    assert "numbers>=2" in told.detail
    assert "Asked for by:\n\n    frame\n    Numbers<2" in told.detail
    assert error.causes == ("frame", "Numbers<2")
    assert not error.temporary


def test_an_unknown_package_is_named_with_the_one_that_was_meant(world: World) -> None:
    told = world.refused("scikit-lern")
    assert told.summary == "Requirements cannot be met"
    assert "scikit-lern was not found in the package registry" in told.detail
    assert told.hint == "did you mean `scikit-learn`?"
    assert world.refused("cv2").hint == "did you mean `opencv-python`?"


def test_a_package_without_a_wheel_for_the_platform_says_which_there_are(world: World, index: Index) -> None:
    index.add("native", "1.0", tags="cp311-cp311-win_amd64")
    index.add("native", "1.0", tags="cp311-cp311-macosx_11_0_arm64")
    told = world.refused("native==1.0")
    assert told.summary == "Requirements cannot be met"
    assert "`win_amd64`" in told.detail
    assert "`macosx_11_0_arm64`" in told.detail


def test_a_python_that_is_too_old_is_told_with_whose_it_is_and_what_is_needed(world: World, index: Index) -> None:
    index.add("modern", "1.0", python=">=3.9")
    index.add("native", "2.0", tags="cp310-cp310-manylinux_2_17_x86_64")
    index.add("newest", "1.0", needs=["modern"])
    index.add("numbers", "1")
    world.python = "3.6"
    for asked, needed in (("modern", "3.9"), ("native", "3.10"), ("newest", "3.9")):
        error = world.refusal(asked)
        (told,) = error.diagnostics
        assert told.summary == "Python is too old for the packages"
        assert "Python 3.6, which is what the base image `x:1` has, and" in told.detail
        assert f"a newer one, such as Python {needed}." in told.detail
        assert (error.causes, error.temporary) == ((asked,), False)
    world.python = "3.11"
    for asked in ("native", "numbers>1", "modern>1"):
        assert world.refused(asked).summary == "Requirements cannot be met", "a newer Python would not help"


def test_a_package_that_is_source_only_is_not_built(world: World, index: Index) -> None:
    index.source("sourceonly", "1.0")
    told = world.refused("sourceonly")
    assert "planning runs nobody's code" in told.detail
    assert "--no-build" not in told.detail


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_an_index_that_fails_is_out_of_reach_and_never_without_the_package(
    world: World, index: Index, status: int
) -> None:
    index.add("lib", "1")
    index.answers = {"/simple/lib": status}
    error = world.refusal("lib")
    assert error.diagnostics[0].summary == "Package index is out of reach"
    assert error.temporary


@pytest.mark.parametrize("status", [401, 403])
def test_an_index_that_lets_nobody_in_is_not_an_index_without_the_package(
    world: World, index: Index, status: int
) -> None:
    index.add("lib", "1")
    index.answers = {"/simple/lib": status}
    error = world.refusal("lib")
    assert error.diagnostics[0].summary == "Package index refused access"
    assert "netrc" in error.diagnostics[0].detail
    assert not error.temporary


def test_nobody_at_the_address_is_out_of_reach_and_the_next_definition_need_not_wait(world: World) -> None:
    world.more = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}
    resolver = world.resolver()
    for name in ("lib", "other"):
        with pytest.raises(ResolutionError) as caught:
            resolver.resolve(Definition("x:1", BASE, "linux/amd64", (name,)), "3.11", None)
        assert caught.value.diagnostics[0].summary == "Package index is out of reach"
        assert caught.value.temporary


def test_an_index_that_never_answers_is_waited_for_until_the_deadline(world: World, index: Index) -> None:
    index.silent = threading.Event()
    begun = time.monotonic()
    with pytest.raises(ResolutionError) as caught:
        world.resolver(deadline=1.5).resolve(Definition("x:1", BASE, "linux/amd64", ("lib",)), "3.11", None)
    assert caught.value.diagnostics[0].summary == "Resolving took too long"
    assert caught.value.temporary
    assert time.monotonic() - begun < 10


def test_without_network_what_was_kept_is_enough_and_else_it_is_said(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.add("other", "1")
    world.resolve("lib")
    world.more = {"UV_OFFLINE": "1"}
    assert versions(world.resolve("lib")) == {"lib": "1"}
    told = world.refused("other")
    assert told.summary == "Package index is out of reach"
    assert "UV_OFFLINE" in told.detail


def test_a_broken_wheel_is_told_in_words(world: World, index: Index) -> None:
    offer = index.add("lib", "1")
    offer.content, offer.about = b"no zip at all", b""
    told = world.refused("lib")
    assert told.summary == "Requirements cannot be met"
    assert "zip file" in told.detail


def test_credentials_from_the_environment_open_the_index_and_are_never_seen_again(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.says = set()
    index.login = f"me:{SECRET}"
    inside = index.simple.replace("http://", f"http://me:{SECRET}@")
    world.more = {"UV_DEFAULT_INDEX": inside}
    lock = world.resolve("lib")
    assert SECRET not in repr(lock)
    assert lock.artefacts[0].size > 0
    header = world.resolver().authorization(lock.artefacts[0].url)
    assert header.startswith("Basic ")
    assert world.resolver().authorization("http://127.0.0.1:9/x.whl") == ""
    told = world.refused("absent")
    assert SECRET not in repr(told)


def test_wrong_credentials_are_told_without_repeating_them(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.login = "me:right"
    world.more = {"UV_DEFAULT_INDEX": index.simple.replace("http://", f"http://me:{SECRET}@")}
    told = world.refused("lib")
    assert told.summary == "Package index refused access"
    assert SECRET not in repr(told)


def test_netrc_opens_an_index_that_the_definition_names(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.login = f"me:{SECRET}"
    netrc = world.root / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    netrc.chmod(0o600)
    world.more = {"NETRC": str(netrc), "UV_DEFAULT_INDEX": ""}
    lock = world.resolve("lib", options=(f"--index-url {index.simple}",))
    assert lock.artefacts[0].index == index.simple


@pytest.mark.parametrize(
    ("python", "platform", "summary"),
    [
        ("", "linux/amd64", "Python version cannot be resolved for"),
        ("2.7", "linux/amd64", "Python version cannot be resolved for"),
        ("3.11", "linux/s390x", "Platform cannot be resolved for"),
        ("3.11", "windows/amd64", "Platform cannot be resolved for"),
    ],
)
def test_a_target_that_no_wheel_can_be_chosen_for_is_refused(
    world: World, python: str, platform: str, summary: str
) -> None:
    world.python, world.platform = python, platform
    assert world.refused("lib").summary == summary


def test_a_failure_may_be_asked_again(world: World, index: Index) -> None:
    resolver = world.resolver()
    wanted = Definition("x:1", BASE, "linux/amd64", ("lib",))
    with pytest.raises(ResolutionError):
        resolver.resolve(wanted, "3.11", None)
    index.add("lib", "1")
    assert versions(resolver.resolve(wanted, "3.11", None)) == {"lib": "1"}
