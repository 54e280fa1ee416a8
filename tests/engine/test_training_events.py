"""The wire format of training events."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import (
    CostEstimated,
    EpochFinished,
    EventFormatError,
    MetricPoint,
    RunDiverged,
    RunFinished,
    RunStarted,
    StepsDone,
    decode,
    encode,
)

names = st.text(min_size=1, max_size=12)
whole = st.integers(0, 10**9)
numbers = st.floats(allow_nan=False, allow_infinity=False)
any_numbers = st.floats(allow_nan=False)
metrics = st.dictionaries(names, any_numbers, max_size=3)
runs = st.sampled_from(["a", "b"])

events = st.one_of(
    st.builds(
        RunStarted,
        runs,
        names,
        names,
        st.booleans(),
        names,
        whole,
        whole,
        st.dictionaries(names, st.one_of(st.none(), st.booleans(), whole, names, numbers), max_size=3),
        st.lists(names, max_size=3).map(tuple),
        st.none() | whole,
        numbers,
    ),
    st.builds(CostEstimated, runs, numbers, st.none() | whole),
    st.builds(MetricPoint, runs, st.sampled_from(["train_loss", "val_acc"]), numbers, any_numbers),
    st.builds(StepsDone, runs, whole, whole, whole, numbers, st.none() | numbers),
    st.builds(EpochFinished, runs, whole, metrics, numbers),
    st.builds(RunDiverged, runs, whole, whole, names, names),
    st.builds(RunFinished, runs, st.sampled_from(["completed", "stopped"]), numbers, numbers, numbers, metrics),
)


@given(st.lists(events, max_size=20))
def test_what_is_decoded_is_what_was_encoded(sent):
    text = json.dumps(encode(sent), allow_nan=False)
    received = decode(json.loads(text))
    # Points between two other events are packed by series: their order within a series is kept, not across series.
    assert _by_stretch(received) == _by_stretch(sent)


def _by_stretch(sequence):
    stretches, points = [], {}
    for event in sequence:
        if isinstance(event, MetricPoint):
            points.setdefault((event.run, event.series), []).append(event)
        else:
            stretches += [points, event]
            points = {}
    return [*stretches, points]


def test_a_point_that_is_not_a_number_travels():
    (point,) = decode(json.loads(json.dumps(encode([MetricPoint("r", "train_loss", 1.0, math.nan)]), allow_nan=False)))
    assert math.isnan(point.y)


def test_many_points_travel_as_one_entry():
    payload = encode([MetricPoint("r", "train_loss", float(i), 1.0) for i in range(1000)])
    assert len(payload["events"]) == 1


def test_events_of_a_later_engine_are_skipped_and_the_rest_is_read():
    payload = encode([RunDiverged("r", 1, 2, "cause", "advice")])
    payload["events"].insert(0, {"type": "moon_phase", "run": "r"})
    payload["events"][1]["colour"] = "blue"
    assert decode(payload) == [RunDiverged("r", 1, 2, "cause", "advice")]


@pytest.mark.parametrize(
    "payload",
    [{}, {"v": 1}, {"v": "x", "events": []}, {"v": 1, "events": [{"type": "steps_done"}]}, {"v": 1, "events": 5}],
)
def test_a_damaged_message_is_named_as_such(payload):
    with pytest.raises(EventFormatError):
        decode(payload)


def test_a_newer_version_is_named_as_such():
    with pytest.raises(EventFormatError, match="version 2"):
        decode({"v": 2, "events": []})
