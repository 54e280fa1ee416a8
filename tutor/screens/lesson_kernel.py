"""How an open lesson gets its kernel, hears it, stops it, and what is done where it gets none. No cells.

Whoever gave `connect` owns the kernel: it is never stopped here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias

from textual import on, work

from lessons.glossary import Term
from lessons.model import Lesson
from tutor import messages
from tutor.kernel.events import KernelEvent, KernelState
from tutor.missing import Enduring, is_failed_import, words_about
from tutor.screens.lesson_reading import ReadingScreen
from tutor.screens.lesson_runs import LessonRuns
from tutor.screens.lesson_steps import Steps
from tutor.words import _

if TYPE_CHECKING:
    from tutor.kernel.session import KernelSession

Deliver: TypeAlias = Callable[[list[KernelEvent]], "Future[Any] | None"]
Connect: TypeAlias = "Callable[[Deliver], KernelSession]"
"""Gives a session whose batches of events go to `deliver`. Called once, off the UI thread, after the first paint."""

NO_KERNEL = _("There is no kernel: cells cannot be run.")


class ConnectedScreen(Enduring, ReadingScreen):
    """A lesson with a kernel; with `connect` None, without one."""

    runs: LessonRuns

    def __init__(
        self,
        lesson: Lesson,
        steps: Steps,
        before: tuple[str, str] | None,
        after: tuple[str, str] | None,
        terms: Sequence[Term] = (),
        *,
        connect: Connect | None,
    ) -> None:
        super().__init__(lesson, steps, before, after, terms)
        self._connect = connect
        self._is_unreachable = False

    @property
    def has_kernel(self) -> bool:
        """Whether there may be one."""
        return self._connect is not None

    @work(thread=True, group="kernel", name="reach-kernel", exit_on_error=False)
    def reach_kernel(self) -> None:
        """Have a session; off the UI thread."""
        if self._connect is None:
            self.post_message(messages.KernelUnreachable(NO_KERNEL))
            return
        try:
            session = self._connect(self._deliver)
        except Exception as error:  # its message is the sentence that the learner reads
            reason = words_about(error) if is_failed_import(error) else str(error)
            self.post_message(messages.KernelUnreachable(reason, error))
        else:
            self.post_message(messages.KernelConnected(session))

    def _deliver(self, batch: list[KernelEvent]) -> Future[None]:
        """From the session's thread."""
        taken: Future[None] = Future()
        if not self.post_message(messages.KernelReported(batch, taken)):
            taken.set_result(None)
        return taken

    @on(messages.KernelConnected)
    def _take_session(self, message: messages.KernelConnected) -> None:
        self.runs.connected(message.session)

    @on(messages.KernelUnreachable)
    def _say_unreachable(self, message: messages.KernelUnreachable) -> None:
        from tutor.screens.lesson_room import brief

        self._is_unreachable = True
        self.runs.settle()
        self.status.show_kernel(KernelState.STOPPED)
        self.status.say(brief(message), trouble=True)
        if self.runs.queued:
            self._answer_unreachable(message)

    @work(group="room", exclusive=True)
    async def _answer_unreachable(self, message: messages.KernelUnreachable) -> None:
        """No run waits in silence: there is a kernel for it after all, or it is said that it was not run."""
        from tutor.screens.lesson_room import ask_for_room

        if await ask_for_room(self.app, message.error):
            self.reach_again()
        else:
            self.runs.give_up(message.reason)

    def reach_again(self) -> None:
        """If there was no kernel: what stood in the way may be over."""
        if self._is_unreachable:
            self._is_unreachable = False
            self.status.say("", trouble=True)
            self.status.show_kernel(KernelState.STARTING, queued=self.runs.queued)
            self.reach_kernel()

    def say_gone(self, words: str) -> None:
        """The kernel of before is gone: said under the cells that died with it, and at the bottom until one runs."""
        self.runs.note_died(words)
        self.status.show_fresh()

    @on(messages.KernelReported)
    def _take_events(self, message: messages.KernelReported) -> None:
        try:
            if self.is_running and self.app.is_running:  # else what comes is kept, and shown the next time
                self.runs.take(message.events)
        finally:
            self.call_after_refresh(message.taken.set_result, None)

    def action_interrupt(self) -> None:
        """Stop what runs."""
        self.runs.interrupt()

    @work(group="restart", exclusive=True)
    async def action_restart(self) -> None:
        """A fresh kernel, after a question unless the old one is dead: its variables are lost."""
        if self.runs.state is not KernelState.DEAD:
            from tutor.screens.confirm import ConfirmScreen

            busy = self.runs.running is not None
            question = _("A cell is running. Restart the kernel all the same?") if busy else _("Restart the kernel?")
            detail = _("Its variables are lost; outputs and drafts stay.")
            if not await self.app.push_screen_wait(
                ConfirmScreen(question, detail=detail, yes=_("Restart"), no=_("Go on"))
            ):
                return
        self.runs.restart()
