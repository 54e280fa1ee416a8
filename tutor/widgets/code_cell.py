"""A code cell: its source, coloured; its editor while it is edited; and under it what its runs put out.

The editor is a TextArea that exists only while it is used. Everything else is lines. The cell posts what the learner
does with it and shows what it is told; it knows neither the kernel nor the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from lessons.knobs import knobs
from tutor import code_lines
from tutor.kernel.events import Output, TrainingReported
from tutor.messages import DraftEdited, EditingLeft, EditingStarted, EditorEscaped, StepClicked
from tutor.widgets.cell_input import CellInput
from tutor.widgets.cell_output import CellOutput
from tutor.widgets.exercise_card import ExerciseCard
from tutor.widgets.knobs import KnobBar
from tutor.widgets.lesson_step import Host, Part
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.python_colours import coloured
from tutor.widgets.states import CellState, cell_words
from tutor.widgets.training_chart import TrainingChart
from tutor.words import _

if TYPE_CHECKING:
    from tutor.widgets.cell_editor import CellEditor


class CellHead(LineView):
    """The line above a cell: what it is, and at its right end how it stands."""

    def __init__(self, label: str) -> None:
        super().__init__(classes="cell-head")
        self.label = label
        self.state = CellState.IDLE
        self.seconds: float | None = None
        self.edited = False
        self.is_author_newer = False

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One line."""
        left = strip((self.label, palette["label"]))
        right = []
        if self.edited:
            words = _("edited; the author's is newer") if self.is_author_newer else _("edited")
            right.append((words, palette["state-edited"]))
        words = cell_words(self.state, self.seconds)
        if words:
            right.append((("  " if right else "") + words, palette[self.state.role]))
        return [between(left, strip(*right), width)]


class CodeView(LineView):
    """The source, coloured."""

    def __init__(self, source: str) -> None:
        super().__init__(classes="cell-source")
        self.source = source

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One line for each, folded where it is too long."""
        lines: list[Strip] = []
        source = coloured(self.source)
        gutter = code_lines.gutter(len(source))
        blank = strip((" " * gutter, palette["faint"]))
        for number, line in enumerate(source, 1):
            whole = strip(*((text.expandtabs(4), palette[role]) for text, role in line))
            folded = list(_folded(whole, width - gutter, strip(("↪ ", palette["code-wrap"]))))
            if gutter:
                numbered = strip((f"{number:>{gutter - code_lines.AIR}}" + " " * code_lines.AIR, palette["muted"]))
                folded = [Strip.join([numbered if not i else blank, part]) for i, part in enumerate(folded)]
            lines.extend(folded)
        return lines


def _folded(line: Strip, width: int, mark: Strip) -> Iterator[Strip]:
    """A line of code over as many lines as it needs, cut between words where it can be; what hangs over is marked."""
    first = True
    while True:
        room = width if first else width - mark.cell_length
        if line.cell_length <= room:
            yield line if first else Strip.join([mark, line])
            return
        text = line.crop(0, room).text
        blank = text.rfind(" ")
        cut = cell_len(text[: blank + 1]) if text[:blank].strip() and blank > len(text) // 2 else room
        part = line.crop(0, cut)
        yield part if first else Strip.join([mark, part])
        line = line.crop(cut)
        first = False


class CodeCell(Vertical, can_focus=True):
    """A cell. `source` is what would run: the learner's draft, or the author's version where there is none."""

    ABOVE, BELOW = 0, 1

    def __init__(
        self,
        step: str,
        authored: str,
        *,
        draft: str | None = None,
        made_of: str | None = None,
        label: str = "",
        card: ExerciseCard | None = None,
        may_fail: bool = False,
    ) -> None:
        super().__init__(classes="step cell")
        self._host: Host | None = None
        self._is_composed = False
        self.above: Sequence[CodeCell] = ()
        """The cells that stand above it."""
        self.step = step
        self.authored = authored
        self.made_of = authored if made_of is None else made_of
        """The author's version that the draft was made of: an older one than `authored`, if that came since."""
        self._head = CellHead(label)
        self._view = CodeView(authored if draft is None else draft)
        self.card = card
        """What an exercise has besides."""
        self.may_fail = may_fail
        """Whether the author means it to raise."""
        self._editor: CellEditor | None = None
        self._asking: CellInput | None = None
        self._knobs: KnobBar | None = None
        self._chart: TrainingChart | None = None
        self._output: CellOutput | None = None
        self._head.edited, self._head.is_author_newer = self.is_edited, self.made_of != self.authored
        if found := knobs(self._view.source):
            self._knobs = KnobBar(self.step, found)

    def compose(self) -> ComposeResult:
        """Head and source, and what else there is by now; the rest comes when there is something to show."""
        self._is_composed = True
        yield from (part.view for part in self.parts())

    def parts(self) -> Iterator[Part]:
        """What there is to see of it, from the top. The editor and the line for an answer are not drawn, ever."""
        yield Part(self._head, 1, "surface")
        yield Part(self._view, 1, "surface")
        if self._knobs is not None:
            yield Part(self._knobs, 1)
        if self._output is not None:
            yield Part(self._output)
        if self._chart is not None:
            yield Part(self._chart)
        if self.card is not None:
            yield Part(self.card, 1)

    def hosted(self, host: Host) -> None:
        """Outputs may come, and a check may end, before it is a widget; once it runs, it has to be one."""
        self._host = host
        for part in self.parts():
            part.view.stands_in = host.changed

    def _add(self, view: LineView, after: Widget) -> None:
        """Show a view that was not there before."""
        if self._host is not None:
            view.stands_in = self._host.changed
        if self._is_composed:
            self.mount(view, after=after)
        elif self._host is not None:
            self._host.changed()

    # The source

    @property
    def source(self) -> str:
        """What would run now."""
        return self._editor.text if self._editor is not None else self._view.source

    @source.setter
    def source(self, source: str) -> None:
        self._view.source = source
        self._view.redraw()
        if self._editor is not None and self._editor.text != source:
            self._editor.replace_all(source)
        self._show_edited()
        self._show_knobs()

    def redraw_source(self) -> None:
        """Its lines are to look different."""
        self._view.redraw()

    @property
    def is_edited(self) -> bool:
        """Whether the source differs from the author's."""
        return self.source != self.authored

    def _show_edited(self) -> None:
        if not self.is_edited:
            self.made_of = self.authored  # what is changed from here on is the author's version of now
        shown = (self.is_edited, self.made_of != self.authored)
        if (self._head.edited, self._head.is_author_newer) != shown:
            self._head.edited, self._head.is_author_newer = shown
            self._head.redraw()

    def _show_knobs(self) -> None:
        if self._knobs is not None:
            self._knobs.show(knobs(self.source))
        elif found := knobs(self.source):
            self._knobs = KnobBar(self.step, found)
            self._add(self._knobs, self._editor or self._view)

    @property
    def knob_bar(self) -> KnobBar | None:
        """The values that can be turned, if there are any."""
        return self._knobs

    # Editing

    @property
    def editor(self) -> CellEditor | None:
        """The editor, while there is one."""
        return self._editor

    async def edit(self) -> None:
        """Open the editor in the place of the source."""
        if self._editor is not None:
            self.screen.set_focus(self._editor, scroll_visible=False)
            return
        if self._host is not None:
            await self._host.woken()
        from tutor.widgets.cell_editor import CellEditor  # TextArea costs 30 ms: not before a cell is edited

        self._editor = CellEditor(self.step, self._view.source)
        with self.app.batch_update():
            await self.mount(self._editor, after=self._view)
            self._view.display = False
        self.screen.set_focus(self._editor, scroll_visible=False)
        self.add_class("-editing")
        self.post_message(EditingStarted(self.step))

    async def leave_editor(self, *, focus: bool = True) -> None:
        """Close the editor; the draft stays."""
        editor, self._editor = self._editor, None
        if editor is None:
            return
        editor.show_completions(None)
        self._view.source = editor.text
        self._view.forget()
        with self.app.batch_update():
            self._view.display = True
            if focus:
                self.screen.set_focus(self, scroll_visible=False)
            await editor.remove()
        self.remove_class("-editing")
        self._show_edited()
        self._show_knobs()
        self.post_message(EditingLeft(self.step))

    @on(EditorEscaped)
    async def _leave_escaped(self, message: EditorEscaped) -> None:
        message.stop()
        await self.leave_editor()

    @on(DraftEdited)
    def _draft_changed(self) -> None:
        self._show_edited()  # and the message goes on to the screen

    # Runs

    def show_state(self, state: CellState, seconds: float | None = None) -> None:
        """How the latest run stands."""
        self._head.state = state
        self._head.seconds = seconds
        self._head.redraw()
        if self._chart is not None and state in (CellState.DIED, CellState.INTERRUPTED):
            self._chart.end_is_unseen()
        if state is CellState.RUNNING and self._host is not None:
            self._host.wake()

    @property
    def state(self) -> CellState:
        """How the latest run stands."""
        return self._head.state

    @property
    def output(self) -> CellOutput:
        """Where outputs go; it comes into being with the first."""
        if self._output is None:
            self._output = CellOutput(is_made_above=self._is_made_above)
            self._add(self._output, self._output_anchor())
        return self._output

    def _is_made_above(self, name: str) -> bool:
        from tutor.explain.made import names_made

        return any(name in names_made(cell.source) for cell in self.above)

    def _output_anchor(self) -> Widget:
        return self._knobs or self._editor or self._view

    @property
    def chart(self) -> TrainingChart | None:
        """The chart, once there is one."""
        return self._chart

    def begin_run(self) -> None:
        """A new run: its outputs take the place of the last one's."""
        if self._output is not None:
            self._output.begin()

    def add_outputs(self, outputs: Iterable[Output]) -> None:
        """More output of the latest run: what training says goes to the chart."""
        others: list[Output] = []
        for output in outputs:
            if isinstance(output, TrainingReported):
                if self._chart is None:
                    self._chart = TrainingChart()
                    self._add(self._chart, self._output or self._output_anchor())
                self._chart.take(output.events)
            else:
                others.append(output)
        if others:
            self.output.add(others)

    # input()

    async def ask(self, prompt: str, *, password: bool) -> None:
        """Let the learner answer an `input()`."""
        if self._host is not None:
            await self._host.woken()
        await self.stop_asking()
        self._asking = CellInput(self.step, prompt, password=password)
        await self.mount(self._asking, after=self._output or self._output_anchor())

    async def stop_asking(self) -> None:
        """The answer was given, or is no longer wanted."""
        asking, self._asking = self._asking, None
        if asking is not None:
            await asking.remove()

    @property
    def asking(self) -> CellInput | None:
        """The line to answer in, while the cell waits for it."""
        return self._asking

    def end_run(self) -> None:
        """No more output will come."""
        if self._output is not None:
            self._output.finish()

    def on_click(self, event: events.Click) -> None:
        """Become the current step."""
        self.post_message(StepClicked(self.step))
