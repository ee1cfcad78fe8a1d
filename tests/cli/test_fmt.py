"""`envform fmt`, as a person or an editor uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import REPOSITORY, Envform, Result, program_environment

UGLY, PRETTY = "a=1\nlonger   = [1,2]\n", "a      = 1\nlonger = [1, 2]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files in want of formatting, one that is not, and some that are nobody's business."""
    for name, text in {
        "main.hcl": UGLY,
        "ready.hcl": PRETTY,
        "x.vars.hcl": UGLY,
        "train.envform.yaml": "a:   1\n",
        ".hidden.hcl": UGLY,
        "notes.txt": UGLY,
        "deep/er/below.hcl": UGLY,
        ".envform/cache.hcl": UGLY,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def changed(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.is_file() and path.read_text() == PRETTY
    }


def through(*words: str, text: bytes) -> tuple[int, bytes, bytes]:
    """A process of its own, with bytes in and out."""
    run = subprocess.run(
        [sys.executable, "-m", "reconciler", "fmt", *words],
        input=text,
        capture_output=True,
        env=program_environment({"PYTHONIOENCODING": "ascii"}),
        cwd=REPOSITORY,
        check=False,
    )
    return run.returncode, run.stdout, run.stderr


def test_the_files_of_the_folder_are_formatted_and_named(envform: Envform, folder: Path) -> None:
    assert envform("fmt", cwd=folder) == Result(0, "main.hcl\nx.vars.hcl\n", "")
    assert changed(folder) == {"main.hcl", "x.vars.hcl", "ready.hcl"}
    assert envform("fmt", cwd=folder) == Result(0, "", "")


def test_check_names_and_leaves_them(envform: Envform, folder: Path) -> None:
    assert envform("fmt", "-check", cwd=folder) == Result(3, "main.hcl\nx.vars.hcl\n", "")
    assert envform("fmt", "-check", "-list=false", cwd=folder) == Result(3, "", "")
    assert changed(folder) == {"ready.hcl"}
    assert envform("fmt", "-check", "ready.hcl", cwd=folder) == Result(0, "", "")


def test_recursive_goes_into_folders_that_are_not_hidden(envform: Envform, folder: Path) -> None:
    assert envform("fmt", "-recursive", cwd=folder).stdout == "deep/er/below.hcl\nmain.hcl\nx.vars.hcl\n"


def test_files_and_folders_can_be_named(envform: Envform, folder: Path) -> None:
    assert envform("fmt", "deep/er", "./main.hcl", "deep/er/below.hcl", cwd=folder).stdout == (
        "deep/er/below.hcl\nmain.hcl\n"
    )
    assert changed(folder) == {"main.hcl", "ready.hcl", "deep/er/below.hcl"}


def test_the_difference_can_be_shown_and_applied(envform: Envform, folder: Path) -> None:
    result = envform("fmt", "-diff", "-write=false", "-list=false", "main.hcl", cwd=folder)
    assert result == Result(
        0,
        "--- old/main.hcl\n+++ new/main.hcl\n@@ -1,2 +1,2 @@\n-a=1\n-longer   = [1,2]\n+a      = 1\n+longer = [1, 2]\n",
        "",
    )
    assert changed(folder) == {"ready.hcl"}
    assert "\x1b[32m+a      = 1" in envform("fmt", "-diff", "-check", cwd=folder, colour=True).stdout


def test_a_broken_file_stays_as_it_is_and_the_others_are_formatted(envform: Envform, folder: Path) -> None:
    (folder / "broken.hcl").write_text("a=1\nb=[1 2]\nc=\n", encoding="utf-8")
    result = envform("fmt", cwd=folder)
    assert (result.exit_code, result.stdout) == (2, "main.hcl\nx.vars.hcl\n")
    for told in (
        "Error: Missing item separator\n",
        "  on broken.hcl line 2:\n    2: b=[1 2]\n            ^\n\nThe items of a list are separated by commas.\n",
        "Error: Invalid expression\n",
        "  on broken.hcl line 3:\n    3: c=\n        ^\n\nAn expression is missing after `=`.\n",
    ):
        assert told in result.stderr
    assert (folder / "broken.hcl").read_text(encoding="utf-8") == "a=1\nb=[1 2]\nc=\n"
    assert envform("fmt", "-check", cwd=folder).exit_code == 2


def test_a_file_that_is_not_utf8_is_left_alone(envform: Envform, tmp_path: Path) -> None:
    (tmp_path / "latin.hcl").write_bytes(b'a=1\nb="gr\xfcn"\n')
    result = envform("fmt", cwd=tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: Invalid character encoding\n")
    assert "  on latin.hcl line 2, column 6\n" in result.stderr
    assert (tmp_path / "latin.hcl").read_bytes() == b'a=1\nb="gr\xfcn"\n'


@pytest.mark.parametrize("name", ["missing.hcl", "train.envform.yaml"])
def test_a_name_that_is_no_hcl_file_is_refused(envform: Envform, folder: Path, name: str) -> None:
    result = envform("fmt", name, "main.hcl", cwd=folder)
    assert (result.exit_code, result.stdout) == (2, "main.hcl\n")
    assert f"`{name}`" in result.stderr
    assert (folder / "train.envform.yaml").read_text(encoding="utf-8") == "a:   1\n"


def test_permissions_stay_and_nothing_is_left_behind(envform: Envform, folder: Path) -> None:
    (folder / "main.hcl").chmod(0o640)
    before = sorted(folder.iterdir())
    envform("fmt", cwd=folder)
    assert (folder / "main.hcl").stat().st_mode & 0o7777 == 0o640
    assert sorted(folder.iterdir()) == before


def test_a_link_stays_one_and_leads_nowhere_else(
    envform: Envform, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "other.hcl"
    outside.write_text(UGLY, encoding="utf-8")
    (folder / "a-inside.hcl").symlink_to("deep/er/below.hcl")
    (folder / "a-outside.hcl").symlink_to(outside)
    (folder / "linked").symlink_to(outside.parent)
    result = envform("fmt", "-recursive", cwd=folder)
    assert (result.exit_code, result.stdout) == (0, "a-inside.hcl\nmain.hcl\nx.vars.hcl\n")
    assert result.stderr.startswith("Warning: Link to another folder\n\n`a-outside.hcl` is a symbolic link")
    assert (folder / "a-inside.hcl").is_symlink()
    assert outside.read_text(encoding="utf-8") == UGLY
    assert (folder / "deep/er/below.hcl").read_text(encoding="utf-8") == PRETTY


def test_a_file_that_may_not_be_written_is_told(
    envform: Envform, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "main.hcl")  # root may write everything
    result = envform("fmt", cwd=folder)
    assert (result.exit_code, result.stdout) == (2, "x.vars.hcl\n")
    assert result.stderr.startswith("Error: Configuration file not written\n\n`main.hcl` cannot be written: permission")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        (b"a=1\nlonger=2", b"a      = 1\nlonger = 2\n"),
        ("größe=1\r\nb=2 # ü\r\n".encode(), "größe = 1\r\nb     = 2 # ü\r\n".encode()),
        (b"\xef\xbb\xbfa=1\n", b"a = 1\n"),
        (b"", b"\n"),
    ],
)
def test_an_editor_sends_a_text_and_gets_it_formatted(typed: bytes, printed: bytes) -> None:
    assert through("-", text=typed) == (0, printed, b"")


def test_standard_input_can_be_checked_and_compared(envform: Envform) -> None:
    assert envform("fmt", "-check", "-", typed=UGLY) == Result(3, "", "")
    assert envform("fmt", "-check", "-", typed="a = 1") == Result(0, "", "")
    assert envform("fmt", "-diff", "-", typed="a=1\n") == Result(
        0, "--- old/<stdin>\n+++ new/<stdin>\n@@ -1 +1 @@\n-a=1\n+a = 1\n", ""
    )
    broken = envform("fmt", "-", typed="a=(\n")
    assert (broken.exit_code, broken.stdout) == (2, "")
    assert "on <stdin> line 1:" in broken.stderr


def test_bytes_that_are_no_text_are_refused() -> None:
    code, out, err = through("-", text=b'a = "\xff"\n')
    assert (code, out) == (2, b"")
    assert b"Invalid character encoding" in err
