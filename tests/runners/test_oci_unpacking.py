"""An image on disk is what its layers say, and nothing outside of its folder is ever touched."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RunError
from reconciler.oci.image import Blob, Image
from reconciler.runners.oci_unpacking import Unpacked, remove_tree
from tests.runners.making_images import Entry, device, file, folder, hardlink, image, symlink

REPOSITORY = Path(__file__).parents[2]
SLOW = """
import sys, time
from pathlib import Path
from reconciler.runners.oci_unpacking import Unpacked
from tests.runners.making_images import file, image
made = image([file(f"f{n}", b"x" * 100) for n in range(2000)])
with Unpacked(Path(sys.argv[1])).held(made, lambda: print("begun", flush=True)):
    print("done", flush=True)
"""


def unpacked(folder: Path, *layers: Sequence[Entry], packed: bool = False) -> Path:
    with Unpacked(folder).held(image(*layers, packed=packed), lambda: None) as root:
        return root


def names(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def refused(tmp_path: Path, *layers: Sequence[Entry]) -> str:
    with pytest.raises(RunError) as caught:
        unpacked(tmp_path / "cache", *layers)
    assert caught.value.diagnostics[0].summary == "Image cannot be unpacked"
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"], "nothing is left of the try"
    return caught.value.diagnostics[0].detail


@pytest.mark.parametrize("packed", [False, True])
def test_files_have_their_content_mode_and_time(tmp_path: Path, packed: bool) -> None:
    entries = [
        folder("bin", 0o755),
        file("bin/run", b"#!", 0o755),
        file("etc/secret", b"s", 0o600),
        folder("tmp", 0o1777),
    ]
    root = unpacked(tmp_path, entries, packed=packed)
    assert (root / "bin/run").read_bytes() == b"#!"
    modes = {name: stat.S_IMODE((root / name).stat().st_mode) for name in ("bin", "bin/run", "etc/secret", "tmp")}
    assert modes == {"bin": 0o755, "bin/run": 0o755, "etc/secret": 0o600, "tmp": 0o1777}
    assert {(root / name).stat().st_mtime for name in ("bin", "bin/run")} == {1_700_000_000}


def test_a_folder_that_may_not_be_written_to_is_filled_all_the_same(tmp_path: Path) -> None:
    root = unpacked(tmp_path, [folder("locked", 0o555), file("locked/inside", b"1")], [file("locked/later", b"2")])
    assert names(root / "locked") == {"inside", "later"}
    assert stat.S_IMODE((root / "locked").stat().st_mode) == 0o555
    remove_tree(tmp_path)
    assert not tmp_path.exists()


def test_a_whiteout_takes_away_what_lies_below_and_nothing_of_its_own_layer(tmp_path: Path) -> None:
    lower = [file("a/old", b"1"), file("a/kept", b"1"), file("gone/deep/er", b"1")]
    upper = [file("a/new", b"2"), file("a/.wh.old"), file("a/.wh.new"), file(".wh.gone"), file("a/.wh.never-was")]
    assert names(unpacked(tmp_path, lower, upper)) == {"a", "a/kept", "a/new"}


def test_an_opaque_folder_shows_its_own_layer_only(tmp_path: Path) -> None:
    lower = [file("a/old", b"1"), file("a/sub/old", b"1"), file("b/old", b"1")]
    upper = [file("a/sub/new", b"2"), file("a/.wh..wh..opq"), file("a/late", b"2")]
    assert names(unpacked(tmp_path, lower, upper)) == {"a", "a/sub", "a/sub/new", "a/late", "b", "b/old"}


def test_a_hard_link_is_one_file_under_two_names(tmp_path: Path) -> None:
    root = unpacked(tmp_path, [file("one", b"1"), hardlink("sub/two", "one")], [hardlink("three", "/one")])
    assert len({(root / name).stat().st_ino for name in ("one", "sub/two", "three")}) == 1


def test_what_replaces_a_linked_file_leaves_the_other_name_alone(tmp_path: Path) -> None:
    root = unpacked(tmp_path, [file("one", b"1"), hardlink("two", "one")], [file("two", b"other")])
    assert ((root / "one").read_bytes(), (root / "two").read_bytes()) == (b"1", b"other")


def test_links_are_followed_inside_the_image(tmp_path: Path) -> None:
    lower = [folder("usr/lib"), symlink("lib", "usr/lib"), symlink("abs", "/usr/lib"), symlink("up", "../../usr")]
    upper = [file("lib/a", b"1"), file("abs/b", b"1"), file("up/lib/c", b"1")]
    root = unpacked(tmp_path, lower, upper)
    assert names(root / "usr") == {"lib", "lib/a", "lib/b", "lib/c"}
    assert (root / "lib").is_symlink()


def test_nothing_is_written_through_a_link_that_leads_out(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_text("mine")
    lower = [
        symlink("out", str(victim)),
        symlink("file", str(victim / "file")),
        symlink("climb", "../" * 30 + str(victim)),
    ]
    upper = [file("out/file", b"2"), file("out/new", b"2"), file("climb/other", b"2"), file("file", b"2")]
    root = unpacked(tmp_path / "cache", lower, upper, [file("out/.wh.file"), file("climb/.wh..wh..opq")])
    assert [(path.name, path.read_text()) for path in victim.iterdir()] == [("file", "mine")]
    assert not (root / "file").is_symlink()


def test_a_folder_takes_the_place_of_a_link_and_a_file_that_of_a_folder(tmp_path: Path) -> None:
    lower = [folder("usr/bin"), symlink("bin", "usr/bin"), file("tree/a/b", b"1")]
    root = unpacked(tmp_path, lower, [folder("bin"), file("bin/x", b"1"), file("tree", b"flat")])
    assert not (root / "bin").is_symlink()
    assert names(root) == {"usr", "usr/bin", "bin", "bin/x", "tree"}


def test_devices_are_left_out_for_a_container_has_its_own(tmp_path: Path) -> None:
    assert names(unpacked(tmp_path, [device("dev/null"), file("a", b"1")])) == {"dev", "a"}


@pytest.mark.skipif(os.geteuid() != 0, reason="wants root: only root can give files to others")
def test_owners_and_special_bits_stay(tmp_path: Path) -> None:
    root = unpacked(tmp_path, [file("su", b"1", 0o4755, uid=12, gid=34), folder("home", 0o750, uid=1000, gid=1000)])
    su, home = (root / "su").stat(), (root / "home").stat()
    assert (su.st_uid, su.st_gid, stat.S_IMODE(su.st_mode)) == (12, 34, 0o4755)
    assert (home.st_uid, home.st_gid) == (1000, 1000)


def test_paths_that_climb_are_refused(tmp_path: Path) -> None:
    assert "leads upwards" in refused(tmp_path, [file("a/../../escaped", b"1")])
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "a/.wh...", "a/../.wh.a"])
def test_whiteouts_of_nothing_are_refused(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, [file("a/b", b"1")], [file(name)])


def test_a_hard_link_out_of_the_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine")
    assert "leads upwards" in refused(tmp_path, [hardlink("a", "../../secret")])


def test_a_hard_link_to_an_absolute_path_is_looked_for_in_the_image(tmp_path: Path) -> None:
    assert "is not there" in refused(tmp_path, [hardlink("a", "/etc/hostname-of-nobody")])


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    assert "in a circle" in refused(tmp_path, [symlink("a", "b"), symlink("b", "a"), file("a/x", b"1")])


def test_a_layer_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    whole = image([file("a", b"1" * 5000)], packed=True)
    layer = whole.layers[0]
    cut = Blob.of(layer.open().read()[:-40], layer.descriptor.media_type)
    broken = Image(whole.manifest, whole.media_type, whole.config, (cut,))
    with pytest.raises(RunError, match="Image cannot be unpacked"), Unpacked(tmp_path).held(broken, lambda: None):
        pass
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_an_image_is_unpacked_once(tmp_path: Path) -> None:
    begun: list[int] = []
    made = image([file("a", b"1")])
    roots = set()
    for _ in range(3):
        with Unpacked(tmp_path).held(made, lambda: begun.append(1)) as root:
            roots.add(root)
    assert (len(roots), begun) == (1, [1])


def test_what_nobody_holds_can_be_taken_away_and_is_unpacked_again(tmp_path: Path) -> None:
    images = Unpacked(tmp_path)
    made = image([file("a", b"1" * 500), folder("closed", mode=0o500), file("closed/b", b"2" * 50)])
    with images.held(made, lambda: None) as root, images.held(made, lambda: None):
        (stored,) = images.stored()
        assert stored.size == 550
        with pytest.raises(BlockingIOError):
            stored.remove()
        assert names(root) == {"a", "closed", "closed/b"}
    (stored,) = images.stored()
    assert stored.size == 550, "counted once"
    stored.remove()
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]
    assert not list(images.stored())
    with images.held(made, lambda: None) as root:
        assert "a" in names(root)


def test_of_processes_at_once_one_unpacks_and_the_others_wait_for_it(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", SLOW, tmp_path], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = "".join(process.communicate(timeout=120)[0] for process in started)
    assert (said.count("begun"), said.count("done")) == (1, 4)


def test_what_a_killed_process_left_behind_is_done_anew(tmp_path: Path) -> None:
    made = image([file("a", b"1")])
    left = tmp_path / f"{made.digest.hex}.unfinished"
    left.mkdir()
    (left / "half").write_text("x")
    left.chmod(0o500)
    with Unpacked(tmp_path).held(made, lambda: None) as root:
        assert names(root) == {"a"}
    assert not left.exists()
