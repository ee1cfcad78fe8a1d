"""What an `environment` block may say, and what excludes what."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reconciler.model.definition import Conda
from reconciler.model.details import InferenceConfig, Route
from reconciler.model.diagnostic import Diagnostic, EnvformError
from tests.language.definition.projects import IMAGE, environment, problems, warnings
from tests.language.projects import ENVFORM

TOKEN = "hf_" + 34 * "x"
BUILD = 'build {\n  path = "ctx"\n}\n'
CONTEXT = {"ctx/Dockerfile": "FROM x AS base\nFROM base AS last\nCOPY a /a\n", "ctx/a": "1"}
PIP_FILE = "dependencies:\n  - pip: [-r r.txt]\n"
CONDA = 'conda {\n  dependencies = ["python=3.11"]\n}\n'


def place(found: Diagnostic) -> str:
    """The text that a problem is about."""
    assert found.subject is not None
    assert found.snippet is not None
    line = found.snippet.code.split("\n")[0]
    start, end = found.subject.start, found.subject.end
    return line[start.column - 1 : end.column - 1 if end.line == start.line else None]


@pytest.mark.parametrize(
    ("block", "summary", "at"),
    [
        ("", "Missing base image", 'environment "a"'),
        ('pip = ["x"]\n', "Missing base image", 'environment "a"'),
        ("image = null\n", "Missing base image", 'environment "a"'),
        (IMAGE + BUILD, "Conflicting base images", "build"),
        (IMAGE + 'dockerfile = "FROM x"\n', "Conflicting base images", '"FROM x"'),
        (BUILD + 'dockerfile = "FROM x"\n', "Conflicting base images", "build"),
        (IMAGE + CONDA + 'conda_file = "c.yml"\n', "Conflicting arguments", '"c.yml"'),
        (IMAGE + CONDA + 'pip = ["x"]\n', "Conflicting arguments", '["x"]'),
        (IMAGE + 'conda_file = "c.yml"\nrequirements_file = "r.txt"\n', "Conflicting arguments", '"r.txt"'),
        (IMAGE + CONDA + 'interpreter_path = "/p"\n', "Conflicting arguments", '"/p"'),
        (IMAGE + CONDA + 'python_version = "3.11"\n', "Conflicting arguments", '"3.11"'),
        (BUILD + 'pip = ["x"]\n', "Conflicting arguments", '["x"]'),
        (BUILD + 'conda_file = "c.yml"\n', "Conflicting arguments", '"c.yml"'),
        (BUILD + 'docker_steps = ["RUN a"]\n', "Conflicting arguments", '["RUN a"]'),
        ('dockerfile = "FROM x"\ndocker_steps = ["RUN a"]\n', "Conflicting arguments", '["RUN a"]'),
        (IMAGE + 'user_managed = true\npip = ["x"]\n', "Conflicting arguments", '["x"]'),
        (IMAGE + 'runtime = "local"\n', "Conflicting arguments", '"x:1"'),
        (IMAGE + "user_managed = false\n", "Argument without effect", "false"),
        (BUILD + 'base = "pin"\n', "Argument without effect", '"pin"'),
        (IMAGE + 'packages = "follow"\n', "Argument without effect", '"follow"'),
        (IMAGE + "conda {\n}\n", "Argument without effect", "conda"),
        (IMAGE + 'os_type = "windows"\nplatform = "linux/amd64"\n', "Conflicting arguments", '"windows"'),
        (IMAGE + 'os_type = "macos"\n', "Invalid argument value", '"macos"'),
        (IMAGE + 'runtime = "contaner"\n', "Invalid argument value", '"contaner"'),
        (IMAGE + 'base = "pinned"\n', "Invalid argument value", '"pinned"'),
        (IMAGE + 'on_destroy = "keep"\n', "Invalid argument value", '"keep"'),
        (IMAGE + 'python_version = "3"\n', "Invalid Python version", '"3"'),
        (IMAGE + "python_version = 3.10\n", "Invalid argument value", "3.10"),
        (IMAGE + 'pip = ["a"]\nexclude_newer = "last week"\n', "Invalid argument value", '"last week"'),
        (IMAGE + 'pip = ["a"]\nexclude_newer = "2026-02-30"\n', "Invalid argument value", '"2026-02-30"'),
        (IMAGE + 'exclude_newer = "2026-02-01"\n', "Argument without effect", '"2026-02-01"'),
        (IMAGE + "allow_source_builds = true\n", "Argument without effect", "true"),
        (IMAGE + 'pip = ["a"]\nallow_source_builds = "often"\n', "Invalid argument value", '"often"'),
        (IMAGE + 'pip = ["ok", "a=1"]\n', "Invalid requirement", '"a=1"'),
        (IMAGE + 'pip = ["a=={{latest-pypi-version}}"]\n', "Unrendered template", '"a=={{latest-pypi-version}}"'),
        (IMAGE + 'pip = ["./none.whl"]\n', "No such file", '"./none.whl"'),
        (IMAGE + 'pip = ["../out.whl"]\n', "File outside of the project", '"../out.whl"'),
        (IMAGE + 'requirements_file = "none.txt"\n', "No such file", '"none.txt"'),
        (IMAGE + 'conda_file = "none.yml"\n', "No such file", '"none.yml"'),
        (IMAGE + "conda_file = 5\n", "Invalid argument value", "5"),
        (IMAGE + 'conda_file = ["python"]\n', "Invalid argument value", '["python"]'),
        (IMAGE + 'conda_file = { dependencies = ["a", "=1"] }\n', "Invalid conda package", '"=1"'),
        (IMAGE + 'docker_steps = ["RUN a", "FROM b"]\n', "Invalid Docker step", '"FROM b"'),
        (IMAGE + 'docker_steps = ["COPY a b"]\n', "Copy without a build context", '"COPY a b"'),
        (IMAGE + 'docker_steps = ["ENV API_TOKEN=x"]\n', "Credentials in a definition", '"ENV API_TOKEN=x"'),
        ('dockerfile = "FROM x\\nCOPY a b"\n', "Copy without a build context", '"FROM x\\nCOPY a b"'),
        ('dockerfile = "RUN a"\n', "Invalid Dockerfile", '"RUN a"'),
        ('build {\n  path = "none"\n}\n', "No such folder", '"none"'),
        ('build {\n  path = "ctx/a"\n}\n', "Invalid build context", '"ctx/a"'),
        ('build {\n  path = ""\n}\n', "Invalid build context", '""'),
        ('build {\n  path = "https://g.example/r.git#main:dir"\n}\n', "Build context from elsewhere", '"https://g.example/r.git#main:dir"'),
        ('build {\n  path = "ctx"\n  dockerfile_path = "D"\n}\n', "Dockerfile not found", '"D"'),
        ('build {\n  path = "ctx"\n  target = "lst"\n}\n', "No such build stage", '"lst"'),
        ('build {\n  path = "ctx"\n  args = { HF_TOKEN = "x" }\n}\n', "Credentials in a definition", '"x"'),
        (BUILD[:-2] + f'  args = {{ A = "{TOKEN}" }}\n}}\n', "Credentials in a definition", f'"{TOKEN}"'),
        (
            'build {\n  path = "ctx"\n  args = { INDEX = "https://me:pw@pypi.example.org/simple" }\n}\n',
            "Credentials in a definition",
            '"https://me:pw@pypi.example.org/simple"',
        ),
        (IMAGE + 'environment_variables = { DB_PASSWORD = "x" }\n', "Credentials in a definition", '"x"'),
        (IMAGE + 'environment_variables = { "a=b" = "x" }\n', "Invalid environment variable", '"x"'),
        (IMAGE + 'spark {\n  packages = ["a:b"]\n}\n', "Invalid Spark package", '"a:b"'),
        ('image = "user:pw@host/x:1"\n', "Invalid image reference", '"user:pw@host/x:1"'),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(block: str, summary: str, at: str) -> None:
    files = {**CONTEXT, "c.yml": "dependencies: [python=3.11]\n", "r.txt": "x\n"}
    (found,) = problems(block, files)
    assert found.summary == summary
    assert place(found) == at
    assert found.address == "environment.a"


@pytest.mark.parametrize(
    ("files", "filename", "line", "summary"),
    [
        ({"c.yml": "dependencies:\n  - python\n  - numpy==\n"}, "c.yml", 3, "Invalid conda package"),
        ({"c.yml": "dependencies:\n  - pip:\n    - ok\n    - a=1\n"}, "c.yml", 4, "Invalid requirement"),
        ({"c.yml": "dependencies:\n  - pip: [-r no.txt]\n"}, "c.yml", 2, "No such file"),
        ({"c.yml": "dependencies:\n  - {{latest}}\n"}, "c.yml", 2, "Template in YAML"),
        ({"c.yml": "dependencies:\n  - a={{latest-pypi-version}}\n"}, "c.yml", 2, "Unrendered template"),
        ({"c.yml": "- python\n"}, "c.yml", 1, "Invalid conda file"),
        ({"c.yml": "dependencies: [a]\ndependencies: [b]\n"}, "c.yml", 2, "Duplicate YAML key"),
        ({"c.yml": PIP_FILE, "r.txt": "ok\n-r s/t.txt\n", "s/t.txt": "\n\nb=1"}, "s/t.txt", 3, "Invalid requirement"),
        ({"c.yml": PIP_FILE, "r.txt": "ok\n-r r.txt\n"}, "r.txt", 2, "Requirements include each other"),
    ],
)  # fmt: skip
def test_mistakes_in_files_are_told_in_the_files(
    files: Mapping[str, str], filename: str, line: int, summary: str
) -> None:
    (found,) = problems(IMAGE + 'conda_file = "c.yml"\n', files)
    assert found.subject is not None
    assert (found.subject.filename, found.subject.start.line, found.summary) == (filename, line, summary)


def test_who_writes_an_environment_where_an_image_belongs_is_told_how_to_look_it_up() -> None:
    (found,) = problems('image = "azureml:base:3"\n')
    assert "refers to an environment" in found.detail
    assert "`data.environment.NAME.image`" in found.detail


def test_a_mistake_in_a_context_is_told_in_its_dockerfile() -> None:
    (found,) = problems(BUILD, {"ctx/Dockerfile": "FROM x\nCOPY b /b\n"})
    assert found.subject is not None
    assert (found.subject.filename, found.subject.start.line) == ("ctx/Dockerfile", 2)


def test_requirements_are_put_together_in_order_with_paths_of_the_project() -> None:
    files = {
        "deep/r.txt": "first\n-r ../more.txt\n-c c.txt\n--extra-index-url https://i.example\n./w.whl\n",
        "more.txt": "second\n-f links\n",
        "deep/c.txt": "first<2\n",
        "deep/w.whl": "",
        "links/x.whl": "",
    }
    found = environment(IMAGE + 'requirements_file = "deep/r.txt"\npip = ["last"]\n', files).contents
    assert found.packages == ("first", "second", "./deep/w.whl", "last")
    assert found.options == ("--find-links ./links", "--extra-index-url https://i.example")
    assert found.constraints == ("first<2",)
    assert found.files.keys() == {"deep/w.whl", "links"}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-01-31", "2026-02-01T00:00:00Z"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
    ],
)
def test_a_day_and_a_moment_mean_the_same_everywhere(given: str, meant: str) -> None:
    found = environment(IMAGE + f'pip = ["a"]\nexclude_newer = "{given}"\n')
    assert found.contents.exclude_newer == meant


def test_builds_are_part_of_the_identity_only_where_they_are_allowed() -> None:
    plain = environment(IMAGE + 'pip = ["a"]\n').contents
    assert environment(IMAGE + 'pip = ["a"]\nallow_source_builds = false\n').contents == plain
    allowed = environment(IMAGE + 'pip = ["a"]\nallow_source_builds = true\n').contents
    assert allowed.allow_source_builds
    assert allowed.hash != plain.hash


def test_a_project_folder_is_what_its_source_is() -> None:
    source = {"own/pyproject.toml": "[project]\n", "own/src/own/__init__.py": "x = 1\n"}
    made = {"own/src/own.egg-info/PKG-INFO": "", "own/src/own/__pycache__/a.pyc": "", "own/.git/HEAD": "x"}
    text = IMAGE + 'pip = ["./own"]\n'
    digest = environment(text, source).contents.files["own"]
    assert environment(text, source | made).contents.files["own"] == digest
    assert environment(text, source | {"own/src/own/__init__.py": "x = 2\n"}).contents.files["own"] != digest
    assert environment(text, source | {"own/src/own/new.py": ""}).contents.files["own"] != digest


def test_paths_in_a_conda_file_count_from_its_folder() -> None:
    files = {"env/c.yml": "dependencies: [python=3.11, {pip: [-r ../r.txt]}]\n", "r.txt": "numpy\n"}
    found = environment(IMAGE + 'conda_file = "env/c.yml"\n', files).contents
    assert found.packages == ("numpy",)
    assert found.conda == Conda((), ("python=3.11",))


def test_what_does_not_change_the_image_stands_beside_it() -> None:
    routes = "".join(
        f'  {name}_route {{\n    path = "/{name}"\n    port = 80\n  }}\n'
        for name in ("liveness", "readiness", "scoring")
    )
    block = (
        "properties = { a = 1 }\nenvironment_variables = { TOKENIZERS_PARALLELISM = false }\nuser_managed = true\n"
        f'interpreter_path = "/opt/bin/python"\ninference_config {{\n{routes}}}\n'
    )
    found = environment(IMAGE + block)
    assert found.contents == environment(IMAGE).contents
    assert found.details.properties == {"a": "1"}
    assert found.details.environment_variables == {"TOKENIZERS_PARALLELISM": "false"}
    assert found.details.inference_config == InferenceConfig(
        Route("/liveness", 80), Route("/readiness", 80), Route("/scoring", 80)
    )
    assert (found.details.user_managed, found.details.interpreter_path) == (True, "/opt/bin/python")


def test_variables_of_a_conda_file_are_those_of_the_environment() -> None:
    files = {"c.yml": "dependencies: [python]\nvariables: {A: one, B: 2}\n"}
    block = IMAGE + 'conda_file = "c.yml"\nenvironment_variables = { C = "three" }\n'
    assert environment(block, files).details.environment_variables == {"A": "one", "B": "2", "C": "three"}


@pytest.mark.parametrize("port", ["0", "65536", "-1", "1.5"])
def test_a_port_is_a_port(port: str) -> None:
    good = '    path = "/"\n    port = 1\n'
    routes = "".join(f"  {name}_route {{\n{good}  }}\n" for name in ("liveness", "readiness"))
    bad = f'  scoring_route {{\n    path = "/"\n    port = {port}\n  }}\n'
    (found,) = problems(f"{IMAGE}inference_config {{\n{routes}{bad}}}\n")
    assert (found.summary, place(found)) == ("Invalid inference route", port)


def test_a_system_without_a_platform_means_the_usual_one() -> None:
    assert environment(IMAGE + 'os_type = "Windows"\n').platform == "windows/amd64"


def test_a_default_gives_way_to_what_the_block_says() -> None:
    settings = ENVFORM.replace("}", '  defaults {\n    pip = ["x"]\n    packages = "follow"\n  }\n}')
    assert environment(IMAGE, settings=settings).contents.packages == ("x",)
    assert environment(BUILD, CONTEXT, settings=settings).contents.packages == ()
    assert environment(IMAGE + CONDA, settings=settings).contents.packages == ()


def test_several_mistakes_are_told_together() -> None:
    found = problems(IMAGE + 'pip = ["a=1", "b", "c=2"]\nbase = "x"\ndocker_steps = ["RNU a"]\n')
    assert [one.summary for one in found].count("Invalid requirement") == 2
    assert len(found) == 4


def test_without_a_project_folder_files_are_refused_in_words() -> None:
    from tests.language.projects import problem

    found = problem('environment "a" {\n image = "x"\n requirements_file = "r.txt"\n}')
    assert "without a project folder" in found.detail


def test_a_thousand_environments_may_share_their_files() -> None:
    class Counting(dict[str, str]):
        reads = 0

        def __getitem__(self, key: str) -> str:
            Counting.reads += 1
            return super().__getitem__(key)

    from reconciler.language.configuration import configure
    from reconciler.language.evaluation import evaluate
    from reconciler.language.hcl import parse
    from reconciler.language.remembered_files import RememberedFiles
    from tests.language.definition.texts import Texts

    blocks = "".join(f'environment "e{number}" {{\n{BUILD}}}\n' for number in range(50))
    files = RememberedFiles(Texts(Counting(CONTEXT)))
    configuration = configure({"envform.hcl": ENVFORM, "main.hcl": blocks}, parse, files)
    found = {evaluate(configuration, address, {}).contents.hash for address in configuration.addresses}
    assert len(found) == 1
    assert Counting.reads < 20


def test_nothing_of_a_wrong_environment_is_used() -> None:
    with pytest.raises(EnvformError):
        environment(IMAGE + 'pip = ["=="]\n')


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (IMAGE + "spark {\n}\n", "names no package"),
        (IMAGE + 'spark {\n  repositories = ["https://r.example"]\n}\n', "names no package"),
        (IMAGE + 'python_version = ""\n', "`python_version` is an empty text"),
        (IMAGE + 'interpreter_path = ""\n', "`interpreter_path` is an empty text"),
        (IMAGE + 'os_type = ""\n', "`os_type` is an empty text"),
        ('build {\n  path = "ctx"\n  target = ""\n}\n', "`target` is an empty text"),
    ],
)
def test_what_says_nothing_is_refused(block: str, said: str) -> None:
    (found,) = problems(block, {"ctx/Dockerfile": "FROM scratch\n"})
    assert found.summary == "Argument without effect"
    assert said in found.detail


@pytest.mark.parametrize(
    ("block", "line", "said"),
    [
        (IMAGE + 'pip = ["--no-index"]\n', 3, "`pip` names no package"),
        (IMAGE + 'requirements_file = "r.txt"\n', 3, "`requirements_file` names no package"),
        (
            'build {\n  path = "ctx"\n  args = { A = "1", B = "2", HTTP_PROXY = "x", BUILDKIT_SYNTAX = "y" }\n}\n',
            4,
            "no `ARG B`",
        ),
        (f'image = "x@sha256:{"a" * 64}"\nbase = "follow"\n', 3, "by its digest"),
    ],
)
def test_what_does_nothing_is_told(block: str, line: int, said: str) -> None:
    (found,) = warnings(block, {"r.txt": "# nothing yet\n", "ctx/Dockerfile": "FROM scratch\nARG A\n"})
    assert found.summary == "Argument without effect"
    assert found.subject is not None
    assert found.subject.start.line == line
    assert said in found.detail


def test_a_build_argument_without_effect_is_told_with_what_was_meant() -> None:
    block = 'build {\n  path = "ctx"\n  args = { VERSON = "1", A = "2", AA = "3" }\n}\n'
    typo, far = warnings(block, {"ctx/Dockerfile": "ARG VERSION\nFROM scratch\nARG A\n"})
    assert (typo.address, typo.hint) == ("environment.a", "did you mean `VERSION`?")
    assert "no `ARG AA`" in far.detail
    assert not far.hint  # `A` has its value already
