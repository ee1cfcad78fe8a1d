"""What the documentation shows is what the program prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.cli.commands import TABLE
from tests.cli.terminal import Envform
from tests.services.wants import missing, require

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
DOCUMENTS = [str(path.relative_to(REPOSITORY)) for path in sorted((REPOSITORY / "docs").rglob("*.md"))]
_SECOND = "\n$ envform apply plan\n"
_MEANWHILE = r"(?m)^\S+: (?:Still|Fetching|Unpacking|Downloading) .*\n"
_MOVING = r"(?<=digest=)[0-9a-f]{12}"  # Debian has newer packages from time to time
HELP_BLOCKS = [block for block in BLOCKS if re.match(r"\$ envform .*-help\n", block)]


def test_the_readme_shows_what_make_demo_prints(tmp_path: Path) -> None:
    (shown,) = [block for block in BLOCKS if block.startswith("$ make demo\n")]
    settings = {"PYTHON": sys.executable, "SCENE": str(tmp_path / "demo"), "NO_COLOR": "1"}
    # A make above us would have this one tell which folder it enters.
    inherited = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    demo = subprocess.run(
        [require("make"), "--assume-old=.venv/ready", "demo"],  # whether .venv is up to date is not the question
        cwd=REPOSITORY,
        env={**inherited, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # in one stream, as on a screen
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert demo.returncode == 0, demo.stdout
    printed, _, built = _of_no_moment(demo.stdout).partition(_SECOND)
    first, _, second = _of_no_moment(shown).partition(_SECOND)
    if not built:
        printed = printed.partition("\nNot shown, for ")[0]
    assert first == f"$ make demo\nInstalling envform into .venv\n{printed}"
    if not built:
        missing("a Debian mirror", "or apt, or a package index")
    if "No script is run" in built:
        missing("runc", "nor crun")
    assert re.sub(_MOVING, "", second) == re.sub(_MOVING, "", built)


def _of_no_moment(text: str) -> str:
    """Without how long it took on a busy machine, and what is told meanwhile."""
    return re.sub(_MEANWHILE, "", re.sub(r"after \d+s", "after 0s", text))


@pytest.mark.parametrize("block", HELP_BLOCKS, ids=lambda block: block.splitlines()[0][2:])
def test_a_help_block_is_what_the_program_prints(block: str, envform: Envform) -> None:
    command, _, shown = block.partition("\n")
    assert envform(*command.removeprefix("$ envform ").split()).stdout == shown


def test_the_readme_shows_the_help_of_the_program_itself() -> None:
    assert any(block.startswith("$ envform -help\n") for block in HELP_BLOCKS)


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if not entry.hidden])
def test_every_command_says_what_it_does_and_has_an_example(name: str, envform: Envform) -> None:
    result = envform(name, "-help")
    assert result.exit_code == 0
    assert f"envform {name}" in result.stdout
    assert "Examples" in result.stdout


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", *DOCUMENTS])
def test_links_between_documents_lead_somewhere(document: str) -> None:
    path = REPOSITORY / document
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{document} links to {target}"


def test_the_picture_of_the_house_names_every_room() -> None:
    picture = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.name for path in (REPOSITORY / "reconciler").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert {room for room in rooms if f"{room}/" not in picture} == set()
