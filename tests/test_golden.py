"""Every folder in golden/ is a world, and what envform must say and do in it, byte by byte.

A case holds `main.hcl` and, where they matter, `state.json`, `registry/` and `images/` (else the shared
`golden/images/`), and in `flags.json` what is typed beside a command: `{"plan": ["-destroy"]}`. In a copy of it these
commands run one after another; `make golden` rewrites what is expected. Where a case is about a world too large to
keep, `"before"` in `flags.json` is a command that makes it, and of an output too large to read its digest is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cli.terminal import Envform

GOLDEN = Path(__file__).parent.parent / "golden"
CASES = sorted(main.parent for main in GOLDEN.glob("*/main.hcl"))
STEPS = {
    "validate.txt": ("validate",),
    "drift.txt": ("drift",),
    "drift.jsonl": ("drift", "-json"),
    "plan.txt": ("plan", "-detailed-exitcode", "-out=saved.plan"),
    "summary.txt": ("plan", "-summary"),
    "plan.jsonl": ("plan", "-json"),
    # Everything below is drawn from the one plan that was saved above.
    "saved.txt": ("show", "saved.plan"),
    "plan.json": ("show", "-json", "saved.plan"),
    "plan.md": ("show", "-format=markdown", "saved.plan"),
    "events.jsonl": ("apply", "-auto-approve", "-json", "-parallelism=1"),
    "again.txt": ("plan", "-detailed-exitcode"),
}
LONGEST = 400_000
MASKS = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z": "TIME",
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "RANDOM-ID",
    r'("elapsed_seconds": )[0-9.]+': r"\1SECONDS",
    r'("checksum": )"sha256:[0-9a-f]{64}"': r'\1"CHECKSUM"',
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden(
    case: Path, tmp_path: Path, envform: Envform, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    world = tmp_path / "world"
    lay_out(case, world)
    told = dict(everything(world, envform))
    expected = case / "expected"
    if request.config.getoption("--rewrite-golden"):
        rewrite(expected, told)
    assert told == {path.name: path.read_text() for path in expected.iterdir()}


def lay_out(case: Path, world: Path) -> None:
    """The case's world as a project folder of its own."""
    shutil.copytree(case, world, ignore=shutil.ignore_patterns("expected", "state.json"))
    if not (case / "images").exists():
        shutil.copytree(GOLDEN / "images", world / "images")
    if (case / "state.json").exists():
        (world / "state").mkdir()
        shutil.copy(case / "state.json", world / "state" / "default.json")


def everything(world: Path, envform: Envform) -> Iterator[tuple[str, str]]:
    """Each command's output, masked, and the state at the end."""
    typed = world / "flags.json"
    flags = json.loads(typed.read_text()) if typed.exists() else {}
    if "before" in flags:
        assert envform(*flags["before"], cwd=world).exit_code == 0
    for name, arguments in STEPS.items():
        # What is planned again has been asked for once already.
        more = flags.get(arguments[0], []) if name != "again.txt" else []
        result = envform(*arguments, *more, cwd=world)
        yield name, masked(f"{result.stdout}{result.stderr}exit code: {result.exit_code}\n")
    state = world / "state" / "default.json"
    if state.exists():
        yield "state.json", masked(state.read_text())


def masked(text: str) -> str:
    """Times and random ids are all that may differ between two runs; nobody reads what is longer than a book."""
    for pattern, mask in MASKS.items():
        text = re.sub(pattern, mask, text)
    if len(text) > LONGEST:
        return f"{len(text)} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()}\n"
    return text


def rewrite(expected: Path, told: Mapping[str, str]) -> None:
    """What was told becomes what is expected."""
    shutil.rmtree(expected, ignore_errors=True)
    expected.mkdir()
    for name, text in told.items():
        (expected / name).write_text(text)
