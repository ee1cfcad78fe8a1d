"""What has no wheel is built into one where a definition allows it: once for its source, and never in the project."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.digest import Digest
from tests.resolvers.index import Index, Offer
from tests.resolvers.resolving import BASE, World, versions

TREE = Digest.of(b"tree")
PROJECT = b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """
import zipfile
from pathlib import Path

INFO = {
    "METADATA": "Metadata-Version: 2.1\\nName: own\\nVersion: 4\\nRequires-Dist: needed\\n",
    "WHEEL": "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: TAG\\n",
    "RECORD": "",
}

def prepare_metadata_for_build_wheel(folder, settings=None):
    Path("litter").write_text("builds write into what they build")
    info = Path(folder, "own-4.dist-info")
    info.mkdir()
    for name, text in INFO.items():
        (info / name).write_text(text)
    return info.name

def build_wheel(folder, settings=None, metadata=None):
    Path("litter").write_text("builds write into what they build")
    with Path("COUNT").open("a") as count:
        count.write("built\\n")
    with zipfile.ZipFile(Path(folder, "own-4-TAG.whl"), "w") as wheel:
        for name, text in INFO.items():
            wheel.writestr(zipfile.ZipInfo(f"own-4.dist-info/{name}"), text)
    return "own-4-TAG.whl"
"""


class Builder:
    """A project whose build counts how often it ran."""

    def __init__(self, world: World, index: Index) -> None:
        index.add("needed", "1")
        self.world = world
        self.count = world.cache / "count"
        self.count.parent.mkdir(parents=True, exist_ok=True)
        self.write()

    def write(self, backend: str = BACKEND, tag: str = "py3-none-any") -> None:
        folder = self.world.root / "own"
        folder.mkdir(exist_ok=True)
        (folder / "pyproject.toml").write_bytes(PROJECT)
        (folder / "backend.py").write_text(self.spelled(backend, tag))

    def spelled(self, backend: str = BACKEND, tag: str = "py3-none-any") -> str:
        return backend.replace("TAG", tag).replace("COUNT", str(self.count))

    def resolve(
        self, package: str = "./own", tree: Digest = TREE, allow: bool = True, options: tuple[str, ...] = ()
    ) -> Lock:
        files = {"own": tree} if package.startswith("./") else {}
        wanted = Definition("x:1", BASE, "linux/amd64", (package,), options, files=files, allow_source_builds=allow)
        return self.world.resolver().resolve(wanted, "3.11", None)

    @property
    def built(self) -> int:
        return len(self.count.read_text().splitlines()) if self.count.exists() else 0

    def wheel(self, artefact: Artefact) -> bytes:
        return (self.world.cache / "built" / artefact.url.removeprefix("built:")).read_bytes()


@pytest.fixture
def own(world: World, index: Index) -> Builder:
    return Builder(world, index)


def test_a_folder_is_built_and_locked_with_its_wheel_and_its_source(own: Builder) -> None:
    lock = own.resolve()
    assert versions(lock) == {"needed": "1", "own": "4"}
    found = lock.artefacts[1]
    assert (found.kind, found.source, found.url.rpartition("/")[2]) == ("wheel", TREE, "own-4-py3-none-any.whl")
    assert Digest.of(own.wheel(found)) == found.digest
    assert found.size == len(own.wheel(found))
    (told,) = own.world.warnings
    assert told.summary == "Packages built from source"
    assert "    own 4" in told.detail


def test_one_source_is_built_once_and_another_again(own: Builder) -> None:
    first, again = own.resolve(), own.resolve()
    assert first == again
    assert own.built == 1
    assert len(own.world.warnings) == 1, "nothing was built for the second"
    assert own.resolve(tree=Digest.of(b"changed")).artefacts[1].source != TREE
    assert own.built == 2


def test_a_build_leaves_nothing_in_the_project(own: Builder) -> None:
    own.resolve()
    assert sorted(path.name for path in (own.world.root / "own").iterdir()) == ["backend.py", "pyproject.toml"]


def test_nothing_is_built_where_nobody_allows_it(own: Builder, index: Index) -> None:
    with pytest.raises(ResolutionError, match="allow_source_builds = true"):
        own.resolve(allow=False)
    index.source("own", "4")
    with pytest.raises(ResolutionError, match="allow_source_builds = true"):
        own.resolve("own", allow=False)
    assert own.built == 0


def test_a_source_archive_of_the_index_is_built_from_the_bytes_that_it_names(own: Builder, index: Index) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in (("pyproject.toml", PROJECT.decode()), ("backend.py", own.spelled()), ("PKG-INFO", "")):
            entry = tarfile.TarInfo(f"own-4/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    offer = Offer("own-4.tar.gz", content.getvalue(), Digest.of(content.getvalue()).hex, b"")
    index.offers["own"] = [offer]
    found = own.resolve("own").artefacts[1]
    assert (found.kind, found.source) == ("wheel", f"sha256:{offer.sha256}")
    index.add("own", "4", needs=["needed"])
    assert own.resolve("own").artefacts[1].source is None, "there is a wheel by now"
    assert own.resolve("own", options=("--no-binary own",)).artefacts[1] == found


def test_what_is_built_for_this_machine_alone_is_not_taken_to_another_python(own: Builder) -> None:
    own.write(tag="cp39-cp39-linux_x86_64")
    with pytest.raises(ResolutionError, match=r"made `own-4-cp39-cp39-linux_x86_64.whl`, which does not run on"):
        own.resolve()


def test_a_build_that_fails_is_told_with_its_last_words(own: Builder) -> None:
    own.write(BACKEND.replace("def build_wheel(", "def build_wheel(*a, **b): raise SystemExit('no compiler')\ndef no("))
    with pytest.raises(ResolutionError) as caught:
        own.resolve()
    told = caught.value.diagnostics[0]
    assert told.summary == "Package cannot be built"
    assert "no compiler" in told.detail
    assert str(own.world.root) not in told.detail
    assert not list(Path(own.world.cache / "built").glob("*")), "nothing half made is left"


WRITES = """        Path("made.py").write_text("x = 1")
        made = zipfile.ZipInfo("made.py")
        made.external_attr = Path("made.py").stat().st_mode << 16
        wheel.writestr(made, "x = 1")
        for name"""


def test_what_is_built_does_not_depend_on_the_umask(own: Builder) -> None:
    own.write(BACKEND.replace("        for name", WRITES))
    before = os.umask(0o077)
    try:
        lock = own.resolve()
    finally:
        os.umask(before)
    with zipfile.ZipFile(io.BytesIO(own.wheel(lock.artefacts[1]))) as wheel:
        assert wheel.getinfo("made.py").external_attr >> 16 == 0o100644
