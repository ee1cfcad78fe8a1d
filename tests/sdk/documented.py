"""A folder as the documentation's readers have it: scripts, conda files, build contexts, images and packages."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from reconciler import Workspace
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_conda import Channel, Package, plain_packages
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import LIBC, PYTHON, python_base
from tests.cli.project import IMAGES

_IMAGES = {
    "pytorch/pytorch": "oci:./images:base",
    "fastdotai/fastai2": "oci:./images:base",
    "your_registry_location/your_base-image": "oci:./images:base",
    "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04": "oci:./images:debian",
    "mcr.microsoft.com/azureml/openmpi3.1.2-ubuntu18.04": "oci:./images:python",
    "myregistry.azurecr.io/train": "oci:./images:base",
}
_SETTINGS = """envform {
  registry       = "oci:./registry"
  default_images = { "conda" = "oci:./images:debian", "3.11" = "oci:./images:python", "3.12" = "oci:./images:python" }
}
"""
_FILES = {
    "conda-yamls/pydata.yml": """\
        name: pydata-example
        channels:
          - conda-forge
        dependencies:
          - python=3.11
          - pip
          - numpy
          - pip:
              - pillow==5.4.1
        """,
    "requirements.txt": "# what is needed\npillow>=5  # pictures\n",
    "Dockerfile": 'FROM mcr.microsoft.com/azureml/openmpi3.1.2-ubuntu18.04\nRUN echo "Hello"\n',
    "docker-contexts/python-and-pip/Dockerfile": "FROM python:3.11\nCOPY *.txt .\nRUN pip install -r *.txt\n",
    "docker-contexts/python-and-pip/requirements.txt": "pandas\n",
    "example.py": "print('Hello')\n",
    "documents/env.yml": """\
        $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
        name: docker-image-plus-conda-example
        image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04
        conda_file: ../conda-yamls/pydata.yml
        description: Environment created from a Docker image plus Conda environment.
        """,
}


def documented(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that a snippet finds, in this folder as the current one."""
    shutil.copytree(IMAGES, folder / "images")
    images = LayoutRegistry(folder / "images")
    images.push(python_base(dict(LIBC), {}), [Name("", "debian")])
    images.push(python_base(dict(PYTHON)), [Name("", "python")])
    for name, text in {**_FILES, "main.hcl": _SETTINGS}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text))
    _packages(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder / "wheels"))
    monkeypatch.setattr("reconciler.resolvers.conda_channels._HOST", f"file://{folder}/channels")
    workspace = Workspace(folder, images=_IMAGES)
    return {"workspace": workspace, "ml_client": workspace, "ws": workspace}


def _packages(folder: Path) -> None:
    channel = Channel(folder / "channels" / "conda-forge")
    library, python, _ = plain_packages()
    for package in (
        library,
        python,
        Package("pip", "24.0"),
        Package("numpy", "1.17.0"),
        Package("scikit-learn", "0.22.1"),
    ):
        channel.add(package)
    (folder / "wheels").mkdir()
    (folder / "elsewhere").mkdir()
    for version in ("5.4.1", "6.0"):
        TinyWheel({"PIL.py": ""}, "pillow", version).write(folder / "wheels")
    TinyWheel({"mine.py": ""}, "mine", "0.1").write(folder / "elsewhere")
    records = folder / "mycondaenv" / "conda-meta"
    records.mkdir(parents=True)
    for name, version in (("python", "3.11.9"), ("numpy", "1.17.0")):
        (records / f"{name}.json").write_text(
            f'{{"name": "{name}", "version": "{version}", "build": "0", "subdir": "linux-64",'
            ' "channel": "https://conda.anaconda.org/conda-forge/linux-64"}'
        )
