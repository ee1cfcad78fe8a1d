"""What a person sees of locks."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import pytest

from tests.backends.test_file import as_nobody
from tests.backends.test_lock import killed_while_it_held, note
from tests.cli.terminal import REPOSITORY, Envform, Result, program
from tests.session.projects import content, recorded, states_in

MAIN = 'envform {\n  registry = "oci:./registry"\n}\n'
CHANGES = [
    ["apply", "-auto-approve"],
    ["state", "rm", "environment.training"],
    ["state", "mv", "environment.training", "environment.b"],
    ["state", "push", "-"],
]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.hcl").write_text(MAIN)
    recorded(tmp_path, "training")
    return tmp_path


def words(result: Result) -> str:
    assert result.exit_code == 1
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: " ".join(command[:2]))
def test_whoever_comes_second_is_told_who_is_first(project: Path, envform: Envform, command: list[str]) -> None:
    pulled = envform("state", "pull").stdout
    with states_in(project).locked("apply") as holder:
        said = words(envform(*command, typed=pulled))
    assert said.startswith("Error: State is locked")
    assert holder.id in said
    assert "-lock-timeout=5m" in said


def test_looking_needs_no_lock(project: Path, envform: Envform) -> None:
    with states_in(project).locked("apply"):
        for command in (["plan"], ["state", "list"], ["state", "pull"], ["state", "history"], ["workspace", "list"]):
            assert envform(*command).exit_code == 0
        assert envform("state", "rm", "-dry-run", "*").exit_code == 0


def test_with_a_lock_timeout_it_waits(project: Path, envform: Envform) -> None:
    held = states_in(project).locked("apply")
    held.__enter__()
    Timer(0.3, held.__exit__, (None, None, None)).start()
    result = envform("state", "rm", "-lock-timeout=1m", "environment.training")
    assert result.exit_code == 0
    assert "Warning: Waiting for the state's lock" in result.stderr
    assert "up to 60 seconds" in " ".join(result.stderr.split())
    assert content(states_in(project).recorded()) == {}


def test_a_lock_timeout_ends(project: Path, envform: Envform) -> None:
    with states_in(project).locked("apply"):
        began = time.monotonic()
        said = words(envform("apply", "-auto-approve", "-lock-timeout=1s"))
    assert "Error: State is locked" in said
    assert "Waiting for it, up to 1 second. " in said
    assert 1 <= time.monotonic() - began < 20


def test_without_a_lock_it_goes_ahead(project: Path, envform: Envform) -> None:
    with states_in(project).locked("apply"):
        assert envform("state", "rm", "-lock=false", "environment.training").exit_code == 0
    assert content(states_in(project).recorded()) == {}


@pytest.mark.parametrize("text", ["30", "s", "-1s", "1d", "1m 30s", "", "1m30", "٣s", "nan", "1e3s"])
def test_what_is_no_duration(envform: Envform, text: str) -> None:
    assert "is no duration" in words(envform("apply", f"-lock-timeout={text}"))


@pytest.mark.parametrize("text", ["0", "0s", "1m30s", "1.5h", "300ms", ".5s", "1h2m3s4ms5us6µs7ns"])
def test_durations_as_go_spells_them(envform: Envform, text: str) -> None:
    assert envform("state", "rm", "-dry-run", f"-lock-timeout={text}", "*").exit_code == 0


def test_the_apply_after_a_killed_one_says_so(project: Path, envform: Envform) -> None:
    pid = killed_while_it_held(project / "state" / "default.json")
    result = envform("apply", "-auto-approve")
    assert result.exit_code == 0
    assert "Warning: Last operation did not end properly" in result.stderr
    assert f"(process {pid})" in " ".join(result.stderr.split())
    assert content(states_in(project).recorded()).keys() == {"finished", "training"}
    assert "Warning" not in envform("apply", "-auto-approve").stderr


class TestForceUnlock:
    def test_by_its_id_and_after_a_question(self, project: Path, envform: Envform) -> None:
        killed_while_it_held(project / "state" / "default.json")
        there = note(project / "state" / "default.json", host="elsewhere", boot="another")
        assert f"envform force-unlock {there['id']}" in words(envform("apply", "-auto-approve"))
        assert "Only 'yes' will be accepted" in envform("force-unlock", there["id"], typed="y\n").stderr
        assert "has another id" in words(envform("force-unlock", "-force", "wrong"))
        assert "State is locked" in words(envform("apply", "-auto-approve"))
        result = envform("force-unlock", there["id"], typed="yes\n")
        assert result.stdout.startswith("The state is unlocked.")
        assert envform("apply", "-auto-approve").exit_code == 0

    def test_not_from_a_living_process(self, project: Path, envform: Envform) -> None:
        with states_in(project).locked("apply") as holder:
            said = words(envform("force-unlock", "-force", holder.id))
            assert said.startswith("Error: Lock belongs to a living process")
            assert f"kill {holder.pid}" in said

    def test_where_nothing_is_locked(self, envform: Envform) -> None:
        assert words(envform("force-unlock", "-force", "any")).startswith("Error: State is not locked")


MANY = """
envform {
  registry = "oci:./registry"
}

environment "many" {
  for_each = toset([for number in range(12) : "n${number}"])
  name     = "many-${each.key}"
  image    = "oci:./images:base"
}
"""


def test_two_applies_at_once_do_everything_once(project: Path) -> None:
    shutil.copytree(REPOSITORY / "examples" / "01-quickstart" / "images", project / "images")
    (project / "main.hcl").write_text(MANY)
    with ThreadPoolExecutor(2) as pool:
        applies = [
            pool.submit(program, "apply", "-auto-approve", "-lock-timeout=1m", cwd=project, env={}) for _ in range(2)
        ]
        results = [each.result() for each in applies]
    assert [each.exit_code for each in results] == [0, 0], [each.stderr for each in results]
    assert sorted("12 added" in each.stdout for each in results) == [False, True]
    assert program("plan", "-detailed-exitcode", cwd=project).exit_code == 0
    kept = content(states_in(project).recorded())
    assert {name: versions for name, (_, versions) in kept.items()} == dict.fromkeys(kept, 1)


@pytest.fixture
def readonly() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "main.hcl").write_text(MAIN)
        recorded(folder, "training")
        for found in (folder / "state").iterdir():
            found.chmod(0o444)
        for found in (folder / "state", folder):
            found.chmod(0o555)
        yield folder
    finally:
        folder.chmod(0o755)
        (folder / "state").chmod(0o755)
        shutil.rmtree(folder)


def test_in_a_readonly_folder_one_may_look_and_is_told_what_one_may_not(readonly: Path) -> None:
    def said(*command: str) -> str:
        return as_nobody(lambda: _said(Envform(readonly)(*command)))

    assert said("state", "list") == "0 environment.training"
    for command in (["state", "rm", "*"], ["apply", "-auto-approve"], ["workspace", "new", "trial"]):
        told = said(*command)
        assert told.startswith("1 Error: State cannot be locked")
        assert "this user is not allowed to" in told


def _said(result: Result) -> str:
    return f"{result.exit_code} {' '.join((result.stdout or result.stderr).split())}"
