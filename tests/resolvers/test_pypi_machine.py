"""Whose pip or uv works, has envform work with the same indexes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.model.diagnostic import ResolutionError
from reconciler.resolvers.pypi_machine import Indexes, machine_indexes
from tests.resolvers.index import Index
from tests.resolvers.resolving import World, filenames, versions

ONE, TWO = "https://one.test/simple", "https://two.test/simple"


def machine(home: Path, environment: dict[str, str] | None = None) -> Indexes:
    """Beside a home folder nothing is set up, but for what lies in /etc."""
    isolated = {"HOME": str(home), "XDG_CONFIG_DIRS": str(home / "xdg"), "VIRTUAL_ENV": str(home / "venv")}
    return machine_indexes({**isolated, **(environment or {})})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_pips_user_file_counts_and_the_environment_more(tmp_path: Path) -> None:
    write(tmp_path / ".config/pip/pip.conf", f"[global]\nindex-url = {ONE}\nextra_index_url =\n  {TWO}\n  /srv/a b\n")
    found = machine(tmp_path)
    assert (found.default, found.extra) == (ONE, (TWO, "file:///srv/a", f"file://{Path.cwd()}/b"))
    assert machine(tmp_path, {"PIP_INDEX_URL": TWO}).default == TWO


def test_a_section_for_install_counts_more_than_the_global_one(tmp_path: Path) -> None:
    write(tmp_path / ".config/pip/pip.conf", f"[install]\nindex-url = {TWO}\n[global]\nindex-url = {ONE}\n")
    assert machine(tmp_path).default == TWO


def test_the_file_of_a_virtual_environment_counts_more_than_the_users(tmp_path: Path) -> None:
    write(tmp_path / ".config/pip/pip.conf", f"[global]\nindex-url = {ONE}\n")
    write(tmp_path / "venv/pip.conf", f"[global]\nindex-url = {TWO}\n")
    assert machine(tmp_path).default == TWO


def test_a_named_file_takes_the_place_of_the_users_and_devnull_of_all(tmp_path: Path) -> None:
    write(tmp_path / ".config/pip/pip.conf", f"[global]\nindex-url = {ONE}\nextra-index-url = {ONE}\n")
    own = write(tmp_path / "own.conf", f"[global]\nindex-url = {TWO}\nno-index = true\ncert = /own.pem\n")
    found = machine(tmp_path, {"PIP_CONFIG_FILE": str(own)})
    assert (found.default, found.extra, found.disabled, found.certificates) == (TWO, (), True, "/own.pem")
    assert machine(tmp_path, {"PIP_CONFIG_FILE": os.devnull}) == Indexes()


def test_uv_counts_more_than_pip_where_it_names_a_place(tmp_path: Path) -> None:
    pip = {"PIP_INDEX_URL": ONE, "PIP_CONFIG_FILE": os.devnull, "PIP_CERT": "/own.pem"}
    assert machine(tmp_path, {**pip, "UV_INDEX_URL": TWO}) == Indexes(TWO, certificates="/own.pem")
    text = f'index-url = "{ONE}"\n[[index]]\nname = "priv"\nurl = "{TWO}"\n[[index]]\nurl = "{ONE}"\nexplicit = true\n'
    write(tmp_path / ".config/uv/uv.toml", text)
    assert machine(tmp_path, pip) == Indexes(ONE, (f"priv={TWO}",), certificates="/own.pem")
    assert machine(tmp_path, {**pip, "UV_NO_CONFIG": "1"}).extra == ()


@pytest.mark.parametrize("name", [".config/pip/pip.conf", ".config/uv/uv.toml"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    broken = write(tmp_path / name, "[global\nindex-url https://user:s3kr1t@x")
    with pytest.raises(ResolutionError) as caught:
        machine(tmp_path)
    told = caught.value.diagnostics[0]
    assert told.summary == "Client configuration cannot be read"
    assert str(broken) in told.detail
    assert "s3kr1t" not in told.detail


def test_a_definition_without_index_is_resolved_with_pips(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.login = "me:pass word"
    file = write(world.root / "pip.conf", f"[global]\nindex-url = http://me:pass%20word@{index.simple[7:]}/\n")
    world.more = {"UV_DEFAULT_INDEX": "", "PIP_CONFIG_FILE": str(file)}
    lock = world.resolve("lib")
    assert versions(lock) == {"lib": "1"}
    assert "pass" not in repr(lock)
    stated = world.resolve("lib", options=(f"--index-url {index.simple}/",))
    assert stated.digest == lock.digest
    assert stated.artefacts[0].index == f"{index.simple}/"


def test_indexes_of_pips_configuration_are_asked_one_after_the_other(world: World, index: Index, other: Index) -> None:
    other.add("inside", "1")
    index.add("inside", "99")
    index.add("inside", "0.5")
    other.add("native", "1", tags="cp311-cp311-manylinux_2_17_x86_64")
    index.add("native", "0.9", tags="cp312-cp312-manylinux_2_17_x86_64")
    file = write(world.root / "pip.conf", f"[global]\nindex-url = {index.simple}\nextra-index-url = {other.simple}\n")
    world.more = {"UV_DEFAULT_INDEX": "", "PIP_CONFIG_FILE": str(file)}
    assert versions(world.resolve("inside")) == {"inside": "1"}
    assert versions(world.resolve("inside<1")) == {"inside": "0.5"}
    world.python = "3.12"
    assert filenames(world.resolve("native")) == ["native-0.9-cp312-cp312-manylinux_2_17_x86_64.whl"]
    stated = (f"--extra-index-url {other.simple}",)
    assert world.refused("inside<1", options=stated).summary == "Requirements cannot be met"


def test_credentials_of_a_named_index_are_taken_from_the_environment(world: World, index: Index) -> None:
    index.add("lib", "1")
    index.login = "me:word"
    world.more = {
        "UV_DEFAULT_INDEX": "", "UV_INDEX": f"priv={index.simple}",
        "UV_INDEX_PRIV_USERNAME": "me", "UV_INDEX_PRIV_PASSWORD": "word",
    }  # fmt: skip
    lock = world.resolve("lib")
    assert versions(lock) == {"lib": "1"}
    assert world.resolver().authorization(lock.artefacts[0].url).startswith("Basic ")
