"""Turns the kernel's messages into events. Handlers are named by channel and wire type; no sockets here, no threads.

A run's id is the message id of its request, so that what belongs to it is known from `parent_header` alone. All that
happens to a run comes over IOPub, in order: our kernel (`serve`) says there too how a run ended, so that two channels
need not be matched.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import engine.events
from tutor.kernel.events import (
    Attached,
    CellFinished,
    CellStarted,
    DeviceFound,
    ErrorRaised,
    InputAnswered,
    InputRequested,
    KernelEvent,
    KernelState,
    Outcome,
    OutputCleared,
    OutputLost,
    RunId,
    StateChanged,
    StreamWritten,
    TrainingReported,
    ValueShown,
)
from tutor.kernel.journal import Entry

_log = logging.getLogger(__name__)


class Dispatcher:
    """Follows the runs of one kernel, and says what happened through `emit`."""

    def __init__(self, emit: Callable[[KernelEvent], None]) -> None:
        self._emit = emit
        self.state = KernelState.STARTING
        self.runs: dict[RunId, bool] = {}
        """The runs that were sent and have not ended, in order, and whether they started."""
        self.heard = False
        """Whether what the kernel publishes reaches us."""
        self.answered = False
        """Whether it answered our first question."""
        self.replies: dict[str, Callable[[Mapping[str, Any]], None]] = {}
        """Who waits for the reply to which message."""
        self.input_wanted = False
        """Whether a cell waits for an answer."""
        self.standing: Mapping[str, Any] | None = None
        """What the kernel answered about itself: what runs, what waits, how far its journal was."""
        self._journaled = False
        self._at: float | None = None
        self._facts: Mapping[str, Any] | None = None

    def receive(self, channel: str, message: Mapping[str, Any]) -> None:
        """Acts on one message."""
        kind = message["header"]["msg_type"]
        run = str(message["parent_header"].get("msg_id", ""))
        handler = getattr(self, f"on_{channel}_{kind}", None)
        if handler is None:
            _log.debug("unhandled: %s %s", channel, kind)
        else:
            handler(run, message["content"])

    def replay(self, entry: Entry) -> None:
        """Acts on a record of the kernel's journal."""
        self._journaled, self._at = True, entry.at
        try:
            header, parent = {"msg_type": entry.kind}, {"msg_id": entry.run}
            self.receive("iopub", {"header": header, "parent_header": parent, "content": entry.content})
        finally:
            self._journaled, self._at = False, None

    def attach(self) -> None:
        """Takes up the runs of a kernel that was there before, once its journal was replayed up to its answer."""
        assert self.standing is not None
        running, queued = self.standing["running"], tuple(self.standing["queued"])
        first = running["run"] if running else None
        ours = {run: started for run, started in self.runs.items() if run != first and run not in queued}
        self.runs = {**({first: True} if first else {}), **dict.fromkeys(queued, False), **ours}
        self._emit(Attached(first, queued))
        self.change(KernelState.BUSY if self.runs else KernelState.IDLE)

    def change(self, state: KernelState) -> None:
        """Moves to a state, and says so if it is a new one."""
        if state is not self.state:
            self.state = state
            self._emit(StateChanged(state))

    def sent(self, run: RunId) -> None:
        """A run is on its way to the kernel."""
        self.runs[run] = False

    def abandon(self, *, journaled: bool = False) -> None:
        """The kernel is gone: its first run died with it, and those behind it never started.

        (A kernel can die so quickly that the news of the start is lost with it: so the first counts as started.)
        """
        for number, run in enumerate(list(self.runs)):
            self._emit(CellFinished(run, Outcome.ABORTED if number else Outcome.DIED, 0.0, journaled))
        self.runs.clear()
        self.input_wanted = False

    # What a run puts out

    def on_iopub_execute_input(self, run: RunId, content: Mapping[str, Any]) -> None:
        """A cell starts."""
        self.runs[run] = True
        self.change(KernelState.BUSY)
        cell = "" if content.get("silent") else str(content.get("cell", ""))
        self._emit(CellStarted(run, cell, self._at))

    def on_iopub_stream(self, run: RunId, content: Mapping[str, Any]) -> None:
        """Text on stdout or stderr."""
        if run:  # else it was written before any cell ran: a library's warning in the warm-up
            self._emit(StreamWritten(run, content["name"], content["text"]))

    def on_iopub_display_data(self, run: RunId, content: Mapping[str, Any]) -> None:
        """A value is displayed; or training reports, which travels in the same way."""
        self._show(run, content)

    def on_iopub_update_display_data(self, run: RunId, content: Mapping[str, Any]) -> None:
        """A displayed value is replaced."""
        self._show(run, content, replaces=True)

    def on_iopub_execute_result(self, run: RunId, content: Mapping[str, Any]) -> None:
        """The value of the cell's last expression."""
        self._show(run, content, is_result=True)

    def on_iopub_clear_output(self, run: RunId, content: Mapping[str, Any]) -> None:
        """The outputs so far go away."""
        self._emit(OutputCleared(run, wait=bool(content.get("wait"))))

    def on_iopub_error(self, run: RunId, content: Mapping[str, Any]) -> None:
        """The cell raised."""
        lines = "\n".join(content["traceback"]).split("\n")
        self._emit(ErrorRaised(run, content["ename"], content["evalue"], tuple(lines)))

    def on_iopub_d2l_run_finished(self, run: RunId, content: Mapping[str, Any]) -> None:
        """A cell ended. (Our kernel's own message.)"""
        self._finish(run, Outcome(content["outcome"]), float(content["seconds"]))
        if not any(self.runs.values()):
            self.input_wanted = False
            self.change(KernelState.BUSY if self.runs else KernelState.IDLE)

    def on_iopub_d2l_input_requested(self, run: RunId, content: Mapping[str, Any]) -> None:
        """A cell called `input()` or `getpass()`. (Our kernel's own message: all who listen are asked.)"""
        self.input_wanted = True
        self._emit(InputRequested(run, content["prompt"], bool(content["password"])))

    def on_iopub_d2l_input_answered(self, run: RunId, content: Mapping[str, Any]) -> None:
        """Somebody answered, or the cell was interrupted."""
        self.input_wanted = False
        self._emit(InputAnswered(run))

    def on_stdin_input_request(self, run: RunId, content: Mapping[str, Any]) -> None:
        """The same question in Jupyter's way, to the client that sent the cell."""

    def on_iopub_d2l_lost(self, run: RunId, content: Mapping[str, Any]) -> None:
        """The journal has a gap."""
        self._emit(OutputLost(int(content["count"])))

    # What the kernel says of itself

    def on_iopub_iopub_welcome(self, run: RunId, content: Mapping[str, Any]) -> None:
        """Our subscription has arrived: nothing is missed from here on."""
        self.heard = True

    def on_iopub_d2l_device_found(self, run: RunId, content: Mapping[str, Any]) -> None:
        """torch is warm. (Our kernel's own message.)"""
        if content != self._facts:
            self._facts = content
            self._emit(DeviceFound(content))

    def on_control_kernel_info_reply(self, run: RunId, content: Mapping[str, Any]) -> None:
        """The kernel is up; what it found before we came is in its answer."""
        self.answered = True
        self.standing = content.get("d2l_standing")
        if (facts := content.get("d2l_device")) is not None:
            self.on_iopub_d2l_device_found(run, facts)

    def on_shell_complete_reply(self, request: str, content: Mapping[str, Any]) -> None:
        """Completions."""
        self._answer(request, content)

    def on_shell_inspect_reply(self, request: str, content: Mapping[str, Any]) -> None:
        """What is known of a name."""
        self._answer(request, content)

    def on_iopub_status(self, run: RunId, content: Mapping[str, Any]) -> None:
        """Busy or idle: we follow the runs instead, since a completion makes the kernel busy too."""

    def on_shell_execute_reply(self, run: RunId, content: Mapping[str, Any]) -> None:
        """How a run ended: said over IOPub already, behind the last of its output."""

    def _answer(self, request: str, content: Mapping[str, Any]) -> None:
        if (reply := self.replies.pop(request, None)) is not None:
            reply(content)

    def _finish(self, run: RunId, outcome: Outcome, seconds: float) -> None:
        self.runs.pop(run, None)
        self._emit(CellFinished(run, outcome, seconds, self._journaled))

    def _show(self, run: RunId, content: Mapping[str, Any], *, is_result: bool = False, replaces: bool = False) -> None:
        data: dict[str, Any] = dict(content["data"])
        if (payload := data.get(engine.events.MIME)) is not None:
            try:
                events = tuple(engine.events.decode(payload))
            except engine.events.EventFormatError as error:
                _log.warning("training events that cannot be read: %s", error)
            else:
                self._emit(TrainingReported(run, events))
                return
        plain = {mime: _text(value) for mime, value in data.items()}
        display_id = content.get("transient", {}).get("display_id")
        self._emit(ValueShown(run, plain, is_result=is_result, display_id=display_id, replaces=replaces))


def _text(value: object) -> str:
    # The protocol allows a list of lines, and any JSON for JSON types.
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return repr(value)
