"""Each rule as users meet it: what `validate` says of a project, what -strict makes of it, and what an ignore does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.language.lint.catalogue import RULES, By
from reconciler.model.diagnostic import Severity
from tests.cli.terminal import Envform
from tests.language.projects import ENVFORM

IMAGE = '  image = "docker.io/library/python:3.12-slim"\n'
BUILD = '  build {\n    path = "c"\n  }\n'
CHANNELS = "channels: [conda-forge]\n"
BLOCK = 'environment "a" {{\n{}}}\n'
FROM_FILE = {"main.hcl": BLOCK.format(IMAGE + '  conda_file = "c.yml"\n')}

Project = tuple[Mapping[str, str], str, str]

# By rule: the project's files, and the file and the words on whose line the rule is broken.
BROKEN: Mapping[str, Project] = {
    "cred-in-definition": (
        {"main.hcl": BLOCK.format(IMAGE + '  environment_variables = { API_TOKEN = "x" }\n')},
        "main.hcl",
        "API_TOKEN",
    ),
    "dockerfile-too-long": (
        {
            "main.hcl": BLOCK.format(BUILD),
            "c/Dockerfile": "FROM scratch\n" + "#\n" * 60000,
        },
        "c/Dockerfile",
        "FROM scratch",
    ),
    "base-deprecated": (
        {"main.hcl": BLOCK.format('  image = "mcr.microsoft.com/azureml/base:20200821.v1"\n')},
        "main.hcl",
        "image =",
    ),
    "base-unpinned": ({"main.hcl": BLOCK.format('  image = "docker.io/library/python"\n')}, "main.hcl", "image ="),
    "python-missing": ({**FROM_FILE, "c.yml": f"{CHANNELS}dependencies: [numpy=1]\n"}, "c.yml", "channels"),
    "python-multiple": (
        {**FROM_FILE, "c.yml": f"{CHANNELS}dependencies:\n- python=3.12\n- python=3.13\n"},
        "c.yml",
        "python=3.13",
    ),
    "python-eol": ({**FROM_FILE, "c.yml": f"{CHANNELS}dependencies:\n- python=3.7\n"}, "c.yml", "python=3.7"),
    "python-unparsable": ({**FROM_FILE, "c.yml": f"{CHANNELS}dependencies:\n- python=abc\n"}, "c.yml", "python=abc"),
    "conda-no-channels": ({**FROM_FILE, "c.yml": "dependencies:\n- python=3.13\n"}, "c.yml", "dependencies"),
    "dep-unpinned": (
        {
            "main.hcl": BLOCK.format(IMAGE + '  requirements_file = "r.txt"\n'),
            "r.txt": "numpy==2.1\npandas\nscipy==1.14\n",
        },
        "r.txt",
        "pandas",
    ),
    "pip-missing": (
        {**FROM_FILE, "c.yml": f"{CHANNELS}dependencies:\n- python=3.13\n- pip: [a==1]\n"},
        "c.yml",
        "channels",
    ),
    "pip-unpinned": (
        {**FROM_FILE, "c.yml": f"{CHANNELS}dependencies:\n- python=3.13\n- pip\n"},
        "c.yml",
        "- pip\n",
    ),
}
NEVER_TOLD_TODAY = {"python-near-eol"}  # depends on the day; test_rules.py gives it one


def write(root: Path, files: Mapping[str, str]) -> Envform:
    for name, text in {"envform.hcl": ENVFORM, **files}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return Envform(root)


def rules(envform: Envform, *flags: str) -> tuple[int, list[str]]:
    found = envform("validate", "-json", *flags)
    return found.exit_code, [item.get("rule", item["summary"]) for item in json.loads(found.stdout)["diagnostics"]]


def test_every_rule_that_linting_finds_is_broken_here() -> None:
    assert {name for name, rule in RULES.items() if rule.by is By.LINT} - NEVER_TOLD_TODAY <= BROKEN.keys()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_told_with_its_id_and_strict_makes_it_a_failure(tmp_path: Path, rule: str) -> None:
    files, _, _ = BROKEN[rule]
    envform = write(tmp_path, files)
    is_error = RULES[rule].severity is Severity.ERROR
    assert rules(envform) == (int(is_error), [rule])
    assert rules(envform, "-strict") == (1, [rule])
    shown = envform("validate", "-strict")
    assert f"[{rule}]" in shown.stderr
    assert ("with -strict warnings are failures" in shown.stderr) is not is_error


LINTED = [name for name in BROKEN if RULES[name].by is By.LINT]
# A Dockerfile has no comments behind instructions.
PLACES = [
    (rule, behind)
    for behind in (False, True)
    for rule in LINTED
    if not (behind and BROKEN[rule][1].endswith("Dockerfile"))
]


@pytest.mark.parametrize(("rule", "behind"), PLACES)
def test_an_ignore_on_the_line_or_above_takes_a_rule_away(tmp_path: Path, rule: str, behind: bool) -> None:
    files, name, words = BROKEN[rule]
    start = files[name].index(words)
    line = files[name].rfind("\n", 0, start) + 1 if not behind else files[name].index("\n", start)
    comment = f" # envform:ignore {rule}" if behind else f"# envform:ignore {rule}: on purpose\n"
    changed = files[name][:line] + comment + files[name][line:]
    envform = write(tmp_path, {**files, name: changed})
    assert rules(envform, "-strict") == (0, [])


def test_an_ignore_works_in_our_yaml_and_in_azures(tmp_path: Path) -> None:
    azure = (
        "$schema: https://x/environment.schema.json\nname: b\n"
        "image: docker.io/library/python # envform:ignore base-unpinned\n"
    )
    ours = "environment:\n  a:\n    # envform:ignore base-unpinned\n    image: docker.io/library/python\n"
    envform = write(tmp_path, {"main.envform.yaml": ours, "b.yml": azure})
    assert rules(envform, "-strict") == (0, [])
    write(tmp_path, {"main.envform.yaml": ours.replace("    # envform:ignore base-unpinned\n", ""), "b.yml": azure})
    assert rules(envform, "-strict") == (1, ["base-unpinned"])


def test_an_ignore_above_from_works_in_a_dockerfile_of_the_context(tmp_path: Path) -> None:
    files = {"main.hcl": BLOCK.format(BUILD), "c/Dockerfile": "FROM ubuntu\n"}
    envform = write(tmp_path, files)
    assert rules(envform) == (0, ["base-unpinned"])
    write(tmp_path, {"c/Dockerfile": "# envform:ignore base-unpinned\nFROM ubuntu\n"})
    assert rules(envform) == (0, [])


def test_an_ignore_that_does_nothing_is_a_warning_in_every_file_and_fails_with_strict(tmp_path: Path) -> None:
    files = {
        "main.hcl": "# envform:ignore dep-unpinned\n"
        + BLOCK.format(IMAGE + '  requirements_file = "r.txt"\n')
        + 'environment "b" {\n  image = "docker.io/library/python:3.12"\n  conda_file = "c.yml"\n}\n'
        + 'environment "c" {\n  build {\n    path = "c"\n  }\n}\n',
        "r.txt": "numpy==2 # envform:ignore dep-unpinned\n",
        "c.yml": f"{CHANNELS}dependencies: [python=3.13] # envform:ignore no-such-rule\n",
        "c/Dockerfile": "# envform:ignore\nFROM scratch\n",
    }
    envform = write(tmp_path, files)
    assert rules(envform) == (
        0,
        ["Unknown lint rule", "Ignore without a rule", "Ignore without effect", "Ignore without effect"],
    )
    assert rules(envform, "-strict")[0] == 1


def test_errors_of_the_language_cannot_be_ignored_and_that_is_said(tmp_path: Path) -> None:
    text = 'environment "a" {\n  # envform:ignore name-reserved\n  name = "AzureML-x"\n  image = "x:1"\n}\n'
    assert rules(write(tmp_path, {"main.hcl": text})) == (1, ["name-reserved", "Ignore without effect"])
