"""Runs of `python -m engine train` and of cells, kept as their events: to be listed, compared and overlaid. No torch.

A run is one file of JSON lines below the state home, a line for every message that was published. It is readable while
the run goes on; a line that was torn when its process died is left out.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from engine import console, publish
from engine.config import EngineError, state_home
from engine.curves import Curves, RunCurves
from engine.events import Event, EventFormatError, RunStarted, decode, encode


class UnknownRun(EngineError, KeyError):
    """There is no run of that number or id."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run that was recorded."""

    number: int
    """From 1, the oldest first: what a learner calls it."""
    path: Path
    curves: RunCurves
    started: RunStarted


KEPT = 500
"""Runs that are kept: some megabytes. Older ones make room."""


@contextlib.contextmanager
def recorded() -> Iterator[None]:
    """While it lasts, what is published goes to the console and into a file."""
    publish.use_sink(written_down(console.sink()))
    try:
        yield
    finally:
        publish.use_sink(None)


def written_down(then: publish.Sink) -> publish.Sink:
    """A sink that writes the runs among the events into files, and hands all on to `then`."""
    return _Log(then)


def kept(among: Path | None = None) -> list[KeptRun]:
    """All runs that can be read, the oldest first."""
    found = []
    for path in sorted((among or folder()).glob("*.jsonl")):
        curves = Curves(keep=1)
        curves.extend(_events(path))
        run = curves.current
        if run is not None and run.started is not None:
            found.append((run.started, path, run))
    found.sort(key=lambda item: item[0].at)
    return [KeptRun(i, path, curves, started) for i, (started, path, curves) in enumerate(found, 1)]


def find(name: str, among: Sequence[KeptRun]) -> KeptRun:
    """The run of this number, or whose id begins so. Raises `UnknownRun`."""
    for run in among:
        if str(run.number) == name:
            return run
    matching = [run for run in among if run.started.run.startswith(name)]
    if len(matching) != 1:
        which = f"numbers 1 to {len(among)}" if among else "none yet: `train` makes one"
        raise UnknownRun(f"There is no run {name!r}. There are {which}; `runs list` lists them.")
    return matching[0]


class _Log:
    """A sink that writes every message down before it hands it on. A disk that is full costs the record only."""

    def __init__(self, then: publish.Sink) -> None:
        self._then = then
        self._file: TextIO | None = None
        self._broken = False

    def __call__(self, events: Sequence[Event]) -> None:
        try:
            if not self._broken:
                self._write(events)
        except OSError as error:
            self._broken = True
            print(f"this run is not recorded: {error}", file=sys.stderr)
        self._then(events)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        close = getattr(self._then, "close", None)
        if close is not None:
            close()

    def _write(self, events: Sequence[Event]) -> None:
        if self._file is None:
            begun = next((event for event in events if isinstance(event, RunStarted)), None)
            if begun is None or not begun.data:
                return  # a curve that was drawn by hand: no run
            folder().mkdir(parents=True, exist_ok=True)
            _make_room(folder())
            self._file = (folder() / f"{events[0].run}.jsonl").open("a", encoding="utf-8")
        self._file.write(json.dumps(encode(events)) + "\n")
        self._file.flush()


def _events(path: Path) -> Iterator[Event]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(ValueError, EventFormatError):
            yield from decode(json.loads(line))


def _make_room(folder: Path) -> None:
    """Delete the oldest files, so that there is room for one more; their names begin with the time."""
    for path in sorted(folder.glob("*.jsonl"))[: -(KEPT - 1)]:
        path.unlink(missing_ok=True)


def folder() -> Path:
    """Where the files lie: a run's name is its id, which begins with the time."""
    return state_home() / "runs"
