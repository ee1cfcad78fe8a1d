"""Which files of a folder are read, and what is said of those that cannot be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.language.source import MAXIMUM_BYTES, read_project
from reconciler.model.diagnostic import EnvformError


def summaries(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(EnvformError) as caught:
        read_project(root)
    return [(item.summary, item.detail) for item in caught.value.diagnostics]


def test_all_hcl_files_directly_in_the_folder_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.hcl").write_bytes(b"# b\r\n")
    (tmp_path / "a.hcl").write_bytes("\ufeff# ä\n".encode())
    for other in ("envform.vars.hcl", "prod.auto.vars.hcl", ".hidden.hcl", "notes.txt", "c.hcl.bak"):
        (tmp_path / other).write_bytes(b"\xff")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "d.hcl").write_text("# d\n")
    texts = read_project(tmp_path)
    assert list(texts.items()) == [("a.hcl", "# ä\n"), ("b.hcl", "# b\r\n")]


def test_a_folder_that_is_not_there_or_is_a_file_is_told(tmp_path: Path) -> None:
    ((summary, detail),) = summaries(tmp_path / "nope")
    assert summary == "Project folder not found"
    assert "does not exist" in detail
    file = tmp_path / "main.hcl"
    file.write_text("")
    ((summary, detail),) = summaries(file)
    assert summary == "Project folder not found"
    assert "is a file" in detail


def test_a_folder_without_configuration_is_told(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("")
    ((summary, detail),) = summaries(tmp_path)
    assert summary == "No configuration files"
    assert str(tmp_path) in detail


def test_every_file_that_cannot_be_read_is_told_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "a.hcl").mkdir()
    (tmp_path / "b.hcl").symlink_to("nowhere")
    (tmp_path / "c.hcl").write_bytes(b'# fine\nname = "\xff"\n')
    (tmp_path / "d.hcl").write_bytes(b"#" * (MAXIMUM_BYTES + 1))
    (tmp_path / "e.hcl").symlink_to("e.hcl")
    (tmp_path / "f.hcl").write_text("# fine\n")
    found = summaries(tmp_path)
    assert [summary for summary, _ in found] == [
        "Unreadable configuration file",
        "Unreadable configuration file",
        "Invalid character encoding",
        "Configuration file too large",
        "Unreadable configuration file",
    ]
    assert "is a folder" in found[0][1]
    assert "symbolic link" in found[1][1]
    assert "line 2" in found[2][1]
    assert "0xff" in found[2][1]
    assert "offset 15 " in found[2][1]
    assert "10 MB" in found[3][1]


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may read everything, so root is somebody else for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.usefixtures("nobody")
def test_a_file_that_may_not_be_read_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.hcl").write_text("")
        (Path(folder) / "main.hcl").chmod(0)
        ((summary, detail),) = summaries(Path(folder))
    assert summary == "Unreadable configuration file"
    assert "permission denied" in detail
