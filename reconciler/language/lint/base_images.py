"""Rules about base images and Dockerfiles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.language.lint.facts import Broken, Facts, Stated

_MOST_BYTES = 100 * 1024
_UBUNTU = "mcr.microsoft.com/azureml/openmpi5.0-ubuntu24.04"
_CUDA = "mcr.microsoft.com/azureml/openmpi5.0-cuda12.6-ubuntu24.04"
_SLIM = "mcr.microsoft.com/azureml/minimal-py312-inference"

# Repositories that Azure ML lists as deprecated, and what takes their place.
DEPRECATED = (
    (re.compile(r"azureml/base(?:-lite)?"), _UBUNTU),
    (re.compile(r"azureml/base-gpu"), _CUDA),
    (re.compile(r"azureml/o16n-base/python-slim"), _SLIM),
    (re.compile(r"azureml/intelmpi2018\.3-cuda.*"), _CUDA),
    (re.compile(r"azureml/intelmpi2018\.3-.*"), _UBUNTU),
    (re.compile(r"azureml/openmpi3\.1\.2-cuda.*"), _CUDA),
    (re.compile(r"azureml/openmpi3\.1\.2-.*"), _UBUNTU),
    (re.compile(r"azureml/openmpi4\.1\.0-cuda11\.(?:0\.3|1)-.*ubuntu18\.04"), _CUDA),
    (re.compile(r"azureml/openmpi4\.1\.0-ubuntu(?:18|20)\.04"), _UBUNTU),
)
_HOST = "mcr.microsoft.com/"
_LOCAL = ("oci:", "docker-daemon:")
_OPEN = ("{{", "${", "$")


def check_images(facts: Facts) -> Iterator[Broken]:
    """`base-unpinned` and `base-deprecated`."""
    for image in facts.images:
        if image.text.startswith(_LOCAL) or any(mark in image.text for mark in _OPEN):
            continue
        repository, tag = _split(image.text)
        if not tag:
            detail = f"`{repository}` has neither a tag nor a digest. It means `{repository}:latest`, which moves."
            yield Broken("base-unpinned", image.where, detail, f"write a tag, such as `{repository}:1.0`, or a digest")
        yield from _deprecated(repository, image)


def _deprecated(repository: str, image: Stated) -> Iterator[Broken]:
    name = repository.removeprefix(_HOST)
    for pattern, instead in DEPRECATED:
        if pattern.fullmatch(name):
            detail = f"`{repository}` is deprecated: Azure ML no longer patches it, so what is found in it stays open."
            yield Broken("base-deprecated", image.where, detail, f"move to `{instead}`")
            return


def _split(image: str) -> tuple[str, str]:
    """The repository of a reference, and its tag or digest."""
    rest, _, digest = image.partition("@")
    folder, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{folder}{slash}{name}", digest or tag


def check_dockerfiles(facts: Facts) -> Iterator[Broken]:
    """`dockerfile-too-long`."""
    for dockerfile in facts.dockerfiles:
        size = len(dockerfile.text.encode(errors="surrogatepass"))
        if size > _MOST_BYTES:
            detail = f"This Dockerfile has {size} bytes, and Azure ML takes {_MOST_BYTES}."
            yield Broken("dockerfile-too-long", dockerfile.where, detail, "copy data and scripts in from files")
