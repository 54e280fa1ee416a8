"""Finished runs on the full screen: the curves of one; or one series of several, over a table of what differs.

It is given runs and their curves; it knows neither the record nor the list that they were chosen from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual.strip import Strip

from engine.curves import Curve, Curves, RunCurves
from tutor.glyphs import only_ascii
from tutor.widgets.exhibits import ChartExhibit, Exhibit, LinesExhibit
from tutor.widgets.line_view import strip
from tutor.widgets.palette import Palette
from tutor.widgets.run_words import Row, data_words, differing, outcome_words, plain, settings_lines
from tutor.widgets.terminal_text import read
from tutor.widgets.training_chart import TrainingChart
from tutor.words import _

LEAST_CHART = 10
"""Lines that the chart keeps, however many runs the table has."""


class Compared(Curves):
    """One series of several runs, each under its number."""

    def __init__(self, runs: Sequence[tuple[str, RunCurves]], series: str) -> None:
        super().__init__(keep=len(runs))
        self.runs = {run.run: run for _label, run in runs}
        self._lines = tuple(
            Curve(label, tuple(run.series[series].x), tuple(run.series[series].y)) for label, run in runs
        )

    @property
    def current(self) -> RunCurves | None:
        """None of them is: they stand beside each other."""
        return RunCurves("")

    def curves(self) -> tuple[Curve, ...]:
        """A line for each run."""
        return self._lines


class ComparedChart(TrainingChart):
    """A chart of them, one over the other until somebody wants them apart."""

    def __init__(self, curves: Compared) -> None:
        super().__init__()
        self.curves = curves
        self._apart = False


class ComparisonExhibit(ChartExhibit):
    """One series of several runs, and the table of what they had in different ways."""

    def __init__(self, rows: Sequence[Row], runs: Sequence[RunCurves], series: str, *, colour: bool) -> None:
        labels = [str(number) for number in range(1, len(rows) + 1)]
        super().__init__(ComparedChart(Compared(list(zip(labels, runs, strict=True)), series)), colour=colour)
        self.name = series
        self._rows = rows
        self._labels = labels
        self._lasts = [run.last.get(series) for run in runs]
        self._is_coloured = colour

    def strips(self, width: int, height: int, palette: Palette) -> list[Strip]:
        """What is compared, the chart, the table."""
        from engine.panels import draw

        table = self._table(width, palette)[: max(2, height - LEAST_CHART - 2)]
        head = [strip((plain(self.name), palette["strong"]), (self._subject(), palette["muted"])).crop(0, width)]
        rows = max(3, height - len(head) - len(table) - 1)
        curves = self.chart.curves
        picture = draw(
            curves.curves(), width, rows, self.chart.look, colour=self._is_coloured, x_max=curves.x_max, at=self.at
        )
        self._picture, self._offset = picture, len(head)
        text = read("\n".join(picture.lines))
        return [*head, *(strip(*line) for line in [*text.head, *text.rest]), Strip([]), *table]

    def _subject(self) -> str:
        every = {(row.started.model, data_words(row.started)) for row in self._rows}
        if len(every) > 1:
            return "  " + _("of {count} runs").format(count=len(self._rows))
        model, data = next(iter(every))
        words = _("of {count} runs of {model} on {data}")
        return "  " + words.format(count=len(self._rows), model=plain(model), data=data)

    def _table(self, width: int, palette: Palette) -> list[Strip]:
        """A line for each run: its sign in the chart, what differs, where it came to."""
        from engine.charts import samples

        facts = [_facts(row) for row in self._rows]
        names = differing(facts)
        ends = [f"{last:.4g}" if last is not None else "" for last in self._lasts]
        columns = [(name, [row.get(name, "–" if not only_ascii() else "-") for row in facts]) for name in names]
        columns.append((plain(self.name), ends))
        columns.append((_("how it ended"), [outcome_words(row.outcome) for row in self._rows]))
        columns.append((_("where"), [plain(row.where) for row in self._rows]))
        wide = [min(28, max(cell_len(cell) for cell in [name, *cells])) for name, cells in columns]
        wide[-1] = width
        head = "".join(_padded(name, room) for (name, _cells), room in zip(columns, wide, strict=True))
        lines = [strip((" " * 7 + head, palette["label"]))]
        for number, sample in enumerate(samples(self.chart.curves.curves(), self._is_coloured)):
            sign = read(f"{sample} {self._labels[number]}")
            mark = strip(("  ", palette["text"]), *(part for line in [*sign.head, *sign.rest] for part in line))
            said = "".join(_padded(cells[number], room) for (_name, cells), room in zip(columns, wide, strict=True))
            lines.append(Strip.join([mark.adjust_cell_length(7), strip((said, palette["text"]))]))
        if not names:
            lines.append(strip((" " * 7 + _("All their settings are the same."), palette["muted"])))
        return [line.crop(0, width) for line in lines]


def _facts(row: Row) -> Mapping[str, str]:
    return {
        _("model"): plain(row.started.model),
        _("data"): data_words(row.started),
        _("device"): plain(row.started.device),
        **row.settings,
    }


def _padded(words: str, width: int) -> str:
    while cell_len(words) > width:
        words = words[:-1]
    return words + " " * (width - cell_len(words) + 2)


def one_run(row: Row, curves: RunCurves, *, colour: bool) -> list[Exhibit]:
    """Its chart as it was in the lesson, and all that is known of it."""
    chart = TrainingChart()
    chart.curves.runs[curves.run] = curves

    def table(_width: int, palette: Palette) -> list[Strip]:
        said = list(settings_lines(row))
        wide = max(cell_len(name) for name, _value in said) + 2
        return [
            Strip([]),
            *(
                strip(("  " + name + " " * (wide - cell_len(name)), palette["muted"]), (value, palette["text"]))
                for name, value in said
            ),
        ]

    return [ChartExhibit(chart, colour=colour), LinesExhibit(_("settings"), table)]


def several_runs(rows: Sequence[Row], runs: Sequence[RunCurves], *, colour: bool) -> list[Exhibit]:
    """One exhibit for each series that all of them have, validation first; none where they have nothing in common."""
    common = [name for name in runs[0].series if all(name in run.series for run in runs)]
    ordered = sorted(common, key=lambda name: (not name.startswith("val_"), not name.endswith("loss")))
    return [ComparisonExhibit(rows, runs, name, colour=colour) for name in ordered]
