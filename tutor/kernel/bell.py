"""How other threads reach the session's own: what they want done waits in order, and a byte in a pipe wakes it."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable


class Bell:
    """A queue of actions with a descriptor to wait on. `post` and `ring` from any thread, the rest from one."""

    def __init__(self) -> None:
        self._posted: deque[Callable[[], None]] = deque()
        self.fileno, self._write = os.pipe()
        os.set_blocking(self.fileno, False)
        os.set_blocking(self._write, False)

    def post(self, action: Callable[[], None]) -> None:
        """Has something done in the thread that waits. Returns at once."""
        self._posted.append(action)
        self.ring()

    def ring(self) -> None:
        """Wakes it."""
        with contextlib.suppress(BlockingIOError):  # so many wait already that one more says nothing new
            os.write(self._write, b"x")

    def answer(self) -> None:
        """Does what was posted."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.fileno, 4096):
                pass
        while self._posted:
            try:
                self._posted.popleft()()
            except BaseException:
                self.ring()  # those behind it are not forgotten
                raise
