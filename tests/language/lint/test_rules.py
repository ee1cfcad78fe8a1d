"""Each rule is broken by what it is about, and by nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from reconciler.language.lint.check import lint
from reconciler.language.lint.facts import CondaFacts, Facts, Package, Stated
from reconciler.language.lint.python_versions import UnreadableError, allowed_minors

TODAY = date(2026, 6, 1)


def stated(text: str) -> Stated:
    return Stated(text, lambda: None)


def package(name: str, *, versioned: bool) -> Package:
    return Package(name, stated(name), versioned)


def conda(
    *,
    channels: bool = True,
    pip_list: bool = False,
    pythons: tuple[str, ...] = ("=3.12",),
    pips: tuple[Package, ...] = (),
) -> CondaFacts:
    return CondaFacts(lambda: None, channels, pip_list, tuple(map(stated, pythons)), pips)


def broken(facts: Facts, today: date = TODAY) -> list[str]:
    return [item.rule for item in lint([facts], today)]


def of_images(*images: str) -> list[str]:
    return broken(Facts("environment.a", images=tuple(map(stated, images))))


@pytest.mark.parametrize(
    "image", ["ubuntu", "docker.io/library/python", "localhost:5000/team/base", "mcr.microsoft.com/x/y"]
)
def test_an_image_without_tag_and_digest_is_unpinned(image: str) -> None:
    assert of_images(image) == ["base-unpinned"]


@pytest.mark.parametrize(
    "image",
    [
        "ubuntu:22.04",
        "python@sha256:" + "0" * 64,
        "localhost:5000/team/base:1",
        "ubuntu:latest",
        "oci:./images:base",
        "docker-daemon:training",
        "azureml/{{image}}",
        "$BASE",
        "${BASE:-ubuntu}",
    ],
)
def test_an_image_with_tag_or_digest_or_one_that_is_elsewhere_is_not_unpinned(image: str) -> None:
    assert of_images(image) == []


@pytest.mark.parametrize(
    "repository",
    [
        "azureml/base",
        "azureml/base-gpu",
        "azureml/base-lite",
        "azureml/o16n-base/python-slim",
        "azureml/intelmpi2018.3-cuda10.0-cudnn7-ubuntu16.04",
        "azureml/intelmpi2018.3-ubuntu16.04",
        "azureml/openmpi3.1.2-ubuntu18.04",
        "azureml/openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04",
        "azureml/openmpi4.1.0-cuda11.0.3-cudnn8-ubuntu18.04",
        "azureml/openmpi4.1.0-cuda11.1-cudnn8-ubuntu18.04",
        "azureml/openmpi4.1.0-ubuntu20.04",
    ],
)
def test_deprecated_images_are_told_with_or_without_their_host(repository: str) -> None:
    assert of_images(f"mcr.microsoft.com/{repository}:20220101.v1") == ["base-deprecated"]
    assert of_images(f"{repository}@sha256:" + "0" * 64) == ["base-deprecated"]


@pytest.mark.parametrize(
    "image",
    [
        "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:1",
        "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.6-cudnn8-ubuntu20.04:1",
        "mcr.microsoft.com/azureml/base-notebook:1",
        "docker.io/library/base:1",
        "somebody/azureml/base:1",
    ],
)
def test_other_images_are_not_deprecated(image: str) -> None:
    assert of_images(image) == []


def test_the_message_about_a_deprecated_image_names_another_one() -> None:
    (diagnostic,) = lint([Facts("environment.a", images=(stated("mcr.microsoft.com/azureml/base-gpu:1"),))], TODAY)
    assert "azureml/openmpi5.0-cuda" in diagnostic.hint


def test_a_dockerfile_of_more_than_100_kib_is_too_long() -> None:
    for size, expected in ((100 * 1024, []), (100 * 1024 + 1, ["dockerfile-too-long"])):
        assert broken(Facts("environment.a", dockerfiles=(stated("x" * size),))) == expected


def of_python(*versions: str, today: date = TODAY) -> list[str]:
    return broken(Facts("environment.a", conda=conda(pythons=versions)), today)


@pytest.mark.parametrize("versions", [(), ("",), ("=",)])
def test_a_conda_specification_without_a_version_of_python_is_told(versions: tuple[str, ...]) -> None:
    assert of_python(*versions) == ["python-missing"]


def test_without_conda_the_python_is_that_of_the_base() -> None:
    assert broken(Facts("environment.a", packages=(package("numpy", versioned=True),))) == []


def test_an_argument_may_give_the_python_of_a_conda_specification() -> None:
    assert broken(Facts("environment.a", python=stated("3.12"), conda=conda(pythons=()))) == []


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("=3.8", ["python-eol"]),
        ("3.8", ["python-eol"]),
        ("==3.8.13", ["python-eol"]),
        ("=3.7.*", ["python-eol"]),
        ("=2.7", ["python-eol"]),
        ("2", ["python-eol"]),
        (">=3.6,<3.9", ["python-eol"]),
        ("<3.10", ["python-eol"]),
        ("~=3.8.2", ["python-eol"]),
        ("=3.8|=3.9", ["python-eol"]),
        ("<=3.9", ["python-eol"]),
        ("<3.10.0", ["python-eol"]),
        ("=3.10", ["python-near-eol"]),
        ("<3.10.5", ["python-near-eol"]),
        ("<=3.10", ["python-near-eol"]),
        ("=3.11", []),
        (">=3.6", []),
        ("~=3.8", []),
        ("=3.8|=3.12", []),
        ("=3", []),
        ("3.*", []),
        ("*", []),
        ("!=3.8", []),
        (">3.8", []),
        ("=3.12=h1234_0_cpython", []),
        ("=3.99", []),
        ("=4", []),
        ("{{python}}", []),
    ],
)
def test_a_python_is_as_old_as_the_newest_that_is_allowed(version: str, expected: list[str]) -> None:
    assert of_python(version) == expected


def test_the_day_decides_what_is_near_and_what_is_over() -> None:
    for day, expected in (
        (date(2027, 5, 3), []),
        (date(2027, 5, 4), ["python-near-eol"]),
        (date(2027, 10, 31), ["python-near-eol"]),
        (date(2027, 11, 1), ["python-eol"]),
    ):
        assert of_python("=3.11", today=day) == expected


def test_one_version_taken_out_leaves_its_line_alive_and_a_whole_line_does_not() -> None:
    assert (3, 9) in allowed_minors("!=3.9.1,<3.10")
    assert (3, 9) not in allowed_minors("!=3.9.*,<3.10")


@pytest.mark.parametrize("version", ["three", "=3.x", "3..8", "=3,abc", "==", "3.8 or 3.9"])
def test_what_is_no_version_is_an_error(version: str) -> None:
    with pytest.raises(UnreadableError):
        allowed_minors(version)


def test_an_unreadable_python_is_told() -> None:
    assert of_python("=three") == ["python-unparsable"]


def test_two_pythons_are_an_error_unless_they_are_the_same() -> None:
    assert of_python("=3.12", "=3.11") == ["python-multiple"]
    assert of_python("=3.12", "=3.12") == []
    facts = Facts("environment.a", python=stated("3.12"), conda=conda(pythons=("=3.11",)))
    assert broken(facts) == ["python-multiple"]


def test_packages_without_a_version_are_told_one_by_one() -> None:
    packages = (package("numpy", versioned=False), package("scipy", versioned=True), package("pandas", versioned=False))
    assert broken(Facts("environment.a", packages=packages)) == ["dep-unpinned", "dep-unpinned"]


def test_python_and_pip_have_rules_of_their_own() -> None:
    packages = (package("python", versioned=False), package("pip", versioned=False))
    assert broken(Facts("environment.a", packages=packages)) == []


def of_conda(**given: object) -> list[str]:
    return broken(Facts("environment.a", conda=conda(**given)))  # type: ignore[arg-type]


def test_conda_needs_channels_and_pip_where_it_has_a_list_for_pip() -> None:
    assert of_conda() == []
    assert of_conda(channels=False) == ["conda-no-channels"]
    assert of_conda(pip_list=True) == ["pip-missing"]
    assert of_conda(pip_list=True, pips=(package("pip", versioned=True),)) == []
    assert of_conda(pip_list=True, pips=(package("pip", versioned=False),)) == ["pip-unpinned"]
    assert of_conda(pips=(package("pip", versioned=False),)) == ["pip-unpinned"]
