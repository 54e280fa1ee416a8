"""Follows a kernel's journal for one session: a piece at a time, and never past the point up to which it may be read.

A kernel that was there before tells first how far its journal was: up to there is what happened before we came, and its
runs are taken up only when that was replayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.kernel.journal import Tail

if TYPE_CHECKING:
    from tutor.kernel.delivery import Delivery
    from tutor.kernel.dispatch import Dispatcher
    from tutor.kernel.launch import KernelProcess

PIECE = 256 * 1024
"""Bytes of the journal that are read before the channels, and the screen, get their turn."""


class Follower:
    """Reads the journal of `process` on from `since`, and has the dispatcher act on it."""

    def __init__(self, process: KernelProcess, dispatcher: Dispatcher, delivery: Delivery, since: int = 0) -> None:
        self._is_found = process.is_found
        self._dispatcher = dispatcher
        self._delivery = delivery
        self._tail = Tail(process.journal, since)
        self.grown = True
        """The journal may have more than was read."""

    @property
    def may_read(self) -> bool:
        """Whether the journal may be read: of a kernel that was there before, once it told how far it was then."""
        return not self._is_found or self._dispatcher.standing is not None

    @property
    def is_caught_up(self) -> bool:
        """Whether all is replayed that happened before we came."""
        standing = self._dispatcher.standing
        return not self._is_found or (standing is not None and self._tail.offset >= standing["offset"])

    @property
    def has_more(self) -> bool:
        """Whether there may be something to read at once."""
        return self.grown and self.may_read and not self._delivery.full

    def catch_up(self, *, begun: bool, look: bool) -> None:
        """Reads a piece, if there may be one; `look`: also if nobody said that there is."""
        if not (self.grown or look) or self._delivery.full or not self.may_read:
            return
        upto = None
        if not begun and self._is_found:
            assert self._dispatcher.standing is not None
            upto = self._dispatcher.standing["offset"]
        found = self._tail.read(upto, PIECE)
        self.grown = bool(found) or (upto is not None and self._tail.offset >= upto)
        for entry in found:
            self._dispatcher.replay(entry)

    def read_on(self, upto: int | None = None) -> None:
        """Reads all that the journal has, up to there."""
        if self.may_read:
            while found := self._tail.read(upto):
                for entry in found:
                    self._dispatcher.replay(entry)
                self._delivery.flush()

    def close(self) -> None:
        """Gives the file back."""
        self._tail.close()
