"""Environments that name no image stand on one of the table's, or of the project's own."""

from __future__ import annotations

import pytest

from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.language.inputs import Inputs
from reconciler.model.diagnostic import EnvformError
from reconciler.session.curated import bases_text

SETTINGS = """
envform {
  registry       = "oci:./registry"
  default_images = { "3.12" = "a.example/python:12", "cuda12-conda" = "a.example/cuda:1" }
}
"""


def image_of(body: str, settings: str = SETTINGS) -> str:
    texts = {"main.hcl": f'{settings}\nenvironment "a" {{\n{body}\n}}\n'}
    configuration = configure(texts, inputs=Inputs(bases=bases_text()))
    (address,) = configuration.addresses
    environment = evaluate(configuration, address, {})
    assert environment.values["image"] in (environment.image, None)
    return environment.image


@pytest.mark.parametrize(
    ("body", "image"),
    [
        ('pip = ["six"]', "a.example/python:12"),
        ('python_version = "3.11.4"', "docker.io/library/python:3.11-slim-bookworm"),
        ('docker_steps = ["RUN true"]', "a.example/python:12"),
        ('conda {\n  dependencies = ["python=3.9"]\n}', "docker.io/library/debian:bookworm-slim"),
        ('conda_file = { dependencies = ["python=3.9"] }\naccelerator = "cuda12"', "a.example/cuda:1"),
        ('accelerator = "cuda12"', "docker.io/pytorch/pytorch:2.4.1-cuda12.4-cudnn9-runtime"),
        (
            'pip = ["six"]\nplatform = "linux/arm64"\npython_version = "3.13"',
            "docker.io/library/python:3.13-slim-bookworm",
        ),
        ('pip = ["six"]\nimage = "b:1"', "b:1"),
        ('conda {\n  dependencies = ["python"]\n}\nimage = "b:1"\naccelerator = "cuda12"', "b:1"),
        ('pip = ["six"]\nruntime = "local"', ""),
        ('dockerfile = "FROM x:1"', ""),
    ],
)
def test_the_image_is_chosen_by_platform_python_and_accelerator(body: str, image: str) -> None:
    assert image_of(body) == image


@pytest.mark.parametrize(
    ("body", "summary", "word"),
    [
        ('python_version = "3.1"', "No default image", "3.14"),
        ('accelerator = "rocm"', "No default image", "cuda12"),
        ('pip = ["six"]\nimage = "b:1"\naccelerator = "cuda12"', "Argument without effect", "`accelerator`"),
        ('description = "a"', "Missing base image", "`image`"),
    ],
)
def test_what_cannot_be_chosen_is_one_error(body: str, summary: str, word: str) -> None:
    with pytest.raises(EnvformError) as caught:
        image_of(body)
    (told,) = caught.value.diagnostics
    assert told.summary == summary
    assert word in told.detail


def test_images_of_the_project_are_references() -> None:
    with pytest.raises(EnvformError, match="Invalid image reference"):
        image_of('pip = ["six"]', SETTINGS.replace("a.example/python:12", "https://a"))


def test_credentials_in_an_image_are_refused() -> None:
    with pytest.raises(EnvformError):
        image_of('image = "me:secret@a.example/x:1"')


def test_the_plan_shows_what_was_chosen_in_defaults_too() -> None:
    settings = 'envform {\n  registry = "oci:./registry"\n  defaults {\n    accelerator = "cuda12"\n  }\n}\n'
    assert image_of('pip = ["six"]', settings).startswith("docker.io/pytorch/")
    assert image_of('image = "b:1"', settings) == "b:1"
