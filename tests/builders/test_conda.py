"""Conda's packages in images: as rattler installs them, the same bytes everywhere, and nothing of what is broken."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.builders.artefact_connections import Connections
from reconciler.builders.artefact_download import Http
from reconciler.builders.artefact_files import ArtefactFiles
from reconciler.builders.conda.builder import CondaBuilder
from reconciler.builders.docker.blueprint import Blueprint
from reconciler.builders.docker.builder import DockerBuilder
from reconciler.builders.docker.engine import Engine
from reconciler.builders.layers.builder import LayersBuilder
from reconciler.builders.layers.cache import Cache
from reconciler.builders.venv import VenvBuilder
from reconciler.model.definition import Artefact, Conda, Definition, Lock
from reconciler.model.diagnostic import BuildError, Diagnostic
from reconciler.model.digest import Digest
from reconciler.model.event import Event, Told
from reconciler.model.work import Recipe
from reconciler.oci.assembly import append_layers
from reconciler.oci.config import read_config
from reconciler.oci.image import Image
from tests.builders.debian import unpack
from tests.builders.making_conda import PLACEHOLDER, Channel, Package, plain_packages
from tests.builders.making_wheels import TinyWheel, artefact
from tests.builders.small_bases import LIBC, python_base

BASE = python_base(dict(LIBC), {})
CALLED = "oci:./bases:small"


@dataclass
class Workshop:
    """Builds packages of a channel in a folder; remembers what was fetched and told."""

    folder: Path
    fetched: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cache = Cache(self.folder)
        self.files = ArtefactFiles(self.cache, Path("/"), Http(Connections(lambda _: "")))
        blueprints, nothing = (lambda _: Blueprint("")), (lambda *_: None)
        docker = DockerBuilder(Engine({"DOCKER_HOST": "unix:///nowhere/docker.sock"}), self.cache, blueprints, nothing)
        self.builder = CondaBuilder(self.cache, self._fetch, LayersBuilder(self.cache, self._fetch), lambda: docker)

    def build(self, packages: Sequence[Path], wheels: Sequence[Path] = (), base: Image = BASE) -> Image:
        self.events.clear()
        self.fetched.clear()
        conda = [conda_artefact(path) for path in packages]
        lock = Lock(base.digest, "linux/amd64", (*conda, *map(artefact, wheels)), "3.11")
        definition = Definition(CALLED, base.digest, "linux/amd64", conda=Conda((), ("python=3.11", "greeting")))
        return self.builder.build(Recipe(definition, lock), base, self.events.append)

    def refused(self, *packages: Path, base: Image = BASE) -> Diagnostic:
        with pytest.raises(BuildError) as caught:
            self.build(packages, base=base)
        assert not list((self.folder / "unpacked").glob("*")), "nothing is left lying about"
        return caught.value.diagnostics[0]

    @property
    def warnings(self) -> list[Diagnostic]:
        return [event.diagnostic for event in self.events if isinstance(event, Told)]

    def _fetch(self, wanted: Artefact, seen: object) -> Path:
        self.fetched.append(wanted.name)
        return self.files.fetch(wanted, seen)  # type: ignore[arg-type]  # handed through


def conda_artefact(path: Path) -> Artefact:
    name, version, _ = path.name.rsplit("-", 2)
    content = path.read_bytes()
    return Artefact(name, version, path.as_uri(), Digest.of(content), len(content), "conda")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "cache")


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    return Channel(tmp_path / "channel")


@pytest.fixture
def plain(channel: Channel) -> list[Path]:
    """Packages in the order of installation, in both formats."""
    endings = (".conda", ".tar.bz2", ".conda")
    return [channel.add(package, ending) for package, ending in zip(plain_packages(), endings, strict=True)]


def files_of(root: Path) -> dict[str, tuple[str, bytes]]:
    """Everything below a folder: what it is, and its content or where it leads."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = ("link", os.readlink(path).encode())  # noqa: PTH115 - its text
        elif path.is_file():
            found[name] = ("program" if path.stat().st_mode & 0o111 else "file", path.read_bytes())
    return found


def environment(image: Image, folder: Path) -> dict[str, tuple[str, bytes]]:
    unpack(image, folder, above=len(BASE.layers))
    return files_of(folder / "opt/env")


def installed_by_rattler(packages: Sequence[Path], folder: Path) -> dict[str, tuple[str, bytes]]:
    """The same packages as rattler's own installer puts them into a folder that is to be used from another place."""
    import asyncio

    import rattler

    async def install() -> None:
        records = [await rattler.RepoDataRecord.from_package_archive(path) for path in packages]
        await rattler.install(
            records, folder / "env", cache_dir=folder / "cache", platform=rattler.Subdir("linux-64"),
            show_progress=False, execute_link_scripts=False, alternative_target_prefix="/opt/env",
        )  # fmt: skip

    asyncio.run(install())
    return files_of(folder / "env")


def test_an_image_has_what_rattler_installs(
    workshop: Workshop, plain: list[Path], channel: Channel, tmp_path: Path
) -> None:
    plain.append(channel.add(Package("tables", noarch="generic", files={"site-packages/x": b"", "share/y": b""})))
    ours = environment(workshop.build(plain), tmp_path / "root")
    theirs = installed_by_rattler(plain, tmp_path / "theirs")
    del theirs["CACHEDIR.TAG"]
    assert ours.keys() == theirs.keys()
    own = {name for name in ours if name.startswith("conda-meta/") or name == "bin/greet"}
    assert {name: it for name, it in ours.items() if name not in own} == {
        name: it for name, it in theirs.items() if name not in own
    }
    kind, script = ours["bin/greet"]
    assert (kind, script.splitlines()[:3]) == (
        "program",
        [b"#!/opt/env/bin/python", b"import sys", b"from greeting import main"],
    )


def test_records_say_what_those_of_rattler_say(workshop: Workshop, plain: list[Path], tmp_path: Path) -> None:
    ours = environment(workshop.build(plain), tmp_path / "root")
    theirs = installed_by_rattler(plain, tmp_path / "theirs")
    names = [name for name in ours if name.startswith("conda-meta/") and name.endswith(".json")]
    assert len(names) == 3
    for name in names:
        one, other = (json.loads(it[name][1]) for it in (ours, theirs))
        assert sorted(one["files"]) == sorted(other["files"])
        assert paths(one) == paths(other)
        for key in ("name", "version", "build", "build_number", "depends", "subdir", "license", "timestamp", "fn"):
            assert one[key] == other[key], key
    assert str(tmp_path) not in str([ours[name] for name in names])


def paths(record: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """What a record says of its files, without what is of links and scripts alone: those are spelled freely."""
    wanted = ("path_type", "sha256", "sha256_in_prefix", "size_in_bytes", "file_mode", "prefix_placeholder")
    return {
        one["_path"]: {key: one.get(key) for key in (wanted if one["path_type"] == "hardlink" else wanted[:1])}
        for one in record["paths_data"]["paths"]
    }


def test_other_tools_read_the_environment(workshop: Workshop, plain: list[Path], tmp_path: Path) -> None:
    import rattler

    image = workshop.build(plain)
    environment(image, tmp_path / "root")
    meta = tmp_path / "root/opt/env/conda-meta"
    found = [rattler.PrefixRecord.from_path(path) for path in sorted(meta.glob("*.json"))]
    assert [(it.name.normalized, str(it.version)) for it in found] == [
        ("greeting", "1.4"), ("libtables", "2.1"), ("python", "3.11.9")
    ]  # fmt: skip
    assert "+https://channel.invalid/channel/noarch::greeting-1.4-pyh0" in (meta / "history").read_text()


def test_variables_are_those_of_an_activated_environment(workshop: Workshop, channel: Channel) -> None:
    told = {"DATA": "/opt/env/share/data", "PATH": "/tmp"}
    package = Package("data", files={"etc/conda/env_vars.d/data.json": json.dumps(told).encode()})
    config: Any = read_config(workshop.build([channel.add(package)]))
    assert config["config"]["Env"] == [
        "CONDA_PREFIX=/opt/env", "DATA=/opt/env/share/data", "PATH=/opt/env/bin:/usr/bin:/bin"
    ]  # fmt: skip
    active = Package("active", files={"etc/conda/activate.d/active.sh": b"export ACTIVE=1\n"})
    workshop.build([channel.add(active)])
    assert [it.summary for it in workshop.warnings] == ["Packages have scripts for shells"]
    assert "`active`" in workshop.warnings[0].detail
    both = [
        channel.add(Package(name, files={f"etc/conda/env_vars.d/{file}.json": json.dumps({"WHO": name}).encode()}))
        for name, file in (("first", "b"), ("second", "a"))
    ]
    assert "WHO=first" in str(read_config(workshop.build(both))["config"]), "by the names of files, as conda reads them"


def test_equal_packages_make_equal_images_whoever_builds(
    plain: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Workshop(tmp_path / "one").build(plain)
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    monkeypatch.setenv("LC_ALL", "C")
    before = os.umask(0o077)
    try:
        again = Workshop(tmp_path / "two").build(plain)
    finally:
        os.umask(before)
    assert first.digest == again.digest


def test_what_was_asked_for_is_not_in_the_image(workshop: Workshop, plain: list[Path]) -> None:
    lock = Lock(BASE.digest, "linux/amd64", tuple(map(conda_artefact, plain)), "3.11")
    asked = [Conda((), ("greeting", "python")), Conda(("x",), ("python>=3", "greeting=1.4"))]
    recipes = [Recipe(Definition(CALLED, BASE.digest, "linux/amd64", conda=one), lock) for one in asked]
    assert len({workshop.builder.build(recipe, BASE, print).digest for recipe in recipes}) == 1


def test_what_is_known_is_not_fetched(workshop: Workshop, plain: list[Path], channel: Channel) -> None:
    first = workshop.build(plain)
    assert sorted(set(workshop.fetched)) == ["greeting", "libtables", "python"]
    assert workshop.build(plain).digest == first.digest
    assert workshop.fetched == []
    large = channel.add(Package("large", files={"share/large": os.urandom(1 << 21)}))
    workshop.build([*plain, large])
    assert sorted(set(workshop.fetched)) == ["large"], "the small ones share a layer that is there"


def test_a_large_package_is_one_layer_in_every_environment(
    workshop: Workshop, plain: list[Path], channel: Channel
) -> None:
    large = channel.add(Package("large", files={"share/large": os.urandom(1 << 21)}))
    one, other = workshop.build([*plain, large]), workshop.build([*plain[:2], large])
    shared = {it.descriptor.digest for it in one.layers} & {it.descriptor.digest for it in other.layers}
    assert len(shared) == len(BASE.layers) + 1, "the large one"


def test_wheels_lie_above_and_take_the_place_of_what_conda_brought(
    workshop: Workshop, plain: list[Path], tmp_path: Path
) -> None:
    newer = TinyWheel({"greeting.py": "def main(): print('good evening')\n"}, "greeting", "2.0").write(tmp_path)
    other = TinyWheel({"tiny/__init__.py": ""}, entry_points="[console_scripts]\ntiny = tiny:main\n").write(tmp_path)
    image = workshop.build(plain, [newer, other])
    names = environment(image, tmp_path / "root")
    site = "lib/python3.11/site-packages"
    assert names[f"{site}/greeting.py"][1] == b"def main(): print('good evening')\n"
    assert names["bin/tiny"][1].startswith(b"#!/opt/env/bin/python\n")
    assert f"{site}/.wh.greeting-1.4.dist-info" in names, "as pip uninstalls what it replaces"
    assert names["bin/python3.11"][0] == "program", "the interpreter stays that of conda"
    config: Any = read_config(image)
    assert "VIRTUAL_ENV" not in str(config["config"]["Env"])


BROKEN: Mapping[str, tuple[Package, str, str]] = {
    "a script": (
        Package("x", files={"bin/.x-pre-link.sh": b"#!/bin/sh\nrm -rf /\n"}),
        "runs a script",
        "docker_steps",
    ),
    "a script where no engine answers": (
        Package("x", files={"bin/.x-post-link.sh": b"#!/bin/sh\nrm -rf /\n"}),
        "No Docker engine answers",
        "The engine is wanted for scripts of conda's packages: `x`.",
    ),
    "a path upwards": (
        Package("x", listed=[{"_path": "../../etc/cron.d/x", "path_type": "hardlink"}]),
        "cannot be used",
        "'../../etc/cron.d/x'",
    ),
    "an absolute path": (
        Package("x", listed=[{"_path": "/etc/passwd", "path_type": "hardlink"}]),
        "cannot be used",
        "/etc/passwd",
    ),
    "a file that deletes": (Package("x", files={"lib/.wh.libc.so": b""}), "cannot be used", ".wh.libc.so"),
    "a file behind a link": (
        Package("x", links={"etc": "/etc"}, listed=[{"_path": "etc/passwd", "path_type": "hardlink"}]),
        "cannot be used",
        "behind a link",
    ),
    "a file that is not there": (
        Package("x", listed=[{"_path": "lib/gone", "path_type": "hardlink"}]),
        "cannot be used",
        "`gone`",
    ),
    "an entry point elsewhere": (
        Package("x", noarch="python", points=["../../../usr/bin/ls = x:main"]),
        "cannot be used",
        "no file can have",
    ),
    "a prefix too short": (
        Package("x", files={"lib/x": b"\x7fELF /b\0"}, prefixed={"lib/x": "binary"}, placeholder="/b"),
        "cannot be used",
        "no room",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("ending", [".conda", ".tar.bz2"])
def test_what_must_not_be_installed_is_refused(workshop: Workshop, channel: Channel, case: str, ending: str) -> None:
    package, summary, detail = BROKEN[case]
    problem = workshop.refused(channel.add(package, ending))
    assert summary in problem.summary
    assert detail in problem.detail


@pytest.fixture(params=["half", "empty", "other", "list"])
def damaged(request: pytest.FixtureRequest, channel: Channel) -> Path:
    package = plain_packages()[0]
    path = channel.add(package, ".tar.bz2")
    content = path.read_bytes()
    if request.param == "other":
        path = path.rename(path.with_name("libtables-2.2-h1.tar.bz2"))
    elif request.param == "list":
        path = channel.add(Package("x", listed=[{"path": 1}]))
    else:
        path.write_bytes(content[: len(content) // 2] if request.param == "half" else b"")
    return path


def test_damaged_packages_are_refused(workshop: Workshop, damaged: Path) -> None:
    assert workshop.refused(damaged).summary == "Conda package cannot be used"


def test_on_a_machine_itself_no_script_is_run(workshop: Workshop, channel: Channel, tmp_path: Path) -> None:
    package = conda_artefact(channel.add(Package("x", files={"bin/.x-post-link.sh": b"exit 1\n"}), ".tar.bz2"))
    builder = VenvBuilder(tmp_path / "envs", workshop.files.fetch, "linux/amd64")
    with pytest.raises(BuildError, match="Conda package runs a script"):
        builder.folder_of("0" * 32, Lock(None, "linux/amd64", (package,), "3.11"), print)
    assert not (tmp_path / "envs" / ("0" * 32)).exists()


def test_a_full_disk_is_not_the_fault_of_a_package(workshop: Workshop, channel: Channel) -> None:
    package = channel.add(Package("large", files={"share/large": bytes(1 << 20)}), ".tar.bz2")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, before[1]))
    try:
        problem = workshop.refused(package)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert problem.summary == "Cache cannot be used"
    assert "File too large" in problem.detail


def test_a_file_that_is_not_the_locked_one_is_refused(workshop: Workshop, plain: list[Path]) -> None:
    wanted = [conda_artefact(path) for path in plain]
    plain[0].write_bytes(plain[0].read_bytes() + b"more")
    lock = Lock(BASE.digest, "linux/amd64", tuple(wanted), "3.11")
    recipe = Recipe(Definition(CALLED, BASE.digest, "linux/amd64", conda=Conda((), ("python",))), lock)
    with pytest.raises(BuildError) as caught:
        workshop.builder.build(recipe, BASE, print)
    assert caught.value.diagnostics[0].summary == "Package file is not the locked one"


def test_two_packages_with_one_path_are_told_and_the_later_wins(
    workshop: Workshop, channel: Channel, tmp_path: Path
) -> None:
    both = [channel.add(Package(name, files={"share/same": name.encode()})) for name in ("b", "a")]
    names = environment(workshop.build(both), tmp_path / "root")
    assert names["share/same"][1] == b"a"
    assert [it.summary for it in workshop.warnings] == ["Packages bring the same files"]
    clash = [channel.add(Package("c", files={"share/same/file": b""})), both[0]]
    assert workshop.refused(*clash).summary == "Packages cannot be installed together"


def test_the_base_says_what_it_has_and_needs_a_c_library(workshop: Workshop, plain: list[Path]) -> None:
    musl = python_base({"lib/ld-musl-x86_64.so.1": b"\x001.2.3\0"}, {})
    assert workshop.refused(*plain, base=musl).summary == "Base image has no C library for conda"
    assert workshop.builder.offers(BASE, CALLED) == "__glibc=2.36"
    with_cuda = append_layers(BASE, (), labels={}, variables={"CUDA_VERSION": "12.4.1"}, annotations={})
    assert workshop.builder.offers(with_cuda, CALLED) == "__glibc=2.36 __cuda=12.4"


def test_a_base_that_has_become_older_is_refused(workshop: Workshop, channel: Channel) -> None:
    package = channel.add(Package("modern", depends=["__glibc >=2.36,<3.0.a0"]))
    workshop.build([package])
    older = python_base({name: it.replace(b"2.36", b"2.9") for name, it in LIBC.items()}, {})
    problem = workshop.refused(package, base=older)
    assert (problem.summary, workshop.fetched) == ("Base image is too old for its packages", [])


def test_the_placeholder_is_replaced_wherever_a_text_ends() -> None:
    from reconciler.builders.conda.prefix import _in_strings

    old, new = PLACEHOLDER.encode(), b"/opt/env"
    gap = bytes(len(old) - len(new))
    assert _in_strings(b"x\0" + old + b"/a:" + old + b"\0z", old, new) == b"x\0/opt/env/a:/opt/env" + gap * 2 + b"\0z"
    assert _in_strings(old, old, new) == new + gap, "at the end of a file"
