"""The chart under a training cell: curves as they fall, how far the run is, and what must be said about it.

It repaints at most `FRAMES` times a second, only while it is seen, and only the cells that changed. The picture itself
is `engine.panels`, which comes with the first chart (`plotting`).
"""

from __future__ import annotations

import math
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from engine.curves import Curves, RunCurves
from engine.events import Event
from engine.reading import Look, better_apart
from tutor import pace
from tutor.widgets import plotting
from tutor.widgets.cell_output import inked, wrapped
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.states import duration
from tutor.widgets.terminal_text import TextLine, plain, read
from tutor.words import _

FRAMES = 8
"""Redraws in a second, at most."""
LEAST, MOST = 14, 28
"""Lines of a chart: half of the terminal's, within these."""
WIDEST = 88
INDENT = 2
BAR = 24


def chart_height(rows: int) -> int:
    """Lines of a chart in a terminal of so many: by nothing else, so that it stays while the curves grow."""
    return max(LEAST, min(MOST, rows // 2))


def frames() -> float:
    """Redraws of a live chart in a second at most."""
    return min(FRAMES, pace.current().frames)


class TrainingChart(LineView):
    """Curves of the latest training runs of one cell; a run of it before is behind them, dim."""

    def __init__(self) -> None:
        super().__init__(classes="training-chart")
        self.curves = Curves(keep=2)
        self._painted = 0.0
        self._due = False
        self._height = LEAST
        self._log_y = self._smooth = False
        self._apart: bool | None = None  # None: nobody has said, and nothing has asked for it yet

    def take(self, events: Iterable[Event]) -> None:
        """More of what training says."""
        new_run = self.curves.current
        self.curves.extend(events)
        current = self.curves.current
        over = current is not None and current.finished is not None
        if over or current is not new_run:
            self._paint(is_other=True)
        elif not self.is_attached:
            self._paint()  # it is drawn as lines, by somebody else: there is no timer that would come
        elif not self._due:
            wait = self._painted + 1 / frames() - time.monotonic()
            if wait <= 0:
                self._paint()
            else:
                self._due = True
                self.set_timer(wait, self._paint, name="paint-chart")

    @property
    def look(self) -> Look:
        """How the curves are looked at, here and on the full screen. Once they are apart, they stay so."""
        if self._apart is None and better_apart(self.curves.curves()):
            self._apart = True
        return Look(self._log_y, self._smooth, bool(self._apart))

    def toggle_log(self) -> None:
        """A logarithmic vertical axis, or not."""
        self._log_y = not self._log_y
        self.redraw()

    def toggle_smooth(self) -> None:
        """Running means, or the points as they are."""
        self._smooth = not self._smooth
        self.redraw()

    def toggle_apart(self) -> None:
        """Each kind of curve in a chart of its own, or all in one."""
        self._apart = not self.look.apart
        self.redraw()

    @property
    def is_over(self) -> bool:
        """Whether no more will come, until the cell is run again."""
        current = self.curves.current
        return current is None or current.finished is not None

    def end_is_unseen(self) -> None:
        """The cell is over, and what it trained never said how that ended."""
        current = self.curves.current
        if current is not None and current.finished is None and not current.cut_off:
            current.cut_off = True
            self.curves.version += 1
            self._paint(is_other=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as are drawn, which go by the height of the terminal."""
        if (height := chart_height(self.app.size.height)) != self._height:
            self._height = height
            self._key = None
        return super().get_content_height(container, viewport, width)

    def _paint(self, *, is_other: bool = False) -> None:
        """Draw; a frame that nobody sees only when it comes into sight, unless the chart `is_other` than before, and
        may be as high as another."""
        self._due = False
        self._painted = time.monotonic()
        if self.is_attached and self._key is not None and not is_other and not self._is_seen:
            self._key = None
            self.refresh()  # the lines that Textual keeps are old too
            return
        self.redraw()

    @property
    def _is_seen(self) -> bool:
        return bool(self.screen.is_current and self.region.overlaps(self.screen.region))

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Title, picture, progress."""
        current = self.curves.current
        if current is None:
            return []
        room = min(width - INDENT, WIDEST)
        lines: list[Strip] = [Strip([])]
        lines.extend(title(current, room, palette))
        if plotting.is_here(self.app, self.redraw):
            lines.extend(wrapped(self._picture(room), room + INDENT, indent=INDENT))
        else:
            lines.extend([Strip([])] * self._height)
        lines.extend(progress(current, room, palette))
        return inked(lines, palette)

    def _picture(self, width: int) -> list[TextLine]:
        """The curves; as many lines as the chart is high."""
        from engine.panels import draw  # brings plotext: not before a chart is drawn

        curves = self.curves
        picture = draw(
            curves.curves(), width, self._height, self.look, colour=not self.app.no_color, x_max=curves.x_max
        )
        text = read("\n".join(picture.lines))
        return [*text.head, *text.rest]


def title(run: RunCurves, width: int, palette: Palette) -> Iterator[Strip]:
    """What runs where; and what must be said about it."""
    if run.started is None:
        return
    begun = run.started
    name = plain(f"{begun.model} · {begun.data}" if begun.data else begun.model)
    yield between(
        strip((" " * INDENT + name, palette["strong"])),
        strip((plain(begun.device), palette["muted"])),
        width + INDENT,
    )
    notes = [plain(note) for note in begun.notes]
    if begun.stand_in and not any("stand-in" in note for note in notes):
        notes.insert(0, _("stand-in data, made by the engine"))
    if notes:
        style = palette["admonition-warning-title"]
        lines = textwrap.wrap("▲ " + " · ".join(notes), width, subsequent_indent="  ")
        yield from wrapped([((line, style),) for line in lines], width + INDENT, indent=INDENT)


def progress(run: RunCurves, width: int, palette: Palette) -> Iterator[Strip]:
    """How far the run is, or how it ended."""
    if run.diverged is not None:
        for text in (run.diverged.cause, run.diverged.advice):
            if text:
                yield from wrapped([((plain(text), palette["wrong"]),)], width + INDENT, indent=INDENT)
    if is_drawing(run):
        last = (f"{plain(name)} {value:.4g}" for name, value in run.last.items())
        yield strip((" " * INDENT, palette["text"]), *_fitting([], last, width, palette))
        return
    if run.finished is not None or run.cut_off:
        said = _finished(run, width, palette) if run.finished is not None else _cut_off(run, width, palette)
        yield strip((" " * INDENT, palette["text"]), *said)
        if run.can_go_on and run.kept is not None:
            words = _("It is kept as it was at epoch {epoch}.").format(epoch=f"{run.kept.epoch:.3g}")
            offer = _("C goes on from there.")
            yield strip((" " * INDENT + words + " ", palette["muted"]), (offer, palette["text"]))
        return
    step = run.progress
    if step is None:
        words = _("starting")
        if run.cost is not None:
            words = _("about {time}").format(time=duration(run.cost.seconds))
        yield strip((" " * INDENT + words, palette["muted"]))
        return
    done = step.step / step.total_steps if step.total_steps else 0.0
    filled = min(BAR, round(done * BAR))
    epochs = f"/{run.started.max_epochs}" if run.started is not None else ""
    parts = [
        (" " * INDENT + "━" * filled, palette["state-running"]),
        ("━" * (BAR - filled), palette["faint"]),
        (f" {done:4.0%}  ", palette["text"]),
        (_("epoch {epoch}{of}").format(epoch=step.epoch, of=epochs), palette["muted"]),
    ]
    if math.isfinite(step.examples_per_second) and step.examples_per_second > 0:
        speed = _("{count} examples/s").format(count=f"{step.examples_per_second:,.0f}")
        parts.append(("  " + speed, palette["muted"]))
    if step.seconds_left is not None:
        parts.append(("  " + _("{time} left").format(time=duration(step.seconds_left)), palette["muted"]))
    yield strip(*parts)


def is_drawing(run: RunCurves) -> bool:
    """Whether nothing is trained: a loop of the learner's own draws its curves (`engine.board`)."""
    return run.started is not None and run.started.max_epochs == 0


def _validation_first(metrics: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(metrics.items(), key=lambda metric: not metric[0].startswith("val_"))


def _finished(run: RunCurves, width: int, palette: Palette) -> list[tuple[str, Style]]:
    finished = run.finished
    assert finished is not None
    words, role = {
        "completed": (_("✓ trained"), "state-ok"),
        "stopped": (_("■ stopped; what was learned is kept"), "state-queued"),
        "max_time": (_("■ time is up"), "state-queued"),
        "max_steps": (_("■ all steps done"), "state-queued"),
        "diverged": (_("✗ diverged"), "state-failed"),
        "failed": (_("✗ failed"), "state-failed"),
    }.get(finished.reason, (finished.reason, "muted"))
    took = _("{epochs} epochs in {time}").format(epochs=f"{finished.epochs:.3g}", time=duration(finished.seconds))
    facts = [took]
    if finished.examples_per_second > 0 and math.isfinite(finished.examples_per_second):
        facts.append(_("{count} examples/s").format(count=f"{finished.examples_per_second:,.0f}"))
    facts.extend(f"{plain(name)} {value:.4g}" for name, value in _validation_first(finished.metrics))
    return _fitting([(words, palette[role])], facts, width, palette)


def _cut_off(run: RunCurves, width: int, palette: Palette) -> list[tuple[str, Style]]:
    words = _("✗ cut off")
    if (step := run.progress) is not None:
        words = _("✗ cut off in epoch {epoch}").format(epoch=step.epoch)
    facts = [f"{plain(name)} {value:.4g}" for name, value in _validation_first(run.last)]
    return _fitting([(words, palette["state-failed"])], facts, width, palette)


def _fitting(
    parts: list[tuple[str, Style]], facts: Iterable[str], width: int, palette: Palette
) -> list[tuple[str, Style]]:
    """The facts behind what is said already, as far as there is room for whole ones."""
    used = INDENT + sum(cell_len(text) for text, _style in parts)
    for fact in facts:
        said = f" · {fact}" if parts else fact
        used += cell_len(said)
        if used > width:
            break
        parts.append((said, palette["muted"]))
    return parts
