"""The app: opens the course, one lesson at a time, and hands each screen what it needs. No torch, no SQL, no drawing.

It owns what outlives a screen: the record (reads here, writes on the recorder's thread), the kernels, the settings. A
lesson that was left stays as it is until another one is opened, so that a cell that runs goes on and nothing of its
output is lost.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.message import Message
from textual.screen import Screen

from lessons.catalog import Course
from progress_db.records import Place
from tutor import endings, garbage
from tutor.app_record import RecordedApp
from tutor.messages import LessonChosen, StepChosen
from tutor.paths import shown
from tutor.widgets.banner import Banner
from tutor.words import _

if TYPE_CHECKING:
    from tutor.census import KernelNow
    from tutor.kernels import Kernels
    from tutor.screens.home import HomeScreen
    from tutor.screens.lesson import LessonScreen
    from tutor.screens.still_running import Answer


@dataclass
class DeviceKnown(Message):
    """A kernel found the device. Posted from a kernel's thread."""

    facts: Mapping[str, Any]


class TutorApp(RecordedApp):
    """The tutor.

    `start_at` opens that lesson at once, and so does `resume` the one that was open last; else the course is shown.
    `kernels` may be None: lessons then say so, and everything but running works. `run()` gives the exit code.
    """

    DEFAULT_MODE = "tutor"

    def __init__(
        self,
        course: Course,
        *,
        record_path: Path | None = None,
        kernels: Kernels | None = None,
        start_at: Place | None = None,
        resume: bool = False,
        settings_path: Path | None = None,
    ) -> None:
        super().__init__(settings_path, record_path, kernels)
        self.course = course
        self._stops_kernels = False  # only who quits stops them: a crash or a lost connection leaves them running
        self._start_at = start_at
        self._resume = resume
        self._home: HomeScreen | None = None
        self._lesson: LessonScreen | None = None
        self._unwatch: Callable[[], None] | None = None
        self._modes_of: dict[Screen[Any], str] = {}
        self.add_mode(self.DEFAULT_MODE, self._first_screen)

    # Starting

    def _first_screen(self) -> Screen[Any]:
        """The first screen there is, so that nothing else is painted before it."""
        screen = self._choose_first_screen()
        self._modes_of[screen] = self.DEFAULT_MODE
        return screen

    def _choose_first_screen(self) -> Screen[Any]:
        if self._start_at is not None or self.record_path.exists():
            self._open_record()
        if self._start_at is None and self._resume and self.record is not None:
            self._start_at = self.record.progress.last_place()
        if self._start_at is not None:
            lesson = self._make_lesson(self._start_at.lesson, self._start_at.step or None)
            if lesson is not None:
                return lesson
        return self._make_home()

    def on_mount(self) -> None:
        """Mind the signals; what may wait, waits for the first paint."""
        self._unwatch = endings.watch(self)
        if self._is_first_start():
            self._greet()
        self.call_after_refresh(self._start_the_rest)

    def _start_the_rest(self) -> None:
        garbage.begin()
        self.set_interval(garbage.EVERY, garbage.collect_if_due, name="garbage")
        if not self.is_running:  # quit before the first paint was over
            return
        self._look_after_record()
        for screen in self._modes_of:
            self._warn(screen)
        if self._lesson is not None:
            self._say_what_became(self._lesson.lesson.id)
        if self.kernels is not None:
            self.kernels.on_device = self._tell_device
            if self._lesson is None:  # else that lesson's kernel warms up first: two at once slow what is read
                self._warm_up()

    @work(thread=True, group="kernel", exit_on_error=False)
    def _warm_up(self) -> None:
        """Have a spare kernel, if there is none."""
        if self.kernels is not None:
            self.kernels.begin()

    def _tell_device(self, facts: Mapping[str, Any]) -> None:
        """From a kernel's thread."""
        self.post_message(DeviceKnown(facts))

    def _device(self) -> Mapping[str, Any] | None:
        return self.kernels.device if self.kernels else None

    @on(DeviceKnown)
    def _show_device(self, message: DeviceKnown) -> None:
        self._warm_up()  # a kernel is warm: have another for the next lesson
        if self._home is not None:
            self._home.show_device(message.facts)
        show = getattr(self.screen, "show_device", None)
        if show is not None and self.screen is not self._home:
            show(message.facts)

    # The record

    def _warn(self, screen: Screen[Any]) -> None:
        """Have the screen say so where nothing is kept."""
        if self.record is not None and self.record.trouble is not None and not screen.query(Banner):
            words = str(self.record.trouble) if screen is self._home else ""
            head = _("Nothing you do now will be kept.")
            if self.record.kept_in is not None:
                head = _("Your record cannot be written. It is kept in {path} until it can be.")
                head = head.format(path=shown(self.record.kept_in))
            screen.mount(Banner(head, words), before=0)

    def _is_first_start(self) -> bool:
        if self.record is None:  # there is no file yet, and it is made after the first paint
            return True
        here = self.screen is self._home and self.record.trouble is None and not self.record.said
        return here and self.record.progress.first_start()

    # The course

    def _make_home(self) -> HomeScreen:
        from tutor.screens.home import HomeScreen

        place = self.record.progress.last_place() if self.record else None
        self._home = HomeScreen(
            self.course,
            standings=self._standings(),
            place=place,
            device=self._device(),
            census=self._census(),
            last_seen=self._last_seen,
        )
        return self._home

    def _census(self) -> Callable[[], tuple[KernelNow, ...]] | None:
        """Which kernels there are, for the home screen to ask; None where none outlives the app."""
        if self.kernels is None or self.kernels.keep is None:
            return None
        from tutor.census import Census

        return Census(self.kernels.keep).now

    @work(group="show", exclusive=True)
    async def action_show_course(self) -> None:
        """Back to the course, with the marks as they are now."""
        if self.record is not None:
            await asyncio.to_thread(self.record.recorder.flush, 2.0)
        if self._home is None:
            self._make_home()
        assert self._home is not None
        if self.record is not None:
            self._home.show_record(self._standings(), self.record.progress.last_place())
        await self._show(self._home)

    async def _show(self, screen: Screen[Any]) -> None:
        while self.screen.is_modal:
            await self.pop_screen()
        mode = self._mode_of(screen)
        if self.current_mode != mode:
            await self.switch_mode(mode)
        self._warn(screen)

    def _mode_of(self, screen: Screen[Any]) -> str:
        """Each screen that stays has a mode, Textual's word for a stack of screens: one that is left goes on living."""
        if screen not in self._modes_of:
            self._modes_of[screen] = name = f"screen-{len(self._modes_of)}-{id(screen)}"
            self.add_mode(name, lambda: screen)
        return self._modes_of[screen]

    # A lesson

    @on(LessonChosen)
    def _open_chosen(self, message: LessonChosen) -> None:
        message.stop()
        self.open_lesson(message.lesson, message.step)

    @work(group="show", exclusive=True)
    async def open_lesson(self, lesson_id: str, step: str | None = None) -> None:
        """Open a lesson where it was left, or at `step`; first ask, where that stops a cell that runs in another."""
        open_now = self._lesson
        if open_now is not None and open_now.lesson.id == lesson_id:
            await self._show(open_now)
            if step is not None:
                open_now.post_message(StepChosen(step))
            return
        answer: Answer = "stop" if open_now is None else await self._ask_about(open_now)
        if answer == "stay":
            return
        if self.record is not None:
            await asyncio.to_thread(self.record.recorder.flush, 2.0)
        screen = self._make_lesson(lesson_id, step)
        if screen is None:
            return
        await self._show(screen)
        self._say_what_became(lesson_id)
        if open_now is not None:
            await self._close(open_now, answer)

    async def _ask_about(self, lesson: LessonScreen) -> Answer:
        """What is to become of that lesson's kernel: asked only where a cell runs in it."""
        if self.kernels is None or not self.kernels.is_busy(lesson.lesson.id):
            return "stop"
        from tutor.screens.still_running import StillRunningScreen

        return await self.push_screen_wait(StillRunningScreen(lesson.lesson.title))

    async def _close(self, lesson: LessonScreen, answer: Answer) -> None:
        await self.remove_mode(self._modes_of.pop(lesson))
        if self.kernels is not None:
            if answer == "leave":
                self.kernels.leave(lesson.lesson.id)
            else:
                self.kernels.end(lesson.lesson.id)
            self._warm_up()

    def _make_lesson(self, lesson_id: str, step: str | None) -> LessonScreen | None:
        """The screen of that lesson; None, and a word about it, where it cannot be opened."""
        from tutor.opening import LessonClosed, lesson_screen

        try:
            self._lesson = lesson_screen(self.course, lesson_id, step, self._open_record(), self.kernels)
        except LessonClosed as error:
            self.call_later(
                self.notify, str(error), title=_("This lesson cannot be opened"), severity="error", timeout=20
            )
            return None
        return self._lesson

    def _say_what_became(self, lesson_id: str) -> None:
        said = self.running.obituary(lesson_id) if self.running is not None else None
        if said is not None and self._lesson is not None:
            self.notify(said, title=_("The kernel is gone"), severity="warning", timeout=10, markup=False)
            self._lesson.say_gone(said)

    # What every screen offers

    @work(group="show", exclusive=True)
    async def _greet(self) -> None:
        from tutor.screens.greeting import GreetingScreen

        greeting = GreetingScreen(record=shown(self.record_path), device=self._device())
        begin = await self.push_screen_wait(greeting)
        first = next((entry for entry in self.course.entries() if entry.broken is None), None)
        if begin and first is not None:
            self.open_lesson(first.id)

    async def action_search(self) -> None:
        """Search the course, and open what is chosen. What is typed ahead waits until there is somewhere to type."""
        from tutor.screens.search import SearchScreen

        def open_found(lesson: str | None) -> None:
            if lesson is not None:
                self.open_lesson(lesson)

        await self.push_screen(SearchScreen(self.course, self._standings()), open_found)

    # Ending

    @work(group="show", exclusive=True)
    async def action_quit_kindly(self) -> None:
        """Quit; ask first where a cell runs."""
        answer: Answer = "stop" if self._lesson is None else await self._ask_about(self._lesson)
        if answer != "stay":
            self._stops_kernels = answer == "stop"
            self.exit(0)

    async def action_quit(self) -> None:
        """Quit; ask first where a cell runs."""
        from tutor.screens.still_running import StillRunningScreen

        if not isinstance(self.screen, StillRunningScreen):  # asked already
            self.action_quit_kindly()

    def end_by_signal(self, number: int) -> None:
        """Leave the terminal as it was, and exit as a shell expects of a process that was signalled."""
        self.exit(128 + number, return_code=128 + number)

    def end_without_terminal(self) -> None:
        """Keep what is to be kept, and exit at once: nobody looks, and writing to the terminal would fail."""
        self.close(patience=0.5)
        os._exit(129)

    def on_unmount(self) -> None:
        """Keep what is not yet kept. The kernels end after the terminal is given back: see `close`."""
        if self.record is not None:
            self.record.recorder.flush(3.0)

    def close(self, patience: float = 3.0) -> None:
        """Stop the kernels or leave them running, and commit what waits to be written. May be called twice."""
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        if self.kernels is not None:
            journals = self.kernels.journals()
            self.kernels.stop(patience, leave=not self._stops_kernels)
            if self.running is not None and self.record is not None:
                self.running.close(journals)
        record, self.record = self.record, None
        if record is not None:
            record.close(patience)
