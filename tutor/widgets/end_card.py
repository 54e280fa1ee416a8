"""The end of a lesson: what was done in it, and where to go on."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.strip import Strip

from tutor.messages import StepClicked
from tutor.widgets.lesson_step import Host, Part
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.words import _


class EndCard(LineView, can_focus=True):
    """The last thing in the notebook."""

    ABOVE, BELOW = 1, 0

    def __init__(self, after: str | None) -> None:
        super().__init__(classes="step end-card")
        self.step = ""
        self._after = after
        self._counts = (0, 0, 0, 0)

    def parts(self) -> Iterable[Part]:
        """Itself."""
        yield Part(self)

    def hosted(self, host: Host) -> None:
        """The counts change."""
        self.stands_in = host.changed

    def show_counts(self, answered: int, quizzes: int, solved: int, exercises: int) -> None:
        """How many of the quizzes are answered, and of the exercises solved."""
        if self._counts != (answered, quizzes, solved, exercises):
            self._counts = (answered, quizzes, solved, exercises)
            self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Facts, and the next lesson."""
        answered, quizzes, solved, exercises = self._counts
        done = quizzes + exercises > 0 and (answered, solved) == (quizzes, exercises)  # no claim where nothing is asked
        head = _("✓ You have finished this lesson.") if done else _("You have reached the end of this lesson.")
        lines = [
            strip(("─" * min(width, 60), palette["rule"])),
            strip((head, palette["right" if done else "strong"])),
        ]
        facts = []
        if quizzes:
            facts.append(_("{done} of {all} quizzes answered").format(done=answered, all=quizzes))
        if exercises:
            facts.append(_("{done} of {all} exercises solved").format(done=solved, all=exercises))
        if facts:
            lines.append(strip((" · ".join(facts), palette["muted"])))
        lines.append(Strip([]))
        if self._after is not None:
            lines.append(
                strip(
                    ("n", palette["key"]), ("  " + _("next:") + " ", palette["muted"]), (self._after, palette["strong"])
                )
            )
        lines.append(strip(("q", palette["key"]), ("  " + _("back to the course"), palette["muted"])))
        return [*lines, Strip([])]

    def on_click(self, event: events.Click) -> None:
        """Become the current step."""
        self.post_message(StepClicked(self.step))
