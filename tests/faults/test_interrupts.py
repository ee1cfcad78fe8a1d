"""Signals at moments that nobody chose: whatever an apply had finished is recorded, and the next one does the rest."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reconciler.backends.file import FileBackend
from reconciler.model.state import State
from tests.cli.project import SETTINGS
from tests.cli.terminal import REPOSITORY, program, program_environment
from tests.registries.scripted import Ask, Scripted, scripted

IMAGES = REPOSITORY / "examples" / "01-quickstart" / "images"
MANY = 100
KEYS = f'{{ for n in range({MANY}) : "k${{n}}" => n }}'
BLOCK = f'environment "e" {{\n  for_each = {KEYS}\n  image = "oci:./images:base"\n}}\n'
ROUNDS = 12 if os.environ.get("ENVFORM_TEST_LONG") else 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(IMAGES, tmp_path / "images")
    (tmp_path / "main.hcl").write_text(SETTINGS + BLOCK)
    return tmp_path


def started(project: Path) -> subprocess.Popen[str]:
    """An apply in whose middle we are."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "-auto-approve", "-parallelism=1"],
        cwd=project,
        env=program_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "complete after" in line:
            break
    return process


def recorded(project: Path) -> int:
    state = FileBackend(project / "state" / "default.json", envform_version="0", now=lambda: "").read()
    assert isinstance(state, State)
    return len(state.environments)


def check_the_rest_is_done(project: Path, told: int) -> None:
    before = recorded(project)
    assert told <= before <= MANY
    done = program("apply", "-auto-approve", cwd=project)
    assert done.exit_code == 0, done.stderr
    if before < MANY:
        assert f"Resources: {MANY - before} added, 0 changed, 0 destroyed." in done.stdout
    assert program("plan", "-detailed-exitcode", cwd=project).exit_code == 0


@pytest.mark.parametrize(
    ("signals", "codes"),
    [
        ([signal.SIGINT], {130}),
        ([signal.SIGTERM], {130}),
        ([signal.SIGINT, signal.SIGINT], {130}),
        ([signal.SIGKILL], {-signal.SIGKILL}),
    ],
    ids=["control-c", "terminate", "control-c twice", "kill"],
)
def test_what_was_finished_is_recorded_and_the_rest_is_done_next(
    project: Path, signals: list[signal.Signals], codes: set[int]
) -> None:
    for _ in range(ROUNDS):
        for folder in ("state", "registry"):
            shutil.rmtree(project / folder, ignore_errors=True)
        process = started(project)
        time.sleep(random.uniform(0, 0.3))
        for number in signals:
            process.send_signal(number)
            time.sleep(random.uniform(0, 0.01))
        _, rest = process.communicate(timeout=60)
        assert process.returncode in codes | {0}, rest
        check_the_rest_is_done(project, 1 + rest.count("complete after"))


PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have us ignore it
from reconciler.cli import main
main()
"""


def test_control_c_ends_a_plan_whose_threads_wait_for_a_silent_registry(project: Path) -> None:
    asked = threading.Semaphore(0)
    answer = threading.Event()

    def silent(_: Ask) -> None:
        asked.release()
        answer.wait(60)

    with scripted(Scripted()) as server:
        server.on("GET", "/v2/team/e-k.*", silent)
        (project / "main.hcl").write_text(f'envform {{\n  registry = "{server.host}/team"\n}}\n{BLOCK}')
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "plan"],
            cwd=project,
            env=program_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            for _ in range(4):
                assert asked.acquire(timeout=60)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30)[1].endswith("Interrupted.\n")
            assert process.returncode == 130
        finally:
            answer.set()
            process.kill()


def test_an_apply_whose_reader_has_gone_finishes(project: Path) -> None:
    process = started(project)
    assert process.stderr is not None
    process.stderr.close()
    assert process.wait(60) != 0
    assert recorded(project) == MANY
    assert program("plan", "-detailed-exitcode", cwd=project).exit_code == 0
