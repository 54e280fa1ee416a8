"""Milliseconds a step: a plain loop written by hand, the engine, and (`--peer PYTHON`) the book's own package.

    python tests/benchmarks/train.py [MODEL …] [--pairs 20] [--steps 40] [--peer /path/to/venv/bin/python]

The runs alternate, so that a busy machine disturbs all alike; the ratio is the median of the pairs' ratios. The plain
loop has the engine's data, batch size, model and optimizer, and does nothing else. The peer is an environment with
d2l 1.0.3, installed with `--no-deps` beside torch, torchvision, numpy, pandas and matplotlib; it is timed by its
Trainer's epochs, its chart switched off.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch

from engine import Trainer, catalog, publish
from engine.optimizing import clip_gradients

MODELS = ("linear-regression-scratch", "linear-regression", "softmax-regression-scratch", "softmax-regression", "mlp")
MODELS += ("lenet", "bn-lenet", "rnn-scratch", "rnn", "lstm-scratch", "lstm", "gru", "seq2seq", "transformer")
SLOW = ("alexnet", "resnet18", "vit")

PEER = {
    "linear-regression-scratch": "LinearRegressionScratch(2, lr=0.03) | SyntheticRegressionData(W, 4.2)",
    "linear-regression": "LinearRegression(lr=0.03) | SyntheticRegressionData(W, 4.2)",
    "lenet": "LeNet(lr=0.1) | FashionMNIST(batch_size=128)",
    "resnet18": "ResNet18(lr=0.01) | FashionMNIST(batch_size=128, resize=(96, 96))",
    "rnn-scratch": "RNNLMScratch(RNNScratch(28, 32), vocab_size=28, lr=1) | TimeMachine(batch_size=1024, num_steps=32)",
    "rnn": "RNNLM(RNN(28, 32), vocab_size=28, lr=1) | TimeMachine(batch_size=1024, num_steps=32)",
    "gru": "RNNLM(GRU(28, 32), vocab_size=28, lr=4) | TimeMachine(batch_size=1024, num_steps=32)",
}
"""What the peer can build of its own: model | data."""

PEER_SCRIPT = """
import sys, time, torch
from d2l import torch as d2l
W, steps, clip = torch.tensor([2.0, -3.4]), int(sys.argv[2]), float(sys.argv[3])
model, data = (eval(part, {**vars(d2l), "W": W}) for part in sys.argv[1].split("|"))
model.board.display = False
loader = data.train_dataloader
def few():
    for i, batch in enumerate(loader()):
        if i == steps: break
        yield batch
class Few:
    __iter__ = lambda self: few()
    __len__ = lambda self: steps
data.train_dataloader, data.val_dataloader = lambda: Few(), lambda: None
trainer = d2l.Trainer(max_epochs=1, gradient_clip_val=clip)
trainer.fit(model, data)
model_time = time.perf_counter()
trainer.fit(model, data)
print((time.perf_counter() - model_time) / steps)
"""


def plain(recipe: catalog.Recipe, steps: int) -> float:
    """Seconds a step of a loop that only trains."""
    data, model = catalog.build(recipe, None, {})
    batches = _epochs(data.train_dataloader())
    model.training_step(tuple(next(batches)))  # lazy layers get their sizes
    optimizer = model.configure_optimizers()
    optimizer.zero_grad()
    for i in range(WARM + steps):
        if i == WARM:
            begun = time.perf_counter()
        batch = next(batches)
        loss = model.loss(model(*batch[:-1]), batch[-1])
        optimizer.zero_grad()
        loss.backward()
        if recipe.clip:
            clip_gradients(recipe.clip, model)
        optimizer.step()
    return (time.perf_counter() - begun) / steps


def ours(recipe: catalog.Recipe, steps: int) -> float:
    """Seconds a step of the engine, its events published to a sink that drops them."""
    data, model = catalog.build(recipe, None, {})
    data.val_dataloader = lambda: None
    whole = model.training_step
    times: list[float] = []

    def timed(batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        if len(times) < 2 and trainer.train_batch_idx in (WARM, WARM + steps):
            times.append(time.perf_counter())
        return whole(batch)

    model.training_step = timed
    epochs = -(-(WARM + steps + 1) // len(data.train_dataloader()))
    trainer = Trainer(epochs, gradient_clip_val=recipe.clip, device="cpu", max_steps=WARM + steps + 1, checkpoint=False)
    trainer.fit(model, data)
    return (times[1] - times[0]) / steps


def peer(name: str, recipe: catalog.Recipe, steps: int, python: str) -> float | None:
    """Seconds a step of d2l; None: it has no such model of its own, or it failed."""
    if name not in PEER:
        return None
    words = [python, "-c", PEER_SCRIPT, PEER[name], str(steps), str(recipe.clip)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    return float(done.stdout.split()[-1])


WARM = 5


def _epochs(loader):
    while True:
        yield from loader


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help=f"without any: {', '.join(MODELS)}; slow ones: {', '.join(SLOW)}")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--peer", metavar="PYTHON", help="the interpreter of an environment with d2l 1.0.3")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    publish.use_sink(lambda events: None)
    rows = []
    if not options.json:
        print(
            f"torch {torch.__version__}, {torch.get_num_threads()} threads, medians of {options.pairs} pairs, ms a step"
        )
        print(f"{'model':<28}{'d2l':>9}{'plain':>9}{'engine':>9}{'to plain':>10}{'speed-up':>10}")
    for name in options.models or MODELS:
        recipe = catalog.recipe(name)
        times = [(plain(recipe, options.steps), ours(recipe, options.steps)) for _ in range(options.pairs)]
        theirs = [
            value
            for _ in range(min(3, options.pairs) if options.peer else 0)
            if (value := peer(name, recipe, options.steps, options.peer)) is not None
        ]
        row = {
            "model": name,
            "d2l": statistics.median(theirs) * 1e3 if theirs else None,
            "plain": statistics.median(time for time, _ in times) * 1e3,
            "engine": statistics.median(time for _, time in times) * 1e3,
            "to_plain": statistics.median(engine / by_hand for by_hand, engine in times),
        }
        row["speed_up"] = row["d2l"] / row["engine"] if row["d2l"] else None
        rows.append(row)
        if not options.json:
            cells = [f"{row[key]:>9.3f}" if row[key] else f"{'–':>9}" for key in ("d2l", "plain", "engine")]
            speed = f"{row['speed_up']:>9.1f}×" if row["speed_up"] else f"{'–':>10}"
            print(f"{name:<28}{''.join(cells)}{row['to_plain']:>9.2f}×{speed}", flush=True)
    if options.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
