"""Debian packages unpacked by us are what mmdebstrap makes of them, byte for byte, whoever does it and wherever."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.builders.debian.builder import DebianBuilder
from reconciler.builders.layers.cache import Cache
from reconciler.execution.making import SCRATCH
from reconciler.language.definition.base_image import MANYLINUX, SYSTEM
from reconciler.model.definition import Debian, Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.work import Recipe
from reconciler.oci.image import Image
from reconciler.resolvers.debian import DebianResolver
from reconciler.resolvers.debian_sources import sources_of
from tests.builders.debian import cache
from tests.services.debian_archive import DebianArchive
from tests.services.wants import missing, require

DEFINITION = Definition(
    "",
    None,
    "linux/amd64",
    debian=Debian("bookworm", tuple(sorted((*SYSTEM, *MANYLINUX, "ca-certificates", "python3")))),
)
# Made by scripts, by us or by mmdebstrap for apt; all else is to be the same.
MADE = ("etc/passwd", "etc/group", "etc/ssl/certs/ca-certificates.crt", "var/lib/dpkg", "var/lib/apt", "var/cache/apt")
APTS_OWN = ("etc/apt", "etc/fstab", "etc/hostname", "etc/resolv.conf", "dev/", "var/log/apt")
WITHOUT_USE = (".", "dev", "lib32", "libx32", "usr/lib32", "usr/libx32")


@dataclass
class Made:
    """A base image, and the lock that it was made from."""

    image: Image
    lock: Lock


@pytest.fixture(scope="module")
def made() -> Made:
    require("apt-get")
    folder = cache() / "base-images"
    resolver = DebianResolver(folder / "debian")
    try:
        lock = resolver.resolve(DEFINITION, "", None)
    except ResolutionError as error:
        missing("a Debian mirror", str(error))
    builder = DebianBuilder(Cache(folder), resolver.fetch)
    return Made(builder.build(Recipe(DEFINITION, lock), SCRATCH, lambda _: None), lock)


def entries(path: Path) -> dict[str, tuple[object, ...]]:
    """What is in a tar: type, mode, owner, target, size, time and content of each path."""
    found: dict[str, tuple[object, ...]] = {}
    with tarfile.open(path) as tar:
        for member in tar:
            name = member.name.removeprefix("./").rstrip("/")
            content = tar.extractfile(member).read() if member.isreg() else b""  # type: ignore[union-attr]
            target = member.linkname.removeprefix("./") if member.islnk() else member.linkname
            time = 0 if member.isdir() or member.issym() else member.mtime
            found[name] = (member.type, member.mode, member.uid, member.gid, target, time, content)
    return found


def compared(found: dict[str, tuple[object, ...]]) -> dict[str, tuple[object, ...]]:
    """Without what nobody takes from a package."""
    left_out = (*MADE, *APTS_OWN)
    return {name: it for name, it in found.items() if not name.startswith(left_out) and name not in WITHOUT_USE}


def of_mmdebstrap(lock: Lock) -> Path:
    """The same packages, unpacked by it; kept, for it takes a while."""
    mmdebstrap = require("mmdebstrap")
    theirs = cache() / "base-images" / f"mmdebstrap-{lock.digest.hex}.tar"
    if theirs.exists():
        return theirs
    if os.geteuid() != 0:
        missing("debian base", "making one with mmdebstrap needs root")
    exact = ",".join(f"{one.name}={one.version}" for one in lock.artefacts)
    partial = theirs.with_suffix(f".{os.getpid()}")
    hook = "/usr/share/mmdebstrap/hooks/merged-usr"
    command = [str(mmdebstrap), "--quiet", "--variant=extract", f"--hook-dir={hook}", f"--include={exact}", "bookworm"]
    done = subprocess.run([*command, "--format=tar", str(partial)], check=False, capture_output=True, text=True)
    if done.returncode:
        missing("debian base", f"the Debian archive cannot be reached: {done.stderr[-200:]}")
    return partial.replace(theirs)


@pytest.mark.network
def test_the_files_are_those_that_mmdebstrap_unpacks(made: Made, tmp_path: Path) -> None:
    theirs = of_mmdebstrap(made.lock)
    ours = tmp_path / "ours.tar.gz"
    with made.image.layers[0].open() as layer:
        ours.write_bytes(layer.read())
    one, other = compared(entries(ours)), compared(entries(theirs))
    assert one.keys() ^ other.keys() == set()
    assert {name for name in one if one[name] != other[name]} == set()


@pytest.mark.network
def test_a_real_base_is_small_and_tells_its_packages(made: Made) -> None:
    assert made.lock.python == "3.11"
    assert {"libc6", "libssl3", *MANYLINUX} <= {one.name for one in made.lock.artefacts}
    assert all(one.kind == "deb" and one.size and "/" not in one.url for one in made.lock.artefacts)
    assert made.image.layers[0].descriptor.size < 45 << 20


PROGRAM = """
import sys
from pathlib import Path
from reconciler.builders.debian.builder import DebianBuilder
from reconciler.builders.layers.cache import Cache
from reconciler.execution.making import SCRATCH
from reconciler.model.definition import Debian, Definition
from reconciler.model.work import Recipe
from reconciler.resolvers.debian import DebianResolver

home = Path(sys.argv[1])
definition = Definition("", None, "linux/amd64", debian=Debian("bookworm", tuple(sys.argv[2:])))
resolver = DebianResolver(home / "debian")
recipe = Recipe(definition, resolver.resolve(definition, "", None))
print(DebianBuilder(Cache(home), resolver.fetch).build(recipe, SCRATCH, lambda _: None).digest)
"""


def test_time_zone_umask_locale_and_hash_seed_change_no_byte(tmp_path: Path) -> None:
    config = DebianArchive(tmp_path / "archive").apt_config()
    worlds = [
        {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "umask": "0o022"},
        {"TZ": "America/Lima", "LC_ALL": "C", "PYTHONHASHSEED": "2", "umask": "0o077"},
    ]
    digests = set()
    for number, world in enumerate(worlds):
        environment = {**os.environ, **world, "APT_CONFIG": str(config), "PYTHONPATH": str(Path.cwd())}
        program = f"import os\nos.umask({world['umask']})\n{PROGRAM}"
        command = [sys.executable, "-c", program, str(tmp_path / f"home-{number}"), "python3", "base-files"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1


DEB822 = """# a comment
Types: deb deb-src
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /keys/debian.gpg

Types: deb
URIs: http://mirror.test/security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://others.test/
Suites: nodistro
Components: main
"""
LINES = """deb [arch=amd64 signed-by=/keys/a.gpg] http://one.test/debian bookworm main
# deb http://two.test/debian bookworm main
deb http://three.test/debian bookworm contrib
deb-src http://four.test/debian bookworm main
"""


def test_the_machines_own_mirrors_are_asked_for_its_release_and_for_others() -> None:
    found = sources_of([("debian.sources", DEB822), ("old.list", LINES)], "bookworm")
    assert [(one.uri, one.suites) for one in found] == [
        ("http://mirror.test/debian", ("bookworm", "bookworm-updates")),
        ("http://mirror.test/security", ("bookworm-security",)),
        ("http://one.test/debian", ("bookworm",)),
    ]
    assert [one.keys.splitlines()[0] for one in found[::2]] == ["/keys/debian.gpg", "/keys/a.gpg"]
    assert "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc" in found[1].stanza
    others = sources_of([("debian.sources", DEB822)], "trixie")
    assert [one.suites for one in others] == [("trixie", "trixie-updates"), ("trixie-security",)]
    assert [one.suites for one in sources_of([("debian.sources", DEB822)], "sid")] == [("sid",)]
