"""The cache stays within its limits, and nobody who uses it is harmed."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from pathlib import Path

import pytest

from reconciler.builders.attempt import Attempt
from reconciler.builders.layers.cache import Cache
from reconciler.builders.trimming import trim
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from reconciler.session.cache_space import trim_cache
from tests.builders.building import Workshop, recipe
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import python_base
from tests.cli.terminal import Envform

PACKAGES = """
envform {
  registry = "oci:./REGISTRY"
}
environment "a" {
  image = "oci:./images:python:1"
  pip   = ["./WHEEL"]
}
"""
DAY = 24 * 3600.0


def kept(cache: Cache, content: bytes, days: float) -> Path:
    with cache.new_file() as (path, file):
        file.write(content)
        file.flush()
        found = cache.keep(path, "blobs", Digest.of(content))
    then = time.time() - days * DAY
    os.utime(found, (then, then))
    return found


def test_what_nobody_has_used_for_a_month_is_taken_away(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    old, young = kept(cache, b"old", 31), kept(cache, b"young", 29)
    trim(cache.stored(), 1 << 30)
    assert (old.exists(), young.exists()) == (False, True)


def test_beyond_the_limit_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    paths = [kept(cache, bytes([days]) * 1000, days) for days in (1, 2, 3, 4)]
    assert Cache(tmp_path).find("blobs", Digest.of(bytes([4]) * 1000)), "used now, though it is the oldest"
    trim(cache.stored(), 2500)
    assert [path.exists() for path in paths] == [True, False, False, True]


def test_what_is_in_use_stays_even_where_there_is_no_room(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    used, unused = kept(cache, b"used", 0.01), kept(cache, b"unused", 1)
    with unused.open("rb") as reading:
        trim(cache.stored(), 0)
        assert (used.exists(), unused.exists()) == (True, False)
        assert reading.read() == b"unused"


def test_an_apply_trims_and_what_is_gone_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    LayoutRegistry(project / "images").push(python_base(), [Name("python", "1")])
    wheel = TinyWheel({"tiny.py": "tiny = 1\n"}).write(project).name
    envform = Envform(project)

    def digest(registry: str) -> object:
        shutil.rmtree(project / "state", ignore_errors=True)
        (project / "main.hcl").write_text(PACKAGES.replace("REGISTRY", registry).replace("WHEEL", wheel))
        done = envform("apply", "-auto-approve")
        assert done.exit_code == 0, done.stderr
        found = LayoutRegistry(project / registry).describe(Name("a", "1"))
        return found and found.digest

    first = digest("one")
    files = [path for kind in ("blobs", "artefacts") for path in (tmp_path / "cache/envform" / kind).glob("*/*")]
    assert files
    for path in files:
        os.utime(path, (0, 0))
    trim(Cache(tmp_path / "cache/envform").stored(), 1 << 30)
    assert not any(path.exists() for path in files)
    assert digest("two") == first

    monkeypatch.setenv("ENVFORM_CACHE_SIZE", "lots")
    refused = envform("apply", "-auto-approve")
    assert (refused.exit_code, "Invalid cache size" in refused.stderr) == (1, True)


def test_everything_in_the_cache_counts_and_the_least_recently_used_of_all_kinds_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("ENVFORM_CACHE_SIZE", "1M")
    cache, megabyte = tmp_path / "envform", bytes(1 << 20)

    def lay(name: str, days: float) -> Path:
        path = cache / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(megabyte)
        for one in (path, path.parent):
            os.utime(one, (time.time() - days * DAY,) * 2)
        return path

    locks = [cache / name for name in ("rootfs/abcd.lock", "rootfs/dcba.lock", "debian/bookworm/envform.lock")]
    for lock in locks:
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        os.utime(lock, (time.time() - 6 * DAY,) * 2)
    newest = lay("channels/repodata.json", 1)
    old = [
        lay("built/key/tiny-1.0-py3-none-any.whl", 2),
        lay("pulled/ab/abcd", 3),
        lay("debian/chosen/names.json", 4),
        lay("debian/bookworm/lists", 5),
        lay("rootfs/abcd/file", 6),
        lay("blobs/ab/abcd", 7),
    ]
    running = lay("rootfs/dcba/file", 8)
    unfinished = lay("built/.key.1234/tiny.whl", 0.5)
    with locks[1].open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        trim_cache()
        assert running.exists(), "a job runs in it"
    assert unfinished.exists(), "somebody may be building it"
    assert not newest.exists(), "something that nobody may take away yet has the whole room"
    assert [path.exists() for path in old] == [False] * len(old)
    assert all(lock.exists() for lock in locks), "whoever waits for it must find the same one"
    trim_cache()
    assert not running.exists()


@pytest.mark.parametrize(
    ("attempt", "summary"),
    [
        (Attempt(print, stopped=lambda: True), "Build was stopped"),
        (Attempt(print, limit=0.001, begun=0.0), "Build took too long"),
    ],
)
def test_a_build_of_layers_ends_when_it_is_over(tmp_path: Path, attempt: Attempt, summary: str) -> None:
    workshop = Workshop(tmp_path / "cache", tmp_path)
    wheels = [TinyWheel({"a.py": "a"}, name=name).write(tmp_path) for name in ("one", "two", "three")]
    with pytest.raises(BuildError, match=summary):
        workshop.builder.build(recipe(python_base(), wheels), python_base(), attempt)
    assert not workshop.fetched
    workshop.build(python_base(), wheels)
    assert len(workshop.fetched) >= 3
