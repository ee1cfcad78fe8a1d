"""Real packages from the index that this machine is set up with; pip is the oracle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.model.definition import Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.resolvers.pypi import PypiResolver
from tests.resolvers.resolving import BASE, versions
from tests.services.wants import missing

pytestmark = pytest.mark.network
TOP = (
    "numpy", "pandas", "scikit-learn", "matplotlib", "requests", "pyyaml", "tqdm", "pydantic", "fastapi",
    "uvicorn[standard]",
)  # fmt: skip
PYPI = {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "UV_DEFAULT_INDEX": "https://pypi.org/simple"}


def resolve(root: Path, *packages: str, python: str = "3.11", platform: str = "linux/amd64") -> Lock:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    resolver = PypiResolver(root, lambda _: None, root, deadline=120, environment={**kept, **PYPI})
    try:
        return resolver.resolve(Definition("x:1", BASE, platform, packages), python, None)
    except ResolutionError as error:
        if error.temporary:
            missing("a package index", error.diagnostics[0].summary)
        raise


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="wants Python 3.11: pip has the markers of its own Python")
def test_what_is_chosen_is_what_pip_would_install(tmp_path: Path) -> None:
    lock = resolve(tmp_path, *TOP)
    platforms = [f"manylinux_2_{glibc}_x86_64" for glibc in range(28, 4, -1)]
    platforms += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
    target = ["--python-version", "3.11", "--implementation", "cp", "--target", str(tmp_path / "none")]
    target += [word for platform in platforms for word in ("--platform", platform)]
    told = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-",
         "--only-binary", ":all:", "--disable-pip-version-check", *target, *TOP],
        env={**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""},
        check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    installed = [one["download_info"] for one in json.loads(told.stdout)["install"]]
    expected = {one["url"].rpartition("/")[2]: one["archive_info"]["hashes"]["sha256"] for one in installed}
    assert {it.url.rpartition("/")[2]: it.digest.hex for it in lock.artefacts} == expected
    assert all(it.size for it in lock.artefacts)


@pytest.mark.parametrize(("python", "platform"), [("3.8", "linux/amd64"), ("3.12", "linux/arm64")])
def test_wheels_are_those_of_the_target(tmp_path: Path, python: str, platform: str) -> None:
    lock = resolve(tmp_path, "numpy", "pyyaml", python=python, platform=platform)
    tag = f"cp{python.replace('.', '')}"
    machine = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}[platform]
    for it in lock.artefacts:
        assert tag in it.url
        assert machine in it.url


def test_a_conflict_of_real_packages_names_both(tmp_path: Path) -> None:
    versions(resolve(tmp_path, "iniconfig"))
    with pytest.raises(ResolutionError) as caught:
        resolve(tmp_path, "pandas==2.2.0", "numpy<1.20")
    assert caught.value.causes == ("pandas==2.2.0", "numpy<1.20")
