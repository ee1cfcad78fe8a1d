"""envform state, as a person uses it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.backends.format import encode
from reconciler.model.address import Address
from reconciler.model.state import State
from tests.backends.states import apply, entry, opened, registered, state_of
from tests.cli.terminal import Envform, Result

AT = {
    "training": "environment.training",
    "older": "environment.training",
    "ten": "environment.many[10]",
    "two": "environment.many[2]",
    "keyed": 'environment.keyed["a b"]',
}
LISTED = 'environment.keyed["a b"]\nenvironment.many[2]\nenvironment.many[10]\nenvironment.training\n'
EVERY_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a flipped bit": lambda data: data[:300] + bytes([data[300] ^ 1]) + data[301:],
    "cut short": lambda data: data[: len(data) // 2],
    "0 bytes": lambda _: b"",
    "zeros": lambda data: bytes(len(data)),
    "a newer version": lambda data: data.replace(b'"version": 1\n', b'"version": 2\n'),
    "another program's": lambda _: b'{"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "x"}',
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The state of a project in whose folder nothing else is: commands on state need no configuration."""
    path = tmp_path / "state" / "default.json"
    backend = opened(path)
    backend.write(state_of())
    with backend.lock("apply"):
        for name, address in AT.items():
            one = replace(registered(name, "1", "2"), address=Address(address))
            backend.append(replace(entry(name), after=one))
        backend.write(replace(read(path), serial=2))
    return path


def read(path: Path) -> State:
    state = opened(path).read()
    assert state is not None
    return state


def addresses(path: Path) -> dict[str, str]:
    return {name: str(one.address) for name, one in read(path).environments.items()}


def files(path: Path) -> dict[str, bytes]:
    return {found.name: found.read_bytes() for found in path.parent.iterdir()}


def words(result: Result) -> str:
    """What was said as an error, on one line."""
    assert result.exit_code == 1
    assert result.stdout == ""
    return " ".join(result.stderr.split())


@pytest.mark.usefixtures("path")
class TestList:
    def test_addresses_one_a_line_in_the_order_that_people_count_in(self, envform: Envform) -> None:
        assert envform("state", "list").stdout == LISTED

    @pytest.mark.parametrize(
        ("asked", "listed"),
        [
            (["environment.many"], ["environment.many[2]", "environment.many[10]"]),
            (["environment.many[2]"], ["environment.many[2]"]),
            (["*e?ed*"], ['environment.keyed["a b"]']),
            (["environment.t*", "environment.many[10]"], ["environment.many[10]", "environment.training"]),
            (["-name=two"], ["environment.many[2]"]),
        ],
    )
    def test_what_is_asked_for(self, envform: Envform, asked: list[str], listed: list[str]) -> None:
        assert envform("state", "list", *asked).stdout.splitlines() == listed

    def test_nothing_is_guessed_that_is_not_near(self, envform: Envform) -> None:
        assert "did you mean" not in envform("state", "list", "nosuchthing").stderr
        assert "did you mean `environment.training`?" in envform("state", "list", "trainning").stderr

    def test_what_matches_nothing_is_a_mistake(self, envform: Envform) -> None:
        said = words(envform("state", "list", "environment.trainin"))
        assert said.startswith("Error: Address matches nothing")
        assert said.endswith("did you mean `environment.training`?")
        assert "did you mean `two`?" in words(envform("state", "list", "-name=tow"))

    def test_a_name_in_place_of_an_address_is_told_where_it_is(self, envform: Envform) -> None:
        said = words(envform("state", "list", "ten"))
        assert "the environment named `ten` is recorded at `environment.many[10]`" in said

    def test_as_json(self, envform: Envform) -> None:
        found = json.loads(envform("state", "list", "-json", "environment.training").stdout)
        assert found["format_version"] == "1.0"
        assert [one["name"] for one in found["environments"]] == ["older", "training"]
        assert found["environments"][0]["versions"] == ["1", "2"]


def test_without_a_state_it_says_so(envform: Envform) -> None:
    assert words(envform("state", "list")).startswith("Error: No state Nothing was ever recorded")


@pytest.mark.usefixtures("path")
class TestShow:
    def test_a_block_with_everything_that_is_recorded(self, envform: Envform) -> None:
        shown = envform("state", "show", 'environment.keyed["a b"]').stdout
        first, second, *lines, last = shown.splitlines()
        assert (first, second, last) == ('# environment.keyed["a b"]:', 'environment "keyed" {', "}")
        told = dict(line.split(" = ") for line in lines if " = " in line)
        told = {name.strip(): value for name, value in told.items()}
        assert told["version"] == '"2"'
        assert told["name"] == '"keyed"'
        assert len(told["hash"]) == 34
        assert '"numpy" = "1.0"' in shown

    def test_an_older_version(self, envform: Envform) -> None:
        assert 'version     = "1"' in envform("state", "show", "-version=1", "environment.many[2]").stdout
        said = words(envform("state", "show", "-version=7", "environment.many[2]"))
        assert "`two` has no version `7` on record. It has: 1, 2." in said

    def test_all_that_was_declared_at_one_address(self, envform: Envform) -> None:
        shown = envform("state", "show", "environment.training").stdout
        assert shown.count("# environment.training:\n") == 2

    def test_as_json(self, envform: Envform) -> None:
        (found,) = json.loads(envform("state", "show", "-json", "environment.many[2]").stdout)["environments"]
        assert [version["version"] for version in found["versions"]] == ["1", "2"]
        assert found["versions"][0]["packages"] == {"numpy": "1.0", "torch": "1.0"}


class TestMove:
    def test_one_address_becomes_another_and_the_old_state_is_kept(self, path: Path, envform: Envform) -> None:
        before = read(path)
        result = envform("state", "mv", "environment.many[2]", 'environment.keyed["b"]')
        assert result.stdout == (
            'Moved environment.many[2] to environment.keyed["b"]\nSuccessfully moved 1 environment.\n'
        )
        assert addresses(path) == {**AT, "two": 'environment.keyed["b"]'}
        (backup,) = path.parent.glob("default.json.*Z*.backup")
        assert f"state/{backup.name}" in result.stderr
        assert opened(backup).read() == before

    def test_a_block_moves_with_all_of_its_instances(self, path: Path, envform: Envform) -> None:
        assert "moved 2 environments" in envform("state", "mv", "environment.many", "environment.more").stdout
        assert addresses(path) == {**AT, "ten": "environment.more[10]", "two": "environment.more[2]"}

    def test_what_was_declared_there_before_moves_along(self, path: Path, envform: Envform) -> None:
        envform("state", "mv", "environment.training", 'environment.training["cpu"]')
        assert addresses(path) == {**AT, **dict.fromkeys(("training", "older"), 'environment.training["cpu"]')}

    def test_what_stands_on_it_follows(self, path: Path, envform: Envform) -> None:
        above = registered("above")
        above = replace(above, versions=tuple(replace(v, depends_on=(Address(AT["two"]),)) for v in above.versions))
        opened(path).append(replace(entry("above"), after=above))
        envform("state", "mv", AT["two"], "environment.below")
        assert read(path).environments["above"].latest.depends_on == ("environment.below",)

    def test_a_dry_run_changes_nothing(self, path: Path, envform: Envform) -> None:
        before = files(path)
        result = envform("state", "mv", "-dry-run", "environment.many", "environment.more")
        assert result.stdout.startswith("Would move environment.many[2] to environment.more[2]\n")
        assert files(path) == before

    @pytest.mark.parametrize(
        ("source", "target", "said"),
        [
            ("environment.many", "environment.training", "Several environments cannot become one"),
            ("environment.many[2]", "environment.many[10]", "Address is taken"),
            ("environment.keyed", "environment.keyed", "Source and target are the same"),
            ("environment.many[3]", "environment.more", "Address matches nothing"),
            ("environment.many[2]", "environment.many[x]", "Invalid address"),
            ("environment.many[2]", "data.environment.x", "Invalid address"),
            ("many[2]", "environment.x", "Invalid address"),
        ],
    )
    def test_what_cannot_be_moved(self, path: Path, envform: Envform, source: str, target: str, said: str) -> None:
        before = files(path)
        if said.startswith("Several"):
            target = 'environment.more["one"]'
        assert words(envform("state", "mv", source, target)).startswith(f"Error: {said}")
        assert files(path) == before

    def test_a_backup_is_written_where_it_is_wanted_and_over_nothing(self, path: Path, envform: Envform) -> None:
        assert envform("state", "mv", "-backup=kept.json", "environment.many[2]", "environment.a").exit_code == 0
        assert addresses(path.parent.parent / "kept.json") == AT
        before = files(path)
        said = words(envform("state", "mv", "-backup=kept.json", "environment.a", "environment.b"))
        assert said.startswith("Error: Backup not written")
        assert files(path) == before


class TestRemove:
    def test_what_is_removed_is_forgotten_and_told(self, path: Path, envform: Envform) -> None:
        result = envform("state", "rm", "environment.many", "environment.k*")
        assert result.stdout == (
            'Removed environment.keyed["a b"] (keyed)\nRemoved environment.many[2] (two)\n'
            "Removed environment.many[10] (ten)\nSuccessfully removed 3 environments.\n"
        )
        assert addresses(path).keys() == {"training", "older"}

    def test_locks_that_nothing_needs_any_more_go_too(self, path: Path, envform: Envform) -> None:
        assert read(path).locks
        envform("state", "rm", "*")
        assert read(path) == replace(state_of(), lineage=read(path).lineage, serial=3)

    def test_nothing_is_removed_where_one_address_is_wrong(self, path: Path, envform: Envform) -> None:
        before = files(path)
        words(envform("state", "rm", "environment.many", "environment.manny"))
        assert "Would remove environment.many[2] (two)" in envform("state", "rm", "-dry-run", "*").stdout
        assert files(path) == before


class TestPullAndPush:
    def test_what_is_pulled_can_be_pushed_elsewhere(self, path: Path, envform: Envform, tmp_path: Path) -> None:
        pulled = envform("state", "pull").stdout
        assert pulled.encode() == path.read_bytes()
        other = tmp_path / "other"
        other.mkdir()
        (other / "copy.json").write_text(pulled)
        assert envform("state", "push", "copy.json", cwd=other).exit_code == 0
        assert addresses(other / "state" / "default.json") == AT

    def test_what_a_killed_apply_had_finished_is_pulled_too(self, path: Path, envform: Envform) -> None:
        opened(path).append(entry("finished"))
        assert "finished" in json.loads(envform("state", "pull").stdout)["environments"]

    def test_an_older_state_is_refused_unless_forced_and_then_backed_up(self, path: Path, envform: Envform) -> None:
        older = envform("state", "pull").stdout
        envform("state", "rm", "environment.many")
        newer, before = read(path), files(path)
        said = words(envform("state", "push", "-", typed=older))
        assert said.startswith("Error: State to push is not newer The state to push has serial 2, and what is kept")
        assert files(path) == before
        assert envform("state", "push", "-force", "-", typed=older).exit_code == 0
        assert addresses(path) == AT
        assert read(path).serial == newer.serial + 1
        latest = max(path.parent.glob("default.json.*Z*.backup"), key=lambda found: found.stat().st_mtime_ns)
        assert opened(latest).read() == newer

    def test_another_lineage_is_refused_unless_forced(self, path: Path, envform: Envform) -> None:
        foreign = encode(state_of("foreign", lineage="another"), envform_version="0.1.0").decode()
        assert words(envform("state", "push", "-", typed=foreign)).startswith("Error: State of another lineage")
        assert addresses(path) == AT
        assert envform("state", "push", "-force", "-", typed=foreign).exit_code == 0
        assert read(path).lineage == "another"

    @pytest.mark.parametrize("damage", EVERY_DAMAGE)
    def test_what_is_no_state_is_not_pushed(self, path: Path, envform: Envform, damage: str) -> None:
        before = files(path)
        (path.parent.parent / "copy.json").write_bytes(EVERY_DAMAGE[damage](path.read_bytes()))
        said = words(envform("state", "push", "-force", "copy.json"))
        assert "copy.json" in said
        assert files(path) == before

    def test_pushing_what_is_there_already_changes_nothing(self, path: Path, envform: Envform) -> None:
        before = files(path)
        assert envform("state", "push", "-", typed=envform("state", "pull").stdout).exit_code == 0
        assert files(path) == before


@pytest.mark.parametrize("verb", [["list"], ["rm", "*"], ["mv", "environment.many", "environment.x"], ["pull"]])
@pytest.mark.parametrize("damage", EVERY_DAMAGE)
def test_a_damaged_state_is_told_with_a_way_out_and_nothing_is_overwritten(
    path: Path, envform: Envform, damage: str, verb: list[str]
) -> None:
    path.write_bytes(EVERY_DAMAGE[damage](path.read_bytes()))
    before = files(path)
    said = words(envform("state", *verb))
    assert "Upgrade envform" in said if damage == "a newer version" else "cp " in said
    assert files(path) == before


def test_an_older_state_put_back_is_told(path: Path, envform: Envform) -> None:
    older = path.read_bytes()
    for name in ("x", "y"):
        apply(path, [name])
    path.write_bytes(older)
    said = words(envform("state", "rm", "*"))
    assert said.startswith("Error: State file is older than its journal")
    assert path.read_bytes() == older


class TestHistory:
    def test_newest_first_with_what_was_forgotten_since(self, path: Path, envform: Envform) -> None:
        with_newer = registered("training", "1", "2")
        first, second = with_newer.versions
        patched = replace(second.definition, packages=("numpy",))
        second = replace(second, created="2026-03-04T05:06:07Z", definition=patched, hash=patched.hash)
        opened(path).append(replace(entry("training"), after=replace(with_newer, versions=(first, second))))
        envform("state", "rm", "environment.many[2]")
        head, newest, *others = envform("state", "history").stdout.splitlines()
        assert head.split() == ["when", "environment", "version", "hash", "image", "change"]
        assert newest.split()[:3] == ["2026-03-04T05:06:07Z", "training", "2"]
        assert newest.endswith("definition changed: pip")
        (forgotten,) = [line for line in others if line.split()[1:3] == ["two", "1"]]
        assert "created (forgotten since; default.json" in forgotten
        assert len(others) == 2 * len(AT) - 1

    @pytest.mark.usefixtures("path")
    def test_of_one_address_as_json(self, envform: Envform) -> None:
        found = json.loads(envform("state", "history", "-json", "environment.many[2]").stdout)["history"]
        assert [(one["name"], one["version"], one["kept_in"]) for one in found] == [
            ("two", "2", "state"),
            ("two", "1", "state"),
        ]

    def test_a_backup_that_cannot_be_read_is_a_warning(self, path: Path, envform: Envform) -> None:
        path.with_name("default.json.old.backup").write_text("{")
        result = envform("state", "history")
        assert result.exit_code == 0
        assert "Warning: Backup not read" in result.stderr


@pytest.mark.parametrize("change", [["rm", "environment.many"], ["mv", "environment.many", "environment.more"]])
def test_the_command_that_is_shown_leads_back(path: Path, envform: Envform, change: list[str]) -> None:
    (command,) = [line for line in envform("state", *change).stderr.splitlines() if line.startswith("    envform ")]
    assert addresses(path) != AT
    assert envform(*shlex.split(command)[1:]).exit_code == 0
    assert addresses(path) == AT
