"""Whatever a function is called with, it answers soon, with a value or a SpanError."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.language.expression import evaluate
from reconciler.language.functions.table import functions
from reconciler.language.scope import Scope
from reconciler.language.source import ProjectFiles
from reconciler.language.span import SpanError
from reconciler.language.value import Value
from tests.language.evaluated import LOCALS, expression

MOST_SECONDS = 3.0

WORDS = [
    *("", "a", "%s", "%5.2f", "%[2]d", "/a(b)?/", "(a*)*", "[a-", "$1", "1h30m", "YYYY-'x'", "2018-01-02T03:04:05Z"),
    *("10.0.0.0/8", "fd00::/64", '{"a":[1]}', "a: [b]\n", "a,b\n1,2\n", '"', "SGk=", "UTF-16", "true", "-0", "1e3999"),
    *("e\u0301", "\U0001f468\u200d\U0001f469", "\r\n", "\x00", "**/*", "../.."),
]
NUMBERS = ["0", "1", "-1", "2.5", "64", "1024", "1025", "1e9", "-1e18", "1e30", "1e4000", "1e-4000", "1/3"]

TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=8)).map(
    lambda text: '"' + "".join(f"\\u{ord(one):04x}" if ord(one) < 0xD800 else "?" for one in text) + '"'
)
ATOMS = st.one_of(
    TEXTS, st.sampled_from(NUMBERS), st.sampled_from(["true", "false", "null", "tostring(null)", "[]", "{}"]),
    st.sampled_from([f"local.{name}" for name in LOCALS]),
)  # fmt: skip
ARGUMENTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"k{n} = {x}" for n, x in enumerate(items)) + "}"
        ),
        inner.map(lambda value: f"toset([{value}])"),
        inner.map(lambda value: f"tolist([{value}, {value}])"),
        inner.map(lambda value: f"tomap({{a = {value}}})"),
        inner.map(lambda value: f"sensitive({value})"),
    ),
    max_leaves=8,
)
CALLS = st.builds(
    lambda name, arguments, spread: f"{name}({', '.join(arguments)}{'...' if spread and arguments else ''})",
    st.sampled_from([*sorted(functions()), "try", "can"]),
    st.lists(ARGUMENTS, max_size=4),
    st.sampled_from([False, False, False, True]),
)


def survive(text: str, folder: Path) -> Value | SpanError:
    began = time.process_time()
    try:
        found: Value | SpanError = evaluate(
            expression(text), Scope(names={"local": LOCALS}, files=ProjectFiles(folder))
        )
    except SpanError as error:
        found = error
    assert not isinstance(found, SpanError) or (found.summary and found.detail)
    assert time.process_time() - began < MOST_SECONDS, text
    return found


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(CALLS)
def test_random_calls(tmp_path: Path, text: str) -> None:
    survive(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ('regex("(a+)+$", join("", [for x in range(1000) : "aaaaaaaaaaaaaaaaaaaa"]))', None),
        ('regex("(a|aa)+b", join("", [for x in range(1000) : "aaaaaaaaaaaaaaaaaaaa"]))', "Error in function call"),
        ('regex("((a{100}){100}){100}", "a")', "Invalid function argument"),
        ('replace(join("", [for x in range(1000) : "aaaaaaaaaa"]), "", join("", [for x in range(1000) : "bbbb"]))',
         "Error in function call"),
        ('replace(join("", [for x in range(1000) : "aaaaaaaaaa"]), "/a/", join("", [for x in range(1000) : "bbbb"]))',
         "Error in function call"),
        ('format("%999999999d", 1)', "Error in function call"),
        ('format("%.999999999f", 1)', "Error in function call"),
        ('length(format("%.4000f", 1e-4000))', None),
        ('indent(1000000000, "a\\nb")', "Error in function call"),
        ("setproduct(range(1000), range(1000))", "Error in function call"),
        ("pow(2, 1e30)", "Error in function call"),
        ("parseint(join(\"\", [for x in range(1000) : \"zzzzzzzzzz\"]), 36)", "Invalid function argument"),
        ('jsondecode(join("", [for x in range(1000) : "["]))', "Error in function call"),
        ('yamldecode(join("", [for x in range(1000) : "["]))', "Error in function call"),
        ('cidrsubnet("::/0", 1e9, 1)', "Invalid function argument"),
        ('timeadd("2018-01-02T03:04:05Z", join("", [for x in range(1000) : "1h1h1h1h1h1h1h1h1h1h"]))', None),
        ('length(fileset(".", join("", [for x in range(1000) : "a*"])))', None),
        ('distinct([for x in range(1000) : x])', None),
        ('length(setintersection(range(1000), range(1000)))', None),
    ],
)  # fmt: skip
def test_calls_that_would_take_all_time_or_memory(text: str, summary: str | None, tmp_path: Path) -> None:
    found = survive(text, tmp_path)
    assert (found.summary if isinstance(found, SpanError) else None) == summary
