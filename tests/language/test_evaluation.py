"""What an `environment` block becomes."""

from __future__ import annotations

import pytest

from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.model.address import Address
from reconciler.model.diagnostic import EnvformError
from reconciler.model.environment import Environment
from tests.language.projects import ENVFORM, environments, marked, problem, problems

ADDRESS = Address("environment.training")


def declared(*lines: str) -> str:
    return "\n".join(['environment "training" {', *(f"  {line}" for line in lines), "}", ""])


def test_an_environment_with_an_image_alone_takes_its_label_as_name() -> None:
    found = environments(declared('image = "python:3.12"'))["training"]
    assert found == Environment(address=ADDRESS, name="training", image="python:3.12")
    assert found.version is None
    assert found.platform == "linux/amd64"


def test_every_argument_arrives_with_escapes_heredocs_and_numbers_as_hcl_means_them() -> None:
    text = declared(
        'name        = "train-${1 + 1}"',
        'version     = "1.10"',
        "description = <<-EOT",
        "    Two lines,",
        '      the second "indented".',
        "  EOT",
        'image       = join ? "a" : "b"'.replace("join", "1 < 2"),
        'platform    = "linux/aarch64"',
        'tags        = { team = "vi\\u0073ion", "cost centre" = 42, gold = true, half = 0.5 }',
    )
    found = environments(text)["training"]
    assert found.name == "train-2"
    assert found.version == "1.10"
    assert found.description == 'Two lines,\n  the second "indented".\n'
    assert found.image == "a"
    assert found.platform == "linux/arm64"
    assert found.tags == {"team": "vision", "cost centre": "42", "gold": "true", "half": "0.5"}


def test_null_is_the_same_as_leaving_an_argument_out() -> None:
    text = declared("name = null", 'image = "python"', "version = null", "tags = null", "description = null")
    assert environments(text)["training"] == Environment(address=ADDRESS, name="training", image="python")


def test_comments_between_labels_unicode_names_and_strip_marks_are_read() -> None:
    text = 'environment /* why */ "größe" { # trailing\n  name  = "size"\n  image = "python:${~ 3 ~}" // end\n}\n'
    assert environments(text)["größe"].image == "python:3"


def test_the_range_of_each_argument_is_that_of_its_value_and_the_empty_name_is_the_header() -> None:
    text = declared('image = "python"', "tags  = {", '  a = "b"', "}")
    places = environments(text)["training"].places
    assert sorted(places) == ["", "image", "tags"]
    image, tags, header = places["image"].subject, places["tags"].subject, places[""].subject
    assert places["image"].snippet.code == '  image = "python"'
    assert places["image"].snippet.context == 'environment "training"'
    assert (image.start.line, image.start.column, image.end.column) == (2, 11, 19)
    assert (tags.start.line, tags.end.line) == (3, 5)
    assert (header.start.line, header.start.column, header.end.column) == (1, 1, len('environment "training"') + 1)


@pytest.mark.parametrize(
    ("line", "summary", "at", "said"),
    [
        ("version = 1.10", "Invalid argument value", "1.10", 'version = "1.10"'),
        ("version = 3", "Invalid argument value", "3", 'version = "3"'),
        ('version = "latest"', "Invalid version", '"latest"', "most recently created"),
        ('version = "a/b"', "Invalid version", '"a/b"', "tag in the registry"),
        ('version = ""', "Invalid version", '""', "tag in the registry"),
        ('name = ""', "Invalid environment name", '""', "letters, digits"),
        ('name = "a b"', "Invalid environment name", '"a b"', "letters, digits"),
        ('name = "a.b"', "Invalid environment name", '"a.b"', "letters, digits"),
        ('name = "-a"', "Invalid environment name", '"-a"', "begins with a letter or digit"),
        ('name = "AzureML-pytorch"', "Reserved environment name", '"AzureML-pytorch"', "clone"),
        ('name = "microsoft"', "Reserved environment name", '"microsoft"', "clone"),
        ('name = "envform-cpu"', "Reserved environment name", '"envform-cpu"', "clone"),
        ('platform = "linux"', "Invalid platform", '"linux"', "linux/amd64"),
        ("tags = []", "Invalid argument value", "[]", "this is a tuple"),
        ('tags = "a"', "Invalid argument value", '"a"', "this is a string"),
        ("tags = { a = null }", "Invalid argument value", "null", "that of `a` is null"),
        ("tags = { a = [1] }", "Invalid argument value", "[1]", "that of `a` is a tuple"),
        ("tags = { a = 1, a = 2 }", "Duplicate object key", "a", "twice"),
        ("description = { a = 1 }", "Invalid argument value", "{ a = 1 }", "this is an object"),
        ("description = nope", "Invalid reference", "nope", 'write it in quotes: "nope"'),
        (
            "description = environment.nope.name",
            "Reference to undeclared environment",
            "environment.nope",
            "no `environ",
        ),
        ("description = environment.training.name", "Self-referential block", "environment.training", "itself"),
        ("description = environment", "Invalid reference", "environment", "label"),
    ],
)
def test_a_value_that_is_wrong_is_told_at_its_place(line: str, summary: str, at: str, said: str) -> None:
    found = problem(declared('image = "python"', line))
    assert (found.summary, marked(found)) == (summary, at)
    assert said in f"{found.detail} {found.hint}"
    assert found.address == ADDRESS


@pytest.mark.parametrize("image", ['""', '"UPPER"', '"a b"', '"oci:./layout"', '"python@sha256:12"'])
def test_an_image_that_is_no_reference_is_told_at_its_value(image: str) -> None:
    found = problem(declared(f"image = {image}"))
    assert (found.summary, marked(found)) == ("Invalid image reference", image)


def test_a_label_that_cannot_be_a_name_is_told_unless_there_is_another_name() -> None:
    found = problem('environment "_x" { image = "python" }')
    assert (found.summary, marked(found)) == ("Invalid environment name", '"_x"')
    assert "argument `name`" in found.hint
    assert environments('environment "_x" {\n  name  = "x"\n  image = "python"\n}')["_x"].name == "x"


def test_all_that_is_wrong_with_a_block_is_told_at_once() -> None:
    text = declared('image = "UPPER"', "version = 2", 'platform = "x"', "tags = 5")
    assert [item.summary for item in problems(text)] == [
        "Invalid argument value",
        "Invalid argument value",
        "Invalid image reference",
        "Invalid platform",
    ]


def test_a_reference_takes_what_is_known_of_another_environment() -> None:
    text = ENVFORM + declared("image = environment.base.image") + 'environment "base" { image = "python:3.12" }\n'
    configuration = configure({"main.hcl": text})
    known = {"environment.base": {"image": "localhost:5000/envform:0123", "name": "base", "hash": "0123"}}
    assert evaluate(configuration, ADDRESS, known).image == "localhost:5000/envform:0123"


def test_a_reference_to_an_environment_that_is_misspelled_names_the_near_one() -> None:
    text = declared("image = environment.bas.image") + 'environment "base" { image = "python" }\n'
    found = problem(text)
    assert found.summary == "Reference to undeclared environment"
    assert found.hint == "did you mean `environment.base`?"


def test_a_reference_to_what_is_not_known_yet_is_no_crash() -> None:
    text = ENVFORM + declared("image = environment.base.image") + 'environment "base" { image = "python" }\n'
    configuration = configure({"main.hcl": text})
    with pytest.raises(EnvformError, match="Environment not known yet"):
        evaluate(configuration, ADDRESS, {})
