"""The whole app on a terminal: back after it was killed, and while a flood comes. `python tests/benchmarks/way_back.py`

Prints one table, and judges nothing; `kernel.py` prints the same figures after its own.
"""

from __future__ import annotations

import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from terminal import Terminal

from tutor.kernel import registry
from tutor.kernel.journal import entries

HERE = Path(__file__).resolve().parent
ROWS = 110
"""So high that all of the run is seen: its first lines, its last ones, and the chart."""
TIMES = 3
LATER = 8.0
"""Seconds until the next start: by then the spare kernel of the tutor that was killed is gone."""
LINES, POINTS = 100_000, 10_000
END = "@@@@@@@@"
"""The last line of the run: no character of it is on the screen before."""
LETTERS = "бгджзилпфцчшщэюяБГДЖЗИЛПФЦЧШЩЭЮЯ"

KNOWN = "the app: start to all shown, the run in the record"
ECHO = f"the app: key echo while {4 * LINES:,} lines come: median / greatest"

LESSON = f"""---
title: Way back
id: bench/screen
book: "0.0"
minutes: 1
requires: []
objectives: [Be measured.]
---

# Way back

```{{code-cell}} python
:id: edited
0
```

```{{code-cell}} python
:id: run
from engine.events import MetricPoint, RunStarted, RunFinished
from engine.publish import Publisher
runs = globals().get("runs", 0) + 1
print(str(runs) * 30)
for i in range({LINES}): print("line", i)
print(chr(64) * 8)
publisher = Publisher()
publisher.send(RunStarted("r", "Bench", "points", False, "CPU", 10, {POINTS // 10}))
for i in range({POINTS}): publisher.send(MetricPoint("r", "train_loss", i / {POINTS // 10}, 2.3 / (1 + i / 50)))
publisher.send(RunFinished("r", "completed", 1.0, 10, 0.0, {{"train_loss": 0.011}}))
publisher.close()
```

```{{code-cell}} python
:id: flood
for i in range({4 * LINES}): print("line", i)
```
"""


def write_course(folder: Path) -> Path:
    """A content folder with that lesson."""
    (folder / "01-bench").mkdir(parents=True)
    (folder / "course.toml").write_text('title = "Bench"\n\n[[chapter]]\nnumber = 1\nslug = "bench"\ntitle = "Bench"\n')
    (folder / "01-bench" / "01-screen.md").write_text(LESSON, encoding="utf-8")
    return folder


def start(content: Path, environment: Mapping[str, str], rows: int = ROWS) -> Terminal:
    """The app on the lesson."""
    return Terminal([sys.executable, str(HERE / "lesson_app.py"), str(content)], environment, rows=rows)


def kill(terminal: Terminal) -> None:
    """As a dropped connection and an impatient system do: nothing is said, nothing is tidied up."""
    os.kill(terminal.pid, signal.SIGKILL)
    os.waitpid(terminal.pid, 0)
    os.close(terminal.fd)


def ended(keep: Path, runs: int) -> bool:
    """Whether the kernel has done so many runs."""
    journals = [Path(record.journal) for record in registry.live(keep)]
    return sum(entry.kind == "d2l_run_finished" for path in journals for entry in entries(path)) >= runs


def spread(values: list[float]) -> str:
    """Median and greatest, in milliseconds."""
    return f"{statistics.median(values) * 1000:.0f} / {max(values) * 1000:.0f} ms"


def way_back(content: Path, environment: Mapping[str, str], keep: Path) -> dict[str, str]:
    """The tutor is killed as the run begins; the kernel does it alone; another tutor comes when it is over."""
    start(content, environment).end()  # makes the record
    bare = []
    for _ in range(TIMES):
        terminal = start(content, environment)
        bare.append(terminal.until("Be measured"))
        terminal.still()
        terminal.end()
        time.sleep(LATER)
    terminal = start(content, environment)
    terminal.until("Be measured")
    terminal.until("eady")
    painted, unseen, known = [], [], []
    for attempt in range(TIMES):
        terminal.press(b"g")
        terminal.press(b"j")
        terminal.write(b"\x05")
        terminal.until(str(attempt + 1) * 30, since=time.perf_counter())
        kill(terminal)
        while not ended(keep, attempt + 1):
            time.sleep(0.2)
        time.sleep(LATER)
        terminal = start(content, environment)
        painted.append(terminal.until("Be measured"))
        unseen.append(terminal.until(END))  # the rest of the run is taken in, and shown
        terminal.still(1.5, 60)
        kill(terminal)
        time.sleep(LATER)
        terminal = start(content, environment)
        terminal.until("Be measured")
        known.append(terminal.until(END))
        terminal.still(1.5, 60)
    terminal.end()
    return {
        "the app: start to painted, nothing was ever run": spread(bare),
        "the app: start to painted, after that run": spread(painted),
        "the app: start to all shown, the run unseen": spread(unseen),
        KNOWN: spread(known),
    }


def freezes(content: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """A key is echoed in the editor of another cell while lines come as fast as they can."""
    terminal = start(content, environment, rows=40)
    terminal.until("Be measured")
    terminal.until("eady")
    terminal.still(1.0, 60)
    terminal.press(b"g")
    terminal.press(b"\r")  # edits the first cell
    quiet = [terminal.until(letter, since=terminal.write(letter.encode())) for letter in LETTERS]
    terminal.press(b"\x1b")
    terminal.press(b"x")
    terminal.press(b"j")
    terminal.press(b"j")
    moment = terminal.write(b"\x05")
    terminal.until("unning", since=moment)
    terminal.until("ъ", since=terminal.write("g\rъ".encode()))  # typed ahead: the editor is open
    echoes = []
    for letter in LETTERS:
        echoes.append(terminal.until(letter, since=terminal.write(letter.encode())))
        terminal.watch(0.05)
    terminal.end()
    return {
        "the app: key echo, nothing runs: median / greatest": spread(quiet),
        ECHO: spread(echoes),
    }


def measure() -> dict[str, str]:
    """All figures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        content = write_course(folder / "content")
        environment = {**os.environ, "D2L_TUTOR_HOME": str(folder / "home"), "D2L_TUTOR_KERNEL_SPARE": "5"}
        keep = folder / "home" / "kernels"
        try:
            return way_back(content, environment, keep) | freezes(content, environment)
        finally:
            for record in registry.live(keep):
                record.process().kill()


if __name__ == "__main__":
    print(f"load at the start: {os.getloadavg()[0]:.1f}, cores: {os.cpu_count()}\n")
    for figure, value in measure().items():
        print(f"{figure:68}{value:>30}")
