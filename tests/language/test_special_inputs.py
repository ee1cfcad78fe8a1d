"""Whatever lies where a file should be, `validate` says so and ends: pipes, sockets, circles of links, encodings."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.terminal import Envform, program
from tests.language.projects import ENVFORM

IMAGE = 'environment "a" {{\n  image = "x:1"\n  {}\n}}\n'
BUILD = 'environment "a" {\n  build {\n    path = "ctx"\n  }\n}\n'
SCHEMA = "$schema: https://x/environment.schema.json\n"
DOCUMENT = f"{SCHEMA}name: a\nimage: x:1\nconda_file: c.yml\n"
ASSET = "name: a\nversion: 1\ntype: environment\nspec: spec.yaml\n"

# Which files a project has, and in whose place something else lies.
ROLES: Mapping[str, tuple[Mapping[str, str], str]] = {
    "a conda file": ({"main.hcl": IMAGE.format('conda_file = "c.yml"')}, "c.yml"),
    "a conda file of a document": ({"env.yml": DOCUMENT}, "c.yml"),
    "requirements": ({"main.hcl": IMAGE.format('requirements_file = "r.txt"')}, "r.txt"),
    "requirements in a list": ({"main.hcl": IMAGE.format('pip = ["-r r.txt"]')}, "r.txt"),
    "a Dockerfile": ({"main.hcl": BUILD, "ctx/x": ""}, "ctx/Dockerfile"),
    "an ignore file": ({"main.hcl": BUILD, "ctx/Dockerfile": "FROM scratch\n"}, "ctx/.dockerignore"),
    "a specification": ({"asset.yaml": ASSET}, "spec.yaml"),
}


def as_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # names of sockets are short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


KINDS: Mapping[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "socket": as_socket,
    "circle": lambda path: path.symlink_to(path.name),
    "outside": lambda path: path.symlink_to("/etc/hostname"),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "latin": lambda path: path.write_bytes(b"caf\xe9: [\n"),
    "utf-16": lambda path: path.write_bytes("a: b\n".encode("utf-16")),
    "huge": lambda path: path.write_bytes(b"#" * 10_000_001),
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pipe"])
@pytest.mark.parametrize("role", ROLES)
def test_what_is_no_text_is_told(role: str, kind: str, tmp_path: Path) -> None:
    lay_out(tmp_path, role, kind)
    if (role, kind) == ("an ignore file", "circle"):
        return  # a link that leads nowhere is a thing of the context, and no file of patterns
    result = Envform(tmp_path)("validate")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "crashed" not in result.stderr


@pytest.mark.parametrize("role", [*ROLES, "YAML of somebody else"])
def test_nobody_waits_for_a_pipe(role: str, tmp_path: Path) -> None:
    lay_out(tmp_path, role, "pipe")
    result = program("validate", cwd=tmp_path)
    assert result.exit_code == (1 if role in ROLES else 0)
    assert "crashed" not in result.stderr


def lay_out(root: Path, role: str, kind: str) -> None:
    files, place = ROLES.get(role, ({}, "other.yml"))
    for name, text in {"envform.hcl": ENVFORM, **files}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    KINDS[kind](root / place)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text\n"])
def test_a_specification_without_an_environment_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "envform.hcl").write_text(ENVFORM)
    (tmp_path / "asset.yaml").write_text(ASSET)
    (tmp_path / "spec.yaml").write_text(text)
    result = Envform(tmp_path)("validate")
    assert result.exit_code == 1
    assert "`spec.yaml` holds no environment" in result.stderr
    assert "on asset.yaml line 4" in result.stderr


def test_a_declared_document_of_more_than_10_mb_is_told(tmp_path: Path) -> None:
    (tmp_path / "envform.hcl").write_text(ENVFORM)
    (tmp_path / "env.yml").write_text(SCHEMA + "name: a\nimage: x:1\n" + "#" * 10_000_000)
    result = Envform(tmp_path)("validate")
    assert result.exit_code == 1
    assert "larger than 10 MB" in result.stderr


BOMB = "x1: &x1 [a, a]\n" + "".join(f"x{n + 1}: &x{n + 1} [*x{n}, *x{n}]\n" for n in range(1, 40))
DEEP = "[" * 101 + "]" * 101


@pytest.mark.parametrize("place", ["document", "conda file"])
@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (f"tags: {DEEP}\n", "Nested too deeply"),
        (BOMB, "YAML document too large"),
        ("a: &a [*a]\n", "Invalid YAML alias"),
        ("a: 1\na: 2\n", "Duplicate YAML key"),
        ("a: &a {<<: *a}\n", "Invalid YAML alias"),
        ("a: b\n---\nc: d\n", "Several YAML documents"),
        ("a: " + "1:" * 200_000 + "1\n", ""),
    ],
)
def test_limits_hold_in_azures_documents_and_in_conda_files(
    place: str, text: str, summary: str, tmp_path: Path
) -> None:
    (tmp_path / "envform.hcl").write_text(ENVFORM)
    (tmp_path / "env.yml").write_text(DOCUMENT if place == "conda file" else f"{SCHEMA}name: a\nimage: x:1\n{text}")
    (tmp_path / "c.yml").write_text(f"dependencies: [python=3.12]\n{text}")
    result = Envform(tmp_path)("validate")
    assert result.exit_code == 1
    assert f"Error: {summary}" in result.stderr
    assert "crashed" not in result.stderr
