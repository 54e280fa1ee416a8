"""RELIABILITY.md's table and issue 4's targets, as measured here: `python tests/benchmarks/kernel.py`.

Prints one table. It judges nothing: the machine's load is printed with it, and shows in every figure.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import way_back

from progress_db import Progress, Recorder
from tutor.ingest import Ingest
from tutor.kernel import registry
from tutor.kernel.events import (
    Attached,
    CellFinished,
    DeviceFound,
    KernelState,
    StateChanged,
    StreamWritten,
    TrainingReported,
    ValueShown,
)
from tutor.kernel.journal import entries
from tutor.kernel.launch import KernelProcess, launch
from tutor.kernel.session import KernelSession

COLD = {"D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1"}
KILLS = 25

METRICS = """
import time
from engine.events import MetricPoint, RunStarted
from engine.publish import Publisher
publisher = Publisher()
publisher.send(RunStarted("r", "Model", "data", False, "CPU", 1, {count}))
begun = time.perf_counter()
used = 0.0
for i in range({count}):
    before = time.perf_counter()
    publisher.send(MetricPoint("r", "train_loss", i / {count}, 2.3 / (1 + i / 50)))
    used += time.perf_counter() - before
    if {rate}:
        time.sleep(max(0.0, begun + i / ({rate} or 1) - time.perf_counter()))
publisher.close()
print(f"{{used / {count} * 1e6:.2f}}")
"""


class Watcher:
    """A session whose events are kept, and can be waited for."""

    def __init__(self, process: KernelProcess, since: int = 0) -> None:
        self.events: list[Any] = []
        self.news = threading.Condition()
        self.gate: Future[None] | None = None
        self.session = KernelSession(process, self._take, since)
        self._runs = 0

    def _take(self, batch: list[Any]) -> Future[None] | None:
        with self.news:
            self.events += batch
            self.news.notify_all()
        return self.gate

    def wait(self, holds: Callable[[Any], bool]) -> Any:
        """The first event for which `holds`."""
        with self.news:
            assert self.news.wait_for(lambda: any(map(holds, self.events)), 180), self.events[-5:]
            return next(event for event in self.events if holds(event))

    def run(self, source: str) -> float:
        """Seconds from asking to the end of the run."""
        self._runs += 1
        name = f"{id(self)}-{self._runs}"
        begun = time.perf_counter()
        self.session.run(source, run=name)
        self.wait(lambda event: isinstance(event, CellFinished) and event.run == name)
        return time.perf_counter() - begun

    def text(self) -> str:
        """All that was printed since the last `clear`."""
        return "".join(event.text for event in self.events if isinstance(event, StreamWritten))

    def clear(self) -> None:
        """Forgets what came."""
        with self.news:
            self.events.clear()

    def end(self, *, stop: bool = True) -> None:
        """Ends the session, and (`stop`) the kernel."""
        self.session.stop() if stop else self.session.leave()
        self.session.join(10)


class Place:
    """Directories of this measurement."""

    def __init__(self) -> None:
        self.runtime = Path(tempfile.mkdtemp(prefix="d2lb-", dir="/tmp"))
        self.keep = Path(tempfile.mkdtemp(prefix="d2lb-", dir="/var/tmp"))

    def launch(self, **settings: str) -> KernelProcess:
        """A kernel of no lesson."""
        return launch(self.runtime, keep=self.keep, environment=COLD | settings)

    def claim(self, lesson: str) -> KernelProcess:
        """A lesson's kernel."""
        return registry.claim(self.keep, lesson, partial(launch, self.runtime, keep=self.keep, environment=COLD))

    def clean(self) -> None:
        """No kernel and no file is left."""
        for record in registry.live(self.keep):
            record.process().kill()
        shutil.rmtree(self.keep)
        shutil.rmtree(self.runtime)


def spread(values: list[float], unit: str = "ms", scale: float = 1000) -> str:
    """Median and 95th percentile."""
    ranked = sorted(values)
    last = ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))]
    return f"{statistics.median(ranked) * scale:.1f} / {last * scale:.1f} {unit}"


def first_reply(place: Place) -> str:
    """From the launch to the end of the first run."""

    def once(**settings: str) -> float:
        begun = time.perf_counter()
        watcher = Watcher(place.launch(**settings))
        watcher.run("import torch" if settings else "1")
        seconds = time.perf_counter() - begun
        watcher.end()
        return seconds

    cold = min(once() for _ in range(3))
    torch = min(once(D2L_TUTOR_WARMUP="1") for _ in range(2))
    spare = Watcher(place.launch(D2L_TUTOR_WARMUP="1"))
    spare.wait(lambda event: isinstance(event, DeviceFound))
    warm = spare.run("import torch")
    spare.end()
    return f"{cold:.2f} s / {torch:.2f} s / {warm * 1000:.0f} ms"


def stalled(place: Place) -> str:
    """A screen takes nothing for three seconds and more, while 20,000 values are displayed."""
    process = place.claim("bench/stalled")
    watcher = Watcher(process)
    watcher.run("1")
    watcher.clear()
    watcher.gate = Future()
    watcher.session.run("from IPython.display import display\nfor i in range(20_000): display(i)", run="flood")

    def over() -> bool:
        return any(entry.kind == "d2l_run_finished" and entry.run == "flood" for entry in entries(process.journal))

    begun = time.perf_counter()
    while not over() or time.perf_counter() - begun < 3:
        time.sleep(0.2)
    gate, watcher.gate = watcher.gate, None
    gate.set_result(None)
    watcher.wait(lambda event: isinstance(event, CellFinished) and event.run == "flood")
    shown = sum(isinstance(event, ValueShown) for event in watcher.events)
    watcher.end()
    return f"{20_000 - shown} lost"


INGEST = """
import sys
from pathlib import Path
from progress_db import Recorder
from tutor.ingest import Ingest
import tutor.ingest
recorder = Recorder(Path(sys.argv[1]))
ingest = Ingest(recorder)
piece = tutor.ingest.read_piece
tutor.ingest.read_piece = lambda *given: piece(*given, 20_000)
print("ready", flush=True)
while True:
    ingest.grown("k", Path(sys.argv[2]), "a/b", soon=True)
    recorder.flush()
"""


def kills(place: Place) -> str:
    """The reader is killed again and again while it takes in 60,000 records."""
    from tutor.ingest import read_piece
    from tutor.kernel.journal import Journal

    path, record = place.keep / "kills.journal", place.keep / "kills.db"
    with Progress.open(record) as progress:
        progress.run_started("r", "a/b", "cell", "…", 1.0)
    journal = Journal(path)
    for kill in range(KILLS):
        for number in range(2400):
            journal.append_text("r", "stdout", f"{kill * 2400 + number}\n")
        command = [sys.executable, "-c", INGEST, str(record), str(path)]
        reader = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert reader.stdout is not None
        reader.stdout.readline()
        time.sleep(0.01 * (kill % 7))
        reader.kill()
        reader.communicate()
    with Progress.open(record) as progress:
        while progress.lesson("a/b").journals.get("k") != path.stat().st_size:
            progress.taken_in("k", lambda offset: read_piece(path, "a/b", offset))
        (kept,) = progress.runs_of("a/b", "cell")
    told = "".join(str(output.payload["text"]) for output in kept.outputs).split()
    right = told == [str(number) for number in range(KILLS * 2400)]
    return f"{len(told):,} of {KILLS * 2400:,}{'' if right else ', NOT IN ORDER'}"


def reattached(place: Place) -> dict[str, str]:
    """A run of 100,000 lines and 10,000 points was left; a tutor that knows none of it comes, and interrupts."""
    process = place.claim("bench/back")
    first = Watcher(process)
    first.run(f"for i in range(100_000): print('line', i)\n{METRICS.format(count=10_000, rate=0)}")
    first.session.run("import time\nwhile True: time.sleep(0.01)", run="loop")
    first.wait(lambda event: isinstance(event, StateChanged) and event.state is KernelState.BUSY)
    first.end(stop=False)
    replays, known, interrupts = [], [], []
    for _ in range(9):
        begun = time.perf_counter()
        again = Watcher(place.claim("bench/back"))
        again.wait(lambda event: isinstance(event, Attached))
        replays.append(time.perf_counter() - begun)
        points = sum(len(event.events) for event in again.events if isinstance(event, TrainingReported))
        assert again.text().count("\n") >= 100_000, again.text()[-200:]
        assert points >= 10_000, points
        again.end(stop=False)
        begun = time.perf_counter()
        again = Watcher(place.claim("bench/back"), process.journal.stat().st_size)
        again.wait(lambda event: isinstance(event, Attached))
        known.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        again.session.interrupt()
        again.wait(lambda event: isinstance(event, CellFinished))
        interrupts.append(time.perf_counter() - begun)
        again.clear()
        again.session.run("import time\nwhile True: time.sleep(0.01)", run=f"loop-{len(known)}")
        again.wait(lambda event: isinstance(event, StateChanged) and event.state is KernelState.BUSY)
        again.end(stop=False)
    return {
        "reattach, all replayed (100,000 lines, 10,000 points)": spread(replays),
        "reattach, all known": spread(known),
        "interrupt after reattach": spread(interrupts),
    }


def answers(place: Place) -> str:
    """A commit with TRUNCATE and FULL."""
    times = []
    with Progress.open(place.keep / "answers.db") as progress:
        for number in range(40):
            begun = time.perf_counter()
            progress.answer_given("a/b", "quiz", number, True)
            times.append(time.perf_counter() - begun)
    return spread(times)


def flood(place: Place) -> dict[str, str]:
    """100,000 prints: what they cost the cell, and when the tutor's session and record are done."""
    record = place.keep / "flood.db"
    recorder = Recorder(record)
    ingest = Ingest(recorder)
    process = place.claim("bench/flood")
    watcher = Watcher(process)
    watcher.run("import time")
    timed = "t = time.perf_counter()\nfor i in range(100_000): print('line', i)\nt = time.perf_counter() - t"
    costs, done, lost = [], [], 0
    for _ in range(3):
        watcher.clear()
        done.append(watcher.run(timed))
        lost += 100_000 - watcher.text().count("\n")
        watcher.clear()
        watcher.run("print(t)")
        costs.append(float(watcher.text()) / 100_000)
    begun = time.perf_counter()
    offset = 0
    ingest.grown(process.id, process.journal, "bench/flood", soon=True)
    while offset < process.journal.stat().st_size:
        recorder.flush()
        with Progress.open(record) as progress:
            offset = progress.lesson("bench/flood").journals.get(process.id, 0)
    taken = time.perf_counter() - begun
    ingest.close()
    recorder.close()
    watcher.end()
    return {
        "100,000 prints: a line": f"{statistics.median(costs) * 1e6:.1f} µs",
        "100,000 prints: session done / lost": f"{statistics.median(done):.2f} s / {lost}",
        "300,000 lines into the record": f"{taken:.2f} s",
    }


def metrics(place: Place) -> dict[str, str]:
    """A point in the training loop; and 2,000 a second for a minute, with what that costs the reader."""
    watcher = Watcher(place.claim("bench/metrics"))
    watcher.run("import torch")
    watcher.clear()
    watcher.run(METRICS.format(count=100_000, rate=0))
    cost = watcher.text().strip()
    watcher.clear()
    before = resource.getrusage(resource.RUSAGE_SELF)
    seconds = watcher.run(METRICS.format(count=120_000, rate=2000))
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    points = sum(len(event.events) for event in watcher.events if isinstance(event, TrainingReported)) - 1
    paced = watcher.text().strip()
    watcher.end()
    return {
        "a metric event in the loop: as fast as it goes / at 2,000 a second": f"{cost} / {paced} µs",
        "2,000 metrics a second, 60 s: points / reader's share of a core": f"{points:,} / {used / seconds * 100:.1f} %",
    }


SPIKE = {
    "first reply: cold / torch imported / warm spare": "0.28 s / 1.70 s / 4 ms",
    "print(1), round trip, median / 95th": "3.7 / 5.9 ms",
    "100,000 prints: a line": "17 µs; target 20",
    "100,000 prints: session done / lost": "– / 0",
    "20,000 displays, reader stalled": "0 lost",
    f"{KILLS} kills of the reader: records": "60,052 of 60,052",
    "a metric event in the loop: as fast as it goes / at 2,000 a second": "19 µs; target 20",
    "2,000 metrics a second, 60 s: points / reader's share of a core": "120,000 / < 5 %",
    "reattach, all replayed (100,000 lines, 10,000 points)": "target 300 ms",
    "interrupt after reattach": "76–200 ms; target 200",
    "commit of an answer": "20 ms",
    way_back.KNOWN: "target 300 ms",
    way_back.ECHO: "target 100 ms",
}


def main() -> None:
    """Measure, print."""
    place = Place()
    print(f"load at the start: {os.getloadavg()[0]:.1f}, cores: {os.cpu_count()}\n", flush=True)

    def say(figures: dict[str, str]) -> None:
        for name, value in figures.items():
            print(f"{name:68} {value:>30}   {SPIKE.get(name, ''):>24}", flush=True)

    try:
        say({"first reply: cold / torch imported / warm spare": first_reply(place)})
        watcher = Watcher(place.launch())
        watcher.run("1")
        say({"print(1), round trip, median / 95th": spread([watcher.run("print(1)") for _ in range(60)])})
        watcher.end()
        say(flood(place))
        say({"20,000 displays, reader stalled": stalled(place)})
        say({f"{KILLS} kills of the reader: records": kills(place)})
        say(metrics(place))
        say(reattached(place))
        say({"commit of an answer": answers(place)})
        say(way_back.measure())
    finally:
        place.clean()
    print(f"\nload at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
