"""Outputs survive the record, and floods the delivery."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future

import pytest

from engine.events import MetricPoint, RunFinished, StepsDone
from tutor.kernel.delivery import BURST, ENOUGH, INTERVAL, LONGEST_TEXT, STALE, Delivery
from tutor.kernel.events import (
    CellFinished,
    CellStarted,
    ErrorRaised,
    Outcome,
    OutputCleared,
    OutputFormatError,
    StreamWritten,
    TrainingReported,
    ValueShown,
    from_record,
    to_record,
)

OUTPUTS = [
    StreamWritten("r", "stderr", "10%\r20%\x1b[0m 中文\n"),
    ValueShown("r", {"text/plain": "1", "text/html": "<b>1</b>"}, is_result=True),
    ValueShown("r", {"text/plain": "1"}, display_id="d", replaces=True),
    OutputCleared("r", wait=True),
    TrainingReported(
        "r",
        (
            MetricPoint("t", "train_loss", 0.5, float("inf")),
            StepsDone("t", 1, 10, 1, 100.0, None),
            RunFinished("t", "stopped", 1.0, 0.5, 100.0, {"train_loss": 0.1}),
        ),
    ),
    ErrorRaised("r", "ValueError", "no", ("a", "b")),
]


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_an_output_comes_back_from_json_as_it_was(output):
    kind, payload = to_record(output)
    assert from_record(kind, json.loads(json.dumps(payload, allow_nan=False)), "r") == output


@pytest.mark.parametrize(("kind", "payload"), [("hologram", {}), ("stream", {}), ("training", {"v": 99}), ("error", 3)])
def test_what_cannot_be_read_back_is_said(kind, payload):
    with pytest.raises(OutputFormatError, match=kind):
        from_record(kind, payload)


def text(piece: str, run: str = "r", name: str = "stdout") -> StreamWritten:
    return StreamWritten(run, name, piece)


def test_adjacent_text_of_one_stream_is_one_event():
    batches = []
    delivery = Delivery(batches.append, lambda: None)
    for event in (text("a"), text("b"), text("c", name="stderr"), text("d"), text("e"), text("f", run="s")):
        delivery.add(event)
    delivery.flush()
    assert batches == [[text("ab"), text("c", name="stderr"), text("de"), text("f", run="s")]]


def test_long_text_comes_whole_in_pieces():
    batches = []
    delivery = Delivery(batches.append, lambda: None)
    for _ in range(100):
        delivery.add(text("x" * (LONGEST_TEXT // 10)))
    delivery.flush()
    (batch,) = batches
    assert "".join(event.text for event in batch) == "x" * (LONGEST_TEXT // 10 * 100)
    assert 5 < len(batch) <= 11


def test_after_a_burst_the_flood_waits_for_its_pace():
    batches = []
    delivery = Delivery(batches.append, lambda: None)
    for number in range(BURST * 3):
        delivery.add(text(f"{number}\n"))
        delivery.flush()
    assert len(batches) < BURST * 3
    assert 0 < delivery.pause() <= INTERVAL
    delivery.flush_all(timeout=0)
    assert "".join(event.text for batch in batches for event in batch) == "".join(f"{n}\n" for n in range(BURST * 3))


def test_in_a_flood_what_the_learner_waits_for_goes_out_at_once():
    batches = []
    delivery = Delivery(batches.append, lambda: None)
    for _ in range(BURST * 3):
        delivery.add(text("x\n"))
        delivery.flush()
    for event in (CellStarted("s"), text("first\n", run="s"), CellFinished("s", Outcome.OK, 0.1)):
        before = len(batches)
        delivery.add(event)
        delivery.flush()
        delivered = [event for batch in batches[before:] for event in batch]
        assert event in delivered or isinstance(event, CellStarted), "a start goes with the first output at the latest"
    assert delivery.pause() is None


def test_while_the_screen_has_not_taken_a_batch_the_next_is_merged():
    batches, woken = [], []
    taken: Future[None] = Future()

    def deliver(batch):
        batches.append(batch)
        return taken

    delivery = Delivery(deliver, lambda: woken.append(True))
    delivery.add(text("a"))
    delivery.flush()
    for _ in range(50):
        delivery.add(text("b"))
        delivery.flush()
    assert batches == [[text("a")]]
    assert INTERVAL < delivery.pause() <= STALE
    taken.set_result(None)
    assert woken
    delivery.flush()
    assert batches[1] == [text("b" * 50)]


def test_a_screen_that_never_takes_its_batch_does_not_hold_up_the_next(monkeypatch):
    batches = []
    delivery = Delivery(lambda batch: batches.append(batch) or Future(), lambda: None)
    delivery.add(text("a"))
    delivery.flush()
    delivery.add(text("b"))
    delivery.flush()
    assert len(batches) == 1
    later = time.monotonic() + STALE
    monkeypatch.setattr("tutor.kernel.delivery.time.monotonic", lambda: later)
    delivery.flush()
    assert batches[1] == [text("b")]


def test_reading_stops_while_too_much_waits():
    taken: Future[None] = Future()
    delivery = Delivery(lambda batch: taken, lambda: None)
    delivery.add(text("a"))
    delivery.flush()
    assert not delivery.full
    for _ in range(ENOUGH // LONGEST_TEXT + 2):
        delivery.add(text("x" * LONGEST_TEXT))
    assert delivery.full
    taken.set_result(None)
    delivery.flush()
    assert not delivery.full


def test_a_screen_that_fails_does_not_stop_the_reading(caplog):
    batches = []

    def deliver(batch):
        batches.append(batch)
        raise RuntimeError("the screen is gone")

    delivery = Delivery(deliver, lambda: None)
    delivery.add(CellStarted("a"))
    delivery.flush()
    delivery.add(CellFinished("a", Outcome.OK, 1.0))
    delivery.flush()
    assert len(batches) == 2
    assert "was not taken" in caplog.text
