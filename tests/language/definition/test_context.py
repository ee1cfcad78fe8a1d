"""Build contexts: what is sent, what it hashes to, what its Dockerfile would not find."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.language.definition import context as contexts
from reconciler.language.definition.context import Context, read_context
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from tests.language.definition.texts import Texts

PLAIN = {"Dockerfile": "FROM x\nCOPY a /a\n", "a": "1", "s/x": "2"}


def read(files: Mapping[str, str], *, dockerfile: str | None = None, target: str = "", **more: object) -> Context:
    """The context of these files in a folder of a project."""
    placed = {f"ctx/{name}": text for name, text in files.items()}
    links = {f"ctx/{name}": str(to) for name, to in dict(more.get("links", {})).items()}  # type: ignore[call-overload]
    executables = frozenset(f"ctx/{name}" for name in more.get("executables", ()))  # type: ignore[attr-defined]
    return read_context(Texts(placed, links, executables), "ctx", dockerfile, {}, target)


@pytest.mark.parametrize(
    "other",
    [
        {**PLAIN, "a": "2"},
        {**PLAIN, "b": ""},
        {key: value for key, value in PLAIN.items() if key != "s/x"},
        {"Dockerfile": PLAIN["Dockerfile"], "a": "1", "sx": "2"},
        {"Dockerfile": PLAIN["Dockerfile"], "a": "1", "S/x": "2"},
        {**PLAIN, "Dockerfile": PLAIN["Dockerfile"].replace("\n", "\r\n")},
    ],
)
def test_other_contents_or_names_are_another_tree(other: Mapping[str, str]) -> None:
    assert read(other).tree != read(PLAIN).tree


def test_no_two_trees_look_alike_by_how_they_are_joined() -> None:
    dockerfile = {"Dockerfile": "FROM x"}
    assert read({**dockerfile, "ab": "c"}).tree != read({**dockerfile, "a": "bc"}).tree


def test_the_mode_bit_and_the_targets_of_links_count() -> None:
    assert read(PLAIN, executables=["a"]).tree != read(PLAIN).tree
    assert read(PLAIN, links={"l": "a"}).tree != read(PLAIN, links={"l": "s/x"}).tree
    assert read(PLAIN, links={"l": "a"}).tree != read({**PLAIN, "l": "1"}).tree


def test_ignored_files_do_not_count_and_gitignore_does_nothing() -> None:
    rules = {**PLAIN, ".dockerignore": "junk\n"}
    assert read({**rules, "junk": "1"}).tree == read({**rules, "junk": "2"}).tree
    git = {**PLAIN, ".gitignore": "junk\n"}
    assert read({**git, "junk": "1"}).tree != read({**git, "junk": "2"}).tree


def test_a_dockerfile_has_its_own_ignore_file() -> None:
    files = {"d/Dockerfile": "FROM x", "d/Dockerfile.dockerignore": "one", ".dockerignore": "two", "one": "", "two": ""}
    sent = {entry.name for entry in read(files, dockerfile="d/Dockerfile").sent}
    assert "two" in sent
    assert "one" not in sent


def test_dockerfile_and_ignore_file_are_always_sent() -> None:
    sent = {
        entry.name for entry in read({"d/Dockerfile": "FROM x", ".dockerignore": "**"}, dockerfile="d/Dockerfile").sent
    }
    assert sent == {".dockerignore", "d", "d/Dockerfile"}


def test_the_same_tree_is_hashed_alike_on_a_disk(tmp_path: Path) -> None:
    for name, text in PLAIN.items():
        path = tmp_path / "ctx" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "ctx" / "l").symlink_to("a")
    on_disk = read_context(ProjectFiles(tmp_path), "ctx", None, {}, "")
    assert on_disk.tree == read(PLAIN, links={"l": "a"}).tree


@pytest.mark.parametrize(
    ("files", "dockerfile", "said"),
    [
        ({"a": ""}, None, "`ctx/Dockerfile`"),
        ({"dockerfile.gpu": ""}, None, 'write dockerfile_path = "dockerfile.gpu"'),
        ({"d/Dockerfile": "FROM x"}, "ctx/d/Dockerfile", 'write dockerfile_path = "d/Dockerfile"'),
        ({"Dockerfile": "FROM x"}, "../Dockerfile", "outside of the build context"),
        ({"Dockerfile": "FROM x"}, "other", "`ctx/other`"),
    ],
)
def test_a_missing_dockerfile_names_where_it_was_looked_for(
    files: Mapping[str, str], dockerfile: str | None, said: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        read(files, dockerfile=dockerfile)
    assert refused.value.summary == "Dockerfile not found"
    assert said in f"{refused.value.detail} {refused.value.hint}"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"Dockerfile": "FROM x\nCOPY a b /d/\n", "a": ""}, [(2, "`COPY b` copies what is not in")]),
        ({"Dockerfile": "FROM x\nCOPY a /d\n", "a": "", ".dockerignore": "*"}, [(2, "line 1 of the ignore file")]),
        ({"Dockerfile": "FROM x\nCOPY . /d\nCOPY ./s/ /d\nCOPY s/* /d", "s/x": ""}, []),
        ({"Dockerfile": "FROM x AS o\nCOPY no /\nFROM y\nCOPY a /", "a": ""}, []),
        ({"Dockerfile": "FROM x AS o\nCOPY no /\nFROM o\nCOPY a /", "a": ""}, [(2, "`COPY no`")]),
        ({"Dockerfile": "FROM x\nCOPY $UNKNOWN/a /\nARG P\nCOPY ${P:-b} /"}, [(2, "`COPY /a`"), (4, "`COPY b`")]),
        ({"Dockerfile": "FROM x\nCOPY <<E /f\nt\nE\nADD https://a.example/b /"}, []),
    ],
)  # fmt: skip
def test_a_copy_that_would_fail_is_told_at_its_line(files: Mapping[str, str], told: list[tuple[int, str]]) -> None:
    errors = read(files).errors
    assert [problem.line for problem in errors] == [line for line, _ in told]
    assert all(said in problem.error.detail for problem, (_, said) in zip(errors, told, strict=True))


def test_a_wildcard_that_matches_nothing_is_a_warning() -> None:
    context = read({"Dockerfile": "FROM x\nCOPY *.none /\n"})
    assert context.errors == []
    assert [problem.line for problem in context.warnings] == [2]


def test_a_stage_that_is_not_there_is_refused() -> None:
    with pytest.raises(RefusedError, match="No such build stage"):
        read({"Dockerfile": "FROM x AS one"}, target="onee")


def test_a_context_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "MAXIMUM_FILES", 2)
    with pytest.raises(RefusedError, match="Build context too large"):
        read(PLAIN)


def test_what_envform_keeps_in_a_project_is_no_part_of_a_context() -> None:
    project = {"Dockerfile": "FROM x\nCOPY . /\n", "a": "1", "sub/state/mine": "1"}
    kept = {
        "state/default.json": "{}",
        ".envform/cache/blocks": "",
        "registry/oci-layout": "{}",
        "registry/blobs/sha256/0": "",
    }
    before = read_context(Texts(project), ".", None, {}, "")
    after = read_context(Texts({**project, **kept}), ".", None, {}, "")
    assert after.tree == before.tree
    assert "sub/state/mine" in {entry.name for entry in after.sent}
