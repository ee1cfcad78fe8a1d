"""Programs register, list, run and compare environments, and the command line sees what they did."""

from __future__ import annotations

import io
import shutil
import threading
from pathlib import Path

import pytest

from reconciler import BuildContext, CondaDependencies, EnvformError, Environment, MLClient, Workspace, load_environment
from tests.cli.project import IMAGES
from tests.cli.terminal import Envform

BASE = "oci:./images:base"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(IMAGES, tmp_path / "images")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ml_client(folder: Path) -> MLClient:
    return MLClient(folder, registry="oci:./registry")


def refusal(error: pytest.ExceptionInfo[EnvformError]) -> str:
    return " ".join(f"{item.summary}. {item.detail}" for item in error.value.diagnostics)


def test_an_environment_is_registered_once_and_found_again(ml_client: MLClient) -> None:
    env_docker_image = Environment(image=BASE, name="docker-image-example", description="From a ${image}.")
    first = ml_client.environments.create_or_update(env_docker_image)
    again = ml_client.environments.create_or_update(env_docker_image)
    assert (first.id, again.id) == ("docker-image-example:1",) * 2
    assert [one.name for one in ml_client.environments.list()] == ["docker-image-example"]
    found = ml_client.environments.get(name="docker-image-example", version="1")
    assert (found.description, found.image, found.hash) == ("From a ${image}.", "oci:images:base", first.hash)


def test_what_is_no_part_of_the_image_is_updated_in_its_version(ml_client: MLClient) -> None:
    ml_client.environments.create_or_update(Environment(image=BASE, name="example"))
    env = ml_client.environments.get("example", version="1")
    env.description = "This is an updated description."
    env.tags["team"] = "vision"
    assert ml_client.environments.create_or_update(env).version == "1"
    assert ml_client.environments.get("example").description == "This is an updated description."


def test_another_definition_is_another_version(ml_client: MLClient) -> None:
    ml_client.environments.create_or_update(Environment(image=BASE, name="example"))
    env = Environment(image=f"{BASE}", name="example", dockerfile=None, environment_variables={"A": "1"})
    assert ml_client.environments.create_or_update(env).version == "1"
    env = Environment(image=BASE, name="example", version="7")
    assert ml_client.environments.create_or_update(env).version == "7"
    assert [one.version for one in ml_client.environments.list("example")] == ["7", "1"]


def test_archived_ones_are_hidden_until_they_are_restored(ml_client: MLClient) -> None:
    ml_client.environments.create_or_update(Environment(image=BASE, name="example"))
    ml_client.environments.archive(name="example")
    assert list(ml_client.environments.list()) == []
    assert [one.name for one in ml_client.environments.list(list_view_type="ARCHIVED_ONLY")] == ["example"]
    ml_client.environments.restore(name="example", version="1")
    assert [one.name for one in ml_client.environments.list()] == ["example"]


def test_new_versions_of_what_is_archived_are_archived_too(ml_client: MLClient) -> None:
    ml_client.environments.create_or_update(Environment(image=BASE, name="example"))
    ml_client.environments.archive("example")
    ml_client.environments.create_or_update(Environment(image=BASE, name="example", version="7"))
    ml_client.environments.create_or_update(Environment(image=BASE, name="example", version="7"))
    assert list(ml_client.environments.list()) == []
    assert len(list(ml_client.environments.list("example", list_view_type="ALL"))) == 2
    assert {item.summary for item in ml_client.warnings} == {"Environment is archived"}
    ml_client.environments.restore("example")
    assert len(list(ml_client.environments.list("example"))) == 2


def test_version_and_label_together_are_refused(ml_client: MLClient) -> None:
    ml_client.environments.create_or_update(Environment(image=BASE, name="example"))
    assert ml_client.environments.get("example", label="latest").version == "1"
    with pytest.raises(EnvformError) as error:
        ml_client.environments.get("example", version="1", label="latest")
    assert "Version and label together" in refusal(error)


def test_all_mistakes_are_told_and_nothing_is_registered(ml_client: MLClient) -> None:
    wrong = Environment(name="AzureML-mine", image="Not An Image", os_type="macos")
    with pytest.raises(EnvformError) as error:
        ml_client.environments.create_or_update(wrong)
    assert "AzureML" in refusal(error)
    assert "white space" in refusal(error)
    assert "macos" in refusal(error)
    assert not (ml_client.path / "state").exists()


def test_an_environment_is_checked_in_a_folder_that_has_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Environment("example", image="a:1").validate()
    with pytest.raises(EnvformError, match="most recently created version"):
        Environment("example", image="a:1", version="latest").validate()


def test_without_a_name_an_environment_is_not_listed_and_is_registered_once(ml_client: MLClient) -> None:
    first = ml_client.environments.create_or_update(Environment(image=BASE))
    again = ml_client.environments.create_or_update(Environment(image=BASE, description="by another job"))
    assert first.version == again.version == first.hash
    assert list(ml_client.environments.list()) == []
    assert ml_client.environments.get(str(first.name), first.hash).digest == first.digest


def test_the_command_line_leaves_alone_what_a_program_has_registered(ml_client: MLClient, folder: Path) -> None:
    ml_client.environments.create_or_update(Environment(image=BASE, name="by-program"))
    settings = 'envform {\n  registry = "oci:./registry"\n}\n'
    (folder / "main.hcl").write_text(f'{settings}environment "declared" {{\n  image = "{BASE}"\n}}\n')
    envform = Envform(folder)
    assert envform("apply", "-auto-approve").exit_code == 0
    assert envform("plan", "-detailed-exitcode").exit_code == 0
    assert envform("drift").exit_code == 0
    assert envform("state", "list").stdout == "environment.declared\nregistered.by-program\n"
    shown = envform("env", "show", "by-program").stdout
    assert shown.startswith("# by-program:1, at registered.by-program, declared in no file:\n")
    workspace = Workspace(folder)
    assert [one.name for one in workspace.environments.list()] == ["by-program", "declared"]
    with pytest.raises(EnvformError) as error:
        workspace.environments.create_or_update(Environment(image=BASE, name="declared"))
    assert "declared" in refusal(error)


def test_what_a_program_registered_can_be_declared_later(ml_client: MLClient, folder: Path) -> None:
    ml_client.environments.create_or_update(Environment(image=BASE, name="example"))
    settings = 'envform {\n  registry = "oci:./registry"\n}\n'
    (folder / "main.hcl").write_text(f'{settings}environment "example" {{\n  image = "{BASE}"\n}}\n')
    envform = Envform(folder)
    assert "0 to add" in envform("plan").stdout
    assert envform("apply", "-auto-approve").exit_code == 0
    assert envform("state", "list").stdout == "environment.example\n"


def test_two_workspaces_of_one_registry_share_the_image(ml_client: MLClient, folder: Path) -> None:
    first = ml_client.environments.create_or_update(Environment(image=BASE, name="one"))
    other = Workspace(folder, registry="oci:./registry", workspace="other")
    with pytest.raises(EnvformError):
        other.environments.get("one")
    Envform(folder)("workspace", "new", "other")
    second = other.environments.create_or_update(Environment(image=BASE, name="two"))
    assert (second.hash, second.digest) == (first.hash, first.digest)


def test_who_registers_waits_for_whoever_changes_the_state(ml_client: MLClient, folder: Path) -> None:
    waits = threading.Event()
    other = Workspace(folder, registry="oci:./registry", hear=lambda _: waits.set() if other.warnings else None)
    registering = threading.Thread(
        target=other.environments.create_or_update, args=(Environment(image=BASE, name="late"),)
    )
    with ml_client.session.locked("test"):
        hasty = Workspace(folder, registry="oci:./registry", lock_timeout=0)
        with pytest.raises(EnvformError, match="State is locked"):
            hasty.environments.create_or_update(Environment(image=BASE, name="late"))
        registering.start()
        assert waits.wait(30)
    registering.join()
    assert [item.summary for item in other.warnings] == ["Waiting for the state's lock"]
    assert [one.id for one in ml_client.environments.list()] == ["late:1"]


def test_plan_apply_and_drift_are_the_command_lines(folder: Path) -> None:
    settings = 'envform {\n  registry = "oci:./registry"\n}\n'
    (folder / "main.hcl").write_text(f'{settings}environment "a" {{\n  image = "{BASE}"\n}}\n')
    workspace = Workspace(folder)
    plan = workspace.plan()
    assert [change.name for change in plan.work] == ["a"]
    assert list(workspace.apply(plan).environments) == ["a"]
    assert workspace.plan().work == ()
    shutil.rmtree(folder / "registry")
    assert [change.name for change in workspace.drift().drift] == ["a"]


def test_a_document_of_azure_ml_is_loaded_with_its_paths(folder: Path) -> None:
    (folder / "envs").mkdir()
    (folder / "envs" / "conda.yml").write_text("channels: [conda-forge]\ndependencies: [python=3.11]\n")
    (folder / "envs" / "env.yml").write_text(f"name: x\nimage: {BASE}\nconda_file: conda.yml\ntags: {{a: b}}\n")
    env = load_environment("envs/env.yml", params_override=[{"name": "other"}])
    assert (env.name, env.image, env.tags) == ("other", BASE, {"a": "b"})
    assert env.conda_file == folder / "envs" / "conda.yml"
    with (folder / "envs" / "env.yml").open("rb") as opened:
        assert load_environment(opened).conda_file == env.conda_file
    text = (folder / "envs" / "env.yml").read_text()
    for origin in ("envs", "envs/none.yml"):
        assert load_environment(io.StringIO(text), relative_origin=origin).conda_file == env.conda_file
    with pytest.raises(EnvformError, match=r"conda\.yml"):
        load_environment(io.StringIO(text))
    (folder / "envs" / "env.yml").write_text("name: x\nimage: a\nbuild: {path: .}\nnonsense: 1\n")
    with pytest.raises(EnvformError) as error:
        load_environment("envs/env.yml")
    assert "nonsense" in refusal(error)


def test_paths_outside_of_the_workspace_are_refused(ml_client: MLClient, tmp_path: Path) -> None:
    context = BuildContext(tmp_path.parent)
    with pytest.raises(EnvformError) as error:
        ml_client.environments.create_or_update(Environment(name="x", build=context))
    assert "outside" in refusal(error)


def test_conda_dependencies_hold_one_of_each_name_in_order() -> None:
    made = CondaDependencies.create(conda_packages=["numpy=1.26"], pip_packages=["a==1", "b"], python_version="3.12")
    made.add_pip_package("A==2")
    made.add_conda_package("numpy")
    made.set_pip_option("--pre")
    made.remove_conda_package("python")
    assert made.as_dict() == {
        "channels": ["conda-forge"],
        "dependencies": ["python=3.12", "numpy", "pip", {"pip": ["--pre", "b", "A==2"]}],
    }
    assert list(made.pip_packages) == ["b", "A==2"]
