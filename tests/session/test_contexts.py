"""What is in a build context, file by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.language.evaluation import evaluate
from reconciler.model.address import Address
from reconciler.model.definition import Definition
from reconciler.model.plan import Desired
from reconciler.rendering.contents import contents, short
from reconciler.rendering.contexts import context_text
from reconciler.rendering.style import Style
from reconciler.session import Session
from reconciler.session.contexts import context_files

HERE = Address.of("training")
DECLARED = (
    'envform {\n  registry = "oci:./registry"\n}\nenvironment "training" {\n  build {\n    path = "app"\n  }\n}\n'
)
FILES = {
    "main.hcl": DECLARED,
    "app/Dockerfile": "FROM scratch\n",
    "app/.dockerignore": "# what is large\ndata\n*.log\n",
    "app/data/deep/one": "x" * 3000,
    "app/data/two": "x" * 2000,
    "app/noise.log": "noise",
    "app/main.py": "print(1)\n",
    "app/model.bin": "m" * 5000,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def declared(folder: Path) -> tuple[Session, Definition]:
    session = Session(folder, lambda _: None)
    return session, evaluate(session.configuration, HERE, {}).contents


def told(folder: Path) -> str:
    found = context_files(*declared(folder))
    assert found
    return context_text(HERE, found, Style.plain())


def test_counted_and_ignored_files_are_listed_with_why(folder: Path) -> None:
    title, *lines = told(folder).splitlines()
    assert title.startswith("Build context `app` of environment.training: 4 files, 4.9 KiB; the largest: model.bin ")
    assert lines == [
        "     27 B  .dockerignore",
        "     13 B  Dockerfile",
        "      9 B  main.py",
        "  4.9 KiB  model.bin",
        "`.dockerignore` leaves out 3 files, 4.9 KiB:",
        "  4.9 KiB  data/  (2 files, line 2: data)",
        "      5 B  noise.log  (line 3: *.log)",
    ]


def test_of_a_folder_from_which_something_is_taken_each_file_is_told(folder: Path) -> None:
    (folder / "app" / ".dockerignore").write_text("data\n!data/two\n")
    assert "  2.9 KiB  data/deep/  (1 file, line 1: data)" in told(folder).splitlines()
    (folder / "app" / ".dockerignore").write_text("")
    assert "`.dockerignore` leaves out nothing." in told(folder)
    (folder / "app" / ".dockerignore").unlink()
    assert "No `.dockerignore` leaves out anything." in told(folder)


def test_a_folder_that_is_gone_has_no_files_to_tell_of(folder: Path) -> None:
    _, definition = declared(folder)
    (folder / "app" / "Dockerfile").unlink()
    assert context_files(Session(folder, lambda _: None), definition) is None


def test_a_plan_counts_them(folder: Path) -> None:
    _, definition = declared(folder)
    version = Desired("1", definition.hash, definition, None, "", {})
    build = contents("training", version, short)["build"]
    assert {"files": 4, "files_size": "4.9 KiB", "files_ignored": 3}.items() <= dict(build).items()  # type: ignore[arg-type]  # a block
    assert "files_size" in str(contents("training", version)["build"])
