"""What runs that were killed have left behind goes with the next one; what others are at stays."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

import pytest

from reconciler.resolvers.scratch import scratch


def test_what_a_killed_run_left_goes_with_the_next_and_what_is_held_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, held, new, link = (tmp_path / f"envform-scratch-{name}" for name in ("left", "held", "new", "link"))
    (theirs := tmp_path / "theirs").mkdir()
    for folder in (left, held, new):
        folder.mkdir()
        (folder / "found.txt").write_text("")
    link.symlink_to(theirs)
    for folder in (left, held):
        os.utime(folder, (0, 0))
    handle = os.open(held, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    with scratch() as ours:
        assert sorted(tmp_path.iterdir()) == sorted([ours, held, new, link, theirs])
        with pytest.raises(BlockingIOError):
            fcntl.flock(os.open(ours, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)
    assert sorted(tmp_path.iterdir()) == sorted([held, new, link, theirs])
