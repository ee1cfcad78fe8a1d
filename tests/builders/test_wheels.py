"""Wheels that are broken, or made to be read in two ways, are refused in words; odd ones that are right are not."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.builders.layers import tar
from reconciler.builders.layers.archive import Entry, FromWheel, write_layer
from reconciler.builders.layers.installation import Installed, installation
from reconciler.builders.layers.target import Target
from reconciler.builders.layers.wheel import Wheel
from reconciler.builders.layers.zip_directory import WheelError
from reconciler.model.digest import Digest
from tests.builders.making_wheels import TinyWheel

SITE = "opt/env/lib/python3.11/site-packages"
TARGET = Target("3.11")


def layer_of(path: Path) -> bytes:
    """The layer of one wheel, not packed; the digests are checked by the way."""
    blob = io.BytesIO()
    with Wheel.open(path) as wheel:
        entries: list[Entry] = [FromWheel(it, wheel) for it in installation(wheel, TARGET)]
        written = write_layer(entries, blob)
    archive = gzip.decompress(blob.getvalue())
    assert written.digest == Digest.of(blob.getvalue())
    assert written.size == len(blob.getvalue())
    assert written.diff_id == Digest.of(archive)
    return archive


def files_of(path: Path) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(layer_of(path))) as archive:
        found = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        return {name: file.read() for name, file in found.items() if file}


def refusal(path: Path) -> str:
    with pytest.raises(WheelError) as caught:
        layer_of(path)
    assert str(caught.value).endswith(".")
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.py", "no path below a folder"),
        ("a/../../evil.py", "no path below a folder"),
        ("/etc/passwd", "no path below a folder"),
        ("a//b", "no path below a folder"),
        ("pkg/.wh.other", "deletes files"),
        ("pkg/" + "é" * 128, "more than 255 bytes"),
        ("tiny-1.0.data/nothing/x", "of a kind that is not known"),
        ("tiny-1.0.data/data/pyvenv.cfg", "belongs to the virtual environment"),
        ("tiny-1.0.data/scripts/python3.11", "belongs to the virtual environment"),
        ("other-2.0.dist-info/METADATA", "one `.dist-info` folder, and has 2"),
    ],
)
def test_files_that_may_not_be_installed_are_refused(tmp_path: Path, name: str, reason: str) -> None:
    assert reason in refusal(TinyWheel({name: "x"}).write(tmp_path))


@pytest.mark.parametrize(
    ("name", "version", "reason"),
    [
        ("tiny", "2.0", "called version `2.0`, and its `METADATA` says `1.0`"),
        ("other", "1.0", "holds the package `tiny`"),
        ("Tiny", "1.0.0", ""),
        ("tiny", "", ""),
    ],
)
def test_a_wheel_is_the_one_that_the_lock_names(tmp_path: Path, name: str, version: str, reason: str) -> None:
    with Wheel.open(TinyWheel({"a.py": "a"}).write(tmp_path)) as wheel:
        if not reason:
            wheel.check_identity(name, version)
            return
        with pytest.raises(WheelError, match=re.escape(reason)):
            wheel.check_identity(name, version)


def test_links_are_refused(tmp_path: Path) -> None:
    path = TinyWheel({"a.py": "a"}).write(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo("link.py")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    assert "symbolic link" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    path = TinyWheel({"a.py": "a"}).write(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a.py", "another")
    assert "more than once" in refusal(path)


def test_other_ways_of_packing_are_refused(tmp_path: Path) -> None:
    path = TinyWheel({"a.py": "a"}).write(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b.py", "b" * 1000, zipfile.ZIP_BZIP2)
    assert "packed by method 12" in refusal(path)


def test_a_hash_that_is_not_what_record_says_is_refused(tmp_path: Path) -> None:
    record = "a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,1\ntiny-1.0.dist-info/RECORD,,\n"
    wheel = TinyWheel({"a.py": "a"}, more={"tiny-1.0.dist-info/RECORD": record})
    assert "another hash than the wheel's own `RECORD`" in refusal(wheel.write(tmp_path))


@pytest.mark.parametrize("stated", [hashlib.sha256(b"b").hexdigest(), "", "é", "47DEQpj8HBSa"])
def test_what_is_no_hash_in_record_states_nothing(tmp_path: Path, stated: str) -> None:
    record = f"a.py,sha256={stated},1\ntiny-1.0.dist-info/RECORD,,\n"
    wheel = TinyWheel({"a.py": "a"}, more={"tiny-1.0.dist-info/RECORD": record})
    assert files_of(wheel.write(tmp_path))[f"{SITE}/a.py"] == b"a"


@pytest.mark.parametrize(("version", "fine"), [("1.0", True), ("1.9", True), ("2.0", False), ("", False)])
def test_only_wheels_of_a_known_version_are_understood(tmp_path: Path, version: str, fine: bool) -> None:
    path = TinyWheel({"a.py": "a"}, wheel=f"Wheel-Version: {version}\nRoot-Is-Purelib: true\n").write(tmp_path)
    if fine:
        assert files_of(path)[f"{SITE}/a.py"] == b"a"
    else:
        assert "only versions 1.x" in refusal(path)


@pytest.mark.parametrize("name", ["../../evil", "a//b", ".."])
def test_entry_points_make_scripts_in_their_folder_only(tmp_path: Path, name: str) -> None:
    wheel = TinyWheel({"a.py": "a"}, entry_points=f"[console_scripts]\n{name} = a:main\n")
    assert "no file can have" in refusal(wheel.write(tmp_path))


@pytest.mark.parametrize("call", ["a:main()", "a", "a:b; import os", "a:", ":b"])
def test_entry_points_that_call_nothing_are_refused(tmp_path: Path, call: str) -> None:
    wheel = TinyWheel({"a.py": "a"}, entry_points=f"[console_scripts]\nrun = {call}\n")
    assert "calls nothing" in refusal(wheel.write(tmp_path))


@pytest.mark.parametrize("line", ["run: a:main", "; a remark", "run = a:main\n  more"])
def test_entry_points_that_python_cannot_read_are_refused(tmp_path: Path, line: str) -> None:
    wheel = TinyWheel({"a.py": "a"}, entry_points=f"[console_scripts]\n{line}\n")
    assert "`entry_points.txt` cannot be read" in refusal(wheel.write(tmp_path))


def test_entry_points_are_read_as_pip_reads_them(tmp_path: Path) -> None:
    text = "heading\n# [x]\n[console_scripts]\n# no\nrun = a:main # starts it\n;off = a:off\n"
    found = files_of(TinyWheel({"a.py": "a"}, entry_points=text).write(tmp_path))
    assert b"from a import main" in found["opt/env/bin/run"]
    assert [path for path in found if "/bin/" in path] == ["opt/env/bin/run"]


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _patched(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new, 1)


def _encrypted(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + b"\x01" + content[at + 1 :]


def _longer(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02") + 24
    (size,) = struct.unpack_from("<I", content, at)
    return content[:at] + struct.pack("<I", size + 1) + content[at + 4 :]


def _other_crc(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02") + 16
    return content[:at] + b"\0\0\0\0" + content[at + 4 :]


def _shorter(content: bytes) -> bytes:
    """The directory says fewer packed bytes: what is left over would be seen by some readers only."""
    at = content.index(b"PK\x01\x02") + 20
    (size,) = struct.unpack_from("<I", content, at)
    return content[:at] + struct.pack("<I", size - 1) + content[at + 4 :]


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _encrypted,
        _longer,
        _other_crc,
        _shorter,
        lambda content: b"x" + content,
        lambda content: content + b"x",
        lambda _: b"",
        _patched(b"PK\x03\x04", b"PK\x03\x05"),
    ],
)
def test_damage_is_found(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = TinyWheel({"a.py": "some text to pack " * 99}).write(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert refusal(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_flipped_byte_is_found_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    path = TinyWheel({"a.py": "some text to pack " * 99, "b/c.py": ""}).write(tmp_path)
    content = bytearray(path.read_bytes())
    expected = files_of(path)
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        found = files_of(path)
    except WheelError:
        return
    assert found[f"{SITE}/a.py"] == expected[f"{SITE}/a.py"]


NAMES = st.lists(
    st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1, max_size=90).filter(
        lambda it: it not in (".", "..") and not it.startswith(".wh.") and not it.endswith((".dist-info", ".data"))
    ),
    min_size=1,
    max_size=4,
).map("/".join)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(NAMES, st.binary(max_size=3000), max_size=6),
    stored=st.booleans(),
    descriptors=st.booleans(),
    wide=st.booleans(),
)
def test_a_layer_holds_what_the_wheel_holds(
    tmp_path: Path, files: dict[str, bytes], *, stored: bool, descriptors: bool, wide: bool
) -> None:
    if any(one != other and other.startswith(f"{one}/") for one in files for other in files):
        return
    files = {f"pkg/{name}": content for name, content in files.items()}
    path = rewritten(TinyWheel(files, stored=tuple(files) if stored else ()).write(tmp_path), descriptors, wide)
    found = files_of(path)
    assert {name: found[f"{SITE}/{name}"] for name in files} == files


def rewritten(path: Path, descriptors: bool, wide: bool) -> Path:
    """The same wheel, sizes after the content and fields for large files where that is asked for."""
    with zipfile.ZipFile(path) as archive:
        content = [(entry, archive.read(entry)) for entry in archive.infolist()]
    target = path.with_name("rewritten.whl")
    with target.open("wb") as file:
        out = _Pipe(file) if descriptors else file
        with zipfile.ZipFile(out, "w") as archive:
            for entry, data in content:
                with archive.open(entry, "w", force_zip64=wide) as member:
                    member.write(data)
    return target


class _Pipe(io.RawIOBase):
    """A file that cannot be sought in: zip then puts sizes behind the content."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        return self._file.write(content)  # type: ignore[arg-type]  # bytes of some kind


def test_large_stored_files_are_cut_into_blocks(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1024
    path = TinyWheel({"a.bin": content, "b.bin": b"x" * 65535}, stored=("a.bin", "b.bin")).write(tmp_path)
    found = files_of(path)
    assert found[f"{SITE}/a.bin"] == content
    assert found[f"{SITE}/b.bin"] == b"x" * 65535


def test_a_file_of_the_root_gives_way_to_one_of_data(tmp_path: Path) -> None:
    path = TinyWheel({"same.py": "root", "tiny-1.0.data/purelib/same.py": "data"}).write(tmp_path)
    assert files_of(path)[f"{SITE}/same.py"] == b"data"


def test_lib64_is_lib_in_a_virtual_environment(tmp_path: Path) -> None:
    path = TinyWheel({"tiny-1.0.data/data/lib64/tiny.txt": "x"}).write(tmp_path)
    found = files_of(path)
    assert found["opt/env/lib/tiny.txt"] == b"x"
    assert b"../../../lib64/tiny.txt" in found[f"{SITE}/tiny-1.0.dist-info/RECORD"]


def test_a_file_under_a_file_is_refused(tmp_path: Path) -> None:
    path = TinyWheel({"a": "file", "tiny-1.0.data/purelib/a/b": "x"}).write(tmp_path)
    assert "a file and a folder" in refusal(path)


PARTS_OF_THE_SKELETON = ["bin/python/x", "bin/python3.11/x", "pyvenv.cfg/x", "bin", "include", "include/python3.11"]


@pytest.mark.parametrize("path", PARTS_OF_THE_SKELETON)
def test_a_virtual_environment_keeps_its_own_files_and_folders(tmp_path: Path, path: str) -> None:
    wheel = TinyWheel({f"tiny-1.0.data/data/{path}": "x"})
    assert "belongs to the virtual environment" in refusal(wheel.write(tmp_path))


def test_entry_points_may_have_a_folder_of_their_own_as_with_pip(tmp_path: Path) -> None:
    wheel = TinyWheel({"a.py": "a"}, entry_points="[console_scripts]\na/b/run = a:main\n")
    assert "opt/env/bin/a/b/run" in files_of(wheel.write(tmp_path))


def test_huge_files_have_headers_that_hold_their_size() -> None:
    blocks = tar.header("opt/huge", 0o644, 9 << 30)
    with tarfile.open(fileobj=io.BytesIO(blocks + tar.END)) as archive:
        member = archive.next()
    assert member is not None
    assert (member.size, member.name) == (9 << 30, "opt/huge")


def test_installed_files_are_sorted_by_their_bytes(tmp_path: Path) -> None:
    path = TinyWheel({"ü.py": "", "z.py": "", "Z.py": ""}).write(tmp_path)
    with Wheel.open(path) as wheel:
        planned: tuple[Installed, ...] = installation(wheel, TARGET)
    names = [it.path for it in planned]
    assert names == sorted(names, key=str.encode)
