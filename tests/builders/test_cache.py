"""The cache stays within its limits, and nobody who uses it is harmed."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from reconciler.builders.attempt import Attempt
from reconciler.builders.layers.cache import Cache
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
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
    cache.trim(1 << 30)
    assert (old.exists(), young.exists()) == (False, True)


def test_beyond_the_limit_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    paths = [kept(cache, bytes([days]) * 1000, days) for days in (1, 2, 3, 4)]
    assert Cache(tmp_path).find("blobs", Digest.of(bytes([4]) * 1000)), "used now, though it is the oldest"
    cache.trim(2500)
    assert [path.exists() for path in paths] == [True, False, False, True]


def test_what_is_in_use_stays_even_where_there_is_no_room(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    used, unused = kept(cache, b"used", 0.01), kept(cache, b"unused", 1)
    with unused.open("rb") as reading:
        cache.trim(0)
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
    Cache(tmp_path / "cache/envform").trim(1 << 30)
    assert not any(path.exists() for path in files)
    assert digest("two") == first

    monkeypatch.setenv("ENVFORM_CACHE_SIZE", "lots")
    refused = envform("apply", "-auto-approve")
    assert (refused.exit_code, "Invalid cache size" in refused.stderr) == (1, True)


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
