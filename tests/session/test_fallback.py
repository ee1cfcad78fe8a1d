"""What an apply has finished is kept where the state cannot be written, and comes back with one command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.model.diagnostic import EnvformError
from reconciler.model.event import ChangeFinished, ChangeStarted, Event
from reconciler.session import Session
from tests.cli.terminal import REPOSITORY, Envform
from tests.services.wants import missing, require
from tests.session.projects import content, states_in

MAIN = """
envform {
  registry = "oci:./registry"
}

environment "first" {
  image = "oci:./images:base"
}

environment "second" {
  image       = "oci:./images:base"
  description = "${environment.first.name} comes before"
}

environment "third" {
  image       = "oci:./images:base"
  description = "${environment.second.name} comes before"
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(REPOSITORY / "examples" / "01-quickstart" / "images", folder / "images")
    (folder / "main.hcl").write_text(MAIN)
    return folder


def apply(project: Path, when: Callable[[Event], bool], disturb: Callable[[], object]) -> str:
    """What an apply says when something happens to the disk once an event is seen; it is told as it would be shown."""

    def emit(event: Event) -> None:
        if when(event):
            disturb()

    session = Session(project, emit, parallelism=1)
    with pytest.raises(EnvformError) as caught, session.locked("apply") as locked:
        locked.apply(locked.plan())
    return "\n".join(f"{item.summary}\n{item.detail}" for item in caught.value.diagnostics)


def started(label: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, ChangeStarted) and event.address.label == label


def lose_state(project: Path) -> None:
    """The folder that holds the state is not there any more, and none can be made in its place."""
    (project / "state").rename(project / "away")
    (project / "state").write_text("")


def bring_back(project: Path) -> None:
    (project / "state").unlink()
    (project / "away").rename(project / "state")


def test_what_was_finished_is_kept_aside_and_pushed_with_the_command_that_is_shown(
    project: Path, envform: Envform
) -> None:
    said = apply(project, started("second"), lambda: lose_state(project))
    assert said.startswith("State not saved")
    assert "a part of its path is a file" in said
    assert "\n    envform state push errored.envform.json\n" in said
    assert "sha256:" not in said
    bring_back(project)
    assert content(states_in(project).recorded()) == {"first": ("environment.first", 1)}
    pushed = envform("state", "push", "errored.envform.json", cwd=project)
    assert pushed.exit_code == 0, pushed.stderr
    assert content(states_in(project).recorded()).keys() == {"first", "second"}
    assert "1 from cache, 2 unchanged" in envform("plan", cwd=project).stdout
    assert "1 added, 0 changed" in envform("apply", "-auto-approve", cwd=project).stdout
    assert envform("plan", "-detailed-exitcode", cwd=project).exit_code == 0


def test_nothing_more_is_begun_once_something_could_not_be_kept(project: Path) -> None:
    seen: list[Event] = []

    def second_starts(event: Event) -> bool:
        seen.append(event)
        return started("second")(event)

    apply(project, second_starts, lambda: lose_state(project))
    assert [event.address.label for event in seen if isinstance(event, ChangeFinished)] == ["first", "second"]
    assert [event.address.label for event in seen if isinstance(event, ChangeStarted)] == ["first", "second"]


def test_an_errored_file_that_was_not_pushed_yet_is_not_overwritten(project: Path) -> None:
    (project / "errored.envform.json").write_text("what was finished before")
    said = apply(project, started("second"), lambda: lose_state(project))
    assert "envform state push errored-2.envform.json" in said
    assert (project / "errored.envform.json").read_text() == "what was finished before"


def test_where_nothing_at_all_can_be_written_the_state_is_still_not_printed(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, envform: Envform
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)

    def lose_everything() -> None:
        lose_state(project)
        gone.rmdir()
        for number in ("", *(f"-{n}" for n in range(2, 100))):
            (project / f"errored{number}.envform.json").mkdir()

    said = apply(project, started("second"), lose_everything)
    assert "is not printed" in said
    assert "sha256:" not in said
    monkeypatch.undo()
    bring_back(project)
    result = envform("apply", "-auto-approve", cwd=project)  # the images are found again, and nothing is built twice
    assert "0 to build" not in result.stderr
    assert "Images: 0 to build, 0 to rebase, 2 from cache, 1 unchanged." in result.stdout
    assert envform("plan", "-detailed-exitcode", cwd=project).exit_code == 0


def test_what_a_disk_that_had_no_space_for_a_while_was_to_keep_is_recorded_in_the_end(
    project: Path, envform: Envform
) -> None:
    journal = project / "state" / "default.journal"

    def break_journal() -> None:
        journal.rename(journal.with_name("aside"))
        journal.mkdir()

    def when(event: Event) -> bool:
        if isinstance(event, ChangeFinished) and event.address.label == "second":
            journal.rmdir()
            journal.with_name("aside").rename(journal)
        return started("second")(event)

    said = apply(project, when, break_journal)
    assert said.startswith("Journal could not be written")
    assert content(states_in(project).recorded()).keys() == {"first", "second"}
    assert "1 added" in envform("apply", "-auto-approve", cwd=project).stdout


def test_what_the_journal_holds_is_not_called_lost_where_only_the_state_cannot_be_written(
    project: Path, envform: Envform
) -> None:
    def third_finished(event: Event) -> bool:
        return isinstance(event, ChangeFinished) and event.address.label == "third"

    said = apply(project, third_finished, (project / "state" / "default.json.tmp").mkdir)
    assert said.startswith("State not written as a whole")
    assert "Nothing is lost" in said
    assert not (project / "errored.envform.json").exists()
    (project / "state" / "default.json.tmp").rmdir()
    assert content(states_in(project).recorded()).keys() == {"first", "second", "third"}
    assert envform("plan", "-detailed-exitcode", cwd=project).exit_code == 0


FULL = """
mount -t tmpfs -o size=128k none "$1/state" || exit 77
{python} -m reconciler -chdir="$1" apply -auto-approve -target=environment.first || exit 1
head -c 200k /dev/zero >"$1/state/fill" 2>/dev/null
{python} -m reconciler -chdir="$1" apply -auto-approve && exit 2
rm "$1/state/fill"
{python} -m reconciler -chdir="$1" state list || exit 3
{python} -m reconciler -chdir="$1" apply -auto-approve || exit 4
{python} -m reconciler -chdir="$1" plan -detailed-exitcode || exit 5
"""


def test_a_full_disk_loses_nothing(project: Path) -> None:
    unshare = require("unshare")
    (project / "state").mkdir()
    script = FULL.format(python=sys.executable)
    command = [str(unshare), "--map-root-user", "--mount", "sh", "-c", script, "sh", str(project)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        missing("unshare", "may not mount here")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "there is no space left on the disk" in " ".join(done.stderr.split())
    assert "sha256:" not in done.stderr
    assert "environment.first" in done.stdout
