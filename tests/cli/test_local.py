"""`runtime = "local"`: virtual environments on this machine, planned, applied and run like images."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.making_wheels import TinyWheel
from tests.cli.project import Project
from tests.cli.terminal import REPOSITORY, Result, program

DECLARED = """
environment "tools" {
  runtime = "local"
  pip     = ["--no-index", "--find-links ./wheels", "shout"]

  environment_variables = {
    GREETING = "good morning"
  }
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = Project.at(tmp_path)
    (tmp_path / "wheels").mkdir()
    write_wheel(project, "1.0")
    project.apply(DECLARED)
    return project


def write_wheel(project: Project, version: str) -> None:
    code = f"import os\ndef main(): print(os.environ['GREETING'].upper(), '{version}')\n"
    points = "[console_scripts]\nshout = shout:main\n"
    TinyWheel({"shout.py": code}, "shout", version, entry_points=points).write(project.folder / "wheels")


def run(project: Project, *words: str) -> Result:
    return program("run", *words, cwd=project.folder, env={"XDG_CACHE_HOME": str(project.folder / "cache")})


def environments(project: Project) -> list[Path]:
    return [path for path in (project.folder / ".envform" / "envs").iterdir() if not path.name.startswith(".")]


def test_programs_of_the_environment_run_on_this_machine(project: Project) -> None:
    done = run(project, "tools", "--", "shout")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "GOOD MORNING 1.0\n", "")
    done = run(
        project, "tools", "-env=GREETING=bye", "--", "python", "-c", "import shout, sys; shout.main(); sys.exit(7)"
    )
    assert (done.exit_code, done.stdout) == (7, "BYE 1.0\n")
    assert run(project, "tools", "--", "python", "-c", "import os; os.abort()").exit_code == 134
    frozen = "import importlib.metadata as m; print(m.distribution('shout').read_text('direct_url.json'))"
    assert run(project, "tools", "--", "python", "-c", frozen).stdout == "None\n"
    unknown = run(project, "tools", "--", "nonsense")
    assert (unknown.exit_code, unknown.stderr.splitlines()[0]) == (127, "Error: Program not found")
    assert "Mounts have no meaning here" in run(project, "tools", "-mount=.:/x", "--", "shout").stderr


def test_nothing_is_left_to_do_and_nothing_has_drifted(project: Project) -> None:
    project.run("plan", "-detailed-exitcode")
    project.run("drift")


def test_another_machine_makes_it_when_it_is_needed(project: Project) -> None:
    (before,) = environments(project)
    shutil.rmtree(project.folder / ".envform")
    assert run(project, "tools", "--", "shout").stdout == "GOOD MORNING 1.0\n"
    assert environments(project) == [before]


def test_equal_definitions_share_a_folder_and_others_have_their_own(project: Project) -> None:
    project.apply(DECLARED + DECLARED.replace('"tools"', '"more"'))
    assert len(environments(project)) == 1
    write_wheel(project, "2.0")
    project.apply(DECLARED.replace('"shout"', '"shout==2.0"'))
    assert len(environments(project)) == 2
    assert run(project, "tools", "--", "shout").stdout == "GOOD MORNING 2.0\n"
    assert run(project, "tools:1", "--", "shout").stdout == "GOOD MORNING 1.0\n"


def test_a_lost_state_is_found_again_in_the_registry(project: Project) -> None:
    shutil.rmtree(project.folder / "state")
    said = project.run("apply", "-auto-approve").stdout
    assert "1 from cache" in said


def test_an_environment_that_cannot_be_made_is_not_registered(project: Project) -> None:
    declared = DECLARED.replace('runtime = "local"', 'runtime = "local"\n  python_version = "3.3"')
    project.declare(declared.replace('"tools"', '"old"'))
    done = project.run("apply", "-auto-approve", exit_code=1)
    assert "3.3" in done.stderr
    assert "old" not in project.run("env", "list").stdout
    assert not [*(project.folder / ".envform/envs").glob(".*.new")]


def test_a_signal_reaches_the_job(project: Project) -> None:
    script = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n"
    script += "print('up', flush=True)\ntime.sleep(60)"
    words = [sys.executable, "-m", "reconciler", "run", "tools", "--", "python", "-c", script]
    with subprocess.Popen(
        words, cwd=project.folder, env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"}, stdout=subprocess.PIPE
    ) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == b"up\n"
        job.send_signal(signal.SIGTERM)
        assert job.wait(30) == 5


def test_a_signal_reaches_what_the_jobs_shell_has_started(project: Project) -> None:
    started = "sh -c 'echo up; exec sleep 60'; echo on"
    words = [sys.executable, "-m", "reconciler", "run", "tools", "--", "bash", "-c", started]
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(
            words, cwd=project.folder, env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE, start_new_session=True,
        ) as job:  # fmt: skip
            assert job.stdout is not None
            assert job.stdout.readline() == b"up\n"
            job.send_signal(number)
            assert job.stdout.read() == b"", "nobody holds it any more, and nobody went on"
            assert job.wait(30) == 128 + number


def test_a_program_is_seen_from_where_the_job_begins(project: Project) -> None:
    (project.folder / "own").mkdir()
    (project.folder / "own" / "it").write_text("#!/bin/sh\npwd\n")
    place = f"-workdir={project.folder}/own"
    assert "it may not be executed" in run(project, "tools", place, "--", "./it").stderr
    (project.folder / "own" / "it").chmod(0o755)
    assert run(project, "tools", place, "--", "./it").stdout == f"{project.folder}/own\n"
    assert "it is a folder" in run(project, "tools", "--", "./own").stderr
    told = run(project, "tools", "-workdir=/no/such", "--", "true").stderr
    assert "there is no such folder" in " ".join(told.split())


@pytest.fixture
def newest_glibc() -> str:
    """The tag of wheels for the C library that this very machine has."""
    from packaging.tags import platform_tags

    return next(iter(platform_tags()))


def test_packages_are_chosen_for_the_machine_itself(
    project: Project, newest_glibc: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = project.folder / "wheels"
    own = TinyWheel({"shout.py": "x = 1\n"}, "shout", "3.0").write(wheels)
    own.rename(own.with_name(f"shout-3.0-py3-none-{newest_glibc}.whl"))
    plan = project.run("plan", "-upgrade").stdout
    assert '"shout" = "1.0" -> "3.0"' in " ".join(plan.split())
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    plan = project.run("plan").stdout
    assert 'platform = "linux/amd64" -> "linux/riscv64"' in " ".join(plan.split())
    failed = project.run("run", "tools", "--", "shout", exit_code=125).stderr
    assert "Environment is for another machine" in failed
    assert "this one is linux/riscv64" in " ".join(failed.split())
