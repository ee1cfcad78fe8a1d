"""Environments of conda's, from the plan to a program that runs in the image."""

from __future__ import annotations

import os
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_archive, debian_base
from tests.builders.making_conda import PLACEHOLDER, Channel, Package, plain_packages
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import LIBC, python_base
from tests.cli.project import Project
from tests.cli.terminal import Result, program
from tests.services.wants import missing, require

NEEDED = (
    "abc", "_collections_abc", "_sitebuiltins", "codecs", "encodings", "genericpath", "importlib", "io", "os",
    "posixpath", "site", "stat", "re", "enum", "functools", "types", "collections", "keyword", "operator", "reprlib",
    "copyreg", "warnings", "heapq", "contextlib",
)  # fmt: skip
DECLARED = """
environment "train" {
  image = "oci:./images:debian"

  conda {
    channels     = ["./channel"]
    dependencies = ["python=3.11", "greeting"]
    pip          = ["--no-index", "--find-links ./wheels", "shout"]
  }
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project.at(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return project


@pytest.fixture
def channel(project: Project, a_python: Package) -> Channel:
    """A Python that runs, a library, and a package for any Python."""
    library, _, greeting = plain_packages()
    channel = Channel(project.folder / "channel")
    for package in (library, a_python, greeting):
        channel.add(package)
    (project.folder / "wheels").mkdir()
    shout = "from greeting import main\ndef twice(): main(); main()\n"
    points = "[console_scripts]\nshout = shout:twice\n"
    TinyWheel({"shout.py": shout}, "shout", entry_points=points).write(project.folder / "wheels")
    LayoutRegistry(project.folder / "images").push(python_base(dict(LIBC), {}), [Name("", "debian")])
    return channel


@pytest.fixture(scope="module")  # before any test has a cache of its own
def a_python() -> Package:
    """That of the Debian base as a package that could lie anywhere; as much of its library as a script needs."""
    site = f"import site\nsite.addsitedir('{PLACEHOLDER}/lib/python3.11/site-packages')\n".encode()
    files = {"lib/python3.11/sitecustomize.py": site}
    with tarfile.open(debian_archive()) as archive:
        for member in archive:
            name = member.name.removeprefix("./").removeprefix("usr/")
            folder, _, inside = name.partition("lib/python3.11/")
            wanted = not folder and inside.partition("/")[0].removesuffix(".py") in NEEDED
            if member.isfile() and "__pycache__" not in name and (wanted or name == "bin/python3.11"):
                content = archive.extractfile(member)
                files[name] = content.read() if content else b""
    return Package(
        "python", "3.11.2", "h1_cpython", files=files, links={"bin/python": "python3.11"},
        programs=["bin/python3.11"], prefixed={"lib/python3.11/sitecustomize.py": "text"}, depends=["libtables >=2"],
    )  # fmt: skip


def run(project: Project, *words: str) -> Result:
    require("runc")
    if os.geteuid() != 0:
        missing("runc", "some machines let nobody but root start containers")
    return program("run", *words, cwd=project.folder, env={"XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]})


@pytest.fixture(scope="module")
def debian() -> Image:
    return debian_base()


@pytest.mark.usefixtures("channel")
def test_programs_of_conda_and_of_pip_run_in_the_image(project: Project, debian: Image) -> None:
    LayoutRegistry(project.folder / "images").push(debian, [Name("", "debian")])
    told = project.apply(DECLARED)
    assert "1 added" in told
    where = "import sys, greeting; print(sys.prefix, greeting.__file__)"
    script = f"shout; echo $CONDA_PREFIX; command -v greet; python -c '{where}'"
    assert run(project, "train", "--", "bash", "-c", script).stdout.splitlines() == [
        "good morning",
        "good morning",
        "/opt/env",
        "/opt/env/bin/greet",
        "/opt/env /opt/env/lib/python3.11/site-packages/greeting.py",
    ]
    assert project.summary().startswith("No changes.")
    assert "No drift." in project.run("drift").stdout


def test_packages_stay_until_they_are_upgraded(project: Project, channel: Channel) -> None:
    project.apply(DECLARED)
    newer = Package("greeting", "1.5", "pyh0", files={"site-packages/greeting.py": b""}, noarch="python")
    channel.add(newer)
    assert project.summary().startswith("No changes.")
    plan = project.run("plan", "-upgrade").stdout
    assert '"greeting" = "1.4" -> "1.5"' in " ".join(plan.split())
    assert "(packages upgraded: greeting)" in plan
    del channel.tables["noarch"]["greeting-1.5-pyh0.conda"]
    channel.add(replace(newer, version="1.4", build="pyh1", number=1))
    assert '"greeting" = "1.4=pyh0" -> "1.4=pyh1"' in " ".join(project.run("plan", "-upgrade").stdout.split())


def test_problems_are_shown_where_the_packages_are_asked_for(project: Project, channel: Channel) -> None:
    channel.add(Package("scripted", files={"bin/.scripted-pre-link.sh": b"exit 1\n"}))
    project.declare(DECLARED.replace('"greeting"]', '"greeting>2"]'))
    failed = project.run("plan", exit_code=1).stderr
    assert "Error: Conda packages cannot be chosen together" in failed
    assert "conda {" in failed
    assert "No candidates were found for greeting >2." in failed
    project.declare(DECLARED.replace('"greeting"]', '"scripted"]'))
    assert "bin/.scripted-pre-link.sh of scripted-1.0-0.conda" in project.run("plan", exit_code=1).stderr
