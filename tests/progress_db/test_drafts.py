from __future__ import annotations

import sqlite3
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from progress_db import Progress


def versions(path: Path) -> list[str | None]:
    with sqlite3.connect(path) as connection:
        return [source for (source,) in connection.execute("SELECT source FROM drafts ORDER BY id")]


def test_typing_keeps_one_version_a_minute(progress: Progress) -> None:
    for second in range(180):
        progress.draft_saved("a/b", "s", f"version {second}", at=6000.0 + second)
    assert versions(progress.path) == ["version 59", "version 119", "version 179"]


def test_the_version_before_a_reset_stays(progress: Progress) -> None:
    for source in ("one", "two", None, "three", "four"):
        progress.draft_saved("a/b", "s", source, at=6000.0)
    assert versions(progress.path) == ["two", None, "four"]


def test_two_tutors_never_thin_each_other(path: Path) -> None:
    with Progress.open(path) as one, Progress.open(path) as other:
        one.draft_saved("a/b", "s", "here", at=6000.0)
        other.draft_saved("a/b", "s", "there", at=6000.0)
        one.draft_saved("a/b", "s", "here again", at=6000.0)
        assert versions(path) == ["here", "there", "here again"]
        assert other.lesson("a/b").drafts == {"s": "here again"}


def test_a_draft_that_did_not_change_is_no_new_version(progress: Progress) -> None:
    progress.draft_saved("a/b", "s", None)
    assert versions(progress.path) == []
    progress.draft_saved("a/b", "s", "same", at=0.0)
    progress.draft_saved("a/b", "s", "same", at=6000.0)
    assert versions(progress.path) == ["same"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.text(max_size=3), st.floats(0, 500)), max_size=25))
def test_the_newest_version_is_never_lost(told: list[tuple[str, str | None, float]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as directory, Progress.open(Path(directory) / "p.db") as progress:
        latest: dict[str, str] = {}
        for step, source, at in told:
            progress.draft_saved("a/b", step, source, at=at)
            if source is None:
                latest.pop(step, None)
            else:
                latest[step] = source.encode("utf-8", "replace").decode()
            assert progress.lesson("a/b").drafts == latest
