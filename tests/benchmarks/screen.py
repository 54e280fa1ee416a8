"""How quick the screen is, against a plain Textual app in the same run: `python tests/benchmarks/screen.py`.

Prints one table. It judges nothing: compare it with the targets in the README, and mind that a busy machine shows in
both columns.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from terminal import Terminal

HERE = Path(__file__).resolve().parent
PAGES = 12

PARAGRAPH = (
    "A model answers *how much*, and a classifier answers **which one**. The entries of $\\mathbf{o}$ are called "
    "logits, and $\\hat{y}_j = \\exp(o_j) / \\sum_k \\exp(o_k)$ turns them into probabilities. Nothing here is new; it "
    "is only as long as a lesson is, so that a page of it costs what a page of a lesson costs.\n\n"
)
FIRST = "Where the bench begins"


def lesson() -> str:
    """A lesson of about 30 KB: cells on top, then prose with formulas, code and quizzes."""
    head = f"""---
jupytext:
  text_representation: {{extension: .md, format_name: myst}}
kernelspec: {{name: python3, display_name: Python 3, language: python}}
title: Bench of the screen
id: bench/screen
book: "0.0"
minutes: 1
requires: []
objectives: [Be measured.]
---

# {FIRST}

```{{code-cell}} python
:id: warm
runs = globals().get("runs", 0) + 1
print(str(runs % 10) * 30)  # every character differs from the run before: the terminal gets all of them
```

```{{code-cell}} python
:id: curve
import time
from engine.events import MetricPoint, RunStarted, RunFinished
from engine.publish import Publisher
publisher = Publisher()
publisher.send(RunStarted("r", "Bench", "points", False, "CPU", 10, 100))
for i in range(2000):
    publisher.send(MetricPoint("r", "train_loss", i / 200, 2.3 / (1 + i / 50)))
    time.sleep(0.01)
publisher.send(RunFinished("r", "completed", 20.0, 10, 0.0))
publisher.close()
print("curve", "over")
```

```{{code-cell}} python
:id: flood
for i in range(100_000): print("line", i)
print("flood", "over")
```

"""
    sections = [
        f"## Section {n}\n\n{PARAGRAPH * 3}```{{code-cell}} python\n:id: cell-{n}\nimport math\n\n"
        f"def f_{n}(x):\n    return math.exp(-x * x)  # a bell\n```\n\n"
        for n in range(24)
    ]
    return head + "".join(sections)


def write_course(folder: Path) -> Path:
    """A content folder that holds one chapter with one lesson."""
    (folder / "01-bench").mkdir(parents=True)
    (folder / "course.toml").write_text('title = "Bench"\n\n[[chapter]]\nnumber = 1\nslug = "bench"\ntitle = "Bench"\n')
    (folder / "01-bench" / "01-screen.md").write_text(lesson(), encoding="utf-8")
    return folder


def milliseconds(values: list[float]) -> str:
    """Median and 95th percentile."""
    ranked = sorted(values)
    return (
        f"{statistics.median(ranked) * 1000:.0f} / {ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))] * 1000:.0f}"
    )


def paging(terminal: Terminal) -> tuple[str, str]:
    """Settled time of a page down, and bytes a page."""
    reactions = [terminal.press(b"\x1b[6~") for _ in range(PAGES)]
    return milliseconds(
        [r.settled for r in reactions]
    ), f"{statistics.median(r.bytes for r in reactions) / 1024:.1f} KB"


def idle(terminal: Terminal) -> str:
    """Bytes and processor use over three seconds in which nothing happens."""
    terminal.still()
    received, cpu, _ = terminal.watch(3.0)
    return f"{received / 3:.0f} B/s, {cpu * 100:.1f} %"


def measure_plain(text: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The floor's column."""
    starts = []
    for _ in range(5):
        terminal = Terminal([sys.executable, str(HERE / "plain_app.py"), str(text)], environment)
        starts.append(terminal.until(FIRST))
        if len(starts) < 5:
            terminal.end()
    terminal.still()
    settled, size = paging(terminal)
    figures = {"start → painted": milliseconds(starts), "page down, settled": settled, "bytes a page": size}
    figures["idle"], figures["memory"] = idle(terminal), f"{terminal.memory():.0f} MB"
    terminal.end()
    return figures


def measure_tutor(content: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Our column."""
    figures: dict[str, str] = {}
    starts: list[float] = []
    for attempt in range(6):
        terminal = Terminal([sys.executable, str(HERE / "lesson_app.py"), str(content)], environment)
        starts.append(terminal.until(FIRST))
        if attempt < 5:
            terminal.still()
            terminal.end()
    starts.pop(0)  # the first start of all makes the record
    figures["start → painted"] = milliseconds(starts)
    terminal.until("eady")
    terminal.still(1.0, 30)
    settled, size = paging(terminal)
    figures |= {"page down, settled": settled, "bytes a page": size, "idle": idle(terminal)}
    figures["memory"] = f"{terminal.memory():.0f} MB"
    terminal.press(b"g")
    terminal.press(b"j")
    runs, sizes = [], []
    for n in range(1, 16):
        before = terminal.received
        runs.append(terminal.until(str(n % 10) * 30, since=terminal.write(b"\x05")))
        terminal.still()
        sizes.append(terminal.received - before)
    figures["run key → output, warm"] = milliseconds(runs)
    figures["bytes a warm run"] = f"{statistics.median(sizes) / 1024:.1f} KB"
    terminal.press(b"j")
    terminal.write(b"\x05")
    terminal.watch(2.0)
    received, cpu, _gap = terminal.watch(5.0)
    figures["live curve"] = f"{received / 5 / 1024:.1f} KB/s, {cpu * 100:.0f} %"
    terminal.write(b"j")
    terminal.watch(1.0)
    terminal.write(b"\r")  # edits the next cell while the curve goes on
    terminal.watch(1.0)
    echoes = [terminal.until(letter, since=terminal.write(letter.encode())) for letter in "бгджзилпфцчшщэюя"]
    figures["key echo while training"] = milliseconds(echoes)
    terminal.write(b"\x1b")
    terminal.until("✓ trained", 60, since=time.perf_counter())
    terminal.still()
    terminal.press(b"x")  # the author's version again
    before, moment = terminal.memory(), terminal.write(b"\x05")
    terminal.until("unning", since=moment)
    figures["100,000 lines"] = f"{terminal.until('eady', since=moment):.2f} s"
    terminal.still()
    figures["100,000 lines, growth"] = f"{terminal.memory() - before:+.0f} MB"
    terminal.end()
    return figures


def main() -> None:
    """Measure both, print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = write_course(folder / "content")
        text = folder / "plain.txt"
        text.write_text(f"{FIRST}\n\n{PARAGRAPH * 72}", encoding="utf-8")
        environment = {**os.environ, "D2L_TUTOR_HOME": str(folder / "home")}
        plain, ours = measure_plain(text, environment), measure_tutor(content, environment)
    print(f"{'':28}{'d2l-tutor':>22}{'plain Textual':>22}")
    for figure, value in ours.items():
        print(f"{figure:28}{value:>22}{plain.get(figure, '–'):>22}")


if __name__ == "__main__":
    main()
