"""What our layers put into a base is what `pip install` puts there, but for a short list that is written down here."""

from __future__ import annotations

import csv
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from reconciler.oci.image import Image
from tests.builders.building import Workshop
from tests.builders.debian import debian_archive, debian_base, unpack
from tests.builders.making_wheels import TinyWheel, index_wheels
from tests.services.wants import missing, require

pytestmark = pytest.mark.network

PYTHON = "/opt/env/bin/python"
PACKAGES = "opt/env/lib/python3.11/site-packages"
# What a package index has of many kinds: pure and not, with scripts, data, headers, namespaces, stored members.
REAL = [
    "pip",
    "six",
    "click",
    "requests",
    "pydantic-core",
    "PyYAML",
    "setuptools",
    "numpy",
    "wheel",
    "greenlet",
    "zope.interface",
    "jupyterlab-widgets",
    "MarkupSafe",
    "attrs",
    "black",
    "jedi",
    "tzdata",
    "certifi",
    "protobuf",
    "grpcio",
    "psutil",
    "SQLAlchemy",
    "zipp",
    "pyzmq",
    "typing-extensions",
]
OURS = {"INSTALLER", "RECORD"}
THEIRS = rf"({PACKAGES}/)?[^/]+\.dist-info/(REQUESTED|direct_url\.json)"


@dataclass(frozen=True)
class Found:
    """One thing on disk; `content` of a link is where it points."""

    mode: int
    content: bytes


@dataclass(frozen=True)
class World:
    """The base with the same wheels in it twice: by pip, and by us."""

    pip: Path
    ours: Path
    image: Image

    def run(self, root: Path, *command: str) -> str:
        done = subprocess.run(
            [require("chroot"), root, *command], check=False, capture_output=True, text=True, env=_CLEAN
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


_CLEAN = {"PATH": "/opt/env/bin:/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": "/dev/null"}
_CLEAN |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    if os.geteuid() != 0:
        missing("chroot", "it needs root")
    folder = tmp_path_factory.mktemp("world")
    wheels = [*index_wheels(REAL), *_tiny(folder)]
    base = debian_base()
    workshop = Workshop(folder / "cache")
    image = workshop.build(base, wheels)
    ours, theirs = folder / "ours", folder / "theirs"
    for root in (ours, theirs):
        root.mkdir()
        subprocess.run([require("tar"), "-xf", debian_archive(), "-C", root], check=True)
    unpack(image, ours, above=len(base.layers))
    unpack(Image(base.manifest, base.media_type, base.config, image.layers[1:2]), theirs)
    found = World(theirs, ours, image)
    _install(found, wheels)
    return found


def _tiny(folder: Path) -> list[Path]:
    """Everything that real wheels have seldom."""
    data = "odd-1.0.data"
    odd = TinyWheel(
        {
            "odd/__init__.py": "",
            "odd/" + "long/" * 40 + "a" * 120: "deep",
            "odd/ünï.txt": "names",
            "odd/empty": b"",
            f"{data}/purelib/odd_pure.py": "x = 1\n",
            f"{data}/platlib/odd_plat.py": "x = 2\n",
            f"{data}/headers/odd.h": "int odd;\n",
            f"{data}/data/share/odd/odd.txt": "data",
            f"{data}/data/etc/odd.conf": "conf",
            f"{data}/scripts/odd-python": "#!python\nprint('odd')\n",
            f"{data}/scripts/odd-pythonw": "#!pythonw -u\r\nprint('odd')\n",
            f"{data}/scripts/odd-shell": "#!/bin/sh\necho odd\n",
            f"{data}/scripts/odd-call": "is made anew",
            f"{data}/scripts/odd-binary": bytes(range(256)),
        },
        name="odd",
        programs=(f"{data}/scripts/odd-python", f"{data}/scripts/odd-shell", "odd/__init__.py"),
        stored=("odd/empty", f"{data}/headers/odd.h"),
        entry_points="[console_scripts]\nodd-call = odd:main\nodd-more=odd.deep:a.b [extra]\n"
        "[gui_scripts]\nodd-gui = odd:gui\n",
        more={"odd-1.0.dist-info/licenses/LICENSE": "none is told in RECORD"},
    )
    head = TinyWheel({"Odd.Head-1.0.data/headers/head.h": "int head;\n"}, name="Odd.Head")
    return [odd.write(folder), head.write(folder)]


def _install(world: World, wheels: list[Path]) -> None:
    place = world.pip / "wheels"
    place.mkdir()
    for wheel in wheels:
        shutil.copy(wheel, place)
    program = next(wheel for wheel in wheels if wheel.name.startswith("pip-"))
    options = ["--no-compile", "--no-deps", "--no-index", "--quiet"]
    names = [f"/wheels/{wheel.name}" for wheel in wheels]
    world.run(world.pip, PYTHON, f"/wheels/{program.name}/pip", "install", *options, *names)


def _tree(root: Path) -> dict[str, Found]:
    found = {}
    for path in sorted((root / "opt/env").rglob("*")):
        state = path.lstat()
        name = path.relative_to(root).as_posix()
        if stat.S_ISLNK(state.st_mode):
            found[name] = Found(0o777, os.fsencode(path.readlink()))
        elif stat.S_ISREG(state.st_mode):
            found[name] = Found(stat.S_IMODE(state.st_mode), path.read_bytes())
        else:
            found[name] = Found(stat.S_IMODE(state.st_mode), b"a folder")
    return found


def _generated(world: World) -> set[str]:
    """The scripts for entry points: their text is each installer's own."""
    texts = {name: it.content for name, it in _tree(world.ours).items() if name.startswith("opt/env/bin/")}
    return {name for name, text in texts.items() if b"\nimport sys\nfrom " in text}


def test_paths_modes_and_bytes_are_equal(world: World) -> None:
    ours, theirs = _tree(world.ours), _tree(world.pip)
    generated = _generated(world)
    theirs = {path: it for path, it in theirs.items() if not re.fullmatch(THEIRS, path)}
    assert set(ours) ^ set(theirs) == set()
    assert len(generated) > 10
    for path, it in ours.items():
        assert it.mode == theirs[path].mode, path
        if path not in generated and not (Path(path).name in OURS and ".dist-info" in path):
            assert it.content == theirs[path].content, path


def test_records_are_equal_but_for_what_differs(world: World) -> None:
    ours, theirs = _tree(world.ours), _tree(world.pip)
    generated = {"../../../" + name.removeprefix("opt/env/") for name in _generated(world)}
    records = [path for path in ours if re.fullmatch(rf"{PACKAGES}/[^/]+\.dist-info/RECORD", path)]
    assert len(records) > len(REAL)
    for path in records:
        mine, other = (list(csv.reader(StringIO(it[path].content.decode(), newline=""))) for it in (ours, theirs))
        kept = [row for row in other if not re.fullmatch(THEIRS, row[0])]
        assert [row[0] for row in mine] == [row[0] for row in kept]
        for row, their_row in zip(mine, kept, strict=True):
            if row[0] not in generated and not row[0].endswith("/INSTALLER"):
                assert row == their_row
        assert b"\r\n" in ours[path].content


def test_everything_is_imported_and_pip_is_content(world: World) -> None:
    modules = "six, click, pydantic_core, yaml, setuptools, numpy, greenlet, zope.interface, grpc, zmq, odd"
    world.run(world.ours, PYTHON, "-c", f"import {modules}")
    world.run(world.ours, "wheel", "version")
    assert world.run(world.ours, "odd-python") == "odd\n"
    listed = world.run(world.ours, "pip", "list", "--format=freeze")
    assert listed == world.run(world.pip, "pip", "list", "--format=freeze")


def test_pip_uninstalls_all_of_it_and_leaves_nothing(world: World) -> None:
    names = [line.partition("==")[0] for line in world.run(world.ours, "pip", "list", "--format=freeze").splitlines()]
    world.run(world.ours, PYTHON, "-B", "-m", "pip", "uninstall", "--yes", "--quiet", *names)
    left = {path for path, it in _tree(world.ours).items() if it.content != b"a folder" and ".pyc" not in path}
    links = {f"opt/env/{name}" for name in ("bin/python", "bin/python3", "bin/python3.11", "lib64", "pyvenv.cfg")}
    assert left - links == set()
