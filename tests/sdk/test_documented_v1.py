"""What the documentation of Azure ML's first SDK shows for environments runs here, but for imports and workspace."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import reconciler
from reconciler import EnvformError, Environment
from tests.sdk.documented import documented


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    offered = {name: getattr(reconciler, name) for name in reconciler.__all__}
    return {**offered, **documented(tmp_path, monkeypatch)}


def run(names: dict[str, Any], *snippets: str) -> dict[str, Any]:
    """The names after snippets were run one after the other, as the cells of a notebook are."""
    for snippet in snippets:
        exec(dedent(snippet), names)
    return names


IMAGE = """
myenv = Environment(name="myenv")
myenv.docker.base_image = "pytorch/pytorch:latest"
myenv.python.user_managed_dependencies = True
"""
REGISTERED = f"{IMAGE}myenv.register(workspace=ws)\n"


def test_a_curated_one_is_got_listed_and_cloned(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    run(
        names,
        """
        env = Environment.get(workspace=ws, name="envform-sklearn")
        envs = Environment.list(workspace=ws)
        for env in envs:
            if env.startswith("envform-"):
                print("Name", env)
                print("packages", envs[env].python.conda_dependencies.serialize_to_string())
        curated_clone = Environment.get(workspace=ws, name="envform-sklearn").clone("customize_curated")
        curated_clone.python.conda_dependencies.add_pip_package("pillow")
        """,
    )
    shown = capsys.readouterr().out
    assert "Name envform-boosting" in shown
    assert "- scikit-learn==1.6.1" in shown
    fields = names["ws"].environments.fields(names["curated_clone"])
    assert (fields["name"], fields["pip"][-1]) == ("customize_curated", "pillow"), "and no conda comes into it"


def test_of_a_conda_file(names: dict[str, Any]) -> None:
    run(
        names,
        """
        myenv = Environment.from_conda_specification(name = "myenv",
                                                     file_path = "conda-yamls/pydata.yml")
        registered = myenv.register(workspace=ws)
        """,
    )
    assert names["registered"].image == "oci:images:debian", "the project says what conda stands on"
    names["myenv"].python.conda_dependencies.add_conda_package("scikit-learn")
    assert names["myenv"].register(names["ws"]).version == "2"


def test_of_a_requirements_file(names: dict[str, Any]) -> None:
    run(
        names,
        """
        myenv = Environment.from_pip_requirements(name = "myenv",
                                                  file_path = "requirements.txt")
        registered = myenv.register(workspace=ws)
        """,
    )
    assert list(names["registered"].python.conda_dependencies.pip_packages) == ["pillow>=5"]
    names["myenv"].python.conda_dependencies.add_pip_package("mine")
    fields = names["ws"].environments.fields(names["myenv"])
    assert (fields["requirements_file"], fields["pip"]) == ("requirements.txt", ["mine"])


def test_an_image_in_a_registry_of_its_own(names: dict[str, Any]) -> None:
    run(
        names,
        IMAGE,
        """
        myenv.docker.base_image="your_base-image"
        myenv.docker.base_image_registry="your_registry_location"
        registered = myenv.register(ws)
        """,
    )
    assert names["registered"].image == "oci:images:base"


def test_credentials_are_refused_with_all_other_mistakes(names: dict[str, Any]) -> None:
    run(
        names,
        """
        fastai_env = Environment("AzureML-fastai2")
        fastai_env.docker.base_image = "fastdotai/fastai2:latest"
        fastai_env.python.user_managed_dependencies = True
        fastai_env.docker.base_image_registry.address = "myregistry.azurecr.io"
        fastai_env.docker.base_image_registry.username = "username"
        fastai_env.docker.base_image_registry.password = "password"
        """,
    )
    with pytest.raises(EnvformError) as error:
        names["fastai_env"].register(names["ws"])
    assert [item.summary for item in error.value.diagnostics] == [
        "Credentials in a definition",
        "Reserved environment name",
    ]
    assert error.value.diagnostics[0].hint == "envform login myregistry.azurecr.io"


def test_a_dockerfile_as_a_text_or_a_file(names: dict[str, Any]) -> None:
    run(
        names,
        '''
        dockerfile = r"""
        FROM mcr.microsoft.com/azureml/openmpi3.1.2-ubuntu18.04
        RUN echo "Hello from custom container!"
        """
        myenv = Environment("myenv")
        myenv.docker.base_image = None
        myenv.docker.base_dockerfile = dockerfile
        myenv.validate(ws)
        other = Environment("other")
        other.docker.base_image = None
        other.docker.base_dockerfile = "./Dockerfile"
        other.validate(ws)
        ''',
    )
    assert names["ws"].environments.fields(names["other"])["dockerfile"].endswith('RUN echo "Hello"\n')


def test_an_interpreter_in_the_image(names: dict[str, Any]) -> None:
    run(
        names,
        '''
        dockerfile = """
        FROM mcr.microsoft.com/azureml/openmpi3.1.2-ubuntu18.04:20210615.v1
        RUN conda install numpy
        """
        myenv = Environment("myenv")
        myenv.docker.base_image = None
        myenv.docker.base_dockerfile = dockerfile
        myenv.python.user_managed_dependencies=True
        myenv.python.interpreter_path = "/opt/miniconda/bin/python"
        myenv.validate(ws)
        ''',
    )


def test_details_of_an_image(names: dict[str, Any]) -> None:
    run(
        names,
        REGISTERED,
        """
        details = myenv.get_image_details(workspace=ws)
        """,
    )
    details = names["details"]
    assert details["imageExistsInRegistry"] is True
    assert details["dockerImage"]["name"] == details.image
    assert details["ingredients"]["dockerfile"] == details.dockerfile
    assert "FROM " in details.dockerfile
    assert details["pythonEnvironment"]["interpreterPath"] == "python"


def test_of_a_conda_environment_of_this_machine(names: dict[str, Any]) -> None:
    run(
        names,
        """
        myenv = Environment.from_existing_conda_environment(name="myenv",
                                                            conda_environment_name="mycondaenv")
        registered = myenv.register(ws)
        """,
    )
    assert names["registered"].python.conda_dependencies.as_dict() == {
        "channels": ["conda-forge"],
        "dependencies": ["numpy=1.17.0", "python=3.11.9"],
    }
    with pytest.raises(EnvformError, match="no folder of that name"):
        Environment.from_existing_conda_environment("myenv", "other")


def test_saved_to_a_folder_and_loaded(names: dict[str, Any]) -> None:
    run(
        names,
        """
        myenv = Environment.from_conda_specification("myenv", "conda-yamls/pydata.yml")
        myenv.docker.base_image = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"
        myenv.environment_variables = {"MESSAGE": "Hello"}
        myenv.spark.packages = [SparkPackage("com.microsoft.azure", "synapseml", "0.9")]
        myenv.save_to_directory(path="saved", overwrite=False)
        newenv = Environment.load_from_directory(path="saved")
        """,
    )
    assert names["newenv"].python.conda_dependencies == names["myenv"].python.conda_dependencies
    assert (names["newenv"].name, names["newenv"].image) == ("myenv", names["myenv"].image)
    assert names["newenv"].spark.block == {"packages": ["com.microsoft.azure:synapseml:0.9"]}
    with pytest.raises(EnvformError, match="holds a saved environment already"):
        names["myenv"].save_to_directory("saved")
    names["myenv"].save_to_directory("saved", overwrite=True)


def test_packages_are_added(names: dict[str, Any]) -> None:
    run(
        names,
        """
        myenv = Environment(name="myenv")
        conda_dep = CondaDependencies()
        # Installs numpy version 1.17.0 conda package
        conda_dep.add_conda_package("numpy==1.17.0")
        # Installs pillow package
        conda_dep.add_pip_package("pillow")
        # Adds dependencies to PythonSection of myenv
        myenv.python.conda_dependencies=conda_dep
        myenv.register(workspace=ws)
        """,
    )
    lock = names["ws"].environments.diff("myenv", "myenv")
    assert (names["myenv"].version, lock["packages"]) == ("1", [])


def test_the_default_packages_can_be_added_to(names: dict[str, Any]) -> None:
    run(
        names,
        """
        env = Environment("env")
        env.python.conda_dependencies.set_python_version("3.11")
        env.python.conda_dependencies.add_conda_package("scikit-learn")
        env.python.conda_dependencies.add_pip_package("pillow==6.0")
        env.register(ws)
        conda = CondaDependencies.create(conda_packages=["numpy"], pip_packages=["pillow"], python_version="3.11")
        other = Environment("other")
        other.python.conda_dependencies = conda
        other.docker.base_image = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:20220504.v1"
        other.register(ws)
        """,
    )
    assert names["other"].version == names["env"].version == "1"


def test_a_wheel_that_no_index_has(names: dict[str, Any], tmp_path: Path) -> None:
    run(
        names,
        """
        myenv = Environment("myenv")
        whl_url = Environment.add_private_pip_wheel(workspace=ws, file_path="elsewhere/mine-0.1-py3-none-any.whl")
        conda_dep = CondaDependencies()
        conda_dep.add_pip_package(whl_url)
        myenv.python.conda_dependencies = conda_dep
        """,
    )
    first = names["myenv"].register(names["ws"])
    wheel = tmp_path / "elsewhere" / "mine-0.1-py3-none-any.whl"
    shutil.copy(tmp_path / "wheels" / "pillow-6.0-py3-none-any.whl", wheel)
    assert names["whl_url"] == "./elsewhere/mine-0.1-py3-none-any.whl"
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    shutil.copy(wheel, outside / "mine-0.2-py3-none-any.whl")
    add = Environment.add_private_pip_wheel
    assert add(names["ws"], outside / "mine-0.2-py3-none-any.whl") == "./wheels/mine-0.2-py3-none-any.whl"
    with pytest.raises(EnvformError, match="the same content"):
        add(names["ws"], outside / "mine-0.2-py3-none-any.whl")
    add(names["ws"], outside / "mine-0.2-py3-none-any.whl", exist_ok=True)
    (outside / "mine-0.2-py3-none-any.whl").write_bytes(b"other")
    with pytest.raises(EnvformError, match="another content"):
        add(names["ws"], outside / "mine-0.2-py3-none-any.whl", exist_ok=True)
    assert first.version == "1"


def test_versions_are_got_and_counted(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    run(
        names,
        REGISTERED,
        """
        for name,env in ws.environments.items():
            print("Name {} \\t version {}".format(name,env.version))
        restored_environment = Environment.get(workspace=ws,name="myenv",version="1")
        restored_environment.register(ws)
        same = ws.environments["myenv"]
        assert ("myenv" in ws.environments, len(ws.environments), list(ws.environments.keys())) == (True, 1, ["myenv"])
        """,
    )
    assert capsys.readouterr().out == "Name myenv \t version 1\n"
    assert names["same"] == names["restored_environment"]


def test_builds(names: dict[str, Any]) -> None:
    run(
        names,
        IMAGE,
        """
        build = myenv.build(workspace=ws)
        build.wait_for_completion(show_output=True)
        local = myenv.build_local(workspace=ws, useDocker=True, pushImageToWorkspaceAcr=True)
        """,
    )
    assert (names["build"].status, names["local"].environment.version) == ("Succeeded", "1")


def test_settings_of_containers_have_no_effect_and_that_is_told(names: dict[str, Any]) -> None:
    run(
        names,
        IMAGE,
        """
        myenv.docker.enabled = True
        myenv.docker.shm_size = "8g"
        myenv.docker.arguments = ["--ipc=host"]
        myenv.inferencing_stack_version = "latest"
        myenv.register(ws)
        """,
    )
    told = [item.detail.split("`")[1] for item in names["ws"].warnings]
    assert told == ["docker.arguments", "docker.shm_size"]
    with pytest.raises(AttributeError):
        names["myenv"].docker.base_imag = "typo"


def test_other_beginnings(names: dict[str, Any]) -> None:
    run(
        names,
        """
        image = Environment.from_docker_image("image", "myregistry.azurecr.io/train:1")
        image.register(ws)
        both = Environment.from_docker_image(
            name="both", image="mcr.microsoft.com/azureml/openmpi3.1.2-ubuntu18.04", pip_requirements="requirements.txt"
        )
        both.register(ws)
        file = Environment.from_dockerfile("file", "Dockerfile", conda_specification="conda-yamls/pydata.yml")
        file.validate(ws)
        context = DockerBuildContext.from_local_directory(workspace=ws, path="docker-contexts/python-and-pip")
        built = Environment.from_docker_build_context("built", context)
        built.validate(ws)
        """,
    )
    assert (names["image"].user_managed, names["both"].user_managed, names["both"].version) == (True, False, "1")
    with pytest.raises(EnvformError, match="from one of them"):
        Environment.from_docker_image("x", "y", None, "conda-yamls/pydata.yml", "requirements.txt")


def test_a_run_configuration_holds_an_environment(names: dict[str, Any]) -> None:
    run(
        names,
        IMAGE,
        """
        run_config = RunConfiguration()
        run_config.target = "local"
        run_config.docker = DockerConfiguration(use_docker=True)
        run_config.environment.docker.base_image = "pytorch/pytorch:latest"
        run_config.environment.python.user_managed_dependencies = True
        src = ScriptRunConfig(source_directory=".", script="example.py", run_config=run_config)
        """,
    )
    assert names["src"].job.environment is names["run_config"].environment


def test_a_conda_file_that_is_put_together(names: dict[str, Any]) -> None:
    run(
        names,
        """
        conda = CondaDependencies.create(python_version="3.11", pip_indexurl="https://example.com/simple")
        conda.add_channel("bioconda")
        conda.remove_channel("conda-forge")
        conda.set_pip_option("--pre")
        conda.set_pip_requirements(["pillow", "azureml-defaults>=1.0.45"])
        conda.remove_pip_option("--pre")
        conda.save_to_file(".", "myenv.yml")
        same = CondaDependencies("myenv.yml")
        """,
    )
    assert names["same"] == names["conda"]
    assert names["conda"].python_version == "3.11"
    assert list(names["conda"].pip_options) == ["--index-url https://example.com/simple"]
    assert list(names["conda"].conda_channels) == ["bioconda"]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("wrong", ["from_conda_specification", "from_pip_requirements", "load_from_directory"])
def test_files_that_are_not_there_are_told_of_at_once(wrong: str) -> None:
    said = ("nothing",) if wrong == "load_from_directory" else ("myenv", "nothing")
    with pytest.raises(EnvformError):
        getattr(Environment, wrong)(*said)


def test_a_job_runs_in_what_its_environment_says_by_now(names: dict[str, Any]) -> None:
    run(
        names,
        """
        myenv = Environment.from_pip_requirements("myenv", "requirements.txt")
        myenv.register(ws)
        before = myenv.as_registered
        myenv.python.conda_dependencies.add_pip_package("pillow==5.4.1")
        """,
    )
    assert (names["before"], names["myenv"].as_registered) == (True, False)


def test_a_script_without_an_environment_gets_the_usual_one(names: dict[str, Any]) -> None:
    run(
        names,
        """
        src = ScriptRunConfig(source_directory=".", script="example.py", compute_target="local")
        src.run_config.target = "local"
        usual = src.job.environment
        usual.validate(ws)
        src.run_config.environment = Environment.from_docker_image("myenv", "pytorch/pytorch:latest")
        """,
    )
    assert names["usual"].more == {"python_version": "3.12"}
    assert names["src"].job.environment.image == "pytorch/pytorch:latest"
