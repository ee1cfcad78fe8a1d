"""The words of Azure ML's first SDK, as its documentation uses them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reconciler import (
    AssetTypes,
    CondaDependencies,
    EnvformError,
    Environment,
    Experiment,
    Input,
    Output,
    ResourceNotFoundError,
    RunConfiguration,
    ScriptRunConfig,
    Workspace,
    command,
)
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.cli.project import IMAGES
from tests.services.wants import require

BASE = "oci:./images:base"


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(IMAGES, tmp_path / "images")
    (tmp_path / "main.hcl").write_text('envform {\n  registry = "oci:./registry"\n}\n')
    monkeypatch.chdir(tmp_path)
    return Workspace.from_config()


def test_an_environment_is_registered_got_listed_and_cloned(ws: Workspace) -> None:
    myenv = Environment(name="myenv")
    myenv.docker.enabled = True
    myenv.docker.base_dockerfile = "FROM other"
    myenv.docker.base_image = BASE
    myenv.python.user_managed_dependencies = True
    myenv.environment_variables = {"MESSAGE": "Hello"}
    myenv.register(workspace=ws)
    assert (myenv.version, myenv.dockerfile) == ("1", None)
    assert [name for name in Environment.list(workspace=ws) if not name.startswith("envform-")] == ["myenv"]
    restored = Environment.get(workspace=ws, name="myenv", version="1")
    assert restored.environment_variables == {"MESSAGE": "Hello"}
    clone = restored.clone("customized")
    clone.environment_variables["MESSAGE"] = "Goodbye"
    assert clone.register(workspace=ws).id == "customized:1"
    assert restored.environment_variables == {"MESSAGE": "Hello"}
    with pytest.raises(EnvformError, match="Version and label together"):
        Environment.get(workspace=ws, name="myenv", version="1", label="latest")


def test_a_build_is_a_registration_that_has_ended(ws: Workspace) -> None:
    myenv = Environment.from_docker_image("myenv", BASE)
    build = myenv.build(workspace=ws)
    assert build.wait_for_completion(show_output=True).status == "Succeeded"
    details = myenv.get_image_details(workspace=ws)
    assert details["imageExistsInRegistry"] is True
    shutil.rmtree("registry")
    assert myenv.get_image_details(workspace=ws)["imageExistsInRegistry"] is False


def test_packages_come_from_files_and_from_programs(ws: Workspace) -> None:
    Path("conda.yml").write_text("channels: [conda-forge]\ndependencies: [python=3.11, pip, {pip: [numpy==2.0]}]\n")
    Path("requirements.txt").write_text("numpy==2.0\n")
    Path("Dockerfile").write_text("FROM x\nRUN y\n")
    assert ws.environments.fields(Environment.from_conda_specification("a", "conda.yml"))["conda_file"] == "conda.yml"
    pip = Environment.from_pip_requirements(name="a", file_path="requirements.txt")
    assert ws.environments.fields(pip)["requirements_file"] == "requirements.txt"
    of_file = Environment.from_dockerfile("a", "./Dockerfile", pip_requirements="requirements.txt")
    assert ws.environments.fields(of_file)["dockerfile"] == "FROM x\nRUN y\n"
    conda_dep = CondaDependencies(conda_dependencies_file_path="conda.yml")
    conda_dep.add_conda_package("scikit-learn==0.22.1")
    conda_dep.add_pip_package("pillow")
    env = Environment("a")
    env.python.conda_dependencies = conda_dep
    dependencies = ["python=3.11", "scikit-learn==0.22.1", "pip", {"pip": ["numpy==2.0", "pillow"]}]
    assert ws.environments.fields(env)["conda_file"] == {"channels": ["conda-forge"], "dependencies": dependencies}
    assert "pillow" in conda_dep.serialize_to_string()


def test_scripts_and_commands_run_in_environments(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    require("runc")
    monkeypatch.setenv("XDG_CACHE_HOME", str(ws.path.absolute() / "cache"))
    LayoutRegistry(ws.path / "images").push(debian_base(), [Name("", "debian")])
    myenv = Environment.from_docker_image("myenv", "oci:./images:debian")
    myenv.python.interpreter_path = "/usr/bin/python3"
    myenv.environment_variables = {"MESSAGE": "Hello"}
    Path("src").mkdir()
    Path("src/train.py").write_text("import os, sys; print(os.environ['MESSAGE'], *sys.argv[1:]); sys.exit(3)")
    config = ScriptRunConfig(source_directory="src", script="train.py", arguments=["--n", 3], environment=myenv)
    run = Experiment(ws, "experiment").submit(config)
    assert (capfd.readouterr().out, run.get_status()) == ("Hello --n 3\n", "Failed")
    assert run.get_environment().environment_variables == {"MESSAGE": "Hello"}
    with pytest.raises(RuntimeError, match="ended with 3"):
        run.wait_for_completion(show_output=True)
    assert list(ws.environments.list()) == [], "a job's own environment has no name"
    myenv.register(ws)
    job = command(
        command="echo $MESSAGE, $WHO", environment="azureml:myenv@latest", environment_variables={"WHO": "you"}
    )
    job.distribution = {"type": "pytorch"}
    assert ws.jobs.create_or_update(job).exit_code == 0
    assert capfd.readouterr().out == "Hello, you\n"
    assert [item.detail.split("`")[1] for item in ws.warnings] == ["distribution"]
    assert [one.exit_code for one in ws.jobs.list()] == [0, 3]
    with pytest.raises(RuntimeError, match="ended with 3"):
        ws.jobs.stream(run.id)
    Path("src/data.txt").write_text("data\n")
    job = command(
        command="cat ${{inputs.data}}; echo ${{inputs.lr}} | tee ${{outputs.model}}/lr",
        environment="azureml:myenv:1",
        inputs={"data": Input(type="uri_file", path="src/data.txt"), "lr": 0.1},
        outputs={"model": Output(type="uri_folder", path="made")},
    )
    assert ws.jobs.create_or_update(job).status == "Completed"
    assert (capfd.readouterr().out, Path("made/lr").read_text()) == ("data\n0.1\n", "0.1\n")


def test_mistakes_of_jobs_are_told(ws: Workspace) -> None:
    Environment.from_docker_image("myenv", BASE).register(ws)
    with pytest.raises(EnvformError, match="Invalid job"):
        ws.jobs.create_or_update(command(command="x ${{inputs.y}}", environment="myenv"))
    elsewhere = {"data": Input(type=AssetTypes.URI_FILE, path="azureml:data:1")}
    with pytest.raises(EnvformError, match="`azureml:data:1` is not on this machine"):
        ws.jobs.create_or_update(command(command="x", environment="myenv", inputs=elsewhere))
    with pytest.raises(TypeError, match="'environment_variable'"):
        command(command="x", environment="myenv", environment_variable={"A": "b"})  # type: ignore[call-arg]  # misspelt
    with pytest.raises(ResourceNotFoundError, match="has run no job"):
        ws.jobs.get("other")


def test_a_run_configuration_says_what_is_run(ws: Workspace) -> None:
    conda = CondaDependencies.create(conda_packages=["numpy"])
    configured = RunConfiguration(script="train.py", arguments=["--n", 3], conda_dependencies=conda)
    configured.environment_variables = {"A": "b"}
    job = ScriptRunConfig(source_directory="src", run_config=configured, max_run_duration_seconds=9).job
    assert (job.command, job.environment_variables, job.timeout) == ("python train.py --n 3", {"A": "b"}, 9)
    assert isinstance(job.environment, Environment)
    assert ws.environments.fields(job.environment)["conda_file"]["dependencies"][-1] == "numpy"
    with pytest.raises(AttributeError):
        configured.environment_variable = {}  # type: ignore[attr-defined]  # misspelt
    with pytest.raises(EnvformError, match="neither `script` nor `command`"):
        _ = ScriptRunConfig(source_directory="src").job
