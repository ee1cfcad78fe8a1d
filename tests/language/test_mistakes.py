"""Files full of mistakes: a comment on each wrong line says what must be told there, and nothing else may be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.terminal import Envform

FOLDER = Path(__file__).parent / "mistakes"
CASES = sorted(FOLDER.iterdir())
SETTINGS = 'envform {\n  registry = "oci:./registry"\n}\n'
# `error:` on the line itself, `^ error:` on the one below, `error at 5:` where no comment can stand near.
_MARK = re.compile(r"# (?P<above>\^ )?error(?: at (?P<line>\d+))?: (?P<summaries>.*)$", re.MULTILINE)


def texts_of(case: Path) -> dict[str, str]:
    """The files of a project, by name."""
    if case.is_dir():
        return {str(path.relative_to(case)): path.read_text() for path in case.rglob("*") if path.is_file()}
    documents = {} if ".envform." in case.name or case.suffix == ".hcl" else {"settings.hcl": SETTINGS}
    return {case.name: case.read_text(), **documents}


def wanted(texts: dict[str, str]) -> list[tuple[str, int, str]]:
    """File, line and summary of all that must be told."""
    found: list[tuple[str, int, str]] = []
    for name, text in texts.items():
        for mark in _MARK.finditer(text):
            own = text.count("\n", 0, mark.start()) + 1
            line = int(mark["line"] or own - (1 if mark["above"] else 0))
            found.extend((name, line, summary) for summary in mark["summaries"].split(" | "))
    return sorted(found)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_five_mistakes_are_five_errors_on_their_lines_and_no_more(case: Path, envform: Envform, tmp_path: Path) -> None:
    texts = texts_of(case)
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    result = envform("validate", "-json")
    told = [item for item in json.loads(result.stdout)["diagnostics"] if item["severity"] == "error"]
    places = sorted((item["range"]["filename"], item["range"]["start"]["line"], item["summary"]) for item in told)
    assert places == wanted(texts)
    assert len(places) == 5
    assert result.exit_code == 1
