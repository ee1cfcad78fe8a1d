"""`compat_hash = "azureml"` is Azure ML's own hash of the same environment, and can be looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.language.definition.azure_hash import anonymous_build_version, anonymous_version, upload_hash
from tests.cli.terminal import Envform
from tests.language.definition.projects import environment, problems
from tests.language.definition.texts import Texts
from tests.language.projects import ENVFORM

ASK = 'compat_hash = "azureml"\n'
CONDA = "name: x\ndependencies: [python=3.10, {pip: [a==1]}]\nchannels: [c]\n"
LOADED = {"name": "x", "channels": ["c"], "dependencies": ["python=3.10", {"pip": ["a==1"]}]}


def found(block: str, files: dict[str, str] | None = None) -> str:
    return environment(ASK + block, files).details.compat_hash


def test_an_image_is_hashed_as_it_is_written() -> None:
    # The value is Azure's own, from the corpus.
    assert found('image = "b"\n') == "dba1de6de88c058e5e0922171e0bd97e79e20e9fc6c1d2737a91146765527305"
    assert environment('image = "b"\n').details.compat_hash == ""


def test_a_conda_file_counts_with_its_name_however_it_is_given() -> None:
    expected = anonymous_version("b", LOADED)
    assert found('image = "b"\nconda_file = "c.yml"\n', {"c.yml": CONDA}) == expected
    inline = 'conda_file = { name = "x", channels = ["c"], dependencies = ["python=3.10", { pip = ["a==1"] }] }\n'
    assert found(f'image = "b"\n{inline}') == expected
    block = 'conda {\n  channels = ["c"]\n  dependencies = ["python=3.10"]\n  pip = ["a==1"]\n}\n'
    nameless = {key: value for key, value in LOADED.items() if key != "name"}
    assert found(f'image = "b"\n{block}') == anonymous_version("b", nameless)


def test_dates_and_aliases_count_as_pyyaml_reads_them() -> None:
    files = {"c.yml": "dependencies: &d [python=3.10]\nchannels: [c]\nname: 2022-01-01\n"}
    import datetime

    expected = {"name": datetime.date(2022, 1, 1), "channels": ["c"], "dependencies": ["python=3.10"]}
    assert found('image = "b"\nconda_file = "c.yml"\n', files) == anonymous_version("b", expected)


def test_routes_count_as_they_do_in_azures_sdk() -> None:
    route = '{\n  path = "/"\n  port = 80\n}\n'
    config = "".join(f"{name} {route}" for name in ("liveness_route", "readiness_route", "scoring_route"))
    plain = {name: {"path": "/", "port": 80} for name in ("liveness_route", "readiness_route", "scoring_route")}
    assert found(f'image = "b"\ninference_config {{\n{config}}}\n') == anonymous_version("b", None, plain)


def test_a_build_context_counts_with_its_dockerfile_only_where_it_is_named() -> None:
    files = {"ctx/Dockerfile": "FROM scratch\n", "ctx/a": "1"}
    uploaded = upload_hash(Texts(files), "ctx")
    assert found('build {\n  path = "ctx"\n}\n', files) == anonymous_build_version(uploaded)
    named = 'build {\n  path = "ctx"\n  dockerfile_path = "Dockerfile"\n}\n'
    assert found(named, files) == anonymous_build_version(uploaded, "Dockerfile")


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ('image = "b"\npip = ["a==1"]\n', "`pip`"),
        ('image = "b"\ndocker_steps = ["RUN x"]\n', "`docker_steps`"),
        ('dockerfile = "FROM b"\n', "`dockerfile`"),
        ('build {\n  path = "ctx"\n  args = { A = "1" }\n}\n', "`args`"),
        ('runtime = "local"\n', "`runtime`"),
    ],
)
def test_what_azure_has_no_form_for_has_no_hash_there(block: str, said: str) -> None:
    files = {"ctx/Dockerfile": "FROM scratch\nARG A\n"}
    (told,) = problems(ASK + block, files)
    assert told.summary == "Argument without effect"
    assert said in told.detail
    settings = ENVFORM.replace("}", '  defaults {\n    compat_hash = "azureml"\n  }\n}')
    assert environment(block, files, settings=settings).details.compat_hash == ""


def test_only_azure_is_known() -> None:
    (told,) = problems('image = "b"\ncompat_hash = "azure"\n')
    assert told.summary == "Invalid argument value"
    assert "azureml" in told.detail


def test_an_output_shows_it_and_validate_knows_it(tmp_path: Path) -> None:
    (tmp_path / "main.hcl").write_text(
        f'{ENVFORM}environment "a" {{\n  image = "b"\n  {ASK}}}\n'
        'check "same" {\n  assert {\n    condition = startswith(environment.a.compat_hash, "dba1")\n'
        '    error_message = "Other."\n  }\n}\n'
    )
    envform = Envform(tmp_path)
    assert envform("validate").exit_code == 0
    shown = envform("console", typed="environment.a.compat_hash\n")
    assert json.loads(shown.stdout) == found('image = "b"\n')
