"""`verify`: tests that run before a version is registered, and leave nothing behind where they fail."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.builders.making_wheels import TinyWheel
from tests.cli.project import Project
from tests.services.wants import missing, require

LOCAL = """
environment "tools" {{
  runtime = "local"
  pip     = ["--no-index", "--find-links ./wheels", "shout"]

  verify {{
    {tests}
  }}
}}
"""
IMAGE = """
environment "debian" {{
  image = "oci:./images:debian"

  verify {{
    {tests}
  }}
}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = Project.at(tmp_path)
    (tmp_path / "wheels").mkdir()
    TinyWheel({"shout.py": "print('loud')\n"}, "shout").write(tmp_path / "wheels")
    return project


def published(project: Project) -> bool:
    return (project.folder / "registry").exists() and "tools" in (project.folder / "registry/index.json").read_text()


def test_what_passes_is_registered_and_the_record_says_so(project: Project) -> None:
    tests = 'imports = ["shout"]\n    pip_check = true\n    commands = ["python -c \'import shout\' | grep loud"]'
    project.apply(LOCAL.format(tests=tests))
    assert "verified" in project.run("env", "show", "tools").stdout
    assert '"verified": "20' in project.run("state", "pull").stdout
    project.run("plan", "-detailed-exitcode")


def test_what_fails_leaves_registry_and_state_as_they_were(project: Project) -> None:
    project.declare(LOCAL.format(tests='imports = ["shout", "whisper"]'))
    done = project.run("apply", "-auto-approve", exit_code=1)
    assert "`import whisper` ended with 1" in done.stderr
    assert "No module named 'whisper'" in done.stderr
    assert not published(project)
    assert project.run("env", "list").stdout.splitlines()[1:] == []
    assert "envform logs environment.tools" in done.stderr
    log = project.run("logs", "environment.tools").stdout
    assert log.index("# log of") < log.index("# test: import shout\nloud\n# test: import whisper\nTraceback")


def test_a_test_has_so_much_time(project: Project) -> None:
    project.declare(LOCAL.format(tests='commands = ["exec sleep 60"]\n    timeout = 1'))
    done = project.run("apply", "-auto-approve", exit_code=1)
    assert "`exec sleep 60` took longer than the 1 s of `timeout`. It said nothing." in " ".join(done.stderr.split())
    assert not published(project)


HELD = """
import fcntl, glob, os
(tools,) = glob.glob("{folder}/envform-scratch-*/packaging/..")
try:
    fcntl.flock(os.open(tools, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("held")
"""


def test_what_tests_need_is_held_while_they_run_so_that_nobody_clears_it_away(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary := project.folder / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    (project.folder / "held.py").write_text(HELD.format(folder=temporary))
    project.apply(LOCAL.format(tests=f'commands = ["python {project.folder}/held.py | grep held"]'))
    assert not list(temporary.glob("envform-*"))


def test_new_tests_run_before_they_count(project: Project) -> None:
    project.apply(LOCAL.format(tests='imports = ["shout"]'))
    project.declare(LOCAL.format(tests='imports = ["nonsense"]'))
    assert "updated in-place" in project.run("plan").stdout
    project.run("apply", "-auto-approve", exit_code=1)
    assert '"nonsense"' not in project.run("state", "pull").stdout
    project.apply(LOCAL.format(tests='imports = ["sys"]'))
    project.run("plan", "-detailed-exitcode")


def test_ready_images_are_tested_in_containers(project: Project) -> None:
    require("runc")
    if os.geteuid() != 0:
        missing("runc", "some machines let nobody but root start containers")
    LayoutRegistry(project.folder / "images").push(debian_base(), [Name("", "debian")])
    project.declare(IMAGE.format(tests='imports = ["numpy"]'))
    done = project.run("apply", "-auto-approve", exit_code=1)
    assert "No module named 'numpy'" in done.stderr
    assert "No module named 'numpy'" in project.run("logs", "environment.debian").stdout
    assert (
        not (project.folder / "registry" / "index.json").exists()
        or "debian" not in (project.folder / "registry" / "index.json").read_text()
    )
    project.apply(IMAGE.format(tests='imports = ["json"]\n    pip_check = true'))
    shutil.rmtree(project.folder / "registry")
    project.run("apply", "-auto-approve")


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("", "Argument without effect"),
        ('imports = ["scikit-learn"]', "Invalid module name"),
        ('commands = [" "]', "Invalid command"),
        ('imports = ["a"]\n    timeout = 0', "whole number of seconds"),
        ('import = ["a"]', "imports"),
    ],
)
def test_what_makes_no_sense_is_refused(project: Project, tests: str, said: str) -> None:
    project.declare(LOCAL.format(tests=tests))
    assert said in project.run("validate", exit_code=1).stderr
