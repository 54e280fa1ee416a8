"""The command in a real pseudo-terminal: sizes, the way into the app and out of it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from progress_db import Progress

ROOT = Path(__file__).parents[2]
LONG = 120.0


class Terminal:
    """A process in a terminal of its own, and what it has written there."""

    def __init__(self, words: list[str], columns: int, lines: int, environment: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            words, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env=environment
        )
        os.close(theirs)
        self.written = b""

    def read(self) -> bool:
        """Take in what comes; False at the end."""
        if not select.select([self._ours], [], [], 0.2)[0]:
            return self.process.poll() is None
        try:
            more = os.read(self._ours, 65536)
        except OSError:  # the other side is closed
            return False
        self.written += more
        return bool(more)

    def until(self, words: str, *, behind: str = "") -> None:
        """Until these words were written, behind some others."""
        end = time.monotonic() + LONG
        while not re.search(re.escape(behind).encode() + b".*" + re.escape(words).encode(), self.written, re.DOTALL):
            assert time.monotonic() < end, self.written[-3000:].decode(errors="replace")
            assert self.read(), self.written[-3000:].decode(errors="replace")

    def send(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def end(self) -> int:
        end = time.monotonic() + LONG
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        while self.read():
            pass
        return self.process.wait(timeout=1)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*words: str, columns: int = 80, lines: int = 24, **environment: str) -> Terminal:
        surroundings = {
            **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "TMUX")},
            "TERM": "xterm-256color",
            "D2L_TUTOR_HOME": str(tmp_path / "home"),
            **environment,
        }
        one = Terminal([sys.executable, "-m", "tutor", *words], columns, lines, surroundings)
        opened.append(one)
        return one

    yield start
    for one in opened:
        one.close()


def test_a_terminal_that_is_too_small_is_a_sentence(terminal: Callable[..., Terminal]) -> None:
    for columns, lines in ((30, 24), (80, 8)):
        small = terminal(columns=columns, lines=lines)
        assert small.end() == 2
        assert f"The terminal is {columns}×{lines}" in small.written.decode()
        assert b"\x1b" not in small.written


def test_an_unknown_lesson_is_a_sentence_and_the_screen_is_left_alone(terminal: Callable[..., Terminal]) -> None:
    lost = terminal("open", "no-such-lesson-at-all")
    assert lost.end() == 4
    assert "No lesson is called" in lost.written.decode()
    assert b"\x1b" not in lost.written


@pytest.mark.parametrize(("answer", "title"), [(b"\n", "section 4.4"), (b"2\n", "section 4.5")])
def test_a_name_of_several_lessons_gives_a_choice(terminal: Callable[..., Terminal], answer: bytes, title: str) -> None:
    one = terminal("open", "softmax")
    one.until("Which one? [1]")
    assert b"  1  " in one.written
    assert b"  3  " in one.written
    one.send(answer)
    one.until(title, behind="\x1b[?1049h")  # in the app: the list of names has it too
    one.send(b"\x11")
    assert one.end() == 0


def test_no_choice_is_a_sentence(terminal: Callable[..., Terminal]) -> None:
    one = terminal("open", "softmax")
    one.until("Which one? [1]")
    one.send(b"x\n")
    assert one.end() == 4
    assert b"Several lessons go by" in one.written
    assert b"\x1b[?1049h" not in one.written


def test_the_app_opens_and_ends(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    with Progress.open(tmp_path / "home" / "progress.db") as progress:
        progress.lesson_opened("convolutional/lenet")  # who has been here is not greeted
    app = terminal("home")
    app.until("\x1b[?1049h")  # the alternate screen
    app.until("Introduction")
    app.send(b"\x11")  # Ctrl+Q
    assert app.end() == 0
    assert b"\x1b[?1049l" in app.written
    assert b"Traceback" not in app.written


def test_no_colour_where_none_is_wanted(terminal: Callable[..., Terminal]) -> None:
    plain = terminal("list", NO_COLOR="1")
    assert plain.end() == 0
    assert b"LeNet" in plain.written
    assert b"\x1b[3" not in plain.written
    coloured = terminal("list")
    assert coloured.end() == 0
    assert b"\x1b[" in coloured.written


def test_read_goes_through_the_pager(terminal: Callable[..., Terminal]) -> None:
    paged = terminal("read", "7.6", PAGER="head -n 3")
    assert paged.end() == 0
    assert "LeNet" in paged.written.decode()
    assert len(paged.written.splitlines()) <= 4


def test_ctrl_c_while_it_reads_is_silent(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    waiting = terminal("progress", "import")
    end = time.monotonic() + LONG
    while not (tmp_path / "home" / "progress.db").exists():  # it is made just before standard input is read
        assert time.monotonic() < end
        waiting.read()
    waiting.process.send_signal(signal.SIGINT)
    assert waiting.end() == 130
    assert b"Traceback" not in waiting.written
