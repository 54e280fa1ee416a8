"""The session's thread: it alone touches the sockets, waits for everything at once, and notices when the kernel dies.

Other threads put what they want done into `post` and go on. The thread waits on the four channels, on the kernel's
process and on that queue; it never sleeps for longer than until the next thing is due.
"""

from __future__ import annotations

import contextlib
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

from tutor.kernel import registry
from tutor.kernel.delivery import Deliver, Delivery
from tutor.kernel.dispatch import Dispatcher
from tutor.kernel.ending import Ending
from tutor.kernel.events import CellFinished, KernelDied, KernelState, Outcome
from tutor.kernel.execution import Execution
from tutor.kernel.journal import OFFSET, UNKEPT, Tail, close_journal
from tutor.kernel.launch import UNKNOWN

if TYPE_CHECKING:
    from tutor.kernel.launch import KernelProcess
    from tutor.kernel.wire import Wire

POLL = 0.2
"""Seconds between looks at the process where the system cannot wake us when it ends."""

GREETING = 1.0
"""Seconds until a kernel that is coming up is asked again whether it is there."""

LOOK = 1.0
"""Seconds after which the journal of a busy kernel is looked at even if no message said that it grew."""

PIECE = 256 * 1024
"""Bytes of the journal that are read before the channels, and the screen, get their turn."""

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
        self._posted: deque[Callable[[], None]] = deque()
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_in, False)
        os.set_blocking(self._wake_out, False)
        self._delivery = Delivery(deliver, self._wake)
        self._dispatcher = Dispatcher(self._delivery.add)
        self._queue: deque[Execution] = deque()
        self._wire: Wire | None = None
        self._ending: Ending | None = None
        self._greeted = 0.0
        self._tail = Tail(process.journal, since)
        self._grown = False  # the journal may have more than the tail has read
        self._begun = False  # the kernel takes runs
        self._left = False

    @property
    def state(self) -> KernelState:
        """Where the kernel is. May be read from any thread."""
        return self._dispatcher.state

    def post(self, action: Callable[[], None]) -> None:
        """Has something done in this thread. From any thread; returns at once."""
        self._posted.append(action)
        self._wake()

    def run(self) -> None:
        """The thread."""
        try:
            self._connect()
            while self.state is not KernelState.STOPPED and not self._left:
                self._turn()
        except Exception as error:
            # Whatever it is, the learner must hear of it: a screen that waits for ever is worse.
            _log.exception("the connection to the kernel failed")
            self._give_up(f"The connection to the kernel failed: {error!r}. Restart the tutor.")
        finally:
            self._delivery.flush_all(timeout=0.5)
            self._disconnect()
            self._tail.close()

    # What the session asks for

    def execute(self, execution: Execution) -> None:
        """Sends a run, or keeps it until the kernel is up."""
        if self.state in _ENDED:
            self._delivery.add(CellFinished(execution.run, Outcome.ABORTED, 0.0))
        elif self._begun and self._ending is None:
            self._send(execution)
        else:
            self._queue.append(execution)

    def interrupt(self) -> None:
        """One SIGINT, if a cell runs; what is queued here is dropped in any case."""
        self._abort_queue()
        if self._dispatcher.runs and self._ending is None:
            self._dispatcher.change(KernelState.INTERRUPTING)
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
        """Ends the thread; the kernel goes on. What was not sent to it never will be."""
        self._abort_queue()
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
        self._drain_wake()
        while self._posted:
            self._posted.popleft()()
        self._catch_up()
        if not self._begun and self._wire is not None:
            if self._ready and self._is_caught_up:
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
        poller.register(self._wake_in, POLLIN)
        names: dict[object, str] = {}
        if self._wire is not None:
            for channel, socket in self._wire.sockets.items():
                if channel == "iopub" and self._delivery.full:
                    continue
                poller.register(socket, POLLIN)
                names[socket] = channel
            if (watch := self.process.watch.fileno()) is not None:
                poller.register(watch, POLLIN)
        more = 0.0 if self._grown and not self._delivery.full and self._is_replaying else None
        due = [pause for pause in (self._delivery.pause(), self._poll_pause(), more) if pause is not None]
        timeout = math.ceil(min(due) * 1000) if due else None
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
        if self.state is not KernelState.IDLE:
            return LOOK
        return None

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
            self._read_on(told[OFFSET])
            self._dispatcher.receive(channel, message)
        else:
            self._grown = True
        return True

    # The journal

    @property
    def _is_replaying(self) -> bool:
        """Whether the journal may be read: of a kernel that was there before, once it told how far it was then."""
        return not self.process.is_found or self._dispatcher.standing is not None

    @property
    def _is_caught_up(self) -> bool:
        standing = self._dispatcher.standing
        return not self.process.is_found or (standing is not None and self._tail.offset >= standing["offset"])

    def _catch_up(self) -> None:
        """Reads a piece of what the journal has more."""
        busy_and_silent = self._begun and self.state is not KernelState.IDLE
        if not (self._grown or busy_and_silent) or self._delivery.full or not self._is_replaying:
            return
        upto = None
        if not self._begun and self.process.is_found:
            assert self._dispatcher.standing is not None
            upto = self._dispatcher.standing["offset"]
        found = self._tail.read(upto, PIECE)
        self._grown = bool(found) or (upto is not None and self._tail.offset >= upto)
        for entry in found:
            self._dispatcher.replay(entry)

    def _read_on(self, upto: int | None = None) -> None:
        """Reads all that the journal has, up to there."""
        if self._is_replaying:
            while found := self._tail.read(upto):
                for entry in found:
                    self._dispatcher.replay(entry)
                self._delivery.flush()

    def _begin(self) -> None:
        """The kernel is up: what waited goes to it."""
        self._begun = self._grown = True
        if self.process.is_found:
            self._dispatcher.attach()
        else:
            self._dispatcher.change(KernelState.IDLE)
        while self._queue:
            self._send(self._queue.popleft())

    @property
    def _ready(self) -> bool:
        return self._dispatcher.heard and self._dispatcher.answered

    def _send(self, execution: Execution) -> None:
        assert self._wire is not None
        self._dispatcher.sent(execution.run)
        content, metadata = execution.content(), {"cellId": execution.cell}
        self._wire.send("shell", "execute_request", content, id=execution.run, metadata=metadata)

    # The kernel's life

    def _connect(self) -> None:
        from tutor.kernel.wire import Wire

        self._begun, self._grown = False, True
        self._wire = Wire(self.process.connection)
        self._greet()

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
        self._read_last_words()
        was_ready = self._begun
        ending, self._ending = self._ending, None
        process = self.process
        keep = process.journal.parent
        buried = process.lesson is not None and (ending is not None or registry.bury(keep, process, at=time.time()))
        self._dispatcher.abandon(journaled=bool(buried))
        self._disconnect()
        if ending is None:
            self._abort_queue()
            status = process.poll()
            number = -status if status is not None and status < 0 else None
            code = status if status is not None and 0 <= status < UNKNOWN else None
            reason = process.reason() if was_ready else process.failure()
            self._delivery.add(KernelDied(reason, signal=number, exit_code=code))
            self._dispatcher.change(KernelState.DEAD)
            self._delivery.flush()
        elif process.lesson is not None:
            close_journal(process.journal, STOPPED, at=time.time())
            registry.forget(keep, process)
        process.clean(log=ending is not None)
        if ending is not None:
            ending.then()

    def _read_last_words(self) -> None:
        assert self._wire is not None
        iopub = self._wire.sockets["iopub"]
        deadline = time.monotonic() + 2.0
        while iopub.poll(30) and time.monotonic() < deadline:
            while self._receive("iopub"):
                pass
        if self._dispatcher.standing is None:
            self._dispatcher.standing = {}  # it died before it answered: there is only the journal
        self._read_on()

    def _stopped(self) -> None:
        self._abort_queue()
        self._dispatcher.change(KernelState.STOPPED)

    def _relaunch(self) -> None:
        dispatcher = Dispatcher(self._delivery.add)
        dispatcher.state = KernelState.RESTARTING
        self._dispatcher = dispatcher
        lesson = self.process.lesson
        self.process = self.process.relaunch()
        self.process.lesson = lesson
        self._tail.close()
        self._tail = Tail(self.process.journal)
        self._connect()
        dispatcher.change(KernelState.STARTING)

    def _give_up(self, reason: str) -> None:
        self._abort_queue()
        self._dispatcher.abandon()
        self._delivery.add(KernelDied(reason))
        self._dispatcher.change(KernelState.DEAD)
        if self.process.lesson is None:
            self.process.kill()

    def _abort_queue(self) -> None:
        while self._queue:
            self._delivery.add(CellFinished(self._queue.popleft().run, Outcome.ABORTED, 0.0))

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # so many wait already that one more says nothing new
            os.write(self._wake_out, b"x")

    def _drain_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wake_in, 4096):
                pass


def _settle(answer: Future[Any], reply: object) -> None:
    if not answer.done():  # who asked may have given up
        answer.set_result(reply)
