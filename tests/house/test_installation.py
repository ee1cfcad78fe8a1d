"""What `make` puts into .venv works wherever the folder is, and in every locale."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.house.planting import ROOT
from tests.services.wants import require


def test_an_installation_in_a_folder_of_any_name_is_found_in_the_c_locale(tmp_path: Path) -> None:
    folder = tmp_path / "wälle und türen"
    (folder / "reconciler").mkdir(parents=True)
    (folder / "reconciler" / "__init__.py").write_text("found = 'found'\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=folder, check=True)
    (packages,) = (folder / ".venv" / "lib").glob("python3*/site-packages")
    (packages / "_editable_impl_envform.pth").write_text(str(folder), encoding="utf-8")  # as pip leaves it

    after_pip = recipe_line(".venv/ready", r"^echo .*\.pth.*$")
    subprocess.run(["sh", "-c", after_pip], cwd=folder, check=True)

    command: list[str | Path] = [folder / ".venv" / "bin" / "python", "-c", "import reconciler as r; print(r.found)"]
    answer = subprocess.run(command, cwd=tmp_path, env={"LC_ALL": "C"}, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.stderr) == ("found\n", "")


def recipe_line(target: str, pattern: str) -> str:
    command: list[str | Path] = [require("make"), "--dry-run", "--always-make", "--assume-old=.venv/bin/pip", target]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (line,) = re.findall(pattern, answer.stdout, re.MULTILINE)
    return str(line)
