"""The journal: what was appended is read, up to the first record that is not whole."""

from __future__ import annotations

import os
import resource

from hypothesis import given
from hypothesis import strategies as st

from tutor.kernel.journal import Entry, Journal, entries
from tutor.kernel.launch import tidy


def _told(path, offset=0):
    return [(entry.kind, entry.run, entry.content) for entry in entries(path, offset)]


def test_records_come_back_in_order_from_any_offset(tmp_path):
    journal = Journal(tmp_path / "j")
    journal.append("error", "r1", {"ename": "E"})
    middle = journal.offset()
    journal.append_text("r2", "stdout", "中文 \x1b[0m\n")
    assert _told(tmp_path / "j") == [
        ("error", "r1", {"ename": "E"}),
        ("stream", "r2", {"name": "stdout", "text": "中文 \x1b[0m\n"}),
    ]
    (last,) = entries(tmp_path / "j", middle)
    assert isinstance(last, Entry)
    assert last.offset == journal.offset() == (tmp_path / "j").stat().st_size


@given(text=st.text())
def test_any_text_is_kept_as_append_would(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("j") / "j"
    journal = Journal(path)
    journal.append_text("r", "stderr", text)
    journal.append("stream", "r", {"name": "stderr", "text": text})
    quick, plain = entries(path)
    assert quick.content == plain.content == {"name": "stderr", "text": text}


def test_a_journal_goes_on_where_it_ended(tmp_path):
    Journal(tmp_path / "j").append("clear_output", "a", {})
    Journal(tmp_path / "j").append("clear_output", "b", {})
    assert [entry.run for entry in entries(tmp_path / "j")] == ["a", "b"]


def test_a_cut_or_damaged_record_ends_the_reading(tmp_path):
    path = tmp_path / "j"
    journal = Journal(path)
    journal.append_text("a", "stdout", "whole\n")
    end = journal.offset()
    journal.append_text("b", "stdout", "cut\n")
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[: end + 5], whole[:-2] + b"xx"):
        path.write_bytes(damaged)
        assert [entry.run for entry in entries(path)] == ["a"]


def test_no_journal_has_no_records(tmp_path):
    assert list(entries(tmp_path / "none")) == []


def test_a_full_disk_is_counted_and_leaves_the_journal_readable(tmp_path):
    # A limit on the size of files makes the same errors as a full disk: a short write, then none at all.
    pid = os.fork()
    if pid == 0:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        journal = Journal(tmp_path / "j")
        for number in range(100):
            journal.append_text("r", "stdout", f"line {number}\n")
        kept = len(list(entries(tmp_path / "j")))
        os._exit(0 if journal.lost and kept + journal.lost == 100 and kept > 5 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert [entry.content["text"] for entry in entries(tmp_path / "j")][:2] == ["line 0\n", "line 1\n"]


def test_old_leftovers_go_and_what_is_young_or_alive_stays(tmp_path, monkeypatch):
    for name in ("kdead.log", "kdead-1", "kdead.journal", "kyoung.log", "kalive.json", "other"):
        (tmp_path / name).touch()
        if "young" not in name:
            os.utime(tmp_path / name, (0, 0))
    monkeypatch.setattr("tutor.kernel.launch.marked", lambda name, value: [1] if value == "alive" else [])
    tidy(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kalive.json", "kyoung.log", "other"]
