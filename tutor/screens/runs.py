"""All training runs: when, what, with which settings, how far; one to look at, or several one over the other.

It is given a reader of runs, which it asks on threads, and the titles of lessons. It opens no lesson: it says which.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.strip import Strip

from progress_db import RecordError
from tutor.bindings import bindings
from tutor.keys import Context
from tutor.missing import Enduring
from tutor.training_runs import TrainingRun, TrainingRuns
from tutor.widgets.key_line import KeyLine
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.run_exhibits import one_run, several_runs
from tutor.widgets.run_list import RunDetail, RunList
from tutor.widgets.run_words import Row, words_of
from tutor.words import _

MOST = 6
"""Runs that are compared at once: there are so many marks that differ without colour."""


LOOK = 2.0
"""Seconds between two looks at a run that goes on."""


class RunsHead(LineView):
    """What this is, how many there are, how many are marked."""

    def __init__(self) -> None:
        super().__init__(id="runs-head")
        self._count = self._marked = 0
        self._note = ""

    def show(self, count: int, marked: int, note: str) -> None:
        """So many; `note` is what must be said besides."""
        if (count, marked, note) != (self._count, self._marked, self._note):
            self._count, self._marked, self._note = count, marked, note
            self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One line."""
        right = self._note
        if not right and self._marked:
            right = _("{count} marked").format(count=self._marked)
        elif not right and self._count:
            right = _("{count} runs").format(count=f"{self._count:,}") if self._count > 1 else _("1 run")
        head = strip(("  " + _("Training runs"), palette["heading-1"]))
        return [between(head, strip((right, palette["muted"]), ("  ", palette["muted"])), width)]


class RunsScreen(Enduring, ModalScreen[tuple[str, str] | None]):
    """The list. Gives back the lesson and the step that are to be opened, if any.

    `titles` are those of lessons, by id.
    """

    CSS_PATH = "runs.tcss"
    CONTEXT = Context.RUNS
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Context.RUNS),
        Binding("question_mark,f1", "app.help", show=False),
    ]

    def __init__(self, runs: TrainingRuns, titles: Mapping[str, str]) -> None:
        super().__init__()
        self._runs = runs
        self._titles = titles
        self._found: dict[str, TrainingRun] = {}
        self._rows: dict[str, Row] = {}
        self._list = RunList()
        self._head = RunsHead()
        self._detail = RunDetail()
        self._keys = KeyLine(_to_press())

    def compose(self) -> ComposeResult:
        """Head, list, all about the chosen run, keys."""
        yield self._head
        yield self._list
        yield self._detail
        yield self._keys

    def on_mount(self) -> None:
        """Read them; the newest are there at once."""
        self._head.show(0, 0, _("reading …"))
        self._read()
        self.set_interval(LOOK, self._look_again, name="look-at-runs")

    def _look_again(self) -> None:
        """Where one goes on, the newest may have news. Where none does, nothing is read."""
        is_reading = any(worker.group == "read-runs" and worker.is_running for worker in self.workers)
        if self.is_current and not is_reading and any(row.outcome == "running" for row in self._rows.values()):
            self._read(newest=True)

    @work(thread=True, group="read-runs", name="read-runs", exit_on_error=False)
    def _read(self, newest: bool = False) -> None:
        for page in self._runs.pages():
            if not self.is_running:
                return
            rows = {run.id: self._row(run) for run in page}
            self.app.call_from_thread(self._add, page, rows, {name: row.facts() for name, row in rows.items()})
            if newest:
                return
        self.app.call_from_thread(self._all_read)

    def _row(self, run: TrainingRun) -> Row:
        where = "d2l-tutor train"
        if run.cell is not None:
            where = _("{lesson}, cell {cell}").format(
                lesson=self._titles.get(run.cell.lesson, run.cell.lesson), cell=run.cell.step
            )
        return Row(
            run.id,
            run.started,
            run.finished,
            run.metrics,
            run.settings,
            run.outcome,
            where,
            is_of_cell=run.cell is not None,
        )

    def _add(self, page: list[TrainingRun], rows: dict[str, Row], facts: dict[str, dict[str, str]]) -> None:
        self._found |= {run.id: run for run in page}
        self._rows |= rows
        self._list.show(sorted(self._rows.values(), key=lambda row: row.started.at, reverse=True), facts)
        self._tell()

    def _all_read(self) -> None:
        self._list.empty = _(
            "Nothing has been trained yet.\n\n"
            "Open a lesson that trains a model, and run its cells: Ctrl+R, or A for all of them.\n"
            "Each run stays here, with its settings and its curves, to be looked at and compared."
        )
        self._list.redraw()
        self._tell(self._runs.trouble)
        self._detail.display = bool(self._rows)
        if not self._rows:
            self._keys.show((("Esc", _("back")),))

    def _tell(self, note: str = "") -> None:
        self._head.show(len(self._rows), len(self._list.marked), note)
        self._detail.show(self._list.chosen)

    # Keys

    def action_run(self, by: int) -> None:
        """The next run, or the one before."""
        self._list.move(by)
        self._tell()

    def action_leap(self, by: int) -> None:
        """A page, or to an end."""
        self._list.move(by * self._list.page if abs(by) == 1 else by * 10**9)
        self._tell()

    def action_mark(self) -> None:
        """Mark the run, or take its mark away; and on to the next, so that neighbours are marked by one key."""
        chosen = self._list.chosen
        if chosen is not None and chosen.id not in self._list.marked and len(self._list.marked) == MOST:
            self._tell(_("{count} at most can be told apart").format(count=MOST))
            return
        self._list.mark()
        self._list.move(1)
        self._tell()

    def action_look(self) -> None:
        """The curves of the marked runs, or of the chosen one."""
        wanted = [self._rows[name] for name in self._list.marked] or [row for row in (self._list.chosen,) if row]
        if wanted:
            self._show_curves(wanted)

    @work(group="show-runs", exclusive=True, exit_on_error=False)
    async def _show_curves(self, rows: list[Row]) -> None:
        from tutor.screens.full_view import FullView

        try:
            curves = [await asyncio.to_thread(self._runs.curves, self._found[row.id]) for row in rows]
        except (OSError, RecordError) as error:
            self._tell(str(error))
            return
        colour = not self.app.no_color
        if len(rows) == 1:
            exhibits = one_run(rows[0], curves[0], colour=colour)
        else:
            exhibits = several_runs(rows, curves, colour=colour)
        if not exhibits:
            self._tell(_("These runs have no curve in common."))
        elif self.is_current:
            self.app.push_screen(FullView(exhibits))

    def action_open_cell(self) -> None:
        """To the lesson, at the cell that trained this."""
        row = self._list.chosen
        cell = self._found[row.id].cell if row is not None else None
        if cell is None:
            self._tell(_("That run was not of a lesson."))
        else:
            self.dismiss((cell.lesson, cell.step))

    def action_copy_settings(self) -> None:
        """What was chosen for it, to the terminal's clipboard."""
        if (row := self._list.chosen) is not None:
            self.app.copy_to_clipboard(words_of(row.settings))
            self._tell(_("The settings were copied."))

    def action_leave_runs(self) -> None:
        """Take all marks away; if there is none, back."""
        if self._list.marked:
            self._list.marked.clear()
            self._list.redraw()
            self._tell()
        else:
            self.dismiss(None)


def _to_press() -> tuple[tuple[str, str], ...]:
    return (
        ("Enter", _("look")),
        ("Space", _("mark, to compare")),
        ("o", _("its cell")),
        ("y", _("copy")),
        ("?", _("keys")),
        ("Esc", _("back")),
    )
