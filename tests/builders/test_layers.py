"""What a builder of layers promises: equal bytes everywhere, no work twice, and no network for what is known."""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.oci.assembly import append_layer
from reconciler.oci.config import labels_of, read_config, variable_of
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.building import CALLED, Workshop, recipe
from tests.builders.making_wheels import TinyWheel, artefact
from tests.builders.small_bases import LIBC, files_layer, python_base
from tests.conformance.images import content_of
from tests.services.wants import require

BIG = 1 << 20
ROOT = Path(__file__).parents[2]
SITE = "opt/env/lib/python3.11/site-packages"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "cache", tmp_path)


@pytest.fixture
def wheels(tmp_path: Path) -> list[Path]:
    return [
        TinyWheel({"big.py": os.urandom(BIG)}, name="big").write(tmp_path),
        TinyWheel({"two.py": "2"}, name="two", entry_points="[console_scripts]\ntwo = two:main\n").write(tmp_path),
        TinyWheel({"three.py": "3"}, name="three").write(tmp_path),
    ]


def above(image: Image, base: Image) -> list[Digest]:
    return [layer.descriptor.digest for layer in image.layers[len(base.layers) :]]


def paths(image: Image, number: int) -> list[str]:
    with image.layers[number].open() as blob, tarfile.open(fileobj=blob) as archive:
        return archive.getnames()


def test_a_big_wheel_has_a_layer_and_small_ones_share_one(workshop: Workshop, wheels: list[Path]) -> None:
    base = python_base()
    image = workshop.build(base, wheels)
    assert len(image.layers) == len(base.layers) + 3
    assert f"{SITE}/big.py" in paths(image, -2)
    shared = paths(image, -1)
    assert {f"{SITE}/two.py", f"{SITE}/three.py", "opt/env/bin/two"} <= set(shared)
    assert shared == sorted(shared, key=os.fsencode)
    assert len(set(shared)) == len(shared)


def test_config_and_history_say_what_is_in_the_image(workshop: Workshop, wheels: list[Path]) -> None:
    base = python_base()
    image = workshop.build(base, wheels)
    config = read_config(image)
    wanted = recipe(base, wheels)
    assert variable_of(config, "PATH") == "/opt/env/bin:/usr/bin:/bin"
    assert variable_of(config, "VIRTUAL_ENV") == "/opt/env"
    assert labels_of(config)["dev.envform.lock"] == wanted.lock.digest
    assert labels_of(config)["org.opencontainers.image.base.digest"] == base.digest
    assert json.loads(image.manifest)["annotations"]["org.opencontainers.image.base.name"] == CALLED
    texts = json.dumps(config["history"])
    assert f"envform: big==1.0 {artefact(wheels[0]).digest}" in texts
    assert "envform: three==1.0 two==1.0" in texts
    diff_ids = json.loads(image.config.open().read())["rootfs"]["diff_ids"]
    assert len(diff_ids) == len(image.layers) == len(json.loads(texts))
    unpacked = [gzip.decompress(layer.open().read()) for layer in image.layers[len(base.layers) :]]
    assert [Digest.of(content) for content in unpacked] == diff_ids[len(base.layers) :]


def test_a_lock_without_artefacts_is_its_base(workshop: Workshop) -> None:
    base = python_base()
    assert workshop.build(base, []).digest == base.digest


def test_nothing_is_fetched_for_what_is_known(workshop: Workshop, wheels: list[Path]) -> None:
    base = python_base()
    first = workshop.build(base, wheels)
    assert sorted(set(workshop.fetched)) == ["big", "three", "two"]
    workshop.fetched.clear()
    again = Workshop(workshop.folder, workshop.root)
    assert again.build(base, wheels).digest == first.digest
    assert again.fetched == []


def test_a_wheel_has_the_same_layer_in_every_environment(workshop: Workshop, wheels: list[Path]) -> None:
    base = python_base()
    alone = workshop.build(base, wheels[:1])
    workshop.fetched.clear()
    together = workshop.build(base, wheels)
    assert set(above(alone, base)) < set(above(together, base))
    assert "big" not in workshop.fetched


def test_a_patched_base_changes_no_layer_and_reads_none(workshop: Workshop, wheels: list[Path]) -> None:
    base = python_base()
    patched = append_layer(base, files_layer({"etc/patched": b"yes"}), history="patch", labels={})
    before = workshop.build(base, wheels)
    workshop.fetched.clear()
    shutil.rmtree(workshop.folder / "blobs")
    after = workshop.build(patched, wheels)
    assert above(after, patched) == above(before, base)
    assert after.digest != before.digest
    assert workshop.fetched == []


def test_blobs_that_are_gone_or_damaged_are_made_again(workshop: Workshop, wheels: list[Path], tmp_path: Path) -> None:
    base = python_base()
    image = workshop.build(base, wheels)
    content = content_of(image)
    big, shared = image.layers[-2:]
    store = workshop.folder / "blobs"
    (store / big.descriptor.digest.hex[:2] / big.descriptor.digest.hex).unlink()
    damaged = store / shared.descriptor.digest.hex[:2] / shared.descriptor.digest.hex
    damaged.write_bytes(b"\0" * damaged.stat().st_size)
    again = Workshop(workshop.folder, workshop.root).build(base, wheels)
    assert content_of(again) == content
    LayoutRegistry(tmp_path / "images").push(again, [Name("training", "1")])


def test_a_damaged_index_is_begun_again(workshop: Workshop, wheels: list[Path]) -> None:
    base = python_base()
    first = workshop.build(base, wheels)
    (workshop.folder / "layers.sqlite").write_bytes(b"no database" * 1000)
    assert Workshop(workshop.folder, workshop.root).build(base, wheels).digest == first.digest


def test_a_damaged_wheel_in_the_cache_is_fetched_again(workshop: Workshop, wheels: list[Path]) -> None:
    base = python_base()
    first = workshop.build(base, wheels)
    for path in (workshop.folder / "artefacts").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\0" * path.stat().st_size)
    (workshop.folder / "layers.sqlite").unlink()
    shutil.rmtree(workshop.folder / "blobs")
    assert Workshop(workshop.folder, workshop.root).build(base, wheels).digest == first.digest


def test_what_a_killed_process_left_is_cleaned_up(workshop: Workshop, wheels: list[Path]) -> None:
    left, resumable = (workshop.folder / "partial" / name for name in ("0123", "4567.download"))
    left.parent.mkdir(parents=True)
    for path in (left, resumable):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - 3600,) * 2)
    with workshop.cache.new_file() as (written, _):
        os.utime(written, (0, 0))
        workshop.build(python_base(), wheels)
        assert written.exists()
    assert not left.exists()
    assert resumable.exists()


def test_many_at_once_make_one_image(tmp_path: Path, wheels: list[Path]) -> None:
    base = python_base()

    def build(_: int) -> Digest:
        return Workshop(tmp_path / "cache", tmp_path).build(base, wheels).digest

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(build, range(6)))) == 1


def pythons() -> list[str]:
    """This Python, and others from 3.11 on that run here."""
    found = filter(None, map(shutil.which, ("python3.11", "python3.12", "python3.13", "python3.14")))
    works = [it for it in found if subprocess.run([it, "-c", ""], check=False, capture_output=True).returncode == 0]
    return [sys.executable, *works]


def test_the_machine_makes_no_difference(tmp_path: Path, wheels: list[Path]) -> None:
    expected = Workshop(tmp_path / "cache", tmp_path).build(python_base(), wheels).digest
    script = (
        "import sys; sys.path[:0] = sys.argv[1].split(':'); sys.dont_write_bytecode = True\n"
        "import os; os.umask(0o077)\n"
        "from pathlib import Path\n"
        "from tests.builders.building import Workshop\n"
        "from tests.builders.small_bases import python_base\n"
        "folder = Path(sys.argv[2])\n"
        "print(Workshop(folder, folder).build(python_base(), [Path(it) for it in sys.argv[3:]]).digest)\n"
    )
    places = ":".join([str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))])
    strange = {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "7", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    strange |= {"HOME": str(tmp_path)}
    for number, program in enumerate(pythons()):
        command = [program, "-c", script, places, str(tmp_path / f"other-{number}"), *map(str, wheels)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=strange)
        assert done.stdout.strip() == expected, f"{program}: {done.stderr}"


def test_umoci_unpacks_all_that_we_wrote(workshop: Workshop, wheels: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "images"
    LayoutRegistry(folder).push(workshop.build(python_base(), wheels), [Name("training", "1")])
    command = [
        str(require("umoci")),
        "unpack",
        "--rootless",
        "--image",
        f"{folder}:training:1",
        str(tmp_path / "bundle"),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    root = tmp_path / "bundle" / "rootfs"
    assert (root / SITE / "two.py").read_text() == "2"
    assert (root / SITE / "big.py").stat().st_size == BIG
    assert (root / "opt/env/bin/python").readlink() == Path("python3.11")
    assert (root / "opt/env/bin/two").stat().st_mode & 0o777 == 0o755
    assert (root / SITE / "two.py").stat().st_mtime == 315532800


def test_hundreds_of_small_wheels_need_few_open_files(workshop: Workshop, tmp_path: Path) -> None:
    wheels = [TinyWheel({f"it{number}.py": "it"}, name=f"it{number}").write(tmp_path) for number in range(100)]
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 60, before[1]))  # noqa: PTH208
    try:
        image = workshop.build(python_base(), wheels)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert {f"{SITE}/it{number}.py" for number in range(100)} <= set(paths(image, -1))


def test_of_two_files_for_one_place_the_later_wins_and_it_is_told(workshop: Workshop, tmp_path: Path) -> None:
    early = TinyWheel({"same.py": "early", "equal.py": "="}, name="zebra").write(tmp_path)
    late = TinyWheel({"same.py": "late", "equal.py": "="}, name="ape").write(tmp_path)
    image = workshop.build(python_base(), [early, late])
    archive = gzip.decompress(image.layers[-1].open().read())
    assert b"late" in archive
    assert b"early" not in archive
    (warning,) = workshop.warnings
    assert warning.summary == "Packages bring the same files"
    assert f"`zebra` and `ape` each bring `/{SITE}/same.py`" in warning.detail
    assert "equal.py" not in warning.detail
    assert "`ape` is used" in warning.detail


def test_of_two_big_wheels_the_winner_lies_on_top(workshop: Workshop, tmp_path: Path) -> None:
    early = TinyWheel({"same.py": "early", "z": os.urandom(BIG)}, name="zebra").write(tmp_path)
    late = TinyWheel({"same.py": "late", "a": os.urandom(BIG)}, name="ape").write(tmp_path)
    image = workshop.build(python_base(), [early, late])
    assert f"{SITE}/a" in paths(image, -1)
    swapped = workshop.build(python_base(), [late, early])
    assert f"{SITE}/z" in paths(swapped, -1)
    assert set(above(image, python_base())) == set(above(swapped, python_base()))


def test_a_file_in_the_place_of_a_folder_is_refused(workshop: Workshop, tmp_path: Path) -> None:
    one = TinyWheel({"place": "a file"}, name="one").write(tmp_path)
    two = TinyWheel({"place/inside.py": "in a folder"}, name="two").write(tmp_path)
    with pytest.raises(BuildError) as caught:
        workshop.build(python_base(), [one, two])
    assert caught.value.diagnostics[0].summary == "Packages cannot be installed together"


def test_a_wheel_for_a_newer_c_library_is_refused_before_it_is_fetched(workshop: Workshop, wheels: list[Path]) -> None:
    newer = replace(artefact(wheels[0]), url="https://index.test/big-1.0-cp311-cp311-manylinux_2_39_x86_64.whl")
    with pytest.raises(BuildError) as caught:
        workshop.build(python_base(), [newer])
    assert caught.value.diagnostics[0].summary == "Wheel does not fit the base image"
    assert "glibc 2.36" in caught.value.diagnostics[0].detail
    assert workshop.fetched == []


def test_other_pythons_and_none_are_told_by_what_was_found(workshop: Workshop, wheels: list[Path]) -> None:
    with pytest.raises(BuildError) as caught:
        workshop.build(python_base(), wheels, python="3.12")
    assert caught.value.diagnostics[0].summary == "Base image has another Python"
    assert "Python 3.11 at `/usr/bin/python3.11`" in caught.value.diagnostics[0].detail
    bare = python_base({"etc/hostname": b"bare", **LIBC}, links={})
    with pytest.raises(BuildError) as caught:
        workshop.build(bare, wheels)
    assert caught.value.diagnostics[0].summary == "Base image has no Python"


def test_who_is_damaged_among_many_in_one_layer_is_named(
    workshop: Workshop, wheels: list[Path], tmp_path: Path
) -> None:
    record = f"bad.py,sha256={'A' * 43},1\nbad-1.0.dist-info/RECORD,,\n"
    bad = TinyWheel({"bad.py": "b"}, name="bad", more={"bad-1.0.dist-info/RECORD": record}).write(tmp_path)
    with pytest.raises(BuildError, match=r"wheel of `bad==1\.0`.*another hash"):
        workshop.build(python_base(), [*wheels, bad])


def test_an_image_of_more_layers_than_docker_takes_is_refused_before_anything_is_fetched(
    workshop: Workshop, wheels: list[Path]
) -> None:
    base = python_base()
    for number in range(122):
        base = append_layer(base, files_layer({f"etc/{number}": b""}), history="", labels={})
    assert len(workshop.build(base, wheels[:1]).layers) == 125
    workshop.fetched.clear()
    with pytest.raises(BuildError, match="too many layers"):
        workshop.build(base, wheels)
    assert workshop.fetched == []
