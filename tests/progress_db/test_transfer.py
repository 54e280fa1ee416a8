from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_db import KeptOutput, Place, Progress, RecordCorrupt, ids
from progress_db.health import examine
from progress_db.transfer import TransferError, export_lines, import_lines


def write_something(path: Path, name: str) -> None:
    with Progress.open(path) as progress:
        progress.lesson_opened("a/b")
        progress.draft_saved("a/b", name, f"draft of {name}\nwith 中文")
        progress.draft_saved("a/b", "shared", f"by {name}")
        progress.draft_saved("a/b", "reset", None)
        progress.run_started(name, "a/b", name, "1", 2.5)
        progress.outputs_kept(name, [KeptOutput("stream", {"text": name})])
        progress.run_finished(name, "ok", 0.5)
        progress.answer_given("a/b", "q", [name], name == "laptop")
        progress.attempt_made("a/b", "e", "x", True, "")
        progress.hint_opened("a/b", "e", 2)
        progress.solution_opened("a/b", "e")
        progress.place_left(Place("a/b", name, 3))
        progress.lesson_finished("a/b")


def rows(path: Path) -> set[str]:
    """All rows, but for whether a machine is this one: that is not a fact that travels."""
    return {json.dumps({**json.loads(line), "local": 0}, sort_keys=True) for line in export_lines(path)}


def test_two_machines_are_brought_together(tmp_path: Path) -> None:
    laptop, server = tmp_path / "laptop.db", tmp_path / "server.db"
    write_something(laptop, "laptop")
    write_something(server, "server")
    merged = import_lines(laptop, export_lines(server))
    assert merged.added > 10
    assert merged.known == 0
    import_lines(server, export_lines(laptop))
    assert rows(laptop) == rows(server)
    with Progress.open(laptop) as one, Progress.open(server) as other:
        assert one.lesson("a/b") == other.lesson("a/b")
        assert one.standings() == other.standings()
        state = one.lesson("a/b")
    assert state.drafts == {
        "laptop": "draft of laptop\nwith 中文",
        "server": "draft of server\nwith 中文",
        "shared": "by server",
    }
    assert [answer.answer for answer in state.answers["q"]] == [["laptop"], ["server"]]
    assert state.runs["server"].outputs == (KeptOutput("stream", {"text": "server"}),)
    assert examine(laptop).problems == ()


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    laptop, server = tmp_path / "laptop.db", tmp_path / "server.db"
    write_something(server, "server")
    lines = list(export_lines(server))
    first = import_lines(laptop, lines)
    before = rows(laptop)
    again = import_lines(laptop, lines)
    assert (again.added, again.known) == (0, first.added)
    assert rows(laptop) == before == rows(server)


def test_a_record_that_is_not_there_exports_nothing_and_is_not_made(tmp_path: Path) -> None:
    assert len(list(export_lines(tmp_path / "none.db"))) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_machine_of_the_same_name_stays_another_machine(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    write_something(there, "server")
    import_lines(here, export_lines(there))
    with Progress.open(here) as progress:
        progress.lesson_opened("c/d")
    machines = [json.loads(line) for line in export_lines(here) if '"machines"' in line]
    assert len(machines) == 2
    assert len({machine["name"] for machine in machines}) == 1
    assert sum(machine["local"] for machine in machines) == 1


HEADER = json.dumps({"format": "d2l-tutor progress", "schema": 1})
ROW = {"table": "openings", "id": ids.new_id(), "machine": "m", "at": 1.0, "lesson": "a/b"}


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ([], 1, "nothing to read"),
        (["not json"], 1, "not JSON"),
        (["[]"], 1, "not a JSON object"),
        (['{"some": "thing"}'], 1, "export of d2l-tutor"),
        ([json.dumps({"format": "d2l-tutor progress", "schema": 99})], 1, "newer"),
        ([HEADER, json.dumps({**ROW, "table": "sqlite_master"})], 2, "no table"),
        ([HEADER, json.dumps(ROW), json.dumps({**ROW, "extra": 1})], 3, "extra"),
        ([HEADER, json.dumps({**ROW, "at": "yesterday"})], 2, "wrong kind for at"),
        ([HEADER, json.dumps({**ROW, "lesson": None})], 2, "wrong kind for lesson"),
        ([HEADER, json.dumps({**ROW, "id": "1"})], 2, "not a UUIDv7"),
        ([HEADER, json.dumps(ROW), json.dumps(ROW)[:-10]], 3, "not JSON"),
    ],
)
def test_what_is_no_export_is_refused_whole(path: Path, lines: Sequence[str], line: int, said: str) -> None:
    Progress.open(path).close()
    with pytest.raises(TransferError, match="Nothing was imported") as caught:
        import_lines(path, lines)
    assert caught.value.line == line
    assert said in str(caught.value)
    with Progress.open(path) as progress:
        assert progress.first_start()


def test_a_clock_of_the_far_future_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)
    with monkeypatch.context() as future:
        ahead = time.time_ns() + 2 * 365 * 86400 * 10**9
        future.setattr("time.time_ns", lambda: ahead)
        row = {**ROW, "id": ids.new_id()}
    monkeypatch.setattr(ids, "_last", 0)
    with pytest.raises(TransferError, match="more than a year ahead"):
        import_lines(path, [HEADER, json.dumps(row)])


deeds = st.lists(
    st.tuples(st.sampled_from(["draft", "answer", "hint", "place"]), st.sampled_from("pq"), st.integers(0, 5)),
    max_size=5,
)


def do(path: Path, told: list[tuple[str, str, int]]) -> None:
    with Progress.open(path) as progress:
        for kind, step, number in told:
            match kind:
                case "draft":
                    progress.draft_saved("a/b", step, str(number))
                case "answer":
                    progress.answer_given("a/b", step, number, number > 2)
                case "hint":
                    progress.hint_opened("a/b", step, number)
                case _:
                    progress.place_left(Place("a/b", step, number))


@settings(max_examples=15, deadline=None)
@given(deeds, deeds, deeds)
def test_the_order_of_imports_does_not_matter(
    one: list[tuple[str, str, int]], two: list[tuple[str, str, int]], three: list[tuple[str, str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        records = [Path(directory) / f"{number}.db" for number in range(3)]
        for path, told in zip(records, (one, two, three), strict=True):
            do(path, told)
        exports = [list(export_lines(path)) for path in records]
        forward, backward = Path(directory) / "forward.db", Path(directory) / "backward.db"
        for lines in exports:
            import_lines(forward, lines)
        nested = Path(directory) / "nested.db"
        for lines in (exports[2], exports[1], exports[1]):
            import_lines(nested, lines)
        import_lines(backward, export_lines(nested))
        import_lines(backward, exports[0])
        assert rows(forward) == rows(backward)
        with Progress.open(forward) as a, Progress.open(backward) as b:
            assert a.lesson("a/b") == b.lesson("a/b")
            assert a.standings() == b.standings()
            assert a.last_place() == b.last_place()


def merged(directory: str, name: str, *exports: list[str]) -> list[str]:
    """The export of a record that took these in, in that order, without what only says where it lies."""
    path = Path(directory) / f"{name}.db"
    for lines in exports:
        import_lines(path, lines)
    return list(export_lines(path))


@settings(max_examples=12, deadline=None)
@given(deeds, deeds, deeds)
def test_the_merge_is_commutative_associative_and_idempotent(
    one: list[tuple[str, str, int]], two: list[tuple[str, str, int]], three: list[tuple[str, str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        a, b, c = [], [], []
        for number, (told, lines) in enumerate(((one, a), (two, b), (three, c))):
            path = Path(directory) / f"{number}.db"
            do(path, told)
            # An import notes machines as other ones: the first import is what the laws are about.
            lines += merged(directory, f"taken-{number}", list(export_lines(path)))
        assert merged(directory, "ab", a, b) == merged(directory, "ba", b, a)
        left = merged(directory, "ab-c", merged(directory, "ab2", a, b), c)
        right = merged(directory, "a-bc", a, merged(directory, "bc", b, c))
        assert left == right
        assert merged(directory, "aa", a, a) == a
        assert merged(directory, "aba", a, b, a) == merged(directory, "ab3", a, b)
        rows_of_all = {line for lines in (a, b, c) for line in lines}
        assert set(left) == rows_of_all  # nothing is lost, nothing is made up


def test_a_whole_record_is_said_to_be_whole(path: Path) -> None:
    write_something(path, "laptop")
    health = examine(path)
    assert health.problems == ()
    assert health.facts["answers"] == 1
    assert health.size == path.stat().st_size


def test_what_sqlite_finds_wrong_is_said(path: Path) -> None:
    Progress.open(path).close()
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE positive (x CHECK (x > 0)); PRAGMA ignore_check_constraints = 1;INSERT INTO positive VALUES (-1);"
    )
    connection.close()
    health = examine(path)
    assert ["positive" in problem for problem in health.problems] == [True]


def test_a_page_that_is_gone_is_said(path: Path) -> None:
    with Progress.open(path) as progress:
        for number in range(300):
            progress.answer_given("a/b", f"q{number}", "x" * 300, True)
    content = bytearray(path.read_bytes())
    page = 4096
    content[page * 20 : page * 21] = bytes(page)
    path.write_bytes(content)
    with pytest.raises(RecordCorrupt):
        examine(path)
