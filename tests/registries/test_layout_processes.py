"""Several processes at one layout, and processes that are killed at it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.conformance.images import PLATFORM, content_of, image_of

ROOT = Path(__file__).parents[2]
WORDS = ("training", "scoring")


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    command: list[str | Path] = [sys.executable, "-m", "tests.registries.pushing", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def check(folder: Path) -> dict[str, set[str]]:
    """Every tag leads to a whole image, every blob is what it is called; the tags by repository."""
    registry = LayoutRegistry(folder)
    tags = {repository: registry.list(repository) for repository in (*WORDS, "envform")}
    for repository, found in tags.items():
        for tag in found:
            image = registry.pull(Name(repository, tag), PLATFORM)
            assert image is not None
            content_of(image)
    for blob in (folder / "blobs" / "sha256").iterdir():
        assert Digest.of(blob.read_bytes()).hex == blob.name
    return {repository: set(found) for repository, found in tags.items()}


def test_two_processes_that_push_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    processes = [started(folder, word, "50") for word in WORDS]
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    tags = check(folder)
    assert tags["training"] == tags["scoring"] == {str(number) for number in range(50)}
    assert len(tags["envform"]) == 100


@pytest.mark.parametrize("pushed", [1, 3, 6])
def test_a_process_that_is_killed_leaves_a_valid_layout(tmp_path: Path, pushed: int) -> None:
    folder = tmp_path / "images"
    process = started(folder, "training", "1000")
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(pushed)]
    process.kill()
    rest, _ = process.communicate(timeout=60)
    finished = {line.strip() for line in [*said, *rest.splitlines()]}
    tags = check(folder)["training"]
    assert finished <= tags
    assert len(tags - finished) <= 1
    LayoutRegistry(folder).push(image_of("after"), [Name("training", "after")])
    assert check(folder)["training"] == tags | {"after"}


@pytest.mark.parametrize("before", [True, False], ids=["a layout that holds images", "no folder"])
def test_a_first_or_later_push_may_be_killed_at_every_system_call(tmp_path: Path, before: bool) -> None:
    one, two = image_of("one"), image_of("two", layers=2)
    if before:
        LayoutRegistry(tmp_path / "before").push(one, [Name("training", "3"), Name("training", "1")])
    process = started(tmp_path)
    said, _ = process.communicate(timeout=300)
    moments, status = map(int, said.split())
    assert status == 0
    assert moments > 30
    allowed = {one.digest, two.digest} if before else {None, two.digest}
    outcomes = []
    for moment in range(moments + 1):
        registry = LayoutRegistry(tmp_path / str(moment))
        outcomes.append(registry.list("training").get("3"))
        registry.push(two, [Name("training", "3")])
        assert check(tmp_path / str(moment))["training"] == ({"3", "1"} if before else {"3"})
    assert set(outcomes) == allowed
    assert outcomes[-1] == two.digest


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    LayoutRegistry(folder).push(image_of("one"), [Name("training", "1")])
    command = ["flock", str(folder / ".envform" / "lock"), "sh", "-c", "echo held; exec sleep 60"]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    os.killpg(holder.pid, signal.SIGKILL)
    holder.communicate(timeout=60)
    LayoutRegistry(folder).push(image_of("two"), [Name("training", "2")])
    assert set(LayoutRegistry(folder).list("training")) == {"1", "2"}


def test_a_lock_that_stays_held_is_told_and_may_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = LayoutRegistry(tmp_path / "images")
    registry.push(image_of("one"), [Name("training", "1")])
    monkeypatch.setattr("reconciler.registries.layout_ingest._PATIENCE", 0.05)
    with (tmp_path / "images" / ".envform" / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RegistryError) as caught:
            registry.push(image_of("two"), [Name("training", "2")])
    assert caught.value.temporary
    assert caught.value.diagnostics[0].summary == "Registry folder is locked"
    assert set(registry.list("training")) == {"1"}
