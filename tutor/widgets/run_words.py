"""A training run in words: what a line of the list says of it, and the few lines below that say all.

It is given facts; it knows neither the record nor where a lesson is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from engine.events import RunFinished, RunStarted
from tutor.glyphs import only_ascii
from tutor.when import when
from tutor.widgets.states import duration
from tutor.widgets.terminal_text import plain as read_plain
from tutor.words import _

AIR = 2
"""Columns between two columns of the list."""


def plain(text: str) -> str:
    """Names without anything that a terminal would obey; most have nothing of the kind, and a list has many."""
    return text if text.isprintable() else read_plain(text)


@dataclass(frozen=True, slots=True)
class Row:
    """A run, as the list shows it."""

    id: str
    started: RunStarted
    finished: RunFinished | None
    metrics: Mapping[str, float]
    settings: Mapping[str, str]
    outcome: str
    """As `TrainingRun` has it."""
    where: str
    """Which cell of which lesson, or the command line."""
    is_of_cell: bool

    def facts(self) -> dict[str, str]:
        """What each column says."""
        best = validation_first(self.metrics)
        return {
            "when": when(self.started.at),
            "model": plain(self.started.model),
            "data": data_words(self.started),
            "settings": words_of(self.settings),
            "metric": f"{plain(best[0][0])} {best[0][1]:.4g}" if best else "",
            "took": duration(self.finished.seconds) if self.finished is not None else "",
            "outcome": outcome_words(self.outcome),
            "where": plain(self.where),
            "device": plain(self.started.device),
        }


def titles() -> dict[str, str]:
    """The head of each column, in the order in which they stand."""
    return {
        "when": _("when"),
        "model": _("model"),
        "data": _("data"),
        "settings": _("settings"),
        "metric": _("at the end"),
        "took": _("took"),
        "outcome": _("how it ended"),
        "where": _("where"),
        "device": _("device"),
    }


MOST = {"when": 16, "model": 24, "data": 28, "settings": 40, "metric": 18, "took": 8, "outcome": 14, "where": 60}
"""Columns that a column has at most; 24 for another one."""
NEEDED = ("when", "model", "metric", "outcome", "took", "data", "settings", "where", "device")
"""The columns, the dearest first: they are shown as far as there is room."""
ELASTIC = {"settings": 16, "where": 16}
"""Those that may be cut to what is left, and the columns that they need then."""


def cells(words: str) -> int:
    """How wide they are; most are quick to tell."""
    return len(words) if words.isascii() else cell_len(words)


def longest(rows: Iterable[Mapping[str, str]], before: Mapping[str, int] | None = None) -> dict[str, int]:
    """How wide each column would like to be; `before`: for the rows that were there before these."""
    natural = {name: max(cell_len(head), (before or {}).get(name, 0)) for name, head in titles().items()}
    for row in rows:
        for name, words in row.items():
            if len(words) * 2 > natural[name]:
                natural[name] = max(natural[name], cells(words))
    return {name: min(wide, MOST.get(name, 24)) for name, wide in natural.items()}


def widths(natural: Mapping[str, int], room: int) -> dict[str, int]:
    """How wide each column is that has room, in the order in which they stand."""
    shown: dict[str, int] = {}
    for name in NEEDED:
        wide = natural[name]
        if name in ELASTIC and ELASTIC[name] <= room - AIR < wide:
            wide = room - AIR
        if wide + AIR <= room:
            room -= wide + AIR
            shown[name] = wide
    return {name: shown[name] for name in natural if name in shown}


def data_words(started: RunStarted) -> str:
    """The data, and whether they are real."""
    name = plain(started.data)
    return _("{data} (stand-in)").format(data=name) if started.stand_in else name


OUTCOME_ROLES = {
    "completed": "state-ok",
    "stopped": "state-queued",
    "max_time": "state-queued",
    "max_steps": "state-queued",
    "diverged": "state-failed",
    "failed": "state-failed",
    "died": "state-failed",
    "running": "state-running",
}
"""How the words for an outcome look; `muted` for another one."""


def outcome_words(outcome: str) -> str:
    """How it ended, with its mark."""
    good, over, bad, busy = "x=!*" if only_ascii() else "✓■✗●"
    return {
        "completed": f"{good} " + _("trained"),
        "stopped": f"{over} " + _("stopped"),
        "max_time": f"{over} " + _("time is up"),
        "max_steps": f"{over} " + _("all steps done"),
        "diverged": f"{bad} " + _("diverged"),
        "failed": f"{bad} " + _("failed"),
        "died": f"{bad} " + _("kernel died"),
        "running": f"{busy} " + _("running"),
        "": _("no end seen"),
    }.get(outcome, plain(outcome))


def validation_first(metrics: Mapping[str, float]) -> list[tuple[str, float]]:
    """Metrics, the ones that matter first: accuracy and its like, then losses, validation before training."""
    return sorted(metrics.items(), key=lambda metric: (not metric[0].startswith("val_"), metric[0].endswith("loss")))


def metric_words(metrics: Mapping[str, float]) -> str:
    """All of them on a line."""
    dot = " - " if only_ascii() else " · "
    return dot.join(f"{plain(name)} {value:.4g}" for name, value in validation_first(metrics))


def words_of(settings: Mapping[str, str]) -> str:
    """`lr=0.1 batch_size=256`."""
    return " ".join(f"{plain(name)}={plain(value)}" for name, value in settings.items())


def differing(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """The names of what is not the same in all of them, in the order in which they come."""
    every = list(rows)
    names = list(dict.fromkeys(name for row in every for name in row))
    return [name for name in names if len({row.get(name) for row in every}) > 1]


def settings_lines(row: Row) -> Iterator[tuple[str, str]]:
    """All that is known of a run: a name and its value, line by line."""
    yield _("model"), plain(row.started.model)
    yield _("data"), data_words(row.started)
    yield _("device"), plain(row.started.device)
    yield _("begun"), when(row.started.at)
    if row.finished is not None:
        yield _("took"), duration(row.finished.seconds)
    yield _("how it ended"), outcome_words(row.outcome)
    yield _("where"), plain(row.where)
    for note in row.started.notes:
        yield _("note"), plain(note)
    for name, value in row.settings.items():
        yield plain(name), plain(value)
    for name, number in validation_first(row.metrics):
        yield plain(name), f"{number:.4g}"
