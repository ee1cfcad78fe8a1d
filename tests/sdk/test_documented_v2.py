"""What the documentation of Azure ML's second SDK shows for environments runs here, but for imports and workspace."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from reconciler import BuildContext, EnvformError, Environment, ListViewType, ResourceNotFoundError, load_environment
from tests.sdk.documented import documented

REGISTERED = """
env_docker_image = Environment(
    image="pytorch/pytorch:latest",
    name="docker-image-example",
    description="Environment created from a Docker image.",
)
ml_client.environments.create_or_update(env_docker_image)
"""


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return documented(tmp_path, monkeypatch) | {
        "BuildContext": BuildContext,
        "Environment": Environment,
        "ListViewType": ListViewType,
        "load_environment": load_environment,
        "EnvformError": EnvformError,
        "pytest": pytest,
    }


def run(names: dict[str, Any], *snippets: str) -> dict[str, Any]:
    """The names after snippets were run one after the other, as the cells of a notebook are."""
    for snippet in snippets:
        exec(dedent(snippet), names)
    return names


def test_from_an_image(names: dict[str, Any]) -> None:
    run(names, REGISTERED)
    env = names["ml_client"].environments.get("docker-image-example", label="latest")
    assert (env.id, env.description) == ("docker-image-example:1", "Environment created from a Docker image.")


def test_from_a_build_context(names: dict[str, Any]) -> None:
    run(
        names,
        """
        env_docker_context = Environment(
            build=BuildContext(path="docker-contexts/python-and-pip"),
            name="docker-context-example",
            description="Environment created from a Docker context.",
        )
        env_docker_context.validate()
        """,
    )
    context = names["env_docker_context"].build
    assert (context.path, context.dockerfile_path) == ("docker-contexts/python-and-pip", "Dockerfile")


def test_from_an_image_with_a_conda_file(names: dict[str, Any]) -> None:
    run(
        names,
        """
        env_docker_conda = Environment(
            image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04",
            conda_file="conda-yamls/pydata.yml",
            name="docker-image-plus-conda-example",
            description="Environment created from a Docker image plus Conda environment.",
        )
        made = ml_client.environments.create_or_update(env_docker_conda)
        """,
    )
    packages = names["made"].python.conda_dependencies
    assert (list(packages.conda_packages), list(packages.pip_packages)) == (["pip", "numpy"], ["pillow==5.4.1"])


def test_with_the_conda_file_as_a_dictionary(names: dict[str, Any]) -> None:
    run(
        names,
        """
        env = Environment(
            image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04",
            name="inline",
            conda_file={
                "name": "env",
                "channels": ["conda-forge"],
                "dependencies": ["python=3.11", "pip", {"pip": ["pillow==5.4.1"]}],
            },
            tags={"team": "vision"},
        )
        made = ml_client.create_or_update(env)
        """,
    )
    assert (names["made"].version, names["made"].tags) == ("1", {"team": "vision"})


def test_lists(names: dict[str, Any]) -> None:
    run(
        names,
        REGISTERED,
        """
        listed = []
        envs = ml_client.environments.list()
        for env in envs:
            listed.append((env.name, env.latest_version))
        envs = ml_client.environments.list(name="docker-image-example")
        for env in envs:
            listed.append(env.version)
        """,
    )
    assert names["listed"] == [("docker-image-example", "1"), "1"]


def test_show_and_update(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    run(
        names,
        REGISTERED,
        """
        env = ml_client.environments.get(name="docker-image-example", version="1")
        print(env)
        env.description="This is an updated description."
        ml_client.environments.create_or_update(environment=env)
        """,
    )
    assert "name: docker-image-example\nversion: '1'\n" in capsys.readouterr().out
    env = names["ml_client"].environments.get(name="docker-image-example", version="1")
    assert env.description == "This is an updated description."


def test_archive_and_restore(names: dict[str, Any]) -> None:
    run(
        names,
        REGISTERED,
        """
        ml_client.environments.archive(name="docker-image-example")
        hidden = list(ml_client.environments.list())
        seen = list(ml_client.environments.list(list_view_type=ListViewType.ARCHIVED_ONLY))
        ml_client.environments.restore(name="docker-image-example")
        ml_client.environments.archive(name="docker-image-example", version="1")
        again = list(ml_client.environments.list(list_view_type=ListViewType.ALL))
        """,
    )
    assert [len(names[name]) for name in ("hidden", "seen", "again")] == [0, 1, 1]


def test_a_document_is_loaded_changed_and_written_again(names: dict[str, Any], tmp_path: Path) -> None:
    run(
        names,
        """
        env = load_environment(source="documents/env.yml", params_override=[{"name": "other"}, {"version": "3"}])
        env.dump("copy.yml")
        same = load_environment("copy.yml")
        """,
    )
    assert names["env"].id == "other:3"
    assert names["same"] == names["env"]
    assert "conda_file: conda-yamls/pydata.yml" in (tmp_path / "copy.yml").read_text()


def test_a_document_that_the_folder_declares_is_registered_as_declared(names: dict[str, Any], tmp_path: Path) -> None:
    text = "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\nname: declared\n"
    (tmp_path / "declared.yml").write_text(f"{text}image: oci:./images:base\n")
    run(
        names,
        """
        env = load_environment("declared.yml")
        made = ml_client.environments.create_or_update(env)
        again = ml_client.environments.create_or_update(load_environment("declared.yml"))
        same = ml_client.environments.create_or_update(Environment(name="declared", image="oci:./images:base"))
        env.image = "oci:./images:debian"
        """,
    )
    assert [names[name].id for name in ("made", "again", "same")] == ["declared:1"] * 3
    assert [change.action for change in names["ws"].plan().changes if change.name == "declared"] == ["no-op"]
    with pytest.raises(EnvformError, match=r"is that of `environment\.declared` already, which `.*declared\.yml`"):
        names["ws"].environments.create_or_update(names["env"])


def test_routes_of_an_inference_server(names: dict[str, Any]) -> None:
    run(
        names,
        """
        env = Environment(
            name="serving",
            image="pytorch/pytorch:latest",
            inference_config={
                "liveness_route": {"port": 8501, "path": "/v1/models/half_plus_two"},
                "readiness_route": {"port": 8501, "path": "/v1/models/half_plus_two"},
                "scoring_route": {"port": 8501, "path": "/v1/models/half_plus_two:predict"},
            },
        )
        made = ml_client.environments.create_or_update(env)
        """,
    )
    assert names["made"].inference_config["scoring_route"] == {"path": "/v1/models/half_plus_two:predict", "port": 8501}


def test_curated_ones_are_found_by_name_and_cloned(names: dict[str, Any]) -> None:
    run(
        names,
        """
        curated = ml_client.environments.get("envform-sklearn", label="latest")
        mine = curated.clone("mine")
        mine.validate(ml_client)
        """,
    )
    assert (names["curated"].version, names["mine"].version) == ("1", None)
    assert "scikit-learn==1.6.1" in names["mine"].more["pip"]


@pytest.mark.parametrize(
    ("wrong", "summary"),
    [
        (
            "ml_client.environments.get('docker-image-example', version='1', label='latest')",
            "Version and label together",
        ),
        ("ml_client.environments.get('docker-image-example', version='9')", "Unknown version"),
        ("ml_client.environments.get('docker-image-example', label='prod')", "Unknown label"),
        ("ml_client.environments.get('nobody')", "Unknown environment"),
        ("Environment(name='AzureML-x', image='pytorch/pytorch:latest').validate()", "Reserved environment name"),
        ("Environment(name='x').validate()", "Missing base image"),
        ("Environment(name='x', image='a:1', build=BuildContext(path='docker-contexts')).validate()", "Conflicting"),
        ("Environment(name='x', build=BuildContext(path='nothing')).validate()", "No such"),
        ("Environment(name='x', image='a:1', conda_file='nothing.yml').validate()", "No such"),
        ("load_environment('nothing.yml')", "No such"),
        (
            "open('bad.yml', 'w').write('a: ['); Environment(image='a:1', conda_file='bad.yml').validate()",
            "Invalid YAML",
        ),
    ],
)
def test_mistakes_are_told(names: dict[str, Any], wrong: str, summary: str) -> None:
    run(names, REGISTERED)
    with pytest.raises(EnvformError) as error:
        run(names, wrong)
    assert any(item.summary.startswith(summary) for item in error.value.diagnostics), error.value.diagnostics
    assert isinstance(error.value, ResourceNotFoundError) == summary.startswith("Unknown")
