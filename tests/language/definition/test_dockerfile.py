"""Dockerfiles, cut as BuildKit cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.language.definition.dockerfile import parse_dockerfile
from reconciler.language.definition.stages import copied, filled_in, made, stages_of


def instructions(text: str) -> list[str]:
    """Its instructions in normal form."""
    parsed = parse_dockerfile(text)
    assert parsed.problems == []
    return [instruction.text for instruction in parsed.instructions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from x\nrun a", ["FROM x", "RUN a"]),
        ("\ufeffFROM x\r\nRUN a \\\r\n  && b\r\n", ["FROM x", "RUN a   && b"]),
        ("FROM x\n\n# c\nRUN a \\\n# inside\n\n  b", ["FROM x", "RUN a   b"]),
        ("FROM x\nRUN a \\  \n b", ["FROM x", "RUN a  b"]),
        ("FROM x\nRUN a\\\\\nRUN b", ["FROM x", "RUN a\\\\", "RUN b"]),
        ("# escape=`\nFROM x\nRUN a `\n b\nRUN c\\\nRUN d", ["FROM x", "RUN a  b", "RUN c\\", "RUN d"]),
        ("FROM x\nRUN <<EOF\na\n# kept\nEOF\nRUN b", ["FROM x", "RUN <<EOF\na\n# kept\nEOF", "RUN b"]),
        ("FROM x\nRUN <<-EOF\n\ta\n\tEOF\n", ["FROM x", "RUN <<-EOF\na\nEOF"]),
        ("FROM x\nCOPY <<A <<'B' /d/\n1\nA\n2\nB", ["FROM x", "COPY <<A <<'B' /d/\n1\nA\n2\nB"]),
        ("FROM x\nRUN a \\", ["FROM x", "RUN a"]),
    ],
)
def test_instructions_are_put_together(text: str, expected: list[str]) -> None:
    assert instructions(text) == expected


def test_comments_and_line_ends_mean_nothing_and_directives_do() -> None:
    plain = parse_dockerfile("FROM x\nRUN a\n").normal_form
    assert parse_dockerfile("# why\r\nFROM x\r\n\r\nRUN a").normal_form == plain
    assert parse_dockerfile("# syntax=docker/dockerfile:1\nFROM x\nRUN a\n").normal_form != plain
    assert parse_dockerfile("FROM x\n# syntax=docker/dockerfile:1\nRUN a\n").normal_form == plain


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("FROM x\nRUN --mount=type=cach,target=/x a", 2, "did you mean `cache`?"),
        ("FROM x\nRUN --network=offline a", 2, "there are `default`, `none`, `host`"),
        ("FROM x\nRUNN a", 2, "did you mean `RUN`?"),
        ("FROM x\nRUN", 2, "something after it"),
        ("FROM x\n\nRUN <<EOF\na\n", 3, "never closed"),
        ("# escape=x\nFROM x", 1, "escape character"),
    ],
)
def test_mistakes_have_lines(text: str, line: int, said: str) -> None:
    (problem,) = parse_dockerfile(text).problems
    assert problem.line == line
    assert said in f"{problem.error.detail} {problem.error.hint}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no FROM"),
        ("# all\n# comments", "no FROM"),
        ("RUN a", "before the first FROM"),
        ("FROM a b", "neither"),
        ("FROM $X", "empty once"),
    ],
)
def test_what_has_no_base_cannot_be_built(text: str, said: str) -> None:
    parsed = parse_dockerfile(text)
    problems = list(parsed.problems)
    stages_of(parsed, {}, problems)
    assert said in problems[0].error.detail


STAGES = """
ARG TAG=1
FROM base:${TAG} AS one
ARG TAG
COPY a$TAG /a
FROM two-base AS unused
COPY missing /x
FROM one AS Last
COPY --from=one /a /b
COPY --chown=1:1 ["b c", "d/"]
RUN --mount=type=bind,from=helper,target=/h true
ADD https://a.example/x.tgz local /y/
ENV E=f G="h"
COPY ${E} $G ${UNSET:-k} ${E:+l} \\$m n${O#x} /z/
"""


def test_stages_know_what_they_stand_on_and_what_they_copy() -> None:
    stages = stages_of(parse_dockerfile(STAGES), {"TAG": "2"}, [])
    assert [(stage.name, stage.base) for stage in stages] == [
        ("one", "base:2"),
        ("unused", "two-base"),
        ("last", "one"),
    ]
    assert [stage.name for stage in made(stages, "")] == ["one", "last"]
    assert [stage.name for stage in made(stages, "unused")] == ["unused"]
    assert [copy.sources for copy in copied(stages[0])] == [("a2",)]
    assert [copy.sources for copy in copied(stages[2])] == [("b c",), ("local",), ("f", "h", "k", "l", "$m", None)]


def test_an_unknown_value_makes_a_text_unknown() -> None:
    assert filled_in("a$X", {"X": None}) is None
    assert filled_in("a${X:-b}", {"X": ""}) == "ab"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=" \n\r\t\\`#$={}<->\"'[]FROMCPYUNSAEOFa:", max_size=60) | st.text(max_size=40))
def test_any_text_is_read(text: str) -> None:
    parsed = parse_dockerfile(text)
    problems = list(parsed.problems)
    for stage in stages_of(parsed, {}, problems):
        list(copied(stage))
    assert all(problem.line >= 1 and problem.error.detail for problem in problems)
