"""The face of the learner's kernel: run, interrupt, restart, stop, and a stream of typed events.

Every method returns at once; the work is done in a thread of the session's own (`reader`), which alone touches the
sockets. No jupyter_client is imported here, so that a screen may import this before the first paint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tutor.kernel.delivery import Deliver
from tutor.kernel.events import KernelState, RunId
from tutor.kernel.execution import Execution
from tutor.kernel.reader import Reader

if TYPE_CHECKING:
    from tutor.kernel.launch import KernelProcess

PATIENCE = 5.0
"""Seconds that a completion may take before there is none: more than an idle kernel needs on a busy machine."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What could stand at the cursor instead of `code[start:end]`."""

    matches: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


class KernelSession:
    """A kernel, driven. Events come to `deliver` in batches, in the session's thread: see `delivery.Deliver`.

    Runs are queued in order, also before the kernel is up; nothing is ever run twice. An error or an interrupt aborts
    the runs that were queued behind it.
    """

    def __init__(self, process: KernelProcess, deliver: Deliver, since: int = 0) -> None:
        """`since`: the offset in the kernel's journal up to which all is known already."""
        self._reader = Reader(process, deliver, since)
        self._reader.start()

    @property
    def state(self) -> KernelState:
        """The state last delivered or about to be: for a decision now. For the screen, follow `StateChanged`."""
        return self._reader.state

    @property
    def process(self) -> KernelProcess:
        """The kernel's process now: another one after a restart."""
        return self._reader.process

    def run(
        self,
        source: str,
        *,
        run: RunId,
        cell: str = "",
        silent: bool = False,
        may_fail: bool = False,
        afresh: bool = False,
        resume: bool = False,
    ) -> None:
        """Queues a run of `source` under the id `run`, which must be new.

        `cell` names it in tracebacks. A silent run shows no value of its last expression and leaves no trace in the
        history. An error of a run that `may_fail` aborts nothing that is queued behind it. One that runs `afresh` does
        not find what earlier runs of the same cell bound. `resume`: what it trains goes on from a checkpoint.
        """
        execution = Execution(run, source, cell, silent, may_fail, afresh, resume)
        if not self._reader.stage.put(execution):
            self._reader.post(lambda: self._reader.execute(execution))

    def interrupt(self) -> None:
        """Sends one SIGINT to the running cell, and drops what is queued here. A `Trainer` stops at the next batch."""
        self._ask_for(self._reader.interrupt)

    def restart(self) -> None:
        """Ends the kernel, with all variables and queued runs, and starts a fresh one. Also brings a dead one back."""
        self._ask_for(self._reader.restart)

    def stop(self) -> None:
        """Ends the kernel and this session, in an orderly way if it can, within some three seconds. See `join`."""
        self._ask_for(self._reader.stop)

    def leave(self) -> None:
        """Ends this session; the kernel, and the cell that runs, go on. See `join`."""
        self._ask_for(self._reader.leave)

    def join(self, timeout: float) -> bool:
        """Waits for the end of a session that was stopped. Whether it came in time."""
        self._reader.join(timeout)
        return not self._reader.is_alive()

    def answer_input(self, text: str) -> None:
        """Answers the `input()` that `InputRequested` told of. Without one, it does nothing."""
        self._reader.post(lambda: self._reader.answer_input(text))

    async def complete(self, code: str, cursor: int, *, patience: float | None = None) -> Completion:
        """Completions at `cursor` (an index into `code`); none while a cell runs, or after `patience` seconds."""
        content = await self._ask("complete_request", {"code": code, "cursor_pos": cursor}, patience)
        if content is None or content.get("status") != "ok":
            return Completion(start=cursor, end=cursor)
        matches, start = content["matches"], content["cursor_start"]
        if matches and all(match.startswith(".") for match in matches):
            # IPython completes an attribute together with its dot.
            matches, start = [match[1:] for match in matches], start + 1
        return Completion(tuple(matches), start, content["cursor_end"])

    async def inspect(self, code: str, cursor: int, *, patience: float | None = None) -> str:
        """Signature and help of the name at `cursor`, with ANSI colours; empty if not known, as in `complete`."""
        request = {"code": code, "cursor_pos": cursor, "detail_level": 0}
        content = await self._ask("inspect_request", request, patience)
        if content is None or not content.get("found"):
            return ""
        return str(content["data"].get("text/plain", ""))

    def _ask_for(self, action: Callable[[], None]) -> None:
        self._reader.stage.shut()
        self._reader.post(action)

    async def _ask(self, kind: str, content: dict[str, Any], patience: float | None) -> dict[str, Any] | None:
        answer: Future[Any] = Future()
        patience = PATIENCE if patience is None else patience
        self._reader.post(lambda: self._reader.ask(kind, content, answer))
        try:
            reply: dict[str, Any] | None = await asyncio.wait_for(asyncio.wrap_future(answer), patience)
        except TimeoutError:
            return None
        return reply
