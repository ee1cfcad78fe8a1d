"""What is found in a base image: by content, through links and layers, once for each digest."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from reconciler.builders.layers.interpreter import FoundPython
from reconciler.model.diagnostic import BuildError
from reconciler.oci import media_types
from reconciler.oci.assembly import append_layer, assemble
from reconciler.oci.config import read_config, variable_of
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.building import Workshop
from tests.builders.debian import debian_base, unpack
from tests.builders.making_wheels import TinyWheel, index_wheels
from tests.builders.small_bases import LIBC, PYTHON, files_layer, program, python_base
from tests.cli.terminal import Envform

SITE = "opt/env/lib/python3.11/site-packages"
MUSL = {"lib/ld-musl-x86_64.so.1": b"\x7fELF\0musl libc (x86_64)\n\0" + b"1.2.4\0", "lib/libc.musl-x86_64.so.1": b""}


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "cache", tmp_path)


def python_in(workshop: Workshop, base: Image, version: str = "") -> FoundPython:
    return workshop.builder.python(base, "base", version, "linux/amd64")


def refusal(workshop: Workshop, base: Image, version: str = "", platform: str = "linux/amd64") -> str:
    with pytest.raises(BuildError) as caught:
        workshop.builder.python(base, "base", version, platform)
    return f"{caught.value.diagnostics[0].summary}. {caught.value.diagnostics[0].detail}"


@pytest.mark.network
def test_debians_own_python_is_found(workshop: Workshop) -> None:
    found = python_in(workshop, debian_base())
    assert found == FoundPython("/usr/bin/python3.11", "3.11", "/usr/lib/python3.11", "amd64", "glibc", "2.36")


def test_the_python_of_official_images_is_found_before_that_of_the_system(workshop: Workshop) -> None:
    local = {"usr/local/bin/python3.12": program(), "usr/local/lib/python3.12/os.py": b""}
    links = {"usr/bin/python3": "python3.11", "usr/local/bin/python3": "python3.12", "usr/local/bin/python": "python3"}
    base = python_base({**PYTHON, **local}, links, "/usr/local/bin:/usr/bin")
    assert python_in(workshop, base).path == "/usr/local/bin/python3.12"
    assert python_in(workshop, base, "3.11").path == "/usr/bin/python3.11"
    assert "Python 3.12 at `/usr/local/bin/python3.12`, Python 3.11 at" in refusal(workshop, base, "3.13")


def test_a_python_elsewhere_is_found_where_path_says_so(workshop: Workshop) -> None:
    files = {"srv/py/bin/python3.13": program(), "srv/py/lib/python3.13/os.py": b"", **LIBC}
    assert "has no Python" in refusal(workshop, python_base(files, {}))
    found = python_in(workshop, python_base(files, {"srv/py/bin/python3": "python3.13"}, "/srv/py/bin:/bin"))
    assert found.path == "/srv/py/bin/python3.13"


def test_links_between_folders_are_followed(workshop: Workshop) -> None:
    links = {"bin": "usr/bin", "lib": "usr/lib", "usr/bin/python3": "/etc/alternatives/python3"}
    links |= {"etc/alternatives/python3": "../../bin/python3.11"}
    files = {"usr/lib/x86_64-linux-gnu/libc.so.6": next(iter(LIBC.values()))}
    files |= {name: it for name, it in PYTHON.items() if name not in LIBC}
    assert python_in(workshop, python_base(files, links, "/bin")).path == "/usr/bin/python3.11"


def test_musl_is_told_from_glibc(workshop: Workshop) -> None:
    files = {**PYTHON, **MUSL, "usr/bin/python3.11": program("/lib/ld-musl-x86_64.so.1")}
    found = python_in(workshop, python_base(files))
    assert (found.libc, found.libc_version) == ("musl", "1.2")


def test_a_plan_refuses_wheels_that_do_not_run_on_the_c_library_of_the_base(tmp_path: Path, envform: Envform) -> None:
    over_musl = python_base({**PYTHON, **MUSL, "usr/bin/python3.11": program("/lib/ld-musl-x86_64.so.1")})
    LayoutRegistry(tmp_path / "images").push(over_musl, [Name("python", "1")])
    pure = TinyWheel({"tiny.py": "x = 1\n"}).write(tmp_path)
    declared = 'envform {\n  registry = "oci:./registry"\n}\nenvironment "e" {\n  image = "oci:./images:python:1"\n'
    (tmp_path / "main.hcl").write_text(f'{declared}  pip   = ["./{pure.name}"]\n}}\n')
    assert envform("plan").exit_code == 0
    wheel = pure.rename(tmp_path / "tiny-1.0-cp311-cp311-manylinux_2_17_x86_64.whl")
    (tmp_path / "main.hcl").write_text(f'{declared}  pip   = ["./{wheel.name}"]\n}}\n')
    planned = envform("plan")
    assert planned.exit_code == 1
    assert "Wheel does not fit the base image" in planned.stderr
    assert "over musl 1.2. Choose another base image, one with glibc" in " ".join(planned.stderr.split())


def test_a_python_in_our_own_folder_needs_no_virtual_environment(workshop: Workshop, tmp_path: Path) -> None:
    files = {"opt/env/bin/python3.11": program(), "opt/env/lib/python3.11/os.py": b"", **LIBC}
    base = python_base(files, {"opt/env/bin/python": "python3.11"}, "/opt/env/bin:/bin")
    image = workshop.build(base, [TinyWheel({"a.py": "a"}).write(tmp_path)])
    assert len(image.layers) == len(base.layers) + 1
    assert variable_of(read_config(image), "VIRTUAL_ENV") == ""
    assert variable_of(read_config(image), "PATH") == "/opt/env/bin:/bin"


def test_what_only_looks_like_a_python_is_none(workshop: Workshop) -> None:
    for broken in ({"usr/bin/python3.11": b"#!/bin/sh\n"}, {"usr/bin/python3.11": b"\x7fELF"}):
        assert "has no Python" in refusal(workshop, python_base({**PYTHON, **broken}))
    without_library = {name: it for name, it in PYTHON.items() if not name.endswith("os.py")}
    assert "has no Python" in refusal(workshop, python_base(without_library))


def test_what_a_later_layer_takes_away_is_gone(workshop: Workshop) -> None:
    for deleted in ("usr/bin/.wh.python3.11", "usr/lib/python3.11/.wh..wh..opq", "usr/lib/.wh.python3.11", ".wh.usr"):
        assert "has no Python" in refusal(workshop, python_base(upper={deleted: b""}))
    assert python_in(workshop, python_base(upper={"usr/bin/.wh.python2": b""})).version == "3.11"


def test_a_base_for_another_machine_is_refused(workshop: Workshop) -> None:
    base = python_base({**PYTHON, "usr/bin/python3.11": program(machine=183)})
    assert "is a program for arm64" in refusal(workshop, base)


def test_a_link_in_the_place_of_our_folder_is_refused(workshop: Workshop) -> None:
    base = python_base(PYTHON, {"usr/bin/python3": "python3.11", "opt": "usr/opt"})
    assert "`/opt` in the base image `base` is a link to `usr/opt`" in refusal(workshop, base)


def test_a_base_is_read_once(workshop: Workshop) -> None:
    base = python_base()
    python_in(workshop, base)
    opened: list[str] = []

    def fail() -> None:
        opened.append("read")

    unread = Image(base.manifest, base.media_type, base.config, tuple(_watched(it, fail) for it in base.layers))
    assert python_in(Workshop(workshop.folder), unread).version == "3.11"
    assert opened == []


def test_what_stands_twice_in_a_layer_is_there(workshop: Workshop) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in [*PYTHON.items(), *PYTHON.items()]:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
    base = append_layer(python_base({}, {}), content.getvalue(), history="twice", labels={})
    assert python_in(workshop, base).path == "/usr/bin/python3.11"


def test_of_a_patched_base_only_what_is_new_is_read(workshop: Workshop) -> None:
    python_in(workshop, python_base())
    base = python_base(upper={"usr/bin/python3.12": program(), "usr/lib/python3.12/os.py": b""})
    opened: list[int] = []
    watched = [_watched(layer, lambda number=number: opened.append(number)) for number, layer in enumerate(base.layers)]
    patched = Image(base.manifest, base.media_type, base.config, tuple(watched))
    assert [python_in(workshop, patched, it).path for it in ("3.12", "3.11")] == [
        "/usr/bin/python3.12", "/usr/bin/python3.11"
    ]  # fmt: skip
    assert opened == [1]


def _watched(blob: Blob, seen: object) -> Blob:
    def open_it() -> object:
        seen()  # type: ignore[operator]  # a function
        return blob.open()

    return Blob(blob.descriptor, open_it)  # type: ignore[arg-type]  # the same content


@pytest.mark.parametrize("broken", [b"no archive", b"\x1f\x8b\x08broken", b""])
def test_a_layer_that_cannot_be_read_is_told(workshop: Workshop, broken: bytes) -> None:
    base = python_base()
    bad = Blob.of(broken, media_types.OCI_LAYER + "+gzip")
    said = refusal(workshop, assemble(base.config, [bad]))
    assert "Base image" in said


def test_layers_of_many_gzip_members_are_read_to_the_end(workshop: Workshop) -> None:
    archive = files_layer(PYTHON, {"usr/bin/python3": "python3.11"})
    packed = b"".join(gzip.compress(archive[at : at + 700]) for at in range(0, len(archive), 700))
    base = assemble(python_base().config, [Blob.of(packed, media_types.OCI_LAYER + "+gzip")])
    assert python_in(workshop, base).version == "3.11"


def test_packages_of_the_base_in_another_version_are_taken_away(workshop: Workshop, tmp_path: Path) -> None:
    files = {"pkg/old.py": "old", "pkg/both.py": "1", "pkg/a,b.txt": "rows with commas are in quotes"}
    old = TinyWheel(files, name="pkg", version="1.0").write(tmp_path)
    kept = TinyWheel({"kept.py": "kept"}, name="kept").write(tmp_path)
    new = TinyWheel({"pkg/new.py": "new", "pkg/both.py": "2"}, name="pkg", version="2.0").write(tmp_path)
    below = workshop.build(python_base(), [old, kept])
    image = workshop.build(below, [new])
    facts = workshop.builder._bases.facts(image, "base")
    assert sorted(facts.installed) == ["kept-1.0", "pkg-2.0"]
    unpacked = tmp_path / "unpacked"
    unpack(image, unpacked, above=len(below.layers))
    assert {path.name for path in (unpacked / SITE / "pkg").glob(".wh.*")} == {
        ".wh.old.py",
        ".wh.both.py",
        ".wh.a,b.txt",
    }
    assert (unpacked / SITE / "pkg/new.py").read_text() == "new"
    assert not list(unpacked.rglob(".wh.kept*"))
    assert workshop.build(below, [old]).layers[len(below.layers)].descriptor == below.layers[1].descriptor


@pytest.mark.network
def test_libraries_that_nobody_has_are_told_with_their_debian_package(workshop: Workshop) -> None:
    (wheel,) = index_wheels(["lightgbm"])
    workshop.build(debian_base(), [wheel])
    (warning,) = workshop.warnings
    assert warning.summary == "Packages need libraries that are not in the image"
    assert "`libgomp.so.1` (Debian package `libgomp1`), which `lightgbm` needs for `lightgbm/" in warning.detail
    assert "libgomp1" in warning.hint
    patched = append_layer(
        debian_base(), files_layer({"usr/lib/x86_64-linux-gnu/libgomp.so.1": b""}), history="patch", labels={}
    )
    workshop.fetched.clear()
    workshop.build(patched, [wheel])
    assert workshop.warnings == []
    assert workshop.fetched == []


@pytest.mark.network
def test_packages_that_say_they_are_for_another_python_are_told(workshop: Workshop, tmp_path: Path) -> None:
    said = {"old": "<3.11", "fine": ">=3.8,!=3.11.0", "odd": "three"}
    wheels = [TinyWheel({}, name=name, metadata=f"Requires-Python: {it}\n") for name, it in said.items()]
    for _ in range(2):  # what was learnt from a wheel is told whenever it is used
        workshop.build(python_base(), [it.write(tmp_path) for it in wheels])
        assert [it.summary for it in workshop.warnings] == ["Packages are for other versions of Python"]
        assert "not for Python 3.11, which the image has: `old` (`<3.11`). uv" in workshop.warnings[0].detail


def test_libraries_that_wheels_bring_themselves_are_not_told(workshop: Workshop) -> None:
    workshop.build(debian_base(), index_wheels(["numpy", "psutil", "PyYAML"]))
    assert workshop.warnings == []
