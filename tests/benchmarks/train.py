"""Milliseconds a step: the book's own package, a plain loop written by hand, and the engine with its curves drawn.

    python tests/benchmarks/train.py [MODEL …] [--quick] [--peer PYTHON | --peer-folder FOLDER | --no-peer]

The three take turns, so that a busy machine disturbs all alike; a ratio is the median of the turns' ratios. All have
the same data, batch size, sizes and optimizer, and are timed by the same clock, from one step to a later one in the
middle of an epoch. *limit* is the plain loop: resident tensors, an order an epoch, slices, the step, and nothing else.
*engine* publishes its events to another process that draws the chart, as the tutor does; *chart* is what that costs
against a run that nobody watches. Without `--peer`, an environment with d2l 1.0.3 is made once (see `train_data.py`).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import torch
import train_data

from engine import Trainer, catalog, publish
from engine.events import encode
from engine.optimizing import clip_gradients

HERE = Path(__file__).resolve()
TARGETS = {
    "LinearRegressionScratch": 4.0,
    "LinearRegression": 4.0,
    "SoftmaxRegressionScratch": 15.0,
    "SoftmaxRegression": 15.0,
    "MLP": 7.0,
    "LeNet": 2.3,
    "BNLeNet": 2.3,
    "ResNet18": 1.25,
    "ViT": 1.25,
    "RNNScratch": 1.5,
    "RNN": 1.5,
    "LSTMScratch": 1.2,
    "LSTM": 1.2,
    "GRU": 1.2,
    "Seq2Seq": 1.4,
    "Transformer": 1.15,
}
"""Models, and how much faster than the book's package the engine is to be."""
SLOW = ("ResNet18", "ViT")
clock = time.perf_counter
"""`--cpu`: the process's own time, which other processes disturb less. The package's workers are left out of it."""
QUICK_BATCH = 16
"""Pictures in a minibatch of the slow models under `--quick`."""


def plain(recipe, settings, steps, warm):
    """Seconds a step of a loop that only trains."""
    data, model = catalog.build(recipe, None, settings)
    loader = data.train_dataloader()
    batches = minibatches(loader.tensors, loader.batch_size, loader.transform)
    model.loss(model(*next(batches)[:-1]), next(batches)[-1])  # lazy layers get their sizes
    optimizer = model.configure_optimizers()
    model.train()
    for i in range(warm + steps):
        if i == warm:
            begun = clock()
        batch = next(batches)
        loss = model.loss(model(*batch[:-1]), batch[-1])
        optimizer.zero_grad()
        loss.backward()
        if recipe.clip:
            clip_gradients(recipe.clip, model)
        optimizer.step()
    return (clock() - begun) / steps


def minibatches(tensors, batch_size, transform):
    """Minibatches without end: an order an epoch, then slices."""
    while True:
        order = torch.randperm(len(tensors[0]))
        shuffled = [tensor[order] for tensor in tensors]
        for start in range(0, len(order), batch_size):
            batch = tuple(tensor[start : start + batch_size] for tensor in shuffled)
            yield transform(*batch) if transform else batch


def ours(recipe, settings, steps, warm, display):
    """Seconds a step of the engine."""
    data, model = catalog.build(recipe, None, settings)
    data.val_dataloader = lambda: None
    loader, times, stop = data.train_dataloader(), [], warm + steps
    after = loader.after

    def timed(skipped):
        for batch in after(skipped):
            if trainer.train_batch_idx in (warm, stop):
                times.append(clock())
            yield batch

    # The clock is read where minibatches come from: a model with a method of its own takes no fast path.
    data.train_dataloader, loader.after = lambda: loader, timed
    epochs = -(-(stop + 1) // len(loader))
    trainer = Trainer(
        max(epochs, recipe.max_epochs),
        gradient_clip_val=recipe.clip,
        device="cpu",
        max_steps=stop + 1,
        checkpoint=False,
        display=display,
    )
    trainer.fit(model, data)
    return (times[1] - times[0]) / steps


class Lines:
    """A process that answers lines of JSON."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[:2]} ended with {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def watch():
    """The other process: takes events as lines and draws the chart five times a second, as the tutor does."""
    from engine.charts import draw
    from engine.curves import Curves
    from engine.events import decode

    curves, drawn = Curves(keep=1), 0.0
    for line in sys.stdin:
        curves.extend(decode(json.loads(line)))
        if time.monotonic() >= drawn and curves.current is not None:
            draw(curves.curves(), 80, 20, x_max=curves.x_max)
            drawn = time.monotonic() + 0.2


def is_time_for_another(begun, turns, seconds):
    """Whether one more turn as long as the others would end in time."""
    spent = time.monotonic() - begun
    return spent + spent / len(turns) <= seconds


def measure(name, peer, options, seconds):
    """One row of the table, in about so many seconds."""
    recipe = catalog.recipe(name)
    settings = {"batch_size": QUICK_BATCH} if options.quick and name in SLOW else {}
    turns, begun = [], time.monotonic()
    trial = plain(recipe, settings, 3, 2)
    steps = max(3, min(options.steps, round(options.run_seconds / trial)))
    warm = max(2, min(12, steps // 2))
    epoch = len(catalog.build(recipe, None, settings)[0].train_dataloader())
    steps = max(1, round(steps / epoch)) * epoch if steps > epoch / 2 else steps  # an epoch's order is drawn once
    while len(turns) < options.turns and (len(turns) < options.least or is_time_for_another(begun, turns, seconds)):
        turn = {"limit": plain(recipe, settings, steps, warm)}
        turn["engine"] = ours(recipe, settings, steps, warm, display=True)
        turn["unseen"] = ours(recipe, settings, steps, warm, display=False)
        if peer is not None:
            own = {**recipe.data_settings, **settings}
            asked = {"name": name, "steps": steps, "warm": max(warm, 10), "clip": recipe.clip, "settings": own}
            peer.say({**asked, "cpu": options.cpu})
            turn["d2l"] = peer.hear()
        turns.append(turn)

    def median(key):
        return statistics.median(turn[key] for turn in turns) * 1e3

    def ratio(over, under):
        return statistics.median(turn[over] / turn[under] for turn in turns)

    row = {"model": name, "turns": len(turns), "steps": steps, "target": TARGETS.get(name), **settings}
    row |= {"limit": median("limit"), "engine": median("engine")}
    row |= {"to_limit": ratio("engine", "limit"), "chart": ratio("engine", "unseen")}
    if peer is not None:
        row |= {"d2l": median("d2l"), "speed_up": ratio("d2l", "engine")}
    return row


def cells(row, own):
    """A row as Markdown."""
    mark = "" if own.get(row["model"], True) else "*"
    batch = f" (batch {row['batch_size']})" if "batch_size" in row else ""
    speed = f"{row['speed_up']:.2f}×" if "speed_up" in row else "–"
    target = f"{row['target']:g}×" if row["target"] else "–"
    theirs = f"{row['d2l']:.3f}" if "d2l" in row else "–"
    words = [row["model"] + mark + batch, theirs, f"{row['limit']:.3f}", f"{row['engine']:.3f}"]
    return [*words, speed, target, f"{row['to_limit']:.2f}", f"{row['chart']:.2f}", str(row["turns"])]


HEAD = ["model", "d2l ms", "limit ms", "engine ms", "speed-up", "target", "to limit", "chart", "turns"]


@contextlib.contextmanager
def drawing():
    """While it lasts, events go to another process that draws them."""
    watcher = Lines(sys.executable, str(HERE), "--watch")
    publish.use_sink(lambda events: watcher.say(encode(events)))
    try:
        yield
    finally:
        publish.use_sink(None)
        watcher.close()


@contextlib.contextmanager
def asking(options):
    """The book's package in a process of its own; None: it is not to be asked."""
    if options.no_peer:
        yield None, {}
        return
    folder = Path(options.peer_folder or Path(tempfile.gettempdir()) / "d2l-peer")
    python = options.peer or str(train_data.make_environment(folder))
    with tempfile.TemporaryDirectory() as data:
        train_data.write(Path(data))
        peer = Lines(python, str(HERE.parent / "train_peer.py"), data)
        try:
            yield peer, peer.hear()["models"]
        finally:
            peer.close()


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help=f"without any: {', '.join(TARGETS)}")
    parser.add_argument("--quick", action="store_true", help="at most five minutes: fewer turns, smaller minibatches")
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=90, help="for each model, in which at least three turns fit")
    parser.add_argument("--steps", type=int, default=400, help="at most so many in a run")
    parser.add_argument("--peer", metavar="PYTHON", help="the interpreter of an environment with d2l 1.0.3")
    parser.add_argument("--peer-folder", metavar="FOLDER", help="make that environment there")
    parser.add_argument("--no-peer", action="store_true", help="only the limit and the engine")
    parser.add_argument(
        "--cpu", action="store_true", help="CPU time of the process instead of seconds, on a busy machine"
    )
    parser.add_argument("--json", metavar="FILE", help="keep all figures there")
    parser.add_argument("--watch", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watch:
        watch()
        return
    if options.cpu:
        global clock
        clock = time.process_time
    options.run_seconds, options.least = (0.3, 1) if options.quick else (0.6, 3)
    names = [catalog._find(name, catalog.models(), "model") for name in options.models] or list(TARGETS)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    unit = "milliseconds of CPU time" if options.cpu else "milliseconds"
    print(
        f"{platform.machine()}, {cores} cores, {torch.get_num_threads()} threads, torch {torch.__version__}; load at "
        f"the start {os.getloadavg()[0]:.1f}; {unit} a step, medians of up to {options.turns} turns\n"
    )
    print(f"| {' | '.join(HEAD)} |\n|{'|'.join(['---'] + ['--:'] * (len(HEAD) - 1))}|")
    rows, deadline = [], time.monotonic() + 270
    with drawing(), asking(options) as (peer, own):
        for name in names:
            asked = peer if name in own else None
            left = (deadline - time.monotonic()) / (len(names) - len(rows))
            rows.append(measure(name, asked, options, left if options.quick else options.seconds))
            print(f"| {' | '.join(cells(rows[-1], own))} |", flush=True)
    if "*" in str([cells(row, own)[0] for row in rows]):
        print("\n\\* not in the package: the engine's layers in the package's Trainer, with its loader and loss")
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
