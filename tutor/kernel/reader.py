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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tutor.kernel.delivery import Deliver, Delivery
from tutor.kernel.dispatch import Dispatcher
from tutor.kernel.events import CellFinished, KernelDied, KernelState, Outcome, RunId
from tutor.kernel.journal import OFFSET, entries

if TYPE_CHECKING:
    from tutor.kernel.launch import KernelProcess
    from tutor.kernel.wire import Wire

POLL = 0.2
"""Seconds between looks at the process where the system cannot wake us when it ends."""

GREETING = 1.0
"""Seconds until a kernel that is coming up is asked again whether it is there."""

GRACE = 1.0
"""Seconds that a kernel has for each step of its end: a request, SIGTERM, then SIGKILL."""

SLICE = 256
"""Messages read from one channel before the others, and the screen, get their turn."""

_ENDED = (KernelState.DEAD, KernelState.STOPPED)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Execution:
    """A run that was asked for."""

    run: RunId
    source: str
    cell: str
    silent: bool
    may_fail: bool = False
    """Whether what is queued behind it runs even if it raises."""


class Reader(threading.Thread):
    """One kernel at a time, and its successors after a restart. All methods but `post` belong to the thread itself."""

    def __init__(self, process: KernelProcess, deliver: Deliver) -> None:
        super().__init__(name="kernel-reader", daemon=True)
        self._process = process
        self._posted: deque[Callable[[], None]] = deque()
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_in, False)
        os.set_blocking(self._wake_out, False)
        self._delivery = Delivery(deliver, self._wake)
        self._dispatcher = Dispatcher(self._delivery.add)
        self._queue: deque[Execution] = deque()
        self._wire: Wire | None = None
        self._ending: _Ending | None = None
        self._greeted = 0.0
        self._seen = 0  # offset in the kernel's journal

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
            while self.state is not KernelState.STOPPED:
                self._turn()
        except Exception as error:
            # Whatever it is, the learner must hear of it: a screen that waits for ever is worse.
            _log.exception("the connection to the kernel failed")
            self._give_up(f"The connection to the kernel failed: {error!r}. Restart the tutor.")
        finally:
            self._delivery.flush_all(timeout=0.5)
            self._disconnect()

    # What the session asks for

    def execute(self, execution: Execution) -> None:
        """Sends a run, or keeps it until the kernel is up."""
        if self.state in _ENDED:
            self._delivery.add(CellFinished(execution.run, Outcome.ABORTED, 0.0))
        elif self._ready and self._ending is None:
            self._send(execution)
        else:
            self._queue.append(execution)

    def interrupt(self) -> None:
        """One SIGINT, if a cell runs; what is queued here is dropped in any case."""
        self._abort_queue()
        if self._dispatcher.runs and self._ending is None:
            self._dispatcher.change(KernelState.INTERRUPTING)
            self._process.signal(signal.SIGINT)

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
        if self.state is KernelState.STARTING and self._ready:
            self._dispatcher.change(KernelState.IDLE)
            while self._queue:
                self._send(self._queue.popleft())
        elif self.state is KernelState.STARTING and time.monotonic() - self._greeted > GREETING:
            self._greet()
        if self._wire is not None and self._process.poll() is not None:
            self._mourn()
        elif self._ending is not None:
            self._ending.press(self._process)
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
            if (watch := self._process.watch.fileno()) is not None:
                poller.register(watch, POLLIN)
        due = [pause for pause in (self._delivery.pause(), self._poll_pause()) if pause is not None]
        timeout = math.ceil(min(due) * 1000) if due else None
        return [names[ready] for ready, _ in poller.poll(timeout) if ready in names]

    def _poll_pause(self) -> float | None:
        if self._ending is not None:
            return 0.05
        if self.state is KernelState.STARTING:
            return GREETING
        if self._wire is not None and self._process.watch.fileno() is None:
            return POLL
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
        if channel == "iopub":
            self._seen = max(self._seen, message["metadata"].get(OFFSET, 0))
        self._dispatcher.receive(channel, message)
        return True

    @property
    def _ready(self) -> bool:
        return self._dispatcher.heard and self._dispatcher.answered

    def _send(self, execution: Execution) -> None:
        assert self._wire is not None
        self._dispatcher.sent(execution.run)
        self._wire.send(
            "shell",
            "execute_request",
            {
                "code": execution.source,
                "silent": execution.silent,
                "store_history": not execution.silent,
                "user_expressions": {},
                "allow_stdin": True,
                "stop_on_error": not execution.may_fail,
            },
            id=execution.run,
            metadata={"cellId": execution.cell},
        )

    # The kernel's life

    def _connect(self) -> None:
        from tutor.kernel.wire import Wire

        self._wire = Wire(self._process.connection)
        self._seen = 0
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
        self._ending = _Ending(then)
        if self._wire is not None and not self._dispatcher.runs and self._ready:
            self._wire.send("control", "shutdown_request", {"restart": False})
        else:
            self._ending.asked = False  # a running cell would not hear of it
        self._ending.press(self._process)

    def _mourn(self) -> None:
        """The process is gone: its last words, then what that means."""
        self._read_last_words()
        was_ready = self._ready
        self._dispatcher.abandon()
        self._disconnect()
        ending, self._ending = self._ending, None
        if ending is None:
            self._abort_queue()
            status = self._process.poll()
            number = -status if status is not None and status < 0 else None
            code = status if status is not None and status >= 0 else None
            reason = self._process.reason() if was_ready else self._process.failure()
            self._delivery.add(KernelDied(reason, signal=number, exit_code=code))
            self._dispatcher.change(KernelState.DEAD)
            self._delivery.flush()
        self._process.clean(log=ending is not None)
        if ending is not None:
            ending.then()

    def _read_last_words(self) -> None:
        assert self._wire is not None
        iopub = self._wire.sockets["iopub"]
        deadline = time.monotonic() + 2.0
        while iopub.poll(30) and time.monotonic() < deadline:
            while self._receive("iopub"):
                pass
        for entry in entries(self._process.journal, self._seen):
            self._dispatcher.replay(entry.kind, entry.run, entry.content)

    def _stopped(self) -> None:
        self._abort_queue()
        self._dispatcher.change(KernelState.STOPPED)

    def _relaunch(self) -> None:
        dispatcher = Dispatcher(self._delivery.add)
        dispatcher.state = KernelState.RESTARTING
        self._dispatcher = dispatcher
        self._process = self._process.relaunch()
        self._connect()
        dispatcher.change(KernelState.STARTING)

    def _give_up(self, reason: str) -> None:
        self._abort_queue()
        self._dispatcher.abandon()
        self._delivery.add(KernelDied(reason))
        self._dispatcher.change(KernelState.DEAD)
        self._process.kill()

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


class _Ending:
    """A kernel that was told to end, and what follows when it has."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then
        self.asked = True
        self._since = time.monotonic()
        self._pressed = 0

    def press(self, process: KernelProcess) -> None:
        """Sends the next stronger signal, if it is time."""
        steps = (signal.SIGTERM, signal.SIGKILL)
        due = int((time.monotonic() - self._since) / GRACE) + (0 if self.asked else 1)
        while self._pressed < min(due, len(steps)):
            process.signal(steps[self._pressed])
            self._pressed += 1


def _settle(answer: Future[Any], reply: object) -> None:
    if not answer.done():  # who asked may have given up
        answer.set_result(reply)
