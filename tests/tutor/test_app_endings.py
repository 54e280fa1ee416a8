"""How the app ends when it is not asked nicely: a real process on a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from progress_db import Progress
from tutor.endings import report

_PROGRAM = """
import sys
from pathlib import Path
from lessons.catalog import load_course
from tutor.app import TutorApp

class Tutor(TutorApp):
    def action_search(self):
        raise RuntimeError("the search broke")

app = Tutor(load_course(Path(sys.argv[1])), record_path=Path(sys.argv[2]))
try:
    app.run()
finally:
    app.close()
sys.exit(app.return_code or 0)
"""

_RESTORED = b"\x1b[?1049l"
"""Back from the alternate screen."""


class Terminal:
    """A process of the app on a pseudo-terminal."""

    def __init__(self, arguments: list[str], *, ignore_hangup: bool = False) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execv(sys.executable, [sys.executable, "-c", _PROGRAM, *arguments])
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.output = b""
        self._open = True

    def read_until(self, words: bytes, seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while words not in self.output:
            assert time.monotonic() < end, self.output[-2000:]
            self._read()

    def _read(self, seconds: float = 0.05) -> bool:
        """Whether there was something."""
        if not self._open or not select.select([self.descriptor], [], [], seconds)[0]:
            return False
        try:
            more = os.read(self.descriptor, 65536)
        except OSError:  # the other side is gone
            more = b""
            self._open = False
        self.output += more
        return bool(more)

    def close(self) -> None:
        os.close(self.descriptor)
        self._open = False

    def wait(self, seconds: float = 120.0) -> int:
        """The exit code, or minus the signal."""
        end = time.monotonic() + seconds
        while True:
            self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self._read(0):  # what it wrote last
                    pass
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, "the process did not end"
            time.sleep(0.01)


@pytest.fixture
def terminal(content: Path, returning: Path) -> Iterator[Terminal]:
    found = Terminal([str(content), str(returning)])
    found.read_until(b"Continue")
    found.read_until(b"commands")
    yield found
    try:
        os.kill(found.pid, signal.SIGKILL)
        os.waitpid(found.pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def test_sigterm_restores_the_terminal(terminal: Terminal) -> None:
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.wait() == 128 + signal.SIGTERM
    assert _RESTORED in terminal.output


def test_a_terminal_that_is_closed_ends_the_app(terminal: Terminal) -> None:
    terminal.close()
    assert terminal.wait() == 129


def test_a_terminal_that_is_closed_under_nohup_ends_the_app_too(content: Path, returning: Path) -> None:
    terminal = Terminal([str(content), str(returning)], ignore_hangup=True)
    terminal.read_until(b"commands")
    terminal.close()
    assert terminal.wait() == 129


def test_an_error_of_ours_leaves_a_sentence_and_a_log_and_no_traceback(terminal: Terminal, tmp_path: Path) -> None:
    os.write(terminal.descriptor, b"/")
    assert terminal.wait() == 1
    assert _RESTORED in terminal.output
    said = terminal.output.split(_RESTORED)[-1]
    assert b"the search broke" in said
    assert b"Traceback" not in said
    log = (tmp_path / "home" / "tutor.log").read_text("utf-8")
    assert "Traceback" in log
    assert "RuntimeError: the search broke" in log


def test_quitting_ends_with_success(terminal: Terminal) -> None:
    os.write(terminal.descriptor, b"\x11")
    assert terminal.wait() == 0
    assert _RESTORED in terminal.output


def test_a_report_says_where_the_details_are_and_says_it_even_where_nothing_can_be_written(tmp_path: Path) -> None:
    error = ValueError("it was late.\nand more")
    log = tmp_path / "logs" / "tutor.log"
    assert str(log) in report(error, log)
    assert "it was late" in report(error, log)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "it was late" in report(error, blocked / "tutor.log")


async def test_what_was_recorded_just_before_the_end_is_kept(make_app, record: Path) -> None:  # type: ignore[no-untyped-def]
    app = make_app()
    async with app.run_test(size=(80, 24)):
        await app.until(lambda: app.record is not None)
        app.record.recorder.answer_given("first-steps/tensors", "sum", 2, True)
    progress = Progress.open(record)
    assert progress.standings()["first-steps/tensors"].answered == {"sum"}
    progress.close()
