"""Named pipes in the place of files: nothing waits for somebody to write into them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.terminal import program

QUICKSTART = 'envform {\n  registry = "oci:./registry"\n}\n'


@pytest.mark.parametrize(
    ("pipe", "words", "summary"),
    [
        ("main.hcl", ("plan",), "Unreadable configuration file"),
        ("changes.plan", ("apply", "changes.plan"), "Plan file not read"),
        ("changes.plan", ("plan", "-out=changes.plan"), "Plan file not written"),
        ("state/default.json", ("plan",), "State not read"),
    ],
)
def test_a_named_pipe_is_an_error_and_no_wait(tmp_path: Path, pipe: str, words: tuple[str, ...], summary: str) -> None:
    (tmp_path / "main.hcl").write_text(QUICKSTART)
    (tmp_path / "main.hcl").rename(tmp_path / "other.hcl")
    (tmp_path / pipe).parent.mkdir(exist_ok=True)
    os.mkfifo(tmp_path / pipe)
    result = program(*words, cwd=tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {summary}\n")


def test_a_named_pipe_in_a_build_context_is_refused_until_it_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "main.hcl").write_text(QUICKSTART + 'environment "a" {\n  build {\n    path = "ctx"\n  }\n}\n')
    (tmp_path / "ctx/run").mkdir(parents=True)
    (tmp_path / "ctx/Dockerfile").write_text("FROM scratch\n")
    os.mkfifo(tmp_path / "ctx/run/pipe")
    result = program("validate", cwd=tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Unreadable file\n")
    assert "\nhint: to leave it out, write `run/pipe` into `ctx/.dockerignore`\n" in result.stderr
    (tmp_path / "ctx/.dockerignore").write_text("run/pipe\n")
    assert program("validate", cwd=tmp_path).exit_code == 0
