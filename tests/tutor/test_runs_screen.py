"""The list of training runs: what is in it, where it comes from, one on the full screen, several over each other."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import textual

from engine.events import EpochFinished, Event, MetricPoint, RunFinished, RunStarted, encode
from progress_db import KeptOutput, Progress
from tutor.kernel.events import TrainingReported, to_record
from tutor.screens.full_view import FullView
from tutor.screens.home import HomeScreen
from tutor.screens.lesson import LessonScreen
from tutor.screens.runs import RunsScreen
from tutor.training_runs import TrainingRuns
from tutor.widgets.exhibits import ChartExhibit
from tutor.widgets.run_exhibits import ComparisonExhibit

LESSON = "attention/multi-head"
BEGUN = 1_795_000_000.0


def training(
    name: str, *, model: str = "LeNet", lr: float = 0.1, at: float = BEGUN, reason: Any = "completed"
) -> list[Event]:
    """A run of three epochs; without an end where `reason` is empty."""
    started = RunStarted(
        name, model, "FashionMNIST", True, "CPU, 2 cores", 3, 20, {"lr": lr, "batch_size": 256}, seed=0, at=at
    )
    loss = [MetricPoint(name, "train_loss", i / 20, 0.3 + 2 * math.exp(-lr * i)) for i in range(61)]
    checked = [MetricPoint(name, "val_acc", float(epoch), 1 - lr / epoch) for epoch in (1, 2, 3)]
    last = {"train_loss": 0.31, "val_acc": 1 - lr / 3}
    end: list[Event] = [EpochFinished(name, 3, last, 1.0)]
    if reason:
        end.append(RunFinished(name, reason, 12.5, 3.0, 4321.0, last))
    return [started, *loss, *checked, *end]


def keep(record: Path, run: str, step: str, events: list[Event], *, outcome: str | None = "ok") -> None:
    """In the record, as the app keeps what a cell has trained: in some pieces."""
    with Progress.open(record) as progress:
        progress.run_started(run, LESSON, step, "fit()", BEGUN)
        for piece in (events[:20], events[20:]):
            kind, payload = to_record(TrainingReported(run, tuple(piece)))
            progress.outputs_kept(run, [KeptOutput(kind, payload)])
        if outcome is not None:
            progress.run_finished(run, outcome, 13.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `d2l-tutor train` leaves its runs."""
    folder = tmp_path / "home" / "runs"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, events: list[Event]) -> None:
    lines = [json.dumps(encode(events[:30])), json.dumps(encode(events[30:]))]
    (folder / f"{events[0].run}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def found(record: Path) -> list[Any]:
    return [run for page in TrainingRuns(record).pages() for run in page]


def test_runs_of_cells_and_of_the_command_line_are_listed_once_each(record: Path, folder: Path) -> None:
    keep(record, "cell-1", "double", training("a", lr=0.1))
    write(folder, training("a", lr=0.1))  # the engine writes down what cells train, too
    write(folder, training("b", model="MLP", at=BEGUN + 60))
    runs = {run.id: run for run in found(record)}
    assert sorted(runs) == ["a", "b"]
    assert runs["a"].cell.step == "double"
    assert runs["b"].cell is None
    assert runs["a"].settings == {"lr": "0.1", "batch_size": "256", "max_epochs": "3", "seed": "0"}
    assert runs["a"].metrics["val_acc"] == pytest.approx(1 - 0.1 / 3)


def test_all_points_of_a_run_come_back_from_either_place(record: Path, folder: Path) -> None:
    keep(record, "cell-1", "double", [*training("a"), *training("c", lr=0.5)])
    write(folder, training("b"))
    reader = TrainingRuns(record)
    by_id = {run.id: run for run in found(record)}
    for name in ("a", "b", "c"):
        curves = reader.curves(by_id[name])
        assert len(curves.series["train_loss"].x) == 61, name
        assert len(curves.series["val_acc"].x) == 3
    assert reader.curves(by_id["c"]).started.hyperparameters["lr"] == 0.5


@pytest.mark.parametrize(
    ("reason", "outcome", "said"),
    [
        ("completed", "ok", "completed"),
        ("stopped", "ok", "stopped"),
        ("", None, "running"),
        ("", "died", "died"),
        ("", "error", "failed"),
        ("", "interrupted", "stopped"),
    ],
)
def test_how_a_run_ended(record: Path, folder: Path, reason: str, outcome: str | None, said: str) -> None:
    keep(record, "cell-1", "double", training("a", reason=reason), outcome=outcome)
    assert [run.outcome for run in found(record)] == [said]
    assert found(record)[0].metrics["val_acc"] > 0.9  # also where nobody saw the end


def test_a_curve_drawn_by_hand_and_a_torn_file_are_no_runs(record: Path, folder: Path) -> None:
    by_hand = RunStarted("x", "ProgressBoard", "", False, "", 0, 0)
    keep(record, "cell-1", "double", [by_hand, MetricPoint("x", "y", 0.0, 1.0)])
    (folder / "torn.jsonl").write_text('{"v": 1, "events": [{"type": "run_started", "run": "to', "utf-8")
    (folder / "bytes.jsonl").write_bytes(b"\xff\xfe\x00nothing")
    assert found(record) == []


def test_words_in_a_run_cannot_pass_for_events(record: Path, folder: Path) -> None:
    events = training("a", model='{"type":"run_started","run":"b"}')
    keep(record, "cell-1", "double", events)
    assert [run.id for run in found(record)] == ["a"]


def test_a_record_that_cannot_be_read_is_told_of_and_the_rest_is_there(tmp_path: Path, folder: Path) -> None:
    broken = tmp_path / "progress.db"
    broken.write_bytes(b"not a database at all" * 100)
    write(folder, training("b"))
    reader = TrainingRuns(broken)
    assert [run.id for page in reader.pages() for run in page] == ["b"]
    assert reader.trouble


# The screen


class Desk:
    """The app with the list open."""

    def __init__(self, app: Any, pilot: Any) -> None:
        self.app, self.pilot = app, pilot

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await self.app.until(lambda text=text: text in self.app.text())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def line(self, text: str) -> str:
        return next(line for line in self.app.text().splitlines() if text in line)


@pytest.fixture
def three(record: Path, folder: Path) -> None:
    """Two runs of a cell and one of the command line."""
    keep(record, "cell-1", "double", training("a", lr=0.1, at=BEGUN))
    keep(record, "cell-2", "double", training("b", lr=0.5, at=BEGUN + 100))
    write(folder, training("c", model="MLP", lr=0.1, at=BEGUN + 200, reason="stopped"))


async def test_it_says_when_what_how_far_and_how_it_ended(
    returning: Path, three: None, make_app: Callable[..., Any]
) -> None:
    app = make_app()
    async with app.run_test(size=(200, 40)) as pilot:
        desk = Desk(app, pilot)
        await desk.press("R")
        await desk.sees("3 runs", "Training runs")
        rows = [line for line in app.text().splitlines() if "FashionMNIST (stand-in)" in line and "lr=" in line]
        assert [("MLP" in row, "lr=0.5" in row) for row in rows] == [(True, False), (False, True), (False, False)]
        assert "stopped" in rows[0]
        assert "trained" in rows[1]
        assert "13 s" in rows[1]
        assert "val_acc 0.9667" in rows[2]
        assert "11.5 Multi-head" in rows[2]
        await desk.press("G")
        await desk.sees("cell double")
        await desk.press("escape")
        await app.until(lambda: isinstance(app.screen, HomeScreen))


async def test_enter_shows_its_curves_on_the_full_screen(
    returning: Path, three: None, make_app: Callable[..., Any]
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        desk = Desk(app, pilot)
        await desk.press("R")
        await desk.sees("3 runs")
        await desk.press("j", "enter")
        await app.until(lambda: isinstance(app.screen, FullView))
        await desk.sees("LeNet · FashionMNIST", "train_loss", "✓ trained")
        assert isinstance(app.screen.exhibit, ChartExhibit)
        await desk.press("tab")
        await desk.sees("batch_size")
        assert "0.5" in desk.line("lr ")
        await desk.press("escape")
        await app.until(lambda: isinstance(app.screen, RunsScreen))


async def test_marked_runs_are_drawn_over_each_other_with_what_differs(
    returning: Path, three: None, make_app: Callable[..., Any]
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        desk = Desk(app, pilot)
        await desk.press("R")
        await desk.sees("3 runs")
        await desk.press("j", "space", "space")
        await desk.sees("2 marked")
        await desk.press("enter")
        await app.until(lambda: isinstance(app.screen, FullView))
        exhibit = app.screen.exhibit
        assert isinstance(exhibit, ComparisonExhibit)
        assert [curve.label for curve in exhibit.chart.curves.curves()] == ["1", "2"]
        await desk.sees("val_acc", "of 2 runs of LeNet on FashionMNIST (stand-in)")
        head = desk.line("how it ended")
        assert "lr" in head
        assert "batch_size" not in head
        await desk.press("tab")
        await desk.sees("train_loss")
        await desk.press("escape", "escape")
        await app.until(lambda: "2 marked" not in app.text())
        assert isinstance(app.screen, RunsScreen)


async def test_o_opens_the_cell_that_trained_it(returning: Path, three: None, make_app: Callable[..., Any]) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        desk = Desk(app, pilot)
        await desk.press("R")
        await desk.sees("3 runs")
        await desk.press("o")
        await desk.sees("not of a lesson")
        await desk.press("j", "o")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        await app.until(lambda: getattr(app.screen.moves.current, "step", "") == "double")
        await desk.press("R")  # and from a lesson the list opens too
        await app.until(lambda: isinstance(app.screen, RunsScreen))


async def test_a_run_that_goes_on_is_looked_at_again(
    returning: Path, record: Path, folder: Path, make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutor.screens.runs.LOOK", 0.05)
    keep(record, "cell-1", "double", training("a", reason="")[:30], outcome=None)
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        desk = Desk(app, pilot)
        await desk.press("R")
        await desk.sees("● running", "no values yet")
        with Progress.open(record) as progress:
            kind, payload = to_record(TrainingReported("", tuple(training("a", reason="stopped")[30:])))
            progress.outputs_kept("cell-1", [KeptOutput(kind, payload)])
            progress.run_finished("cell-1", "ok", 3.0)
        await desk.sees("■ stopped", "val_acc 0.9667")


async def test_with_nothing_trained_it_says_what_to_do(
    returning: Path, folder: Path, make_app: Callable[..., Any]
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        desk = Desk(app, pilot)
        await desk.press("R")
        await desk.sees("Nothing has been trained yet.", "Ctrl+R")
        await desk.press("enter", "space", "o", "y", "j", "G")
        assert isinstance(app.screen, RunsScreen)


async def test_six_are_marked_at_most(returning: Path, folder: Path, make_app: Callable[..., Any]) -> None:
    for number in range(8):
        write(folder, training(f"r{number}", at=BEGUN + number))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        desk = Desk(app, pilot)
        await desk.press("R")
        await desk.sees("8 runs")
        await desk.press(*["space"] * 7)
        await desk.sees("6 at most")
        await desk.press("space")  # the cursor has stayed on the one that had no room
        assert len(app.screen._list.marked) == 6


def test_a_thousand_runs_come_a_page_at_a_time(record: Path, folder: Path) -> None:
    with Progress.open(record) as progress, progress.together():
        for number in range(1000):
            events = training(f"r{number:04}", at=BEGUN + number)
            progress.run_started(f"c{number}", LESSON, "double", "fit()", BEGUN)
            kind, payload = to_record(TrainingReported("", tuple(events)))
            progress.outputs_kept(f"c{number}", [KeptOutput(kind, payload)])
    pages: Iterator[list[Any]] = TrainingRuns(record).pages()
    first = next(pages)
    assert first[0].id == "r0999"
    assert len(first) < 100
    assert len(first) + sum(len(page) for page in pages) == 1000


# As pictures: `--snapshot-update` makes them anew, after somebody has looked at them.

pictured = pytest.mark.skipif(not textual.__version__.startswith("8.2."), reason="the pictures are of Textual 8.2")


@pytest.fixture
def picture(
    make_app: Callable[..., Any], snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., bool]:
    """Compare what the keys lead to with its picture. Times of day are the machine's: they stand still here."""
    monkeypatch.setattr("tutor.widgets.run_words.when", lambda at: f"2026-11-18 {11 + int(at - BEGUN) // 60:02}:06")

    def compare(size: tuple[int, int], theme: str, *keys: str, wanted: type = RunsScreen, sees: str = "") -> bool:
        app = make_app()
        app.theme = theme

        async def prepare(pilot: Any) -> None:
            await pilot.press("R")
            await app.until(lambda: "Training runs" in app.text() and "reading" not in app.text())
            await pilot.press(*keys)
            await app.until(lambda: isinstance(app.screen, wanted) and sees in app.text())
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


@pytest.fixture
def some(three: None, record: Path) -> None:
    """Those three, and three that ended in other ways."""
    keep(record, "cell-3", "double", training("d", lr=2.0, at=BEGUN + 300, reason="diverged"))
    keep(record, "cell-4", "hello", training("e", model="双向LSTM", at=BEGUN + 400, reason=""), outcome="died")
    keep(record, "cell-5", "hello", training("f", model="Transformer", at=BEGUN + 500, reason=""), outcome=None)


@pictured
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("theme", ["d2l-dark", "d2l-light", "d2l-contrast"])
def test_runs_pictured(
    picture: Callable[..., bool], returning: Path, some: None, size: tuple[int, int], theme: str
) -> None:
    assert picture(size, theme, "j", "space", "space")


@pictured
def test_no_runs_pictured(picture: Callable[..., bool], returning: Path, folder: Path) -> None:
    assert picture((80, 24), "d2l-dark")


@pictured
def test_runs_without_colour(
    picture: Callable[..., bool], returning: Path, some: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture((80, 24), "d2l-dark", "j", "space")


@pictured
def test_runs_in_ascii(
    picture: Callable[..., bool], returning: Path, some: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    assert picture((80, 24), "d2l-dark", "j", "space")


@pictured
@pytest.mark.parametrize(("size", "theme"), [((80, 24), "d2l-dark"), ((120, 40), "d2l-light")], ids=["small", "light"])
def test_compared_runs_pictured(
    picture: Callable[..., bool], returning: Path, some: None, size: tuple[int, int], theme: str
) -> None:
    keys = ("G", "space", "k", "space", "k", "k", "space", "enter")
    assert picture(size, theme, *keys, wanted=FullView, sees="how it ended")


@pictured
def test_compared_runs_in_ascii(
    picture: Callable[..., bool], returning: Path, some: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    keys = ("G", "space", "k", "space", "enter")
    assert picture((80, 24), "d2l-dark", *keys, wanted=FullView, sees="how it ended")
