"""Nothing that a project holds takes `envform validate` down or makes it hang: each ends in a diagnostic, soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cli.terminal import Envform

ENVFORM = 'envform {\n  registry = "oci:./registry"\n}\n'
YAML = "envform:\n  registry: oci:./registry\n"
SECONDS = 20


def hcl(body: str) -> str:
    return f'{ENVFORM}environment "a" {{\n  image = "python:3.12"\n{body}\n}}\n'


def environment(body: str) -> str:
    return f"{YAML}environment:\n  a:\n    image: python:3.12\n{body}\n"


BOMB = "x1: &x1 [a, a]\n" + "".join(f"x{n + 1}: &x{n + 1} [*x{n}, *x{n}]\n" for n in range(1, 40))
DEEP = 5_000

CASES = {
    "brackets 100 deep": ("main.hcl", hcl("  tags = " + "[" * 101 + "]" * 101), "Nested too deeply"),
    "brackets very deep": ("main.hcl", hcl("  tags = " + "{a=" * DEEP + "1" + "}" * DEEP), "Nested too deeply"),
    "templates very deep": (
        "main.hcl",
        hcl("  description = " + '"${' * DEEP + "1" + '}"' * DEEP),
        "Nested too deeply",
    ),
    "blocks 100 deep": ("main.hcl", hcl("b {\n" * DEEP + "}\n" * DEEP), "Nested too deeply"),
    "YAML lists very deep": ("a.envform.yaml", YAML + "x: " + "[" * DEEP + "]" * DEEP, "Nested too deeply"),
    "YAML mappings very deep": (
        "a.envform.yaml",
        YAML + "x:\n" + "".join(" " * n + "a:\n" for n in range(1, 500)),
        "Nested too deeply",
    ),
    "a file of more than 10 MB": ("main.hcl", ENVFORM + "#" * 10_000_001, "Configuration file too large"),
    "a YAML file of more than 10 MB": ("a.envform.yaml", YAML + "#" * 10_000_001, "Configuration file too large"),
    "an alias bomb": ("a.envform.yaml", f"{BOMB}{YAML}", "YAML document too large"),
    "an alias that holds itself": ("a.envform.yaml", f"{YAML}x: &x [*x]\n", "Invalid YAML alias"),
    "for over more than 100,000 elements": (
        "main.hcl",
        hcl("  tags = { n = length([for a in range(1000) : [for b in range(200) : b]]) }"),
        "Too many elements",
    ),
    "a text that doubles itself": (
        "main.hcl",
        hcl(
            "  description = "
            + "".join(f'[for v{n + 1} in ["${{v{n}}}${{v{n}}}"] : ' for n in range(40)).replace("${v0}", "xxxxxxxxxx")
            + "v40"
            + "]" * 40
        ),
        "Text too long",
    ),
    "a local value of itself": (
        "main.hcl",
        hcl("") + "locals {\n  a = local.b\n  b = local.a\n}\n",
        "Dependency cycle",
    ),
    "an environment of itself": ("main.hcl", hcl("  description = environment.a.hash"), "Self-referential block"),
    "a key twice": ("a.envform.yaml", environment("    image: x:1"), "Duplicate YAML key"),
    "a version that is a number": ("a.envform.yaml", environment("    version: 1.10"), "Invalid argument value"),
    "a version that is a number in HCL": ("main.hcl", hcl("  version = 1.10"), "Invalid argument value"),
    "many open strings": ("main.hcl", ENVFORM + '"' * 100_001, ""),
    "many open heredocs": ("main.hcl", ENVFORM + "a = <<A\n" * 20_000, ""),
    "NUL characters": ("main.hcl", ENVFORM + "\0" * 1000, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_limit_ends_in_a_diagnostic(case: str, tmp_path: Path, envform: Envform) -> None:
    name, text, summary = CASES[case]
    (tmp_path / name).write_text(text)
    began = time.process_time()
    result = envform("validate")
    assert result.exit_code == 1
    assert "Error: " in result.stderr
    assert "crashed" not in result.stderr
    assert f"Error: {summary}" in result.stderr
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("$schema: x/environment.schema.json\nname: a\nimage: x:1\nversion: 1.10\n", 4, 'version: "1.10"'),
        ("$schema: x/environment.schema.json\nname: a\nimage: x:1\nname: b\n", 4, ""),
        ("$schema: x/environment.schema.json\nname: a\nimage: x:1\nversion: 010\n", 4, 'version: "010"'),
    ],
)
def test_what_azure_takes_for_something_else_is_told(
    text: str, line: int, hint: str, tmp_path: Path, envform: Envform
) -> None:
    (tmp_path / "main.hcl").write_text(ENVFORM)
    (tmp_path / "env.yml").write_text(text)
    result = envform("validate")
    assert result.exit_code == 1
    assert f"on env.yml line {line}" in result.stderr
    assert hint in result.stderr


def test_one_hundred_thousand_elements_are_enough(tmp_path: Path, envform: Envform) -> None:
    (tmp_path / "main.hcl").write_text(
        hcl("  tags = { n = length(flatten([for a in range(90) : [for b in range(1000) : b]])) }")
    )
    assert envform("validate").exit_code == 0
