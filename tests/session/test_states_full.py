"""A command on state whose journal could be written and whose state could not is done, and says so."""

from __future__ import annotations

from pathlib import Path

from reconciler.model.diagnostic import Diagnostic
from tests.session.projects import content, recorded, states_in


def test_what_is_in_the_journal_is_done_though_the_state_cannot_be_written(tmp_path: Path) -> None:
    recorded(tmp_path, "one", "two")
    in_the_way = tmp_path / "state" / "default.json.tmp"
    in_the_way.mkdir()
    told: list[Diagnostic] = []
    states_in(tmp_path, told).remove(["environment.one"], None)
    (warning,) = told
    assert warning.summary == "State not written as a whole"
    assert "is done all the same" in warning.detail
    in_the_way.rmdir()
    assert content(states_in(tmp_path).recorded()).keys() == {"two"}
    states_in(tmp_path).remove(["environment.two"], None)
    assert content(states_in(tmp_path).recorded()) == {}
