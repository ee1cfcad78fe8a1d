from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.backends import file
from reconciler.backends.file_troubles import check_not_older
from reconciler.model.diagnostic import StateError
from reconciler.model.digest import Digest
from reconciler.model.state import State
from tests.backends.states import LINEAGE, apply, entry, opened, state_of

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "my state" / "default.json"


def names(path: Path) -> list[str]:
    return sorted(found.name for found in path.parent.iterdir())


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(StateError) as caught:
        act()
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.summary}\n{diagnostic.detail}"


def follow_the_way_out(said: str) -> None:
    """Run the command that a message shows, as a user would copy it."""
    (command,) = (line for line in said.splitlines() if line.startswith("    "))
    subprocess.run(shlex.split(command), check=True)


def test_reading_makes_no_folder(path: Path) -> None:
    assert opened(path).read() is None
    assert not path.parent.exists()


def test_only_the_owner_may_read_what_is_kept(path: Path) -> None:
    old = os.umask(0)
    try:
        apply(path, ["training"])
        apply(path, ["scoring"])
        with opened(path).lock("apply"):
            modes = {found.name: oct(found.stat().st_mode & 0o777) for found in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == dict.fromkeys(
        ("default.json", "default.json.backup", "default.journal", "default.lock"), oct(0o600)
    )


def test_an_apply_leaves_state_backup_and_journal_and_nothing_else(path: Path) -> None:
    apply(path, ["training"])
    assert names(path) == ["default.journal", "default.json", "default.json.backup"]


def test_the_backup_is_what_was_there_before_the_first_change(path: Path) -> None:
    before = apply(path, ["training"])
    kept = path.read_bytes()
    apply(path, ["scoring", "serving"])
    backup = path.with_name("default.json.backup")
    assert backup.read_bytes() == kept
    shutil.copy(backup, path.with_name("elsewhere.json"))
    assert opened(path.with_name("elsewhere.json")).read() == before


def test_a_link_to_a_state_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "synced" / "real.json"
    path.parent.mkdir()
    path.symlink_to(real)
    state = apply(path, ["training"])
    assert path.is_symlink()
    assert opened(real).read() == state


def test_workspaces_in_one_folder_do_not_meet(path: Path) -> None:
    other = path.with_name("default.v2.json")
    with opened(path).lock("apply"), opened(other).lock("apply"):
        pass
    assert apply(path, ["training"]) != apply(other, ["scoring"])
    assert set((opened(path).read() or State("")).environments) == {"training"}


@pytest.mark.parametrize("content", [b"", b"{", b"null", bytes(100)])
def test_a_damaged_state_is_rebuilt_from_backup_and_journal_by_the_command_that_is_shown(
    path: Path, content: bytes
) -> None:
    apply(path, ["training"])
    state = apply(path, ["scoring"])
    path.write_bytes(content)
    said = refusal(opened(path).read)
    assert path.read_bytes() == content
    follow_the_way_out(said)
    kept = opened(path).read()
    assert kept == replace(state, serial=state.serial - 1)  # all of it; only the number is the one before
    assert set(apply(path, ["serving"]).environments) == {"training", "scoring", "serving"}


def test_nothing_is_written_over_a_damaged_state(path: Path) -> None:
    apply(path, ["training"])
    path.write_bytes(b"{")
    before = {name: path.with_name(name).read_bytes() for name in names(path)}
    assert "State file is damaged" in refusal(lambda: opened(path).write(state_of(serial=3)))
    assert "State file is damaged" in refusal(lambda: opened(path).append(entry("scoring")))
    assert {name: path.with_name(name).read_bytes() for name in names(path)} == before


def test_a_missing_state_is_not_no_state(path: Path) -> None:
    apply(path, ["training"])
    state = apply(path, ["scoring"])
    path.unlink()
    said = refusal(opened(path).read)
    assert said.startswith("State file is missing")
    assert "State file is missing" in refusal(lambda: opened(path).write(state_of()))
    follow_the_way_out(said)
    assert opened(path).read() == replace(state, serial=state.serial - 1)


@pytest.mark.parametrize("left", ["default.json.backup", "default.journal"])
def test_backup_or_journal_alone_show_that_there_was_a_state(path: Path, left: str) -> None:
    apply(path, ["training"])
    for name in names(path):
        if name != left:
            path.with_name(name).unlink()
    said = refusal(opened(path).read)
    assert said.startswith("State file is missing")
    follow_the_way_out(said)
    assert set((opened(path).read() or State("")).environments) == set()


def test_without_a_backup_the_way_out_of_damage_is_to_move_the_file_away(path: Path) -> None:
    opened(path).write(state_of("training"))
    path.write_bytes(b"")
    follow_the_way_out(refusal(opened(path).read))
    assert names(path) == ["default.json.damaged"]
    assert opened(path).read() is None


def test_an_older_state_put_back_is_refused_and_the_command_that_is_shown_goes_forward(path: Path) -> None:
    apply(path, ["training"])
    older = path.read_bytes()
    apply(path, ["scoring"])
    state = apply(path, ["serving"])
    path.write_bytes(older)
    said = refusal(opened(path).read)
    assert said.startswith("State file is older than its journal")
    assert "serial 2" in said
    commands = [line for line in said.splitlines() if line.startswith("    ")]
    assert len(commands) == 3
    subprocess.run(shlex.split(commands[0]), check=True)
    assert opened(path).read() == replace(state, serial=state.serial - 1)


def test_an_older_state_may_be_put_back_on_purpose(path: Path) -> None:
    older = apply(path, ["training"])
    kept = path.read_bytes()
    apply(path, ["scoring"])
    apply(path, ["serving"])
    path.write_bytes(kept)
    commands = [line for line in refusal(opened(path).read).splitlines() if line.startswith("    ")]
    for command in commands[1:]:
        subprocess.run(shlex.split(command), check=True)
    assert opened(path).read() == older


def test_an_older_state_put_back_after_a_push_is_refused_too(path: Path) -> None:
    older = apply(path, ["training"])
    kept = path.read_bytes()
    for more in (2, 3):
        opened(path).overwrite(replace(older, serial=older.serial + more))
    path.write_bytes(kept)
    said = refusal(opened(path).read)
    assert said.startswith("State file is older than its backup")
    forward, away = (shlex.split(line) for line in said.splitlines() if line.startswith("    "))
    shutil.copy(path.with_name("default.json.backup"), path.with_name("kept"))
    subprocess.run(away, check=True)
    assert opened(path).read() == older
    path.with_name("kept").replace(path.with_name("default.json.backup"))
    subprocess.run(forward, check=True)
    assert opened(path).read() == replace(older, serial=older.serial + 2)


def test_where_the_backup_is_damaged_too_no_command_leads_in_a_circle(path: Path) -> None:
    apply(path, ["training"])
    state = apply(path, ["scoring"])
    path.with_name("default.json.20260203T040506Z.backup").write_bytes(path.read_bytes())
    path.write_bytes(b"")
    path.with_name("default.json.backup").write_bytes(b"")
    said = refusal(opened(path).read)
    assert "cannot be read either" in said
    follow_the_way_out(said)
    assert opened(path).read() == state
    path.with_name("default.json.20260203T040506Z.backup").unlink()
    path.write_bytes(b"")
    for _ in range(4):
        try:
            assert opened(path).read() is None
            break
        except StateError as error:
            follow_the_way_out(error.diagnostics[0].detail)
    assert opened(path).read() is None
    assert len([name for name in names(path) if name.endswith(".damaged")]) == 3


def test_a_link_in_the_place_of_the_lock_is_not_followed(path: Path) -> None:
    apply(path, ["training"])
    elsewhere = path.parent.parent / "precious"
    elsewhere.write_text("kept")
    path.with_suffix(".lock").symlink_to(elsewhere)
    said = refusal(lambda: apply(path, ["scoring"]))
    assert "a link is in the way" in said
    assert elsewhere.read_text() == "kept"


def test_the_state_of_another_project_beside_our_journal_is_refused(path: Path) -> None:
    apply(path, ["training"])
    other = path.with_name("other.json")
    opened(other).write(state_of("scoring", lineage="another"))
    path.write_bytes(other.read_bytes())
    said = refusal(opened(path).read)
    assert said.startswith("Journal belongs to another state")
    assert LINEAGE in said
    assert "another" in said


def test_a_journal_cut_anywhere_keeps_all_lines_before_the_cut(path: Path) -> None:
    backend = opened(path)
    backend.write(state_of())
    with backend.lock("apply"):
        for name in ("a", "b", "c"):
            backend.append(entry(name))
    journal = path.with_suffix(".journal")
    whole = journal.read_bytes()
    header = whole.index(b"\n") + 1
    for length in [*range(header, len(whole), 5), len(whole) - 1, len(whole)]:
        journal.write_bytes(whole[:length])
        finished = whole[:length].count(b"\n") - 1
        assert set((backend.read() or State("")).environments) == set("abc"[:finished])
    journal.write_bytes(whole[:-9])
    opened(path).append(entry("d"))
    assert set((opened(path).read() or State("")).environments) == {"a", "b", "d"}


def test_blocks_that_a_power_cut_left_as_zeros_are_a_torn_line(path: Path) -> None:
    opened(path).write(state_of())
    opened(path).append(entry("a"))
    with path.with_suffix(".journal").open("ab") as journal:
        journal.write(bytes(4096))
    assert set((opened(path).read() or State("")).environments) == {"a"}


def test_no_flipped_bit_of_a_journal_loses_a_change_unseen(path: Path) -> None:
    opened(path).write(state_of())
    for name in ("a", "b"):
        opened(path).append(entry(name))
    journal = path.with_suffix(".journal")
    whole = journal.read_bytes()
    said = ""
    for place in {*range(0, len(whole), 3), *(place for place, byte in enumerate(whole) if byte == ord("\n"))}:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        journal.write_bytes(flipped)
        said = refusal(opened(path).read)
        assert said.startswith(("Journal is damaged", "State was written by a newer envform"))
    follow_the_way_out(said)
    assert opened(path).read() == state_of()


def test_a_journal_line_of_a_newer_envform_is_not_called_damaged(path: Path) -> None:
    opened(path).write(state_of())
    opened(path).append(entry("a"))
    journal = path.with_suffix(".journal")
    header, line = journal.read_bytes().splitlines(keepends=True)
    body = line[line.index(b'"entries":') + 10 : -2].replace(b'{"', b'{"colour":"red","', 1)
    checksum = Digest.of(json.loads(header)["checksum"].encode() + body)
    journal.write_bytes(header + f'{{"checksum":"{checksum}","entries":'.encode() + body + b"}\n")
    assert refusal(opened(path).read).startswith("State was written by a newer envform")


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"null\n", b"[" * 100_000])
def test_a_journal_that_is_none_is_refused_in_words(path: Path, content: bytes) -> None:
    opened(path).write(state_of())
    path.with_suffix(".journal").write_bytes(content)
    assert refusal(opened(path).read).startswith("Journal is damaged")


def test_a_line_may_not_be_taken_out_or_moved(path: Path) -> None:
    opened(path).write(state_of())
    for name in ("a", "b", "c"):
        opened(path).append(entry(name))
    journal = path.with_suffix(".journal")
    header, a, b, c = journal.read_bytes().splitlines(keepends=True)
    for lines in ([header, a, c], [header, b, a, c], [header, a, a, b, c]):
        journal.write_bytes(b"".join(lines))
        assert refusal(opened(path).read).startswith("Journal is damaged")


def test_an_append_costs_the_same_however_large_the_state_is(path: Path) -> None:
    backend = opened(path)
    backend.write(state_of(*(f"e{n}" for n in range(500))))
    with backend.lock("apply"):
        backend.append(entry("first"))
        path.unlink()  # whoever opened it again would say that it is missing
        backend.append(entry("second"))
    assert path.with_suffix(".journal").read_bytes().count(b"\n") == 3


def test_a_state_path_that_is_a_folder_is_refused_in_words(path: Path) -> None:
    path.mkdir(parents=True)
    assert "it is a folder" in refusal(opened(path).read)
    assert "State cannot be read" in refusal(lambda: opened(path).write(state_of()))


def test_a_file_in_the_place_of_the_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    backend = opened(tmp_path / "state" / "default.json")
    assert "part of its path is a file" in refusal(backend.read)
    assert "part of its path is a file" in refusal(lambda: backend.lock("apply").__enter__())


@pytest.mark.parametrize("call", ["pwrite", "fsync"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_disk_that_fails_leaves_the_old_state_byte_for_byte(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    state = apply(path, ["training"])
    before = path.read_bytes()

    def fails(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    backend = opened(path)
    with backend.lock("apply"):
        monkeypatch.setattr(os, call, fails)
        said = refusal(lambda: backend.write(replace(state, serial=state.serial + 1)))
        assert "State cannot be written" in refusal(lambda: backend.append(entry("scoring")))
        monkeypatch.undo()
    assert said.startswith("State cannot be written")
    assert "untouched" in said
    assert "numpy" not in said
    assert path.read_bytes() == before
    assert names(path) == ["default.journal", "default.json", "default.json.backup"]
    assert set(apply(path, ["scoring"]).environments) == {"training", "scoring"}


def test_a_lock_that_cannot_say_who_holds_it_is_not_held(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", fails)
    assert "State cannot be locked" in refusal(lambda: opened(path).lock("apply").__enter__())
    monkeypatch.undo()
    with opened(path).lock("apply"):
        pass


@pytest.fixture
def readonly() -> Iterator[Path]:
    """A state in a folder where the process may not write; root may write anywhere, so it becomes nobody."""
    folder = Path(tempfile.mkdtemp())
    try:
        apply(folder / "default.json", ["training"])
        for found in folder.iterdir():
            found.chmod(0o444)
        folder.chmod(0o555)
        yield folder / "default.json"
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def as_nobody(act: Callable[[], str]) -> str:
    """What an act says when an ordinary user does it."""
    if os.getuid():
        return act()
    receive, send = os.pipe()
    if not (child := os.fork()):
        os.setuid(NOBODY)
        os.write(send, act().encode())
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


def test_a_readonly_folder_can_be_read_and_says_why_it_cannot_be_written(readonly: Path) -> None:
    backend = opened(readonly)
    assert as_nobody(lambda: str(sorted((backend.read() or State("")).environments))) == "['training']"
    said = as_nobody(lambda: refusal(lambda: backend.write(state_of(serial=3))))
    assert said.startswith("State cannot be locked")
    assert "not allowed to" in said
    assert str(readonly.parent) in said


def test_a_state_that_may_not_be_read_is_not_no_state(readonly: Path) -> None:
    readonly.chmod(0)
    said = as_nobody(lambda: refusal(opened(readonly).read))
    assert said.startswith("State cannot be read")
    assert "not allowed to" in said


def test_the_lock_file_tells_who_holds_it_and_goes_away(path: Path) -> None:
    lock = path.with_suffix(".lock")
    with opened(path).lock("apply") as holder:
        assert json.loads(lock.read_text())["id"] == holder.id
    assert not lock.exists()


def test_a_lock_file_that_nobody_holds_is_no_lock(path: Path) -> None:
    path.parent.mkdir()
    path.with_suffix(".lock").write_text('{"id": "left behind"}')
    with opened(path).lock("apply") as holder:
        assert holder.id in path.with_suffix(".lock").read_text()


def test_one_state_has_one_holder_whatever_object_asks(path: Path) -> None:
    with opened(path).lock("apply") as holder:
        assert holder.id in refusal(lambda: opened(path).write(state_of()))
        assert holder.id in refusal(lambda: opened(path).append(entry("training")))
    assert opened(path).read() is None


def test_a_reader_whom_two_writers_overtake_reads_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(path, ["one"])
    path.with_suffix(".journal").unlink()
    path.with_name("default.json.backup").write_bytes(path.read_bytes())

    def overtaken(*compared: Any) -> None:
        monkeypatch.undo()
        apply(path, ["two"])
        apply(path, ["three"])
        check_not_older(*compared)

    monkeypatch.setattr(file, "check_not_older", overtaken)
    kept = opened(path).read()
    assert kept is not None
    assert set(kept.environments) == {"one", "two", "three"}
