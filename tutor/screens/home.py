"""The course: where to go on, what there is, what is done. It is handed facts, and posts wishes to the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from lessons.catalog import Course
from lessons.model import Entry
from progress_db.records import LessonStanding, Place
from tutor.bindings import bindings
from tutor.device_words import device_words
from tutor.glyphs import glyphs
from tutor.kernel_words import kernel_words
from tutor.keys import Context, key_of
from tutor.messages import LessonChosen
from tutor.missing import Enduring
from tutor.standing import standings_of, totals
from tutor.widgets.home_head import HomeHead
from tutor.widgets.key_line import KeyLine, pair
from tutor.widgets.lesson_detail import LessonDetail
from tutor.widgets.lesson_tree import Alive, LessonTree, Resume
from tutor.words import _

if TYPE_CHECKING:
    from tutor.census import KernelNow

LOOK = 2.0
"""Seconds between two looks at which kernels there are."""


class HomeScreen(Enduring, Screen[None]):
    """The course as a list. `place` is where the learner was last; `device` the facts of the device, once known.

    `census` tells which kernels there are; it reads files, and is asked on a thread. `last_seen` is when the learner
    was last in a lesson.
    """

    CSS_PATH = "home.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (112, "-wide"), (168, "-huge")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.HOME)
    CONTEXT = Context.HOME

    def __init__(
        self,
        course: Course,
        *,
        standings: Mapping[str, LessonStanding],
        place: Place | None,
        device: Mapping[str, Any] | None = None,
        census: Callable[[], tuple[KernelNow, ...]] | None = None,
        last_seen: Callable[[str], float] = lambda _lesson: 0.0,
    ) -> None:
        super().__init__()
        self._census = census
        self._last_seen = last_seen
        self._course = course
        self._kept = standings
        self._place = place
        self._device = device
        self._composed = False

    def compose(self) -> ComposeResult:
        """Head, list, detail of the chosen lesson where there is room, keys."""
        yield HomeHead(self._course.title)
        yield LessonTree(self._course.chapters, id="lessons")
        yield LessonDetail({entry.id: entry.title for entry in self._course.entries()}, id="detail")
        yield KeyLine(
            (
                pair(key_of("open", Context.HOME), _("open")),
                pair(key_of("continue", Context.HOME), _("continue")),
                pair(key_of("search", Context.ANYWHERE), _("search")),
                pair(key_of("help", Context.ANYWHERE), _("keys")),
                pair(key_of("command_palette", Context.ANYWHERE), _("commands")),
                pair(key_of("app.quit", Context.HOME), _("quit")),
                pair(key_of("runs", Context.ANYWHERE), _("training runs")),
            )
        )

    def on_mount(self) -> None:
        """Show what is known."""
        self._composed = True
        self.show_record(self._kept, self._place)
        self.show_device(self._device)
        self.query_one(LessonTree).focus()
        if self._census is not None:
            self.set_interval(LOOK, self._look_at_kernels)

    def on_screen_resume(self) -> None:
        """What runs may have changed meanwhile."""
        self._look_at_kernels()

    def _look_at_kernels(self) -> None:
        busy = any(worker.group == "census" and worker.is_running for worker in self.workers)
        if self._census is not None and self.is_current and not busy:
            self._count_kernels()

    @work(thread=True, group="census", exit_on_error=False)
    def _count_kernels(self) -> None:
        assert self._census is not None
        found = self._census()
        self.app.call_from_thread(self.show_kernels, found)

    def show_kernels(self, found: tuple[KernelNow, ...]) -> None:
        """These kernels live."""
        titles = {entry.id: entry.title for entry in self._course.entries()}
        alive = [self._alive(kernel, titles[kernel.lesson]) for kernel in found if kernel.lesson in titles]
        if self._composed:
            self.query_one(LessonTree).show_alive(tuple(alive))

    def _alive(self, kernel: KernelNow, title: str) -> Alive:
        news = kernel.outcome != "" and (kernel.since or 0.0) > self._last_seen(kernel.lesson)
        return Alive(kernel.lesson, title, bool(kernel.work != "idle"), kernel_words(kernel, news=news), news)

    def show_device(self, facts: Mapping[str, Any] | None) -> None:
        """The device was found, or is still looked for."""
        self._device = facts
        if self._composed:
            self.query_one(HomeHead).show_device(device_words(facts))

    def show_record(self, standings: Mapping[str, LessonStanding], place: Place | None) -> None:
        """The marks and the place changed."""
        self._kept, self._place = standings, place
        if not self._composed:
            return
        all_standings = standings_of(self._course.entries(), standings)
        self.query_one(HomeHead).show_totals(totals(all_standings.values()))
        self.query_one(LessonTree).show(all_standings, self._resume())
        self.query_one(LessonDetail).show_standings(all_standings)
        chosen = self.query_one(LessonTree).lesson
        if chosen is not None:
            self.query_one(LessonDetail).show(self._course.entry(chosen))

    def _resume(self) -> Resume | None:
        """Where to go on; for a learner without a past, the first lesson that can be read."""
        place = self._place
        if place is not None:
            try:
                entry = self._course.entry(place.lesson)
            except KeyError:
                place = None  # the lesson is no longer in the course
            else:
                where = (self._chapter_title(entry.chapter), _step_words(entry, place.step))
                return Resume(_("Continue"), entry.id, entry.title, f" {glyphs().dot} ".join(filter(None, where)))
        begun = [entry for entry in self._course.entries() if self._opened(entry) > 0.0 and entry.broken is None]
        if begun:
            last = max(begun, key=self._opened)
            return Resume(_("Continue"), last.id, last.title, self._chapter_title(last.chapter))
        first = next((entry for entry in self._course.entries() if entry.broken is None), None)
        if first is None:
            return None
        return Resume(_("Begin"), first.id, first.title, self._chapter_title(first.chapter))

    def _opened(self, entry: Entry) -> float:
        kept = self._kept.get(entry.id)
        return (kept.opened or 0.0) if kept is not None else 0.0

    def _chapter_title(self, slug: str) -> str:
        return next((chapter.title for chapter in self._course.chapters if chapter.slug == slug), "")

    # What the learner does

    @on(LessonTree.Opened)
    def _open_lesson(self, message: LessonTree.Opened) -> None:
        self._choose(message.lesson)

    @on(LessonTree.Highlighted)
    def _show_detail(self, message: LessonTree.Highlighted) -> None:
        self.query_one(LessonDetail).show(self._course.entry(message.lesson))

    def _choose(self, lesson: str) -> None:
        entry = self._course.entry(lesson)
        if entry.broken is not None:
            self.notify(entry.broken, title=_("This lesson cannot be read"), severity="error", timeout=15)
            return
        self.app.post_message(LessonChosen(lesson))

    def action_open(self) -> None:
        """Open the lesson under the cursor."""
        self.query_one(LessonTree).open()

    def action_continue(self) -> None:
        """Go on where the learner left."""
        resume = self._resume()
        if resume is not None:
            self._choose(resume.lesson)

    def action_down(self) -> None:
        """One down."""
        self.query_one(LessonTree).move(1)

    def action_up(self) -> None:
        """One up."""
        self.query_one(LessonTree).move(-1)

    def action_first(self) -> None:
        """To the top."""
        self.query_one(LessonTree).move_to(0)

    def action_last(self) -> None:
        """To the bottom."""
        self.query_one(LessonTree).last()

    def action_page_down(self) -> None:
        """A screenful down."""
        self.query_one(LessonTree).page(1)

    def action_page_up(self) -> None:
        """A screenful up."""
        self.query_one(LessonTree).page(-1)


def _step_words(entry: Entry, step: str) -> str:
    """A step's id as words: ids are slugs of headings and names of cells."""
    words = step.replace("-", " ")
    if step in entry.exercises:
        return _("exercise “{name}”").format(name=words)
    if step in entry.quizzes:
        return _("quiz “{name}”").format(name=words)
    return words
