"""The session's thread: it alone touches the sockets, waits for everything at once, and notices when the kernel dies.

Other threads put what they want done into `post` and go on. The thread waits on the four channels, on the kernel's
process and on that queue; it never sleeps for longer than until the next thing is due.
"""

from __future__ import annotations

import logging
import math
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from tutor.kernel import registry, waiting
from tutor.kernel.bell import Bell
from tutor.kernel.delivery import Deliver, Delivery
from tutor.kernel.dispatch import Dispatcher
from tutor.kernel.ending import Ending
from tutor.kernel.events import CellFinished, KernelDied, KernelState, Outcome
from tutor.kernel.execution import Execution
from tutor.kernel.follow import Follower
from tutor.kernel.heed import Heed
from tutor.kernel.journal import OFFSET, UNKEPT, close_journal
from tutor.kernel.launch import UNKNOWN, waiting_path

if TYPE_CHECKING:
    from tutor.kernel.launch import KernelProcess
    from tutor.kernel.wire import Wire

POLL = 0.2
"""Seconds between looks at the process where the system cannot wake us when it ends."""

GREETING = 1.0
"""Seconds until a kernel that is coming up is asked again whether it is there."""

GONE = 10.0
"""Seconds that a kernel has to end which has removed its files."""

MOST_FAILURES = 5
"""In a row: what fails more often than that would do so for ever."""

LOOK = 1.0
"""Seconds after which the journal of a busy kernel is looked at even if no message said that it grew."""

SLICE = 256
"""Messages read from one channel before the others, and the screen, get their turn."""

STOPPED = "The kernel was stopped."

_ENDED = (KernelState.DEAD, KernelState.STOPPED)

_log = logging.getLogger(__name__)


class Reader(threading.Thread):
    """One kernel at a time, and its successors after a restart. All methods but `post` belong to the thread itself."""

    def __init__(self, process: KernelProcess, deliver: Deliver, since: int = 0) -> None:
        super().__init__(name="kernel-reader", daemon=True)
        self.process = process
        self._bell = Bell()
        self._delivery = Delivery(deliver, self._bell.ring)
        self._dispatcher = Dispatcher(self._delivery.add)
        self._journal = Follower(process, self._dispatcher, self._delivery, since)
        self._client = os.urandom(16).hex()
        self.stage = waiting.Stage(waiting_path(process.connection), self._client)
        self._queue: deque[Execution] = deque()  # for the kernel that follows the one that is ending
        self._wire: Wire | None = None
        self._ending: Ending | None = None
        self._greeted = 0.0
        self._begun = False  # the kernel takes runs
        self._left, self._failures = False, 0
        self._heed = Heed()

    @property
    def state(self) -> KernelState:
        """Where the kernel is. May be read from any thread."""
        return self._dispatcher.state

    def post(self, action: Callable[[], None]) -> None:
        """Has something done in this thread. From any thread; returns at once."""
        self._bell.post(action)

    def run(self) -> None:
        """The thread."""
        try:
            self._try(self._connect)
            while self.state is not KernelState.STOPPED and not self._left:
                self._try(self._turn)
        finally:
            self._delivery.flush_all(timeout=0.5)
            self._disconnect()
            self._journal.close()

    def _try(self, act: Callable[[], None]) -> None:
        # Whatever fails, the learner must hear of it, and of each later run: a screen that waits for ever is worse.
        try:
            act()
            self._failures = 0
        except Exception as error:
            _log.exception("the connection to the kernel failed")
            self._failures += 1
            self._left = self._left or self._failures > MOST_FAILURES
            self._give_up(f"The connection to the kernel failed: {error!r}. Restart the kernel.")
            self._disconnect()

    # What the session asks for

    def execute(self, execution: Execution) -> None:
        """Sends a run; or leaves it where a kernel that still comes up finds it, whatever becomes of us."""
        if self.state in _ENDED:
            self._delivery.add(CellFinished(execution.run, Outcome.ABORTED, 0.0))
        elif self._ending is not None or self._wire is None:
            self._queue.append(execution)
        else:
            self._dispatcher.sent(execution.run)
            if self._begun or not waiting.put(waiting_path(self.process.connection), self._client, execution):
                self._send(execution)

    def interrupt(self) -> None:
        """One SIGINT, if a cell runs; what is queued here is dropped in any case."""
        self._abort_queue()
        if self._dispatcher.runs and self._ending is None:
            self._dispatcher.change(KernelState.INTERRUPTING)
            self._heed.pressed()
            self.process.signal(signal.SIGINT)

    def restart(self) -> None:
        """Ends this kernel, and starts another with the same settings."""
        if self.state is KernelState.DEAD:
            self._relaunch()
        elif self._ending is None and self.state is not KernelState.STOPPED:
            self._dispatcher.change(KernelState.RESTARTING)
            self._end(self._relaunch)

    def stop(self) -> None:
        """Ends this kernel, and the thread."""
        if self.state is KernelState.DEAD:
            self._stopped()
        elif self._ending is None:
            self._end(self._stopped)
        else:
            self._ending.then = self._stopped  # instead of a restart

    def leave(self) -> None:
        """Ends the thread; the kernel goes on, with all that was asked of it."""
        self._drop_queue()
        self._left = True

    def answer_input(self, text: str) -> None:
        """Answers a cell's `input()`."""
        if self._dispatcher.input_wanted and self._wire is not None:
            self._dispatcher.input_wanted = False
            self._wire.send("stdin", "input_reply", {"value": text})

    def ask(self, kind: str, content: dict[str, Any], answer: Future[Any]) -> None:
        """Asks something that only an idle kernel can answer; None at once if it is not idle."""
        if self.state is not KernelState.IDLE or self._wire is None:
            _settle(answer, None)
        else:
            message = self._wire.send("shell", kind, content)
            self._dispatcher.replies[message] = lambda reply: _settle(answer, reply)

    # One turn of the loop

    def _turn(self) -> None:
        for channel in self._wait():
            for _ in range(SLICE):
                if not self._receive(channel):
                    break
        self._bell.answer()
        if self._wire is not None:
            self._journal.catch_up(begun=self._begun, look=self._begun and self.state is not KernelState.IDLE)
        if (unheeded := self._heed.said(self.state, self._dispatcher.runs)) is not None:
            self._delivery.add(unheeded)
        if not self._begun and self._wire is not None:
            if self._dispatcher.heard and self._dispatcher.answered and self._journal.is_caught_up:
                self._begin()
            elif time.monotonic() - self._greeted > GREETING:
                self._greet()
        if self._wire is not None and self.process.poll() is not None:
            self._mourn()
        elif self._ending is not None:
            self._ending.press(self.process)
        self._delivery.flush()

    def _wait(self) -> list[str]:
        """Waits until something is to be done. The channels with messages."""
        from zmq import POLLIN, Poller

        poller = Poller()
        poller.register(self._bell.fileno, POLLIN)
        names: dict[object, str] = {}
        if self._wire is not None:
            for channel, socket in self._wire.sockets.items():
                if channel == "iopub" and self._delivery.full:
                    continue
                poller.register(socket, POLLIN)
                names[socket] = channel
            if (watch := self.process.watch.fileno()) is not None:
                poller.register(watch, POLLIN)
        more = 0.0 if self._wire is not None and self._journal.has_more else None
        pauses = (self._delivery.pause(), self._poll_pause(), more, self._heed.pause())
        due = min((pause for pause in pauses if pause is not None), default=None)
        timeout = None if due is None else math.ceil(due * 1000)
        return [names[ready] for ready, _ in poller.poll(timeout) if ready in names]

    def _poll_pause(self) -> float | None:
        if self._ending is not None:
            return 0.05
        if self._wire is None:
            return None
        if not self._begun:
            return GREETING
        if self.process.watch.fileno() is None:
            return POLL
        return None if self.state is KernelState.IDLE else LOOK

    def _receive(self, channel: str) -> bool:
        assert self._wire is not None
        try:
            message = self._wire.receive(channel)
        except ValueError as error:
            _log.warning("a message with a bad signature was dropped: %s", error)
            return True
        if message is None:
            return False
        told = message["metadata"]
        if channel != "iopub" or OFFSET not in told:
            self._dispatcher.receive(channel, message)
        elif told.get(UNKEPT):
            self._journal.read_on(told[OFFSET])
            self._dispatcher.receive(channel, message)
        else:
            self._journal.grown = True
        return True

    def _begin(self) -> None:
        """The kernel is up: what waited goes to it."""
        self._begun = self._journal.grown = True
        if self.process.is_found:
            self._dispatcher.attach()
        else:
            self._dispatcher.change(KernelState.BUSY if self._dispatcher.runs else KernelState.IDLE)

    def _send(self, execution: Execution) -> None:
        assert self._wire is not None
        content, metadata = execution.content(), execution.metadata()
        self._wire.send("shell", "execute_request", content, id=execution.run, metadata=metadata)

    # The kernel's life

    def _connect(self) -> None:
        self._begun = False
        self._wire = _wire_to(self.process, self._client)
        self._take_over()
        if self._wire is None:
            self._mourn()
        else:
            self._greet()
        while self._queue:
            self.execute(self._queue.popleft())

    def _greet(self) -> None:
        assert self._wire is not None
        self._wire.send("control", "kernel_info_request", {})
        self._greeted = time.monotonic()

    def _disconnect(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _end(self, then: Callable[[], None]) -> None:
        self._abort_queue()
        self._ending = Ending(then)
        if self._wire is not None and not self._dispatcher.runs and self._begun:
            self._wire.send("control", "shutdown_request", {"restart": False})
        else:
            self._ending.asked = False  # a running cell would not hear of it
        self._ending.press(self.process)

    def _mourn(self) -> None:
        """The process is gone: its last words, then what that means."""
        deadline = time.monotonic() + 2.0
        while self._wire is not None and self._wire.sockets["iopub"].poll(30) and time.monotonic() < deadline:
            while self._receive("iopub"):
                pass
        if self._dispatcher.standing is None:
            self._dispatcher.standing = {}  # it died before it answered: there is only the journal
        registry.recover_text(self.process.journal.parent, self.process)
        self._journal.read_on()
        self._withdraw()  # what it never took it never ran
        ending, self._ending = self._ending, None
        process, keep = self.process, self.process.journal.parent
        buried = process.lesson is not None and (ending is not None or registry.bury(keep, process, at=time.time()))
        self._dispatcher.abandon(journaled=bool(buried))
        self._disconnect()
        if ending is None:
            self._abort_queue()
            self._delivery.add(_death_of(process, self._begun))
            self._dispatcher.change(KernelState.DEAD)
            self._delivery.flush()
        elif process.lesson is not None:
            close_journal(process.journal, STOPPED, at=time.time())
            registry.forget(keep, process)
        process.clean(log=ending is not None)
        if ending is not None:
            ending.then()

    def _stopped(self) -> None:
        self._abort_queue()
        self._dispatcher.change(KernelState.STOPPED)

    def _relaunch(self) -> None:
        dispatcher = Dispatcher(self._delivery.add)
        dispatcher.state = KernelState.RESTARTING
        self._dispatcher = dispatcher
        before, self.process = self.process, self.process.relaunch()
        self.process.lesson = before.lesson
        self._journal.close()
        self._journal = Follower(self.process, dispatcher, self._delivery)
        self._connect()
        dispatcher.change(KernelState.STARTING)

    def _take_over(self) -> None:
        """What was left for the kernel before there was a connection counts as sent, before anything of it is heard."""
        for run in self.stage.take_over():
            self._dispatcher.sent(run)

    def _give_up(self, reason: str) -> None:
        self._take_over()
        self._abort_queue()
        self._dispatcher.abandon()
        self._delivery.add(KernelDied(reason))
        self._dispatcher.change(KernelState.DEAD)
        if self.process.lesson is None:
            self.process.kill()

    def _abort_queue(self) -> None:
        self._withdraw()
        self._drop_queue()

    def _drop_queue(self) -> None:
        while self._queue:
            self._delivery.add(CellFinished(self._queue.popleft().run, Outcome.ABORTED, 0.0))

    def _withdraw(self) -> None:
        """Takes back what the kernel has not taken yet."""
        for run in waiting.withdraw(waiting_path(self.process.connection), self._client):
            self._dispatcher.runs.pop(run, None)
            self._delivery.add(CellFinished(run, Outcome.ABORTED, 0.0))


def _wire_to(process: KernelProcess, client: str) -> Wire | None:
    """None: it ends by itself at this moment, and has taken its files with it."""
    from tutor.kernel.wire import Wire

    try:
        return Wire(process.connection, client)
    except FileNotFoundError:
        if not process.wait(GONE):
            raise
        return None


def _death_of(process: KernelProcess, was_ready: bool) -> KernelDied:
    status = process.poll()
    number = -status if status is not None and status < 0 else None
    code = status if status is not None and 0 <= status < UNKNOWN else None
    return KernelDied(process.reason() if was_ready else process.failure(), signal=number, exit_code=code)


def _settle(answer: Future[Any], reply: object) -> None:
    if not answer.done():  # who asked may have given up
        answer.set_result(reply)
