"""Textual's driver for Unix terminals, with `thrift` between the app and the wire."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.message import Message
from textual.messages import InBandWindowResize

from tutor.graphics import Placed
from tutor.thrift import Thrift


class ThriftyDriver(LinuxDriver):
    """Sends only what changes the screen."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._thrift = Thrift(*self._get_terminal_size())
        self._is_in_doubt = False
        self._picture: Placed | None = None
        self.sent = 0
        """Characters written to the terminal so far."""

    def start_application_mode(self) -> None:
        """Take the terminal, and hear of a resize before the app does: it may garble what is shown."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        textual_hears = signal.getsignal(signal.SIGWINCH)

        def hear(signum: int, frame: FrameType | None) -> None:
            self._is_in_doubt = True
            if callable(textual_hears):
                textual_hears(signum, frame)

        signal.signal(signal.SIGWINCH, hear)

    def process_message(self, message: Message) -> None:
        """As above, where the terminal tells of a resize in its input."""
        if isinstance(message, (Resize, InBandWindowResize)):
            self._is_in_doubt = True
        super().process_message(message)

    def repaint(self) -> None:
        """Send all of the next frame: something else has written on the terminal."""
        self._is_in_doubt = True

    def show_picture(self, picture: Placed | None) -> None:
        """Show a picture over cells that stay blank, in the place of the last one; None: take that away.

        It goes past the model of cells, which knows none: whoever shows it leaves its cells alone.
        """
        before, self._picture = self._picture, picture
        if before is not None:
            self._send(before.hide)
            self._is_in_doubt |= not before.hide  # only cells that are written take its place
        if picture is not None:
            self._send(picture.show)

    def write(self, data: str) -> None:
        """Write to the terminal what changes it."""
        size = self._app.size
        is_afresh = self._is_in_doubt or not self._thrift.fits(size.width, size.height)
        if is_afresh:
            self._is_in_doubt = False
            self._thrift.resize(size.width, size.height)
        self._send(self._thrift.frame(data))
        if is_afresh and self._picture is not None:
            self._send(self._picture.show)

    def _send(self, data: str) -> None:
        if data:
            self.sent += len(data)
            super().write(data)
