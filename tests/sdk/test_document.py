"""The programs in docs/sdk.md run as they stand there, one after the other, but for where their base image is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.builders.making_wheels import TinyWheel
from tests.cli.project import IMAGES
from tests.cli.terminal import REPOSITORY
from tests.services.wants import require

_DOCUMENT = (REPOSITORY / "docs" / "sdk.md").read_text(encoding="utf-8")
_PROGRAMS = re.findall(r"^```python\n(.*?)^```$", _DOCUMENT, re.DOTALL | re.MULTILINE)
_IMAGE = "docker.io/library/python:3.12-slim"
_FILES = {
    "requirements.txt": "scikit-learn==1.5.2\n",
    "src/train.py": "import os, sys\nprint(os.environ['EPOCHS'], *sys.argv[1:], sys.executable)\n",
    "data.csv": "1,2\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    require("runc")
    shutil.copytree(IMAGES, tmp_path / "images")
    LayoutRegistry(tmp_path / "images").push(debian_base(), [Name("", "debian")])
    for name, text in _FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "wheels").mkdir()
    for package, version in (("scikit_learn", "1.5.2"), ("joblib", "1.4")):
        TinyWheel({f"{package}.py": ""}, package, version).write(tmp_path / "wheels")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_programs_of_the_document_run(capfd: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    said = []
    for program in _PROGRAMS:
        exec(program.replace(_IMAGE, "oci:./images:debian"), names)
        said.append(capfd.readouterr().out.splitlines())
    registering, second_style, first_style = said
    assert registering == [f"1 {names['registered'].hash} {names['registered'].digest}"]
    assert second_style == ["3 --data /inputs/data/data.csv /opt/env/bin/python"]
    assert first_style[0] == "3 --data train.py /opt/env/bin/python"
    assert "joblib" in first_style[1], "the clone asks for one package more"
    assert [one.id for one in names["workspace"].environments.list()] == ["sklearn:1", "trainer:1", "trainer-next:1"]
