"""What every runner promises. The jobs are real: the memory runner's function starts them on this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RunError
from reconciler.model.digest import canonical_json
from reconciler.model.event import Event
from reconciler.model.work import Job, Outcome
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob, Image
from reconciler.protocols import Runner
from reconciler.runners.memory import MemoryRunner
from reconciler.runners.oci import OciRunner
from tests.builders.debian import debian_base
from tests.runners.making_images import above, symlink
from tests.services.wants import missing, require

IMAGE = assemble(Blob.of(canonical_json({"architecture": "amd64", "os": "linux"}), media_types.OCI_CONFIG), ())
Opened = tuple[Runner, Image]


def on_this_machine(job: Job, _: Image) -> int:
    return subprocess.run(job.command, env=dict(job.variables), check=False).returncode


def in_memory(_: Path) -> Opened:
    return MemoryRunner(on_this_machine), IMAGE


def in_containers(cache: Path) -> Opened:
    require("runc")
    if os.geteuid() != 0:
        missing("runc", "some machines let nobody but root start containers")
    return OciRunner(cache, lambda _: None), above(debian_base(), symlink("bin/sh", "bash"))


@pytest.fixture(scope="module", params=[pytest.param(in_memory, id="memory"), pytest.param(in_containers, id="oci")])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    opens: Callable[[Path], Opened] = request.param
    return opens(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def runner(opened: Opened) -> Runner:
    return opened[0]


@pytest.fixture
def image(opened: Opened) -> Image:
    return opened[1]


def ignore(_: Event) -> None:
    """Nobody looks."""


def shell(script: str, *arguments: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script, "job", *arguments)


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_the_exit_code_passes_through(runner: Runner, image: Image, code: int) -> None:
    assert runner.run(Job(shell(f"exit {code}")), image, ignore) == Outcome(code)


def test_variables_are_handed_over_as_they_are(runner: Runner, image: Image) -> None:
    variables = {"GREETING": 'a "quoted" $WORD\nand a line', "EMPTY": ""}
    script = 'test "$GREETING" = "$1" && test "${EMPTY-unset}" = ""'
    job = Job(shell(script, variables["GREETING"]), variables)
    assert runner.run(job, image, ignore).exit_code == 0


def test_arguments_are_handed_over_as_they_are(runner: Runner, image: Image) -> None:
    words = "two  words; 'and more'"
    job = Job(shell(f'test "$#" = 3 && test "$2" = "{words}"', "one", words, ""))
    assert runner.run(job, image, ignore).exit_code == 0


def test_an_empty_command_is_refused_in_words(runner: Runner, image: Image) -> None:
    with pytest.raises(RunError) as caught:
        runner.run(Job(()), image, ignore)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "Job has no command"


def test_a_runner_in_memory_remembers_its_jobs_and_sees_the_image() -> None:
    seen: list[tuple[Job, Image]] = []

    def answer(job: Job, image: Image) -> int:
        seen.append((job, image))
        return 3

    runner = MemoryRunner(answer)
    job = Job(("train", "--fast"), {"EPOCHS": "3"})
    assert runner.run(job, IMAGE, ignore) == Outcome(3)
    assert runner.jobs == [job]
    assert seen == [(job, IMAGE)]
