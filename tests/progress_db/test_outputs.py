from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_db import CellRun, KeptOutput, Progress, outputs, store


@pytest.fixture
def small_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Caps of 40 and 60 characters. A payload {"n":10} is 8 characters."""
    for module in (outputs, store):
        monkeypatch.setattr(module, "HEAD", 40)
        monkeypatch.setattr(module, "TAIL", 60)
    monkeypatch.setattr(outputs, "LARGEST", 100)


def run_of(progress: Progress) -> CellRun:
    return progress.lesson("a/b").runs["s"]


def numbers(first: int, last: int, kind: str = "stream") -> list[KeptOutput]:
    return [KeptOutput(kind, {"n": number}) for number in range(first, last)]


@pytest.fixture
def running(progress: Progress) -> Progress:
    progress.run_started("r", "a/b", "s", "", 0.0)
    return progress


@pytest.mark.usefixtures("small_caps")
def test_head_and_tail_stay_and_the_middle_is_counted(running: Progress) -> None:
    for number in range(10, 60):
        running.outputs_kept("r", numbers(number, number + 1))
    run = run_of(running)
    assert [output.payload["n"] for output in run.outputs] == [10, 11, 12, 13, 14, *range(52, 60)]
    assert run.dropped == (50 - 13) * 8


@pytest.mark.usefixtures("small_caps")
def test_a_flood_of_one_kind_does_not_push_out_another(running: Progress) -> None:
    running.outputs_kept("r", numbers(10, 12, "curve"))
    for number in range(10, 90):
        running.outputs_kept("r", numbers(number, number + 1))
    running.outputs_kept("r", numbers(12, 13, "curve"))
    run = run_of(running)
    assert [output.payload["n"] for output in run.outputs if output.kind == "curve"] == [10, 11, 12]
    assert run.outputs[-1] == KeptOutput("curve", {"n": 12})


@pytest.mark.usefixtures("small_caps")
def test_one_output_that_is_too_large_is_counted_and_the_next_is_kept(running: Progress) -> None:
    huge = {"text": "x" * 200}
    running.outputs_kept("r", [KeptOutput("stream", huge), *numbers(10, 11)])
    run = run_of(running)
    assert run.outputs == (KeptOutput("stream", {"n": 10}),)
    assert run.dropped == len(json.dumps(huge, separators=(",", ":")))


def test_100_000_lines_take_bounded_room(running: Progress) -> None:
    line = "x" * 80
    for batch in range(100):
        running.outputs_kept("r", [KeptOutput("stream", {"text": f"{batch}-{n} {line}\n"}) for n in range(1000)])
    run = run_of(running)
    assert run.outputs[0].payload["text"].startswith("0-0 ")
    assert run.outputs[-1].payload["text"].startswith("99-999 ")
    assert run.dropped > 0
    kept = sum(len(output.payload["text"]) for output in run.outputs)
    assert outputs.HEAD + outputs.TAIL - 200_000 < kept < outputs.HEAD + outputs.TAIL + 200_000


rows = st.lists(
    st.builds(
        lambda kind, size, skipped: outputs.Piece(kind, ["x" * size], size, skipped),
        st.sampled_from(["stream", "curve"]),
        st.integers(1, 700_000),
        st.just(0) | st.integers(0, 900_000),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(rows)
def test_trimming_counts_what_it_drops_and_keeps_both_ends(told: list[outputs.Piece]) -> None:
    kept = outputs.trimmed(told)
    for kind in ("stream", "curve"):
        before = [row for row in told if row.kind == kind]
        after = [row for row in kept if row.kind == kind]
        assert sum(row.size + row.skipped for row in after) == sum(row.size + row.skipped for row in before)
        assert sum(row.size for row in after) <= outputs.HEAD + outputs.TAIL + 2 * 700_000
        if before:
            assert after[-1].payloads == before[-1].payloads
            if before[0].skipped < outputs.HEAD:
                assert after[0].payloads == before[0].payloads
    assert outputs.trimmed(kept) == kept


def test_runs_are_found_by_what_they_put_out(progress: Progress) -> None:
    for run, kind in (("first", "training"), ("second", "stream"), ("third", "training"), ("silent", "")):
        progress.run_started(run, "a/b", f"step-{run}", "", 1.0)
        if kind:
            progress.outputs_kept(run, numbers(0, 3, kind))
            progress.outputs_kept(run, numbers(3, 4, kind))
    progress.run_finished("first", "ok", 2.5)
    found = progress.runs_with("training")
    assert [(run.id, run.step, run.outcome, run.seconds) for run in found] == [
        ("third", "step-third", None, None),
        ("first", "step-first", "ok", 2.5),
    ]
    texts = progress.output_texts("first", "training")
    assert [payload["n"] for text in texts for payload in json.loads(text)] == [0, 1, 2, 3]
    assert progress.output_texts("first", "stream") == []
