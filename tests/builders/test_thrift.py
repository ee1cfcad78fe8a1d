"""What goes over the network for a change, counted at a proxy before a real registry."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from reconciler.builders.layers.grouping import SOLO_FROM
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import python_base
from tests.cli.terminal import Envform
from tests.registries.between import Between, say
from tests.registries.scripted import Ask, scripted
from tests.resolvers.index import Index, Offer, serve_index
from tests.services.registry import RegistryServer


class Counter(Between):
    """Lets everything through."""

    def act(self, ask: Ask) -> None:
        say(ask, self.heard(ask))

    def sent(self) -> tuple[list[int], list[str]]:
        """The sizes of the blobs that were sent since the last time, and the names of the manifests."""
        puts = [one for one in self.asked if one.method in ("PUT", "PATCH", "POST") and one.body]
        blobs = sorted(len(one.body) for one in puts if "/blobs/uploads/" in one.path)
        manifests = sorted(one.path.rpartition("/")[2] for one in puts if "/manifests/" in one.path)
        self.asked.clear()
        return blobs, manifests


@pytest.fixture
def counter(registry_server: RegistryServer) -> Iterator[Counter]:
    with scripted(Counter(registry_server.host)) as proxy:
        yield proxy


class Project:
    def __init__(self, folder: Path, place: str) -> None:
        self.folder, self.place = folder, place
        self.envform = Envform(folder)
        LayoutRegistry(folder / "images").push(python_base(), [Name("python", "1")])

    def wheel(self, name: str, version: str, size: int) -> str:
        content = random.Random(f"{name} {version}").randbytes(size)
        return f"./{TinyWheel({f'{name}.bin': content}, name=name, version=version).write(self.folder).name}"

    def apply(self, **environments: list[str]) -> None:
        text = f'envform {{\n  registry = "{self.place}"\n}}\n'
        for name, wheels in environments.items():
            listed = ", ".join(f'"{wheel}"' for wheel in wheels)
            text += f'environment "{name}" {{\n  image = "oci:./images:python:1"\n  pip = [{listed}]\n}}\n'
        (self.folder / "main.hcl").write_text(text)
        done = self.envform("apply", "-auto-approve")
        assert done.exit_code == 0, done.stderr

    def log(self, name: str) -> str:
        return self.envform("logs", name).stdout


@pytest.fixture
def project(tmp_path: Path, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "project").mkdir()
    namespace = re.sub("[^a-z0-9]+", "-", tmp_path.name.lower()).strip("-")
    return Project(tmp_path / "project", f"{counter.host}/{namespace}")


BIG = SOLO_FROM + 1000


def test_a_change_of_one_package_sends_its_layer_and_what_names_it(project: Project, counter: Counter) -> None:
    bigs = [project.wheel(name, "1.0", BIG) for name in ("one", "two", "three")]
    smalls = [project.wheel(name, "1.0", 5000) for name in ("four", "five")]
    project.apply(training=[*bigs, *smalls])
    before, _ = counter.sent()
    assert len([size for size in before if size >= BIG]) == 3

    project.apply(training=[project.wheel("one", "2.0", BIG), *bigs[1:], *smalls])
    blobs, manifests = counter.sent()
    assert [size >= BIG for size in blobs].count(True) == 1
    assert sum(size for size in blobs if size < BIG) < 20_000, "the config and the lock; the small group is there"
    assert len(blobs) == 4, "the layer, and what is known of it"
    assert {"2", "latest"} < set(manifests)

    project.apply(training=[project.wheel("one", "2.0", BIG), *bigs[1:], smalls[0], project.wheel("five", "2.0", 5000)])
    blobs, _ = counter.sent()
    assert len(blobs) == 5, "the small group, the config and the lock; what is known, and the new small package"
    assert max(blobs) < 50_000

    project.apply()
    blobs, manifests = counter.sent()
    assert (blobs, {"1", "2", "3", "latest"} & {*manifests}) == ([], set()), "records say that it is archived"


def test_a_new_mix_of_known_wheels_fetches_nothing_and_sends_no_big_layer(project: Project, counter: Counter) -> None:
    bigs = [project.wheel(name, "1.0", BIG) for name in ("one", "two", "three")]
    small = project.wheel("four", "1.0", 5000)
    first, second = [*bigs[:2], small], [bigs[2], small]
    project.apply(first=first, second=second)
    assert "fetched one==1.0" in project.log("first")
    counter.sent()
    project.apply(first=first, second=second, mixed=[bigs[0], bigs[2], small])
    blobs, _ = counter.sent()
    assert sum(blobs) < 20_000
    assert "resolved three 1.0" in project.log("mixed")
    assert "fetched" not in project.log("mixed")


def test_what_stands_on_an_environment_fetches_none_of_the_layers_that_were_made_here(
    project: Project, counter: Counter
) -> None:
    wheels = [project.wheel(name, "1.0", BIG) for name in ("one", "two")]
    (project.folder / "main.hcl").write_text(
        f'envform {{\n  registry = "{project.place}"\n}}\n'
        f'environment "lower" {{\n  image = "oci:./images:python:1"\n  pip = ["{wheels[0]}"]\n}}\n'
        f'environment "upper" {{\n  image = environment.lower.image\n  pip = ["{wheels[1]}"]\n}}\n'
    )
    done = project.envform("apply", "-auto-approve")
    assert done.exit_code == 0, done.stderr
    sent = {f"sha256:{hashlib.sha256(one.body).hexdigest()}" for one in counter.asked if len(one.body) >= BIG}
    asked = {one.path.rpartition("/")[2] for one in counter.asked if one.method == "GET"}
    assert len(sent) == 2
    assert sent & asked == set()


class Machines:
    """Machines with folders and caches of their own, which publish in one registry and share a package index."""

    def __init__(self, folder: Path, index: Index, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.index, self._patch = folder, index, patch
        patch.setenv("UV_DEFAULT_INDEX", index.simple)
        patch.delenv("UV_INDEX_URL", raising=False)
        self.base = folder / "base"
        LayoutRegistry(self.base).push(python_base(), [Name("python", "1")])

    def offer(self, name: str, size: int) -> str:
        content = random.Random(name).randbytes(size)
        path = TinyWheel({f"{name}.bin": content}, name=name).write(self.folder)
        packed = path.read_bytes()
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
        self.index.offers[name] = [Offer(path.name, packed, hashlib.sha256(packed).hexdigest(), about)]
        return f"{name}==1.0"

    def apply(self, machine: str, place: str, packages: Sequence[str]) -> tuple[str, list[str]]:
        """The digest of the image that a machine registers, and the wheels that it fetched for it."""
        project = self.folder / machine
        self._patch.setenv("XDG_CACHE_HOME", str(project / "cache"))
        self._patch.setenv("UV_CACHE_DIR", str(project / "uv"))
        if not project.exists():
            project.mkdir()
            (project / "images").symlink_to(self.base)
        listed = ", ".join(f'"{package}"' for package in packages)
        (project / "main.hcl").write_text(
            f'envform {{\n  registry = "{place}"\n}}\n'
            f'environment "{machine}" {{\n  image = "oci:./images:python:1"\n  pip = [{listed}]\n}}\n'
        )
        self.index.requests.clear()
        done = Envform(project)("apply", "-auto-approve")
        assert done.exit_code == 0, done.stderr
        (record,) = json.loads((project / "state" / "default.json").read_text())["environments"][machine]["versions"]
        fetched = [
            asked.rpartition("/")[2].partition("-")[0] for asked in self.index.requests if asked.endswith(".whl")
        ]
        return record["image"], sorted(fetched)


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machines]:
    with serve_index() as index:
        yield Machines(tmp_path, index, monkeypatch)


def test_a_machine_that_never_saw_a_package_makes_a_new_mix_of_those_that_others_built(
    machines: Machines, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    bigs = [machines.offer(name, BIG) for name in ("one", "two", "three")]
    smalls = [machines.offer(f"small{number}", 5000) for number in range(12)]
    ours, theirs = f"{counter.host}/layers-ours", f"{counter.host}/layers-theirs"
    machines.apply("first", ours, [*bigs, *smalls])
    counter.sent()

    mix = [bigs[0], bigs[2], *smalls[3:9]]
    image, fetched = machines.apply("fresh", ours, mix)
    blobs, _ = counter.sent()
    assert fetched == []
    assert max(blobs) < BIG / 4, "the small group, config, lock, and what is known of the small group"
    assert len(blobs) == 4
    log = Envform(machines.folder / "fresh")("logs", "fresh").stdout
    assert re.search("known to the registry: one small3 .* three", log)

    monkeypatch.setenv("ENVFORM_LAYER_INDEX", "off")
    assert machines.apply("without", theirs, mix) == (image, sorted(one.partition("==")[0] for one in mix))
    monkeypatch.delenv("ENVFORM_LAYER_INDEX")

    _, fetched = machines.apply("another", ours, [*mix, machines.offer("new", BIG)])
    assert fetched == ["new"]
