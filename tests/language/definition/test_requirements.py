"""Requirements, as pip reads them and as they are hashed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.language.definition.requirement import Requirement, parse_requirement, wheel_with_odd_name
from reconciler.language.definition.requirements import Option, parse_entry, parse_requirements
from reconciler.language.span import RefusedError

A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("numpy", "numpy"),
        ("  Num_Py\t== 1.26 ", "num-py==1.26"),
        ("zope.interface", "zope-interface"),
        ("numpy >= 1.0 , < 2", "numpy<2,>=1.0"),
        ("numpy (>=1.0)", "numpy>=1.0"),
        ("pkg[B,a_c] ~=1.4.2", "pkg[a-c,b]~=1.4.2"),
        ("pkg[]", "pkg"),
        ("torch==2.1.0+cu118", "torch==2.1.0+cu118"),
        ("pkg==1.0.post1", "pkg==1.0.post1"),
        ("pkg===weird", "pkg===weird"),
        ("pkg==1.*", "pkg==1.*"),
        ("certifi >= 2023.07.22", "certifi>=2023.07.22"),
        ("pkg ; python_version<'3.11' or extra == 'x'", 'pkg; python_version < "3.11" or extra == "x"'),
        ("pkg>=2;python_version<'3.11'", 'pkg>=2; python_version < "3.11"'),
        ("Pkg@https://a.example/p-1-py3-none-any.whl", "pkg @ https://a.example/p-1-py3-none-any.whl"),
        ("pkg @ git+https://g.example/o/r@main", "pkg @ git+https://g.example/o/r@main"),
        ("pkg[x] @ git+https://g.example/o/r ; os_name=='nt'", 'pkg[x] @ git+https://g.example/o/r; os_name == "nt"'),
        ("git+https://g.example/o/r#subdirectory=py", "git+https://g.example/o/r#subdirectory=py"),
        ("git+ssh://git@g.example/o/r.git", "git+ssh://git@g.example/o/r.git"),
        (f"pkg==1 --hash=sha256:{B} --hash sha256:{A}", f"pkg==1 --hash=sha256:{A} --hash=sha256:{B}"),
        ("pkg==1 # why", "pkg==1"),
    ],
)  # fmt: skip
def test_a_requirement_has_one_spelling(written: str, normal: str) -> None:
    entry = parse_entry(written)
    assert isinstance(entry, Requirement)
    assert entry.text == normal
    assert parse_entry(normal) == entry


@pytest.mark.parametrize(
    ("written", "summary", "said"),
    [
        ("numpy=1.26", "Invalid requirement", "numpy==1.26"),
        ("pkg[x]=1", "Invalid requirement", "pkg[x]==1"),
        ("numpy>==1", "Invalid requirement", ">==1"),
        ("numpy scipy", "Invalid requirement", "numpy scipy"),
        ("==1.0", "Invalid requirement", "==1.0"),
        ("", "Invalid requirement", "empty"),
        ("a\nb", "Invalid requirement", "one line"),
        ("pkg; nonsense here", "Invalid requirement", "condition"),
        ("pkg==1 --hash=md5:abc", "Invalid hash", "sha256"),
        ("pkg==1 --hash=sha256:abc", "Invalid hash", "64 hex digits"),
        ("pkg==1 --no-deps", "Unsupported pip option", "--no-deps"),
        ("--no-deps", "Unsupported pip option", "command line"),
        ("--indx-url https://i.example", "Unsupported pip option", "did you mean `--index-url`?"),
        ("-r", "Invalid requirement", "takes a value"),
        ("--index-url 'https://i.example", "Invalid requirement", "quote"),
        ("pkg==${VERSION}", "Variable in a requirement", "${VERSION}"),
        ("pkg>=1.*", "Invalid requirement", "`>=1.*`"),
        ("pkg\u00a0==1", "Invalid requirement", "not a requirement"),
        ("pkg[a,]", "Invalid requirement", "extra"),
        ("-e https://a.example/p.zip", "Invalid requirement", "a folder or a repository"),
        ("pkg~=1", "Invalid requirement", "`~=1`"),
        ("pkg>=1+cu", "Invalid requirement", "`>=1+cu`"),
        ("git+git@g.example:o/r.git", "Invalid requirement", "`git+ssh://git@g.example/o/r.git`"),
        ("git+file:///srv/r", "File outside of the project", "this machine"),
    ],
)  # fmt: skip
def test_what_pip_could_not_read_is_explained(written: str, summary: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_entry(written)
    assert refused.value.summary == summary
    assert said in f"{refused.value.detail} {refused.value.hint}"


@pytest.mark.parametrize(
    "written",
    [
        "--index-url https://user:secret@i.example/simple",
        "--extra-index-url=https://secret@i.example/simple",
        "-i https://${USER}:${secret}@i.example/simple",
        "git+https://secret@g.example/o/r",
        "git+https://${secret}@g.example/o/r",
        "git+ssh://git:secret@g.example/o/r",
        "pkg @ https://user:secret@a.example/p.whl",
        "https://store.example/p.whl?sv=1&sig=secret",
        "-f https://user:secret@i.example/links",
        "-r https://user:secret@i.example/requirements.txt",
    ],
)
def test_credentials_are_refused_and_never_repeated(written: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_entry(written)
    assert refused.value.summary == "Credentials in a definition"
    assert "secret" not in refused.value.detail.replace("could read the secret", "")


def test_a_file_is_read_line_by_line_with_places() -> None:
    text = (
        "\ufeff# head\r\nnumpy \\\r\n  ==1.26 \\\r\n  --hash=sha256:"
        + A
        + "  # kept\r\n\r\n-r other.txt\r\nbad one\r\n--pre"
    )
    lines = parse_requirements(text)
    assert [line.entry.text for line in lines if isinstance(line.entry, (Requirement, Option))] == [
        f"numpy==1.26 --hash=sha256:{A}",
        "--requirement other.txt",
        "--pre",
    ]
    assert [text[line.start : line.end] for line in lines if isinstance(line.entry, RefusedError)] == ["bad one"]
    assert text[lines[0].start :].startswith("numpy")


def test_a_backslash_at_the_end_of_a_file_continues_into_nothing() -> None:
    (line,) = parse_requirements("numpy==1.26 \\")
    assert isinstance(line.entry, Requirement)
    assert line.entry.text == "numpy==1.26"


def test_words_that_pip_drops_are_kept_to_be_told() -> None:
    assert parse_entry("-r https://a.example/r.txt [--no-deps]") == Option(
        "--requirement", "https://a.example/r.txt", "[--no-deps]"
    )


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("./wheels/p-1-py3-none-any.whl", "wheels/p-1-py3-none-any.whl"),
        ("p-1-py3-none-any.whl", "p-1-py3-none-any.whl"),
        ("-e .", "."),
        ("-e ./pkg[dev]", "pkg"),
        ("pkg @ file:../x", "../x"),
        ("file:///srv/p.whl", "/srv/p.whl"),
    ],
)
def test_what_lies_in_the_project_is_known_by_its_path(written: str, path: str) -> None:
    entry = parse_entry(written)
    assert isinstance(entry, Requirement)
    assert entry.path == path
    assert parse_entry(entry.text) == replace(entry, editable=False)


@pytest.mark.parametrize(
    ("written", "pinned"),
    [
        ("a==1", True), ("a===1", True), ("a==1.*", False), ("a>=1", False), ("a", False), ("a==1,!=1.1", False),
        ("git+https://g.example/o/r@" + "0" * 40, True), ("git+https://g.example/o/r@main", False),
        ("https://a.example/p.whl", True),
    ],
)  # fmt: skip
def test_only_one_version_counts_as_pinned(written: str, pinned: bool) -> None:
    assert parse_requirement(written).pinned is pinned


def test_a_template_is_known_as_one() -> None:
    entry = parse_entry("azureml-core=={{latest-pypi-version}}")
    assert isinstance(entry, Requirement)
    assert (entry.name, entry.template) == ("azureml-core", "{{latest-pypi-version}}")


def test_the_name_of_a_wheel_must_be_one() -> None:
    names = {
        "./p-1-py3-none-any.whl": "",
        "./p-1-2-py3-none-any.whl": "",
        "./p.whl": "p.whl",
        "x @ https://a.b/p.whl#x": "p.whl",
    }
    assert {text: wheel_with_odd_name(parse_requirement(text)) for text in names} == names
