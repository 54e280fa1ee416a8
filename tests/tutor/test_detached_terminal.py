"""The real tutor on a real pseudo-terminal, with a real kernel: stopped, hung up, terminated and killed mid-cell.

What the learner keeps is asked of the next tutor's screen, and of the record.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from progress_db import Progress

PROGRAM = """
import sys
from pathlib import Path
from lessons.catalog import load_course
from tutor.start import start
sys.exit(start("first-steps/tensors", course=load_course(Path(sys.argv[1]))))
"""

LESSON = "first-steps/tensors"

COURSE = """\
title = "A small course"

[[chapter]]
number = 1
slug = "first-steps"
title = "First steps"
"""

BODY = """\
---
title: Tensors
id: first-steps/tensors
book: "2.1"
minutes: 10
requires: []
objectives:
  - Know more than before.
---

# Tensors

```{code-cell} python
:id: slow
import os, pathlib, time
home = pathlib.Path(os.environ["D2L_TUTOR_HOME"])
print('be' + 'gun')
while not (home / 'gate').exists():
    time.sleep(0.005)
for i in range(10):
    print('line', i)
(home / 'over').touch()
x = 41
print('en' + 'ded')
```

```{code-cell} python
:id: next
print('x is', x + 1)
```
"""

SIZE = (40, 100)
RESTORED = b"\x1b[?1049l"


class Screen(pyte.Screen):
    """pyte's, which trips over the query `CSI ? … m`."""

    def select_graphic_rendition(self, *attributes: int, private: bool = False) -> None:
        if not private:
            super().select_graphic_rendition(*attributes)


class Terminal:
    """The tutor on a terminal, and an emulator of what it shows."""

    def __init__(self, content: Path, home: Path, *, ignore_hangup: bool = False) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            settings = {"D2L_TUTOR_HOME": str(home), "D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1"}
            settings |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
            inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            os.execve(sys.executable, [sys.executable, "-c", PROGRAM, str(content)], inherited | settings)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self.output = b""
        self.blank()
        self._open = True

    def blank(self) -> None:
        """What a shell does to the screen while the tutor is stopped."""
        self._screen = Screen(SIZE[1], SIZE[0])
        self._stream = pyte.ByteStream(self._screen)

    def shown(self) -> str:
        return "\n".join(self._screen.display)

    def read(self, seconds: float = 0.02) -> bool:
        """Whether there was something."""
        if not self._open or not select.select([self.descriptor], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # the other side is gone
            self._open = False
            return False
        self.output += data
        self._stream.feed(data)
        return bool(data)

    def until(self, holds: Callable[[], object], what: str, seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"{what}; on the screen is\n{self.shown()}"
            self.read()

    def sees(self, *words: str) -> None:
        for word in words:
            self.until(lambda word=word: word in self.shown(), f"never saw {word!r}")  # type: ignore[misc]

    def press(self, keys: bytes) -> None:
        os.write(self.descriptor, keys)

    def state(self) -> str:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def close(self) -> None:
        os.close(self.descriptor)
        self._open = False

    def wait(self, seconds: float = 120.0) -> int:
        """The exit code, or minus the signal."""
        end = time.monotonic() + seconds
        while True:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0):  # what it wrote last
                    pass
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, "the tutor did not end"
            time.sleep(0.005)

    def end(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        if self._open:
            self.close()


class Place:
    """A home of the learner's own, a course, and the terminals of this test."""

    def __init__(self, home: Path, content: Path) -> None:
        self.home, self.content = home, content
        self.terminals: list[Terminal] = []

    def open(self, **options: bool) -> Terminal:
        self.terminals.append(Terminal(self.content, self.home, **options))
        return self.terminals[-1]

    def begun(self, **options: bool) -> Terminal:
        """A tutor in whose lesson the first cell runs."""
        terminal = self.open(**options)
        terminal.sees("Tensors", "import os")
        terminal.press(b"g")
        terminal.press(b"r")
        terminal.sees("begun")
        return terminal

    def go_on(self) -> None:
        """Lets the cell go on to its end, and waits for that: nobody need be there."""
        (self.home / "gate").touch()
        end = time.monotonic() + 120
        while not (self.home / "over").exists():
            assert time.monotonic() < end, "the cell did not go on"
            time.sleep(0.01)

    def kept(self) -> tuple[str | None, str]:
        """Outcome and text of the first cell, as the record has them."""
        with Progress.open(self.home / "progress.db") as progress:
            run = progress.lesson(LESSON).runs["slow"]
        return run.outcome, "".join(str(output.payload.get("text", "")) for output in run.outputs)

    def finds_all(self) -> None:
        """A new tutor shows the end of the cell, and its variables are there."""
        terminal = self.open()
        terminal.sees("Tensors", "line 9", "ended")
        terminal.press(b"gj")
        terminal.press(b"r")
        terminal.sees("x is 42")
        terminal.until(lambda: self.kept()[0] is not None, "the end is not kept")
        assert self.kept() == ("ok", "begun\n" + "".join(f"line {i}\n" for i in range(10)) + "ended\n")


@pytest.fixture
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="d2lf-", dir="/var/tmp"))
    chapter = folder / "content" / "01-first-steps"
    chapter.mkdir(parents=True)
    (folder / "content" / "course.toml").write_text(COURSE, "utf-8")
    (chapter / "01-tensors.md").write_text(BODY, "utf-8")
    home = folder / "home"
    home.mkdir(mode=0o700)
    Progress.open(home / "progress.db").close()
    found = Place(home, folder / "content")
    yield found
    for terminal in found.terminals:
        terminal.end()
    end = time.monotonic() + 120
    while kernels := _processes_of(home):  # the warm ones as well, which no lesson has
        assert time.monotonic() < end, "a killed kernel lives"
        for kernel in kernels:
            with contextlib.suppress(ProcessLookupError):
                os.kill(kernel, signal.SIGKILL)
        time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


def _processes_of(home: Path) -> list[int]:
    """Processes that were started for this home."""
    mark = f"D2L_TUTOR_HOME={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_a_tutor_that_is_stopped_slows_no_cell_and_repaints_when_it_goes_on(place: Place, number: int) -> None:
    terminal = place.begun()
    os.kill(terminal.pid, number)
    terminal.until(lambda: terminal.state() == "T", "it did not stop")
    if number == signal.SIGTSTP:
        terminal.until(lambda: RESTORED in terminal.output, "the shell's screen did not come back")
    place.go_on()  # to its very end, with nobody reading
    terminal.blank()
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.sees("Tensors", "line 0", "line 9", "ended")  # all of the screen, and what came meanwhile
    terminal.until(lambda: place.kept()[0] == "ok", "the end is not kept")
    assert place.kept()[1] == "begun\n" + "".join(f"line {i}\n" for i in range(10)) + "ended\n"


@pytest.mark.slow
def test_ctrl_z_stops_the_tutor(place: Place) -> None:
    terminal = place.begun()
    terminal.press(b"\x1a")
    terminal.until(lambda: terminal.state() == "T", "it did not stop")
    place.go_on()
    terminal.blank()
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.sees("Tensors", "line 9", "ended")


@pytest.mark.slow
@pytest.mark.parametrize("ignore_hangup", [False, True])
def test_a_terminal_that_closes_mid_cell_ends_the_tutor_and_not_the_cell(place: Place, ignore_hangup: bool) -> None:
    terminal = place.begun(ignore_hangup=ignore_hangup)
    terminal.close()
    assert terminal.wait() == 129  # it does not spin: it is gone
    place.go_on()
    place.finds_all()


@pytest.mark.slow
def test_sigterm_mid_cell_restores_the_terminal_and_the_cell_goes_on(place: Place) -> None:
    terminal = place.begun()
    before = termios.tcgetattr(terminal.descriptor)
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.wait() == 128 + signal.SIGTERM
    assert RESTORED in terminal.output
    after = termios.tcgetattr(terminal.descriptor)
    assert after[3] & termios.ECHO
    assert after[3] & termios.ICANON
    assert not before[3] & termios.ECHO
    place.go_on()
    place.finds_all()


@pytest.mark.slow
def test_a_tutor_killed_mid_cell_loses_nothing(place: Place) -> None:
    terminal = place.begun()
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait()
    place.go_on()
    place.finds_all()


@pytest.mark.slow
def test_a_tutor_that_starts_days_later_finds_kernel_and_backlog(place: Place) -> None:
    """The days are made: of the kernel's record, its journal and all its files."""
    terminal = place.begun()
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait()
    place.go_on()
    days = time.time() - 40 * 24 * 3600  # more than dead kernels' journals are kept for
    for path in (place.home / "kernels").glob("k*"):
        os.utime(path, (days, days))
    place.finds_all()


@pytest.mark.slow
def test_two_tutors_edit_one_cell_and_both_versions_are_kept(place: Place) -> None:
    from progress_db.transfer import export_lines

    one, other = place.open(), place.open()
    for terminal, words in ((one, b"one = 1\r"), (other, b"other = 2\r")):
        terminal.sees("Tensors", "import os")
        terminal.press(b"g")
        terminal.sees("Enter edit")
        terminal.press(b"\r")
        terminal.until(lambda terminal=terminal: "Enter edit" not in terminal.shown(), "it does not edit")  # type: ignore[misc]
        terminal.press(words)
    one.sees("one = 1")
    other.sees("other = 2")
    path = place.home / "progress.db"

    def versions() -> str:
        return "\n".join(line for line in export_lines(path) if '"drafts"' in line)

    one.until(lambda: "one = 1" in versions() and "other = 2" in versions(), "a version is missing")
    for terminal in (one, other):
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.wait()
    with Progress.open(path) as progress:
        draft = progress.lesson(LESSON).drafts["slow"]
    assert ("one = 1" in draft) != ("other = 2" in draft)  # the later one is shown; the other stays in the record
