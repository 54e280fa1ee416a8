"""What the kernel says, as typed facts. Screens turn them into Textual messages, the record keeps them.

No jupyter_client here, and no Textual: a record that is read back makes the same events without a kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from engine.events import Event as TrainingEvent
from engine.events import decode, encode

RunId: TypeAlias = str
"""A UUIDv7 made by the app: the key of one run of one cell, in the kernel and in the record."""


CHECK = "check-"
"""How the ids of runs begin that nobody keeps: checks of exercises. What they say is kept as an attempt."""


class KernelState(StrEnum):
    """Where the kernel is."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    INTERRUPTING = "interrupting"
    RESTARTING = "restarting"
    DEAD = "dead"
    STOPPED = "stopped"


class Outcome(StrEnum):
    """How a run ended."""

    OK = "ok"
    ERROR = "error"
    INTERRUPTED = "interrupted"
    ABORTED = "aborted"
    """Never started, because a cell queued before it failed."""
    DIED = "died"
    """The kernel ended first."""


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The kernel changed state."""

    state: KernelState


@dataclass(frozen=True, slots=True)
class DeviceFound:
    """torch is warm, and this is the device that training will use."""

    facts: Mapping[str, Any]
    """As `engine.device.facts()` gives them: `kind`, `name`, `label`, `memory_free`, `memory_total`, `torch`, `why`."""


@dataclass(frozen=True, slots=True)
class CellStarted:
    """The kernel took the cell up."""

    run: RunId
    cell: str = ""
    """The step that it belongs to; empty if nobody said."""
    at: float | None = None
    """When, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class StreamWritten:
    """Text on stdout or stderr, raw: carriage returns and escape sequences are the output widget's business."""

    run: RunId
    name: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class ValueShown:
    """A value that was displayed, or (`is_result`) the value of the last expression."""

    run: RunId
    data: Mapping[str, str]
    """MIME type to text; binary types in base64."""
    is_result: bool = False
    display_id: str | None = None
    replaces: bool = False
    """Whether it takes the place of what was shown under `display_id`."""


@dataclass(frozen=True, slots=True)
class OutputCleared:
    """The cell called `clear_output()`: at once, or (`wait`) when the next output comes."""

    run: RunId
    wait: bool = False


@dataclass(frozen=True, slots=True)
class TrainingReported:
    """Training events of one message, in order."""

    run: RunId
    events: tuple[TrainingEvent, ...]


@dataclass(frozen=True, slots=True)
class ErrorRaised:
    """The cell raised."""

    run: RunId
    name: str
    value: str
    traceback: tuple[str, ...]
    """Lines with ANSI colours, as IPython made them."""


@dataclass(frozen=True, slots=True)
class InputRequested:
    """The cell called `input()`."""

    run: RunId
    prompt: str
    password: bool = False


@dataclass(frozen=True, slots=True)
class CellFinished:
    """The run is over. Only a thread that outlives its cell can still write under this run."""

    run: RunId
    outcome: Outcome
    seconds: float
    journaled: bool = False
    """Whether the kernel's journal says so too: who reads that need not be told."""


@dataclass(frozen=True, slots=True)
class InputAnswered:
    """The question was answered, here or in another tutor, or taken back."""

    run: RunId


@dataclass(frozen=True, slots=True)
class InterruptUnheeded:
    """The cell was interrupted, and goes on: it is in C code, or catches `KeyboardInterrupt`. Killing would help."""

    run: RunId
    seconds: float
    """Since the interrupt."""


@dataclass(frozen=True, slots=True)
class Attached:
    """The session has found a kernel that was there before, and told all that it put out since."""

    running: RunId | None
    queued: tuple[RunId, ...]


@dataclass(frozen=True, slots=True)
class OutputLost:
    """The kernel could not keep so many records, because the disk was full: they were shown, and are not saved."""

    count: int


@dataclass(frozen=True, slots=True)
class KernelDied:
    """The kernel process is gone without being asked to."""

    reason: str
    """In one sentence: `The kernel was killed by signal 11 (segmentation fault).`"""
    signal: int | None = None
    exit_code: int | None = None


Output: TypeAlias = StreamWritten | ValueShown | OutputCleared | TrainingReported | ErrorRaised
"""What belongs under a cell, and is kept."""

KernelEvent: TypeAlias = (
    StateChanged
    | DeviceFound
    | CellStarted
    | Output
    | InputRequested
    | InputAnswered
    | CellFinished
    | InterruptUnheeded
    | Attached
    | OutputLost
    | KernelDied
)


class OutputFormatError(ValueError):
    """A kept output that cannot be read back: damaged, or written by a newer version."""


def to_record(output: Output) -> tuple[str, dict[str, Any]]:
    """An output as kind and JSON-ready payload, as `progress_db` keeps it. The run is the record's key, not in it."""
    match output:
        case StreamWritten():
            return "stream", {"name": output.name, "text": output.text}
        case ValueShown():
            shown: dict[str, Any] = {"data": dict(output.data)}
            if output.is_result:
                shown["is_result"] = True
            if output.display_id is not None:
                shown["display_id"] = output.display_id
            if output.replaces:
                shown["replaces"] = True
            return "value", shown
        case OutputCleared():
            return "clear", {"wait": output.wait}
        case TrainingReported():
            return "training", encode(output.events)
        case ErrorRaised():
            return "error", {
                "name": output.name,
                "value": output.value,
                "traceback": list(output.traceback),
            }


def from_record(kind: str, payload: Mapping[str, Any], run: RunId = "") -> Output:
    """The output that `to_record` turned into `kind` and `payload`.

    Raises `OutputFormatError` if it cannot be read.
    """
    try:
        match kind:
            case "stream":
                return StreamWritten(run, payload["name"], payload["text"])
            case "value":
                return ValueShown(
                    run,
                    dict(payload["data"]),
                    is_result=payload.get("is_result", False),
                    display_id=payload.get("display_id"),
                    replaces=payload.get("replaces", False),
                )
            case "clear":
                return OutputCleared(run, wait=payload["wait"])
            case "training":
                return TrainingReported(run, tuple(decode(payload)))
            case "error":
                return ErrorRaised(run, payload["name"], payload["value"], tuple(payload["traceback"]))
    except (KeyError, TypeError, ValueError) as error:
        raise OutputFormatError(f"a kept output of kind {kind!r} cannot be read: {error}") from error
    raise OutputFormatError(f"a kept output is of the unknown kind {kind!r}")
