"""The one way out of the kernel for what belongs to a run: written to the journal first, then sent, in one order.

stdout, stderr and messages share it, so that the journal's order is that of the messages, and one offset says how far a
client has come.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import os
import threading
import time
from typing import Any

from ipykernel.iostream import BackgroundSocket, IOPubThread
from jupyter_client.session import Session

from tutor.kernel.journal import OFFSET, Journal

PROMPT = 0.003
"""Seconds that text waits after a quiet time: a line's text and its end are two writes."""

INTERVAL = 0.03
"""Seconds between messages while text keeps coming."""

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
    }
)
"""Messages that go into the journal. (Text gets there as it is written, line by line.)"""


class Outbox:
    """Holds text for a moment, keeps and sends everything in order. From any thread."""

    def __init__(self, session: Session, publisher: Any, journal: Journal) -> None:
        self._session = session
        self._publisher = publisher  # an IOPubThread
        self._journal = journal
        self._lock = threading.RLock()
        self._pieces: list[tuple[dict[str, Any], str, list[str]]] = []
        self._size = 0
        self._line: list[str] = []  # of the last piece: not in the journal yet
        self._flushed = 0.0
        self._scheduled = False

    def write(self, parent: dict[str, Any], name: str, text: str) -> None:
        """Takes text of the stream `name`: into the journal at the end of a line, on its way within `INTERVAL`."""
        with self._lock:
            last = self._pieces[-1] if self._pieces else None
            if last is not None and last[0] is parent and last[1] == name:
                last[2].append(text)
            else:
                self._keep_line()
                self._pieces.append((parent, name, [text]))
            self._line.append(text)
            self._size += len(text)
            if "\n" in text:
                self._keep_line()
            if self._size > LARGE:
                self.flush()
            elif not self._scheduled:
                self._schedule()

    def flush(self) -> None:
        """Sends the text that is held. It does not wait until it is out: whatever is sent later comes later."""
        with self._lock:
            self._keep_line()
            self._scheduled = False
            self._flushed = time.monotonic()
            pieces, self._pieces, self._size = self._pieces, [], 0
            if not pieces:
                return
            offset = self._journal.offset()
            for parent, name, texts in pieces:
                content = {"name": name, "text": "".join(texts)}
                self._send("stream", content, parent, offset)

    def publish(self, message: dict[str, Any], **options: Any) -> None:
        """Sends a message behind the text written so far."""
        with self._lock:
            self.flush()
            run = message["parent_header"].get("msg_id", "")
            content = message["content"]
            if message["header"]["msg_type"] == "execute_input":
                content = {}  # the source is in the learner's record
            self._journal.append(message["header"]["msg_type"], run, content)
            message["metadata"][OFFSET] = self._journal.offset()
            Session.send(self._session, self._publisher, message, **options)

    def _send(self, kind: str, content: dict[str, Any], parent: dict[str, Any], offset: int) -> None:
        message = self._session.msg(kind, content, parent=parent, metadata={OFFSET: offset})
        Session.send(self._session, self._publisher, message, ident=b"stream." + content["name"].encode())

    def _keep_line(self) -> None:
        if self._line:
            parent, name, _ = self._pieces[-1]
            line, self._line = "".join(self._line), []
            self._journal.append_text(parent.get("msg_id", ""), name, line)

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
        to_all = isinstance(stream, (BackgroundSocket, IOPubThread))
        if self.outbox is None or not to_all or kind not in KEPT:
            return super().send(stream, msg_or_type, content, parent, ident, buffers, track, header, metadata)
        message = msg_or_type
        if isinstance(message, str):
            message = self.msg(kind, content, parent, header, metadata)
        self.outbox.publish(message, ident=ident, buffers=buffers)
        return message
