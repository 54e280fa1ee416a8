"""Ctrl+C, as the system sends it: a process of its own gets real signals."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

SCRIPT = textwrap.dedent("""
    import os, sys, torch
    from engine import publish
    from engine.events import RunFinished
    from engine.module import DataModule, Module
    from engine.train import Trainer

    class Line(Module):
        def __init__(self):
            super().__init__()
            self.lr, self.net = 0.01, torch.nn.Linear(1, 1)
        def loss(self, y_hat, y):
            return ((y_hat - y) ** 2).mean()
        def training_step(self, batch):
            if self.trainer.train_batch_idx == 500:
                print("ready", flush=True)
                {in_step}
            return super().training_step(batch)

    class Points(DataModule):
        batch_size = 1
        def get_dataloader(self, train):
            X = torch.ones(1000, 1)
            return self.get_tensorloader((X, 2 * X), train)

    finished = []
    publish.use_sink(lambda events: finished.extend(e for e in events if isinstance(e, RunFinished)))
    model = Line()
    trainer = Trainer(max_epochs=10_000, device="cpu", scale=False)
    try:
        trainer.fit(model, Points())
        print("returned", finished[0].reason, trainer.train_batch_idx >= 500, model(torch.ones(1, 1)).item() > 1.5)
    except KeyboardInterrupt:
        print("raised", [event.reason for event in finished])
    try:
        signal_again = os.kill(os.getpid(), 2)
        while True:
            pass
    except KeyboardInterrupt:
        print("the old handler is back")
""")


ENDLESS_STEP = """
            while not self.trainer.run.stop_requested:
                pass
            print("asked to stop", flush=True)
            while True:
                pass
"""


WAITING_STEP = """
            while not self.trainer.run.stop_requested:
                pass
"""


def start(in_step):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("D2L_TUTOR_QUICK", None)
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT.replace("            {in_step}", in_step)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.fixture
def stopped():
    started = []

    def launch(in_step=WAITING_STEP):
        started.append(start(in_step))
        return started[-1]

    yield launch
    for process in started:
        process.kill()
        process.communicate()


def test_one_interrupt_stops_at_the_next_batch_and_keeps_what_was_learned(stopped):
    process = stopped()
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert out.splitlines() == ["returned stopped True True", "the old handler is back"], err


def test_a_second_interrupt_breaks_off(stopped):
    process = stopped(ENDLESS_STEP)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "asked to stop\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert out.splitlines()[0] == "raised ['stopped']", err
