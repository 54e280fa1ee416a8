"""What a training run says while it goes, as plain records and as JSON. No torch: the app reads these too.

`engine.train` yields these events; `engine.publish` gathers them and sends them on; `tutor.kernel` decodes them; a
chart draws them. The wire format is one JSON object, `{"v": 1, "events": [...]}`, of MIME type `MIME`. Points travel
packed, one entry for each series, since a run makes thousands of them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

MIME = "application/vnd.d2l-tutor.event+json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins: all that is needed to list it, compare it and label its chart."""

    run: str
    """Id of the run, unique."""
    model: str
    """Class name of the model."""
    data: str
    """Name of the data set."""
    stand_in: bool
    """Whether the engine made the data itself, because the real ones are not cached."""
    device: str
    """For people: `NVIDIA H200` or `CPU, 2 cores`."""
    max_epochs: int
    steps_per_epoch: int
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the chart must say besides: `scaled for CPU: 10 % of the data`, `stand-in data`."""
    seed: int | None = None
    at: float = 0.0
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class CostEstimated:
    """After a few warm steps: what the whole run will take on this device."""

    run: str
    seconds: float
    bytes: int | None = None
    """Device memory at its peak, where it is known."""


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One point of one curve. `y` may be infinite or not a number: a diverging run is a lesson too."""

    run: str
    series: str
    """`train_loss`, `val_loss`, `val_acc`, …"""
    x: float
    """In epochs."""
    y: float


@dataclass(frozen=True, slots=True)
class StepsDone:
    """Where the run is: for the progress bar."""

    run: str
    step: int
    total_steps: int
    epoch: int
    """The one that is under way, from 1."""
    examples_per_second: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class EpochFinished:
    """An epoch is over."""

    run: str
    epoch: int
    """From 1."""
    metrics: Mapping[str, float]
    seconds: float


@dataclass(frozen=True, slots=True)
class CheckpointKept:
    """All of the run is on the disk: from here it can go on."""

    run: str
    epoch: float
    """Epochs that were over."""
    path: str


@dataclass(frozen=True, slots=True)
class RunDiverged:
    """A value is no longer finite, or has exploded."""

    run: str
    epoch: int
    step: int
    cause: str
    """What was seen, in one sentence."""
    advice: str
    """What it looks like, and the section that explains it."""


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over, whatever the reason."""

    run: str
    reason: Literal["completed", "stopped", "max_time", "max_steps", "diverged", "failed"]
    seconds: float
    epochs: float
    examples_per_second: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    """The last value of each series."""


Event: TypeAlias = (
    RunStarted | CostEstimated | MetricPoint | StepsDone | EpochFinished | CheckpointKept | RunDiverged | RunFinished
)

_TYPES: dict[str, type[Any]] = {
    "run_started": RunStarted,
    "cost_estimated": CostEstimated,
    "steps_done": StepsDone,
    "epoch_finished": EpochFinished,
    "checkpoint_kept": CheckpointKept,
    "run_diverged": RunDiverged,
    "run_finished": RunFinished,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}


class EventFormatError(ValueError):
    """A message of our MIME type that cannot be read: damaged, or written by a newer version."""


def encode(events: Iterable[Event]) -> dict[str, Any]:
    """Events as one JSON-ready object. Points of the same run and series between two other events are packed."""
    entries: list[dict[str, Any]] = []
    open_series: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        if isinstance(event, MetricPoint):
            key = (event.run, event.series)
            if key not in open_series:
                open_series[key] = {"type": "points", "run": event.run, "series": event.series, "x": [], "y": []}
                entries.append(open_series[key])
            open_series[key]["x"].append(event.x)
            open_series[key]["y"].append(_number_out(event.y))
        else:
            open_series.clear()
            entry = {name: _plain(getattr(event, name)) for name in _fields(type(event))}
            entries.append({"type": _NAMES[type(event)], **entry})
    return {"v": VERSION, "events": entries}


def decode(payload: Mapping[str, Any]) -> list[Event]:
    """The events of one message, in order. Entries of an unknown type are skipped: a newer engine may send more.

    Raises `EventFormatError` if the message itself cannot be read.
    """
    try:
        if payload["v"] > VERSION:
            raise EventFormatError(f"events of version {payload['v']}: this tutor reads up to {VERSION}")
        events: list[Event] = []
        for entry in payload["events"]:
            if entry["type"] == "points":
                run, series = entry["run"], entry["series"]
                for x, y in zip(entry["x"], entry["y"], strict=True):
                    events.append(MetricPoint(run, series, float(x), _number_in(y)))
            elif (kind := _TYPES.get(entry["type"])) is not None:
                known = {name: entry[name] for name in _fields(kind) if name in entry}
                if kind is RunStarted:
                    known["notes"] = tuple(known.get("notes", ()))
                if "metrics" in known:
                    known["metrics"] = {name: _number_in(value) for name, value in known["metrics"].items()}
                events.append(kind(**known))
        return events
    except EventFormatError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventFormatError(f"not a training event: {error!r}") from error


def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(kind))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return _number_out(value)
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return repr(value)


# JSON has no infinity and no nan: they travel as words.
def _number_out(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _number_in(value: float | str) -> float:
    return float(value)
