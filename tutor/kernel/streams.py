"""The learner's stdout and stderr, in the kernel: quick at first, in larger pieces under load, and hard to break.

ipykernel's own stream holds text back for 0.2 s, needs a TCP port for forked children, and stays closed for ever once
a cell has closed it. Here a forked child writes to descriptor 1 or 2, which is a pipe back to its parent, as any C
code does.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import select
import struct
import sys
import termios
import threading
import time
from collections.abc import Iterator
from typing import Any

from ipykernel.iostream import OutStream

from tutor.kernel.outbox import PublishingSession

DRAIN = 0.25
"""Seconds that the end of a cell waits for text that C code or a child has left in the pipe."""


class CellStream(OutStream):
    """A text stream that publishes what is written, with the cell that wrote it."""

    def __init__(self, session: PublishingSession, *args: Any, **kwargs: Any) -> None:
        assert session.outbox is not None
        self._outbox = session.outbox
        self._shut = False
        self._reading = threading.Lock()
        self._child, self._line = 0, ""
        self._pipe_start = self._pipe_end = -1
        # watchfd: also under pytest, which is what ipykernel avoids
        super().__init__(session, *args, **kwargs, watchfd="force")

    def write(self, string: str) -> int:
        """Takes text, for the cell that runs."""
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string).__name__}")
        if self._shut:
            raise ValueError("I/O operation on closed file")
        if os.getpid() == self._master_pid:
            self._outbox.write(self.parent_header, self.name, string)
        else:
            self._write_to_parent(string)
        return len(string)

    def flush(self) -> None:
        """Publishes what is held."""
        if os.getpid() == self._master_pid:
            self._outbox.flush()
        else:
            self._write_to_parent("", rest=True)

    def close(self) -> None:
        """Closes it for this cell; `mend` opens it again for the next."""
        self.flush()
        self._shut = True

    @property
    def closed(self) -> bool:
        """Whether the learner closed it."""
        return self._shut

    def fileno(self) -> int:
        """The descriptor that leads here: for `subprocess` and C code."""
        return int(self._original_stdstream_fd)

    def mend(self) -> None:
        """Before and after a cell: opens the stream, and puts its descriptor back if the cell closed or replaced it."""
        self._shut = False
        number = self.fileno()
        try:
            intact = os.path.samestat(os.fstat(number), os.fstat(self._pipe_end))
        except OSError:
            intact = False
        if not intact:
            os.dup2(self._pipe_end, number)

    def drain(self) -> None:
        """Takes what C code and children have left in the pipe; no more than comes in `DRAIN`, if one goes on writing.

        It does not wait for the thread that watches the pipe: on a busy machine that may come too late.
        """
        deadline = time.monotonic() + DRAIN
        self._take_from_pipe()
        while _waiting(self._pipe_start) and time.monotonic() < deadline:
            self._take_from_pipe()

    def _setup_stream_redirects(self, name: str) -> None:
        # In place of the descriptor, a pipe; a copy of its end is kept, as cells do close descriptors.
        read_end, self._pipe_end = os.pipe()
        self._original_stdstream_fd = {"stdout": 1, "stderr": 2}[name]
        self._original_stdstream_copy = os.dup(self._original_stdstream_fd)
        os.dup2(self._pipe_end, self._original_stdstream_fd)
        os.set_blocking(read_end, False)
        self._pipe_start = read_end
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.watch_fd_thread = threading.Thread(target=self._watch_pipe_fd, daemon=True, name=f"{name}-pipe")
        self.watch_fd_thread.start()

    def _watch_pipe_fd(self) -> None:
        poller = select.poll()
        poller.register(self._pipe_start, select.POLLIN)
        while True:
            poller.poll()
            self._take_from_pipe()

    def _take_from_pipe(self) -> None:
        with self._reading, contextlib.suppress(BlockingIOError):
            text = self._decoder.decode(os.read(self._pipe_start, 1 << 16))  # all that a pipe holds
            with contextlib.suppress(ValueError):  # closed by the cell: what C code writes then is dropped
                self.write(text)

    def _write_to_parent(self, string: str, *, rest: bool = False) -> None:
        # In a forked child. Whole lines, in one write each: those of several workers must not run into one another.
        if self._child != os.getpid():
            self._child, self._line = os.getpid(), ""
        text = self._line + string
        end = len(text) if rest else text.rfind("\n") + 1
        self._line = text[end:]
        data = text[:end].encode(errors="replace")
        while data:
            data = data[os.write(self._original_stdstream_fd, data) :]


def streams() -> Iterator[CellStream]:
    """The kernel's own streams, whatever the learner has put into `sys.stdout`."""
    yield from _opened


def mend() -> None:
    """Makes stdout and stderr usable again after what a cell did to them."""
    for name, stream in zip(("stdout", "stderr"), _opened, strict=False):
        stream.mend()
        current = getattr(sys, name)
        if current is None or getattr(current, "closed", False):
            setattr(sys, name, stream)


_opened: list[CellStream] = []


def remember(*opened: CellStream) -> None:
    """Tells which streams are the kernel's own, stdout first."""
    _opened[:] = opened


def _waiting(descriptor: int) -> int:
    answer = fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0")
    return int(struct.unpack("i", answer)[0])
