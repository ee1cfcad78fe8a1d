"""`runtime = "local"` with conda packages: environments of conda's own, on this machine, as pip's are."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.builders.making_conda import PLACEHOLDER, Channel, Package, plain_packages
from tests.builders.making_wheels import TinyWheel
from tests.cli.project import Project
from tests.cli.terminal import Result, program

XY = sysconfig.get_python_version()
DECLARED = f"""
environment "tools" {{
  runtime = "local"

  conda {{
    channels     = ["./channel"]
    dependencies = ["python={XY}", "greeting", "settings"]
    pip          = ["--no-index", "--find-links ./wheels", "shout"]
  }}

  environment_variables = {{
    NAME = "everybody"
  }}
}}
"""
LEFT_OUT = {
    "__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "tkinter", "ensurepip",
    "pydoc_data", "unittest", "distutils", "asyncio", "multiprocessing",
}  # fmt: skip


@pytest.fixture(scope="module")
def a_python() -> Package:
    """That of this machine as a package that could lie anywhere; as much of its library as uv asks for."""
    library = Path(sysconfig.get_path("stdlib"))
    files = {f"bin/python{XY}": Path(sys.base_prefix, "bin", f"python{XY}").read_bytes()}
    for folder, folders, names in os.walk(library):
        folders[:] = [it for it in folders if it not in LEFT_OUT and not it.startswith("config-")]
        for name in names if "lib-dynload" not in folder else filter(_of_use, names):
            path = Path(folder, name)
            files[f"lib/python{XY}/{path.relative_to(library).as_posix()}"] = path.read_bytes()
    return Package(
        "python", f"{XY}.0", "h1_cpython", files=files, depends=["libtables >=2"],
        links={"bin/python": f"python{XY}", "bin/python3": f"python{XY}"}, programs=[f"bin/python{XY}"],
    )  # fmt: skip


def _of_use(name: str) -> bool:
    """Whether a library of Python's is small; the large ones are for tests, languages of Asia, and databases."""
    return not name.startswith(
        ("_test", "_codecs", "_sqlite", "_decimal", "unicodedata", "_curses", "_tkinter", "_ssl")
    )


@pytest.fixture
def channel(tmp_path: Path, a_python: Package) -> Channel:
    library, _, greeting = plain_packages()
    program = b"#!" + PLACEHOLDER.encode() + b"/bin/python\nimport sys; print(sys.prefix)\n"
    settings = Package(
        "settings",
        files={"etc/conda/env_vars.d/settings.json": b'{"MOOD": "good", "NAME": "nobody"}', "bin/where": program},
        prefixed={"bin/where": "text"},
        programs=["bin/where"],
    )
    channel = Channel(tmp_path / "project" / "channel")
    for package in (library, a_python, greeting, settings):
        channel.add(package)
    return channel


@pytest.fixture
def project(tmp_path: Path, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Project:  # noqa: ARG001 - it is there
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = Project.at(tmp_path / "project")
    (project.folder / "wheels").mkdir()
    shout = "import os\nfrom greeting import main\ndef twice(): main(); print(os.environ['MOOD'], os.environ['NAME'])\n"
    points = "[console_scripts]\nshout = shout:twice\n"
    TinyWheel({"shout.py": shout}, "shout", entry_points=points).write(project.folder / "wheels")
    return project


def run(project: Project, *words: str) -> Result:
    cache = os.environ["XDG_CACHE_HOME"]
    return program("run", "tools", "--", *words, cwd=project.folder, env={"XDG_CACHE_HOME": cache, "VIRTUAL_ENV": "/x"})


def environments(project: Project) -> list[Path]:
    return [path for path in (project.folder / ".envform" / "envs").iterdir() if not path.name.startswith(".")]


def test_programs_of_conda_and_of_pip_run_on_this_machine(project: Project) -> None:
    assert "1 added" in project.apply(DECLARED)
    (place,) = environments(project)
    done = run(project, "shout")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "good morning\ngood everybody\n", "")
    assert run(project, "greet").stdout == "good morning\n"
    assert run(project, "where").stdout == f"{place}\n"
    script = (
        "import os, sys, greeting; print(os.environ['CONDA_PREFIX'], 'VIRTUAL_ENV' in os.environ, greeting.__file__)"
    )
    site = f"{place}/lib/python{XY}/site-packages"
    assert run(project, "python", "-c", script).stdout == f"{place} False {site}/greeting.py\n"
    assert project.summary().startswith("No changes.")
    assert "No drift." in project.run("drift").stdout


def test_scripts_of_packages_set_what_they_would_in_an_activated_environment(
    project: Project, channel: Channel
) -> None:
    java = b"echo hello from java\nexport JAVA_HOME=\"$CONDA_PREFIX/lib/jvm\" TWO=$'a\\nb'\nunset GONE\nNAME=java\n"
    files = {"etc/conda/activate.d/java.sh": java, "etc/conda/activate.d/no.fish": b"exit 1\n"}
    channel.add(Package("java", files=files))
    project.apply(DECLARED.replace('"settings"', '"settings", "java"'))
    (place,) = environments(project)
    script = "import os; print([os.environ.get(it) for it in ('JAVA_HOME', 'TWO', 'NAME', 'MOOD', 'PWD')])"
    done = run(project, "python", "-c", script)
    assert done.stdout == f"{[f'{place}/lib/jvm', 'a' + chr(10) + 'b', 'everybody', 'good', None]}\n"
    assert done.stderr == "hello from java\n"
    channel.add(Package("java", "2.0", files={"etc/conda/activate.d/java.sh": b"exit 3\n"}))
    project.run("apply", "-auto-approve", "-upgrade")
    failed = run(project, "python", "-c", script)
    assert failed.exit_code == 125
    assert "Environment cannot be activated" in failed.stderr
    assert "`java.sh`" in failed.stderr


def test_an_image_s_packages_run_on_this_machine_when_that_is_asked_for(project: Project) -> None:
    LayoutRegistry(project.folder / "images").push(debian_base(), [Name("", "debian")])
    project.apply(DECLARED.replace('runtime = "local"', 'image = "oci:./images:debian"'))
    cache = os.environ["XDG_CACHE_HOME"]
    done = program("run", "tools", "-on=local", "--", "shout", cwd=project.folder, env={"XDG_CACHE_HOME": cache})
    assert (done.exit_code, done.stdout) == (0, "good morning\ngood everybody\n"), done.stderr


def test_it_is_made_again_where_the_project_was_moved(project: Project) -> None:
    project.apply(DECLARED)
    (before,) = environments(project)
    shutil.rmtree(before / "bin")
    moved = replace(project, envform=replace(project.envform, folder=project.folder.with_name("my work")))
    project.folder.rename(moved.folder)  # and no first line of a script can hold a space
    assert run(moved, "shout").exit_code == 0
    assert run(moved, "greet").stdout == "good morning\n"
    (after,) = environments(moved)
    assert after.name == before.name
    assert run(moved, "where").stdout == f"{after}\n"


def test_an_environment_that_cannot_be_made_leaves_the_old_one(project: Project, channel: Channel) -> None:
    project.apply(DECLARED)
    (place,) = environments(project)
    channel.add(Package("greeting", "1.5", "pyh0", files={"site-packages/greeting.py": b""}, noarch="python"))
    broken = channel.folder / "noarch" / "greeting-1.5-pyh0.conda"
    broken.write_bytes(broken.read_bytes()[:-2000])
    told = channel.tables["noarch"][broken.name]
    assert isinstance(told, dict)
    content = broken.read_bytes()
    told |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    channel.write()
    failed = project.run("apply", "-auto-approve", "-upgrade", exit_code=1).stderr
    assert "Conda package cannot be used" in failed
    assert environments(project) == [place]
    assert run(project, "greet").stdout == "good morning\n"


def test_what_packages_may_need_is_what_this_machine_has(
    project: Project, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.add(Package("fast", "1.0", "cpu"))
    channel.add(Package("fast", "1.1", "gpu", depends=["__cuda >=12"]))
    asked = 'conda {\n    channels = ["./channel"]\n    dependencies = ["fast"]\n  }'
    declared = f'environment "tools" {{\n  runtime = "local"\n  {asked}\n}}\n'
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "12.4")
    project.apply(declared)
    assert "1.1" in project.run("env", "show", "tools").stdout
    (place,) = environments(project)
    assert [json.loads(path.read_text())["version"] for path in (place / "conda-meta").glob("*.json")] == ["1.1"]


def test_links_lead_nowhere_out_of_the_environment(project: Project, channel: Channel, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    channel.add(Package("anchor", links={"share/out": str(tmp_path / "outside")}))
    channel.add(Package("thrower", files={"share/out/evil": b"x"}, depends=["anchor"]))
    project.declare(DECLARED.replace('"settings"', '"settings", "thrower"'))
    failed = project.run("apply", "-auto-approve", exit_code=1).stderr
    assert "which a link leads out of the environment" in " ".join(failed.split())
    assert not list((tmp_path / "outside").iterdir())
    assert not environments(project)
