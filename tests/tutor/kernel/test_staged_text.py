"""Lines of a flood in shared memory: also where the system cannot reserve a file's bytes by name, as on macOS."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tutor.kernel.staged import SIZE, Staged, left, staged_path


@pytest.mark.parametrize("reserves", [True, False])
def test_text_is_there_for_whoever_closes_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reserves: bool
) -> None:
    if not reserves:
        monkeypatch.delattr(os, "posix_fallocate")
    journal = tmp_path / "k1.journal"
    staged = Staged(staged_path(journal))
    assert staged_path(journal).stat().st_blocks * 512 >= SIZE  # no holes
    staged.begin(17, "run", "stdout")
    assert staged.add("one\n")
    assert staged.add("two 二\n")
    assert staged.text() == "one\ntwo 二\n"
    assert left(journal, 17) == ("run", "stdout", "one\ntwo 二\n")
    assert left(journal, 18) is None  # the journal has grown since: it has the text


@pytest.mark.parametrize("written", [0, OSError(28, "No space left on device")])
def test_on_a_full_disk_there_is_no_room_for_text_and_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: object
) -> None:
    monkeypatch.delattr(os, "posix_fallocate")

    def full(*_given: object) -> int:
        if isinstance(written, OSError):
            raise written
        return 0

    monkeypatch.setattr(os, "pwrite", full)
    staged = Staged(staged_path(tmp_path / "k1.journal"))
    staged.begin(0, "run", "stdout")
    assert not staged.add("one\n")
    assert staged.text() == ""
