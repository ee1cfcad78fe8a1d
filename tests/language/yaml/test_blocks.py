"""Blocks written as YAML are the blocks that HCL would give, and mistakes in them are shown where they stand."""

from __future__ import annotations

from itertools import groupby
from textwrap import dedent

import pytest

from reconciler.language import hcl, nodes, yaml_blocks
from reconciler.language.configuration import configure
from reconciler.language.expression import evaluate
from reconciler.language.scope import Scope
from reconciler.language.span import FollowingError, SpanError
from reconciler.language.yaml_documents import load
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError

ENVFORM = "envform:\n  registry: oci:./registry\n"


def shape(value: object) -> object:
    """A tree without its places, and with one piece of text for several in a row."""
    if isinstance(value, nodes.Template):
        texts = [part.value if isinstance(part, nodes.Literal) else shape(part) for part in value.parts]
        grouped = [(is_text, list(group)) for is_text, group in groupby(texts, lambda text: isinstance(text, str))]
        return ["Template", *("".join(map(str, group)) if is_text else group for is_text, group in grouped)]
    if isinstance(value, nodes.Node):
        skipped = ("header_end",)
        return [type(value).__name__, *(shape(getattr(value, name)) for name in value.__slots__ if name not in skipped)]
    return [shape(item) for item in value] if isinstance(value, tuple) else value


def from_yaml(text: str) -> list[object]:
    problems = Diagnostics()
    parsed = yaml_blocks.parse(load(dedent(text), "main.envform.yaml"), problems)
    problems.check()
    return [shape(item) for item in parsed.sound]


def from_hcl(text: str) -> list[object]:
    return [shape(item) for item in hcl.parse(dedent(text)).items]


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(EnvformError) as caught:
        configure({"main.envform.yaml": ENVFORM + dedent(text)})
    return caught.value.diagnostics


def marked(diagnostic: Diagnostic) -> str:
    subject, snippet = diagnostic.subject, diagnostic.snippet
    assert subject is not None
    assert snippet is not None
    return snippet.code.split("\n")[0][subject.start.column - 1 : subject.end.column - 1]


def test_labels_are_keys_and_nested_blocks_are_mappings_or_lists() -> None:
    yaml = """
        variable:
          region: {type: string, default: eu}
          empty:
        locals: {a: 1, b: -2.50}
        environment:
          base: {image: "python:3.12"}
          training:
            image: "${environment.base.image}"
            depends_on: [environment.base]
            lifecycle:
              prevent_destroy: true
              ignore_changes: [tags, version]
              precondition:
                - {condition: "${var.region != null}", error_message: one}
                - {condition: true, error_message: two}
        moved:
          - {from: environment.old, to: environment.base}
          - {from: environment.older, to: environment.base}
        data:
          environment:
            shared: {name: training, version: "3"}
    """
    assert from_yaml(yaml) == from_hcl(
        """
        variable "region" {
          type    = string
          default = "eu"
        }
        variable "empty" {
        }
        locals {
          a = 1
          b = -2.50
        }
        environment "base" {
          image = "python:3.12"
        }
        environment "training" {
          image      = "${environment.base.image}"
          depends_on = [environment.base]
          lifecycle {
            prevent_destroy = true
            ignore_changes  = [tags, version]
            precondition {
              condition     = "${var.region != null}"
              error_message = "one"
            }
            precondition {
              condition     = true
              error_message = "two"
            }
          }
        }
        moved {
          from = environment.old
          to   = environment.base
        }
        moved {
          from = environment.older
          to   = environment.base
        }
        data "environment" "shared" {
          name    = "training"
          version = "3"
        }
        """
    )


@pytest.mark.parametrize(
    ("yaml", "hcl_text"),
    [
        ("plain", '"plain"'),
        ("a ${1 + 2} b", '"a ${1 + 2} b"'),
        ("'it''s ${var.a}'", '"it\'s ${var.a}"'),
        ('"é\\n\\"${var.a}\\""', '"é\\n\\"${var.a}\\""'),
        ("'${\"a\"}'", '"${"a"}"'),
        ("$${kept} %%{kept}", '"$${kept} %%{kept}"'),
        ("'%{ if true }yes%{ else }no%{ endif }'", '"%{ if true }yes%{ else }no%{ endif }"'),
        ("x ${~ 1 ~} y", '"x ${~ 1 ~} y"'),
        ("$5 and 5%", '"$5 and 5%"'),
        ("'back\\slash ${1}'", '"back\\\\slash ${1}"'),
        ("EOT ${1} EOT_", '"EOT ${1} EOT_"'),
        (
            "[1, '2', [true, null], {a: '${1}', \"${var.k}\": x}]",
            '[1, "2", [true, null], {a = "${1}", "${var.k}" = "x"}]',
        ),
        ("2022-02-03", '"2022-02-03"'),
        ("1.10", "1.10"),
        ("-3", "-3"),
        ("!!str 5", '"5"'),
        ("'true'", '"true"'),
    ],
)
def test_values_are_those_of_hcl(yaml: str, hcl_text: str) -> None:
    assert from_yaml(f"locals: {{a: {yaml}}}\n" if yaml[0] in "'\"[" else f"locals:\n  a: {yaml}\n") == from_hcl(
        f"locals {{\n  a = {hcl_text}\n}}\n"
    )


def test_block_texts_are_heredocs() -> None:
    yaml = "locals:\n  a: |\n    one ${var.a}\n      two\n  b: |-\n    ${var.b}\n"
    text = 'locals {\n  a = "one ${var.a}\\n  two\\n"\n  b = "${var.b}"\n}\n'
    assert from_yaml(yaml) == from_hcl(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"é ${1 + nope}"', "nope"),
        ("'it''s ${nope}'", "nope"),
        ('"\\u00e9\\t${nope}"', "nope"),
        ("&anchor 'x ${nope}'", "nope"),
        ("|\n      one\n        ${nope}", "nope"),
        (">\n      one\n      two ${nope}", "nope"),
        ("one\n      two ${nope}", "nope"),
        ("'${1 +}'", "+"),
        ("a ${foo(}", "("),
    ],
)
def test_a_mistake_in_an_expression_is_marked_in_the_yaml(value: str, shown: str) -> None:
    document = load(f"environment:\n  a:\n    image: python\n    description: {value}\n", "main.envform.yaml")
    found = Diagnostics()
    for block in yaml_blocks.parse(document, found).sound:
        assert isinstance(block, nodes.Block)
        argument = block.body.items[1]
        assert isinstance(argument, nodes.Argument)
        with pytest.raises(SpanError) as caught:
            evaluate(argument.value, Scope())
        if not isinstance(caught.value, FollowingError):
            found.add(document.diagnostic(caught.value))
    assert [marked(item) for item in found] == [shown]


def test_five_mistakes_give_five_errors_in_the_order_of_the_lines() -> None:
    found = mistakes(
        """\
        environment:
          a: {image: "${1 +}", imagee: x}
          b: {descripton: x, image: python}
          c:
            image: python
            tags: {on: yes}
        environmnt: {}
        """
    )
    lines = [(item.subject.start.line, item.summary) for item in found if item.subject]
    assert lines == [
        (4, "Invalid expression"),
        (4, "Unsupported argument"),
        (5, "Unsupported argument"),
        (8, "Ambiguous YAML value"),
        (9, "Unsupported block type"),
    ]
    assert found[4].hint == "did you mean `environment`?"


@pytest.mark.parametrize("value", ["yes", "Off", "010", "0x1F", "1_000", "1:30", ".inf", "0b1"])
def test_what_readers_of_yaml_disagree_on_is_refused(value: str) -> None:
    (found,) = mistakes(f"locals: {{a: {value}}}\n")
    assert found.summary == "Ambiguous YAML value"
    assert f'"{value}"' in found.hint


@pytest.mark.parametrize(
    "text", ["- a\n", "envform: 5\n", "environment: [a]\n", "environment: {a: 5}\n", "envform: [{}, 5]\n"]
)
def test_what_is_no_block_is_told_and_nothing_breaks(text: str) -> None:
    with pytest.raises(EnvformError):
        configure({"main.envform.yaml": text})


def test_depth_is_counted_over_both_languages() -> None:
    deep = "[" * 60 + "'${" + "(" * 60 + "1" + ")" * 60 + "}'" + "]" * 60
    assert [item.summary for item in mistakes(f"locals: {{a: {deep}}}\n")] == ["Nested too deeply"]
    chain = "${" + " + ".join(["1"] * 3000) + "}"
    assert configure({"main.envform.yaml": f"{ENVFORM}locals:\n  a: {chain}\n"}).settings.registry == "oci:./registry"


def test_files_of_both_languages_make_one_project() -> None:
    configuration = configure(
        {
            "main.hcl": 'environment "a" {\n  image = "python:3.12"\n}\n',
            "more.envform.yml": f'{ENVFORM}environment: {{b: {{image: "${{environment.a.image}}"}}}}\n',
        }
    )
    assert configuration.addresses == ("environment.a", "environment.b")
