"""The one way out of the kernel for what belongs to a run: into the journal, in one order; then a word to who listens.

stdout, stderr and messages share it. What the journal took is not sent: a message only says how far it has grown, so
that a client that stands still costs no memory here. What it could not take (a full disk) travels in the message.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import os
import threading
import time
from typing import Any

from ipykernel.iostream import BackgroundSocket, IOPubThread
from jupyter_client.session import Session

from tutor.kernel.journal import OFFSET, UNKEPT, Journal
from tutor.kernel.staged import Staged, staged_path

PROMPT = 0.003
"""Seconds that text waits after a quiet time: a line's text and its end are two writes."""

INTERVAL = 0.03
"""Seconds between messages while text keeps coming."""

FEW = 24
"""Lines between two messages that go into the journal one by one; more are a flood, and are gathered (see `staged`).
So what was printed just before C code that holds the interpreter for long is there to be read."""

LARGE = 1024 * 1024
"""Characters after which text is sent at once: a cell that writes without end is slowed down here, and not later, when
it has filled the memory."""

KEPT = frozenset(
    {
        "execute_input",
        "display_data",
        "update_display_data",
        "execute_result",
        "error",
        "clear_output",
        "d2l_run_finished",
        "d2l_input_requested",
        "d2l_input_answered",
    }
)
"""Messages that go into the journal. (Text gets there as it is written, line by line.)"""


GROWN = "d2l_grown"
"""The message that says nothing but how far the journal has grown."""


class Outbox:
    """Keeps everything in order, and tells of it. From any thread."""

    def __init__(self, session: Session, publisher: Any, journal: Journal) -> None:
        self._session = session
        self._publisher = publisher  # an IOPubThread
        self.journal = journal
        self._lock = threading.RLock()
        self._parent: dict[str, Any] = {}
        self._name = ""
        self._line: list[str] = []  # of that parent and name: not in the journal yet
        self._lines = 0  # since the last flush
        self._staged = Staged(staged_path(journal.path))
        self._unkept: list[tuple[dict[str, Any], str, str]] = []
        self._size = 0
        self._flushed = 0.0
        self._scheduled = False
        self.about: dict[str, Any] = {}
        """Of the run that starts next: its cell, and whether it is silent."""
        self._running: dict[str, Any] | None = None
        self._queued: dict[str, None] = {}

    def write(self, parent: dict[str, Any], name: str, text: str) -> None:
        """Takes text of the stream `name`: into the journal at the end of a line, or within `INTERVAL`."""
        with self._lock:
            if self._parent is not parent or self._name != name:
                self._keep_text()
                self._parent, self._name = parent, name
            self._line.append(text)
            self._size += len(text)
            if "\n" in text:
                self._keep_line()
            if self._size > LARGE:
                self.flush()
            elif not self._scheduled:
                self._schedule()

    def flush(self) -> None:
        """Tells of the text that came since the last time."""
        with self._lock:
            self._keep_text()
            self._lines = 0
            self._scheduled = False
            self._flushed = time.monotonic()
            if not self._size:
                return
            self._size = 0
            unkept, self._unkept = self._unkept, []
            for parent, name, text in unkept:
                self._send("stream", {"name": name, "text": text}, parent, {UNKEPT: True})
            if not unkept:
                self._send(GROWN, {}, {}, {})

    def publish(self, message: dict[str, Any], **options: Any) -> None:
        """Keeps a message, and tells of it, behind the text written so far."""
        with self._lock:
            self.flush()
            run = message["parent_header"].get("msg_id", "")
            kind = message["header"]["msg_type"]
            if kind == "execute_input":
                message["content"] = dict(self.about)  # the source is in the learner's record
                self._queued.pop(run, None)
                self._running = {"run": run, "at": time.time(), **self.about}
            elif kind == "d2l_run_finished":
                self._queued.pop(run, None)
                if self._running is not None and self._running["run"] == run:
                    self._running = None
            if self.journal.append(kind, run, message["content"]):
                self._send(GROWN, {}, {}, {})
            else:
                message["metadata"] |= {OFFSET: self.journal.offset(), UNKEPT: True}
                Session.send(self._session, self._publisher, message, **options)

    def queue(self, run: str) -> None:
        """A run has arrived, and waits for its turn."""
        with self._lock:
            self._queued[run] = None

    def standing(self) -> dict[str, Any]:
        """What runs, what waits, and how far the journal was at that moment."""
        with self._lock:
            return {"running": self._running, "queued": list(self._queued), "offset": self.journal.offset()}

    def _send(self, kind: str, content: dict[str, Any], parent: dict[str, Any], metadata: dict[str, Any]) -> None:
        metadata = {OFFSET: self.journal.offset(), **metadata}
        message = self._session.msg(kind, content, parent=parent, metadata=metadata)
        Session.send(self._session, self._publisher, message, ident=kind.encode())

    def _keep_line(self) -> None:
        if not self._line:
            return
        line, self._line = "".join(self._line), []
        self._lines += 1
        if self._lines <= FEW:
            self._keep(line)
        elif not (self._staged and self._staged.add(line)):
            self._keep_staged()
            self._staged.begin(self.journal.offset(), self._parent.get("msg_id", ""), self._name)
            if not self._staged.add(line):
                self._keep(line)  # a line longer than there is room, or no room at all

    def _keep_staged(self) -> None:
        staged = self._staged
        # An interrupt may have come between the record and this: then the journal has grown since, and has the text.
        if staged and staged.base == self.journal.offset():
            self._keep(staged.text())
        staged.clear()

    def _keep_text(self) -> None:
        """What was written is in the journal when this returns; or, on a full disk, in `_unkept`."""
        self._keep_staged()  # lines that are whole came before the one that is not
        if self._line:
            line, self._line = "".join(self._line), []
            self._keep(line)

    def _keep(self, text: str) -> None:
        if not self.journal.append_text(self._parent.get("msg_id", ""), self._name, text):
            self._unkept.append((self._parent, self._name, text))

    def _schedule(self) -> None:
        self._scheduled = True
        quiet = time.monotonic() - self._flushed > INTERVAL
        loop, delay = self._publisher.io_loop, PROMPT if quiet else INTERVAL
        self._publisher.schedule(lambda: loop.call_later(delay, self.flush))


class PublishingSession(Session):
    """A session whose messages to all clients go through the outbox. A forked child's go nowhere."""

    outbox: Outbox | None = None

    def send(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> Any:
        """As jupyter_client's."""
        if os.getpid() != self.pid:
            return None
        kind = msg_or_type if isinstance(msg_or_type, str) else msg_or_type["header"]["msg_type"]
        if kind == "input_request" and self.outbox is not None:
            # Asked of all who listen, not only of the client that sent the cell: that one may be gone for ever.
            self.outbox.publish(self.msg("d2l_input_requested", content, parent))
        to_all = isinstance(stream, (BackgroundSocket, IOPubThread))
        if self.outbox is None or not to_all or kind not in KEPT:
            return super().send(stream, msg_or_type, content, parent, ident, buffers, track, header, metadata)
        message = msg_or_type
        if isinstance(message, str):
            message = self.msg(kind, content, parent, header, metadata)
        self.outbox.publish(message, ident=ident, buffers=buffers)
        return message
