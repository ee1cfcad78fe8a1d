"""Command jobs: what is read of them, and what is refused where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.language.azureml.jobs import JobDocument, read_job
from reconciler.language.azureml.placeholders import filled
from reconciler.language.source import ProjectFiles
from reconciler.language.yaml_documents import load
from reconciler.model.diagnostic import Diagnostic, Diagnostics

JOB = """
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: python train.py --data ${{inputs.data}} --lr ${{ inputs.lr }} --out ${{outputs.model}}
code: ./src
environment: azureml:training@latest
environment_variables: {EPOCHS: 3, NAME: it}
inputs:
  data: {type: uri_folder, path: ./data, mode: ro_mount}
  lr: 0.1
  remote: {type: uri_file, path: "https://example.com/x.csv", mode: direct}
outputs:
  model: {type: uri_folder}
  log:
compute: azureml:cluster
limits: {timeout: 60}
resources: {instance_count: 1, shm_size: 8g}
display_name: a job
experiment_name: of many
tags: {a: b}
"""


def read(text: str) -> tuple[JobDocument | None, list[Diagnostic]]:
    problems = Diagnostics()
    return read_job(load(text, "jobs/job.yml"), ProjectFiles(Path("/nowhere")), problems), list(problems)


def test_a_job_is_read_with_all_that_says_what_is_run() -> None:
    job, told = read(JOB)
    assert job is not None
    assert told == []
    assert (job.variables, job.limit) == ({"EPOCHS": "3", "NAME": "it"}, 60)
    assert {name: (one.text, one.is_path) for name, one in job.inputs.items()} == {
        "data": ("./data", True),
        "lr": ("0.1", False),
        "remote": ("https://example.com/x.csv", False),
    }
    assert list(job.outputs) == ["model", "log"]
    values = {"inputs.data": "/d", "inputs.lr": "0.1", "outputs.model": "/m"}
    assert filled(job.command, values) == "python train.py --data /d --lr 0.1 --out /m"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("environment: azureml:training@latest\n", "", "has no field `environment`"),
        ("azureml:training@latest", "training", "write `azureml:training`"),
        ("azureml:training@latest", "{conda_file: {}}", "an `image`, or a `build`"),
        ("display_name", "displayname", "did you mean `display_name`?"),
        ("inputs.lr }}", "inputs.rl }}", "did you mean `inputs.lr`?"),
        ("inputs.lr }}", "search_space.lr }}", "names no input"),
        ("--out", "$[[--opt ${{inputs.lr}}]]", "this is a component"),
        ("command: python", "cmd: python", "A command job has a `command`"),
        ("lr: 0.1", "lr: 010", "YAML makes `8` of that"),
        ("lr: 0.1", "lr: {type: number, default: 3}", "this is a component"),
        ("lr: 0.1", "1r: 0.1", "is no name"),
        ("path: ./data", "path: azureml:data:1", "fetches and keeps no data"),
        ("type: uri_folder, path", "type: folder, path", "is no `type`"),
        ("timeout: 60", "timeout: soon", "a number of seconds"),
        ("EPOCHS: 3", "EPOCHS: [3]", "this is a list"),
        ("display_name: a job", "type: pipeline", "This is a `pipeline` job"),
        ("display_name: a job", "type: comand", "did you mean `command`?"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(old: str, new: str, said: str) -> None:
    assert old in JOB
    job, told = read(JOB.replace(old, new, 1))
    assert job is None
    assert any(said in f"{one.detail} {one.hint}" for one in told), told
    assert all(one.subject for one in told)


@pytest.mark.parametrize(
    ("old", "new"), [("instance_count: 1", "instance_count: 4"), ("tags: {a: b}", "distribution: {type: mpi}")]
)
def test_more_machines_than_this_one_are_told_not_to_come(old: str, new: str) -> None:
    job, told = read(JOB.replace(old, new))
    assert job is not None
    assert [one.severity for one in told] == ["warning"]


def test_five_mistakes_are_five_messages() -> None:
    _, told = read("command: ''\ncode: ''\nenvironment: x\ninputs: []\noutputs: 3\n")
    assert len(told) == 5
