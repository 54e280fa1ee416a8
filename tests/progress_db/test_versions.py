"""The texts that a cell had: drafts, runs and attempts, here and on another machine."""

from __future__ import annotations

from pathlib import Path

from progress_db import Progress
from progress_db.transfer import export_lines, import_lines


def test_each_text_stands_once_newest_first_with_what_became_of_it(progress: Progress) -> None:
    progress.draft_saved("a/b", "s", "one", at=60.0)
    progress.run_started("r1", "a/b", "s", "one", 61.0, at=61.0)
    progress.run_finished("r1", "error", 0.1)
    progress.draft_saved("a/b", "s", "two", at=200.0)
    progress.run_started("r2", "a/b", "s", "two", 201.0, at=201.0)
    progress.run_finished("r2", "ok", 0.1)
    progress.attempt_made("a/b", "s", "two", False, "no", at=202.0)
    progress.attempt_made("a/b", "s", "two", True, "", at=203.0)
    progress.draft_saved("a/b", "s", None, at=300.0)
    progress.draft_saved("a/b", "other", "elsewhere", at=400.0)
    found = progress.versions_of("a/b", "s")
    assert [version.source for version in found] == [None, "two", "one"]
    assert [version.at for version in found] == [300.0, 203.0, 61.0]
    assert [version.outcome for version in found] == [None, "ok", "error"]
    assert [version.passed for version in found] == [None, True, None]
    assert [version.source for version in progress.versions_of("a/b", "s", limit=1)] == [None]
    assert progress.versions_of("a/b", "nothing") == ()


def test_two_tutors_that_edit_one_cell_lose_neither_text(path: Path, tmp_path: Path) -> None:
    with Progress.open(path) as one, Progress.open(path) as other:
        one.draft_saved("a/b", "s", "mine", at=60.0)
        other.draft_saved("a/b", "s", "theirs", at=61.0)
        one.draft_saved("a/b", "s", "mine, further", at=62.0)
        found = one.versions_of("a/b", "s")
    assert [version.source for version in found] == ["mine, further", "theirs", "mine"]
    assert all(version.is_here for version in found)
    elsewhere = tmp_path / "elsewhere" / "progress.db"
    with Progress.open(elsewhere) as there:
        there.draft_saved("a/b", "s", "there", at=10.0)
    import_lines(elsewhere, export_lines(path))
    with Progress.open(elsewhere) as there:
        merged = there.versions_of("a/b", "s")
    assert {version.source: version.is_here for version in merged} == {
        "mine, further": False,
        "theirs": False,
        "mine": False,
        "there": True,
    }


def test_what_was_there_before_another_text_took_its_place_stays(progress: Progress) -> None:
    progress.draft_saved("a/b", "s", "mine", at=60.0)
    progress.draft_replaced("a/b", "s", "theirs", at=61.0)
    progress.draft_saved("a/b", "s", "theirs, changed", at=62.0)
    assert [version.source for version in progress.versions_of("a/b", "s")] == ["theirs, changed", "mine"]
    progress.draft_replaced("a/b", "s", "theirs, changed", at=63.0)
    assert [version.at for version in progress.versions_of("a/b", "s")] == [62.0, 60.0]


def test_a_draft_knows_of_which_version_of_the_authors_it_was_made(path: Path, tmp_path: Path) -> None:
    with Progress.open(path) as progress:
        progress.draft_begun("a/b", "s", "the author's")
        progress.draft_saved("a/b", "s", "mine")
        progress.draft_begun("a/b", "s", "the author's")
        assert progress.lesson("a/b").authored == {"s": "the author's"}
        progress.draft_begun("a/b", "s", "the author's new one")
        progress.draft_saved("a/b", "s", "mine of it")
        progress.draft_saved("a/b", "unknown", "mine")
        assert progress.lesson("a/b").authored == {"s": "the author's new one"}
    elsewhere = tmp_path / "elsewhere" / "progress.db"
    with Progress.open(elsewhere) as there:
        there.draft_begun("a/b", "s", "another course's")
        there.draft_saved("a/b", "s", "there", at=1.0)
    assert import_lines(elsewhere, export_lines(path)).added == 4  # of the minute, one draft
    with Progress.open(elsewhere) as there:
        state = there.lesson("a/b")
        assert (state.drafts["s"], state.authored["s"]) == ("there", "another course's")
