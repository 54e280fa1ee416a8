"""Events on their way out: gathered, flushed, and shown by a real kernel."""

import tempfile

import pytest

from engine import publish
from engine.console import LiveChart, PlainLines, plain_line, sink, status
from engine.curves import Curves
from engine.events import MIME, EpochFinished, MetricPoint, RunDiverged, RunFinished, RunStarted, StepsDone, decode

BEGUN = RunStarted("r", "LeNet", "FashionMNIST", True, "CPU, 2 cores", 2, 10, notes=("stand-in data",))
DONE = RunFinished("r", "completed", 1.0, 2.0, 100.0, {"train_loss": 0.5})


class Heard:
    def __init__(self):
        self.messages = []
        self.closed = False

    def __call__(self, events):
        self.messages.append(list(events))

    def close(self):
        self.closed = True


def point(i):
    return MetricPoint("r", "train_loss", float(i), 1.0)


def progress(i):
    return StepsDone("r", i, 10, 0, 1.0, None)


def test_points_wait_and_travel_with_the_next_progress():
    heard = Heard()
    publisher = publish.Publisher(heard)
    for event in (BEGUN, point(0), point(1), progress(2)):
        publisher.send(event)
    assert heard.messages == [[BEGUN], [point(0), point(1), progress(2)]]


def test_a_point_alone_is_sent_when_it_has_waited_long_enough(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(publish.time, "monotonic", lambda: now[0])
    heard = Heard()
    publisher = publish.Publisher(heard)
    publisher.send(BEGUN)
    publisher.send(point(0))
    assert len(heard.messages) == 1
    now[0] = publish.INTERVAL
    publisher.send(point(1))
    assert heard.messages[1] == [point(0), point(1)]


def test_closing_sends_the_rest_and_closes_the_sink():
    heard = Heard()
    publisher = publish.Publisher(heard)
    publisher.send(BEGUN)
    publisher.send(point(0))
    publisher.close()
    assert heard.messages[-1] == [point(0)]
    assert heard.closed


def test_another_sink_takes_the_place_of_the_surroundings():
    heard = Heard()
    publish.use_sink(heard)
    try:
        publish.Publisher().send(BEGUN)
    finally:
        publish.use_sink(None)
    assert heard.messages == [[BEGUN]]


def test_without_a_terminal_an_epoch_is_a_line(capsys):
    lines = sink()
    assert isinstance(lines, PlainLines)
    lines([BEGUN, point(0), EpochFinished("r", 1, {"train_loss": 0.75}, 2.0), DONE])
    assert capsys.readouterr().out.splitlines() == [
        "LeNet on FashionMNIST, CPU, 2 cores, 2 epochs (stand-in data)",
        "epoch   1  train_loss 0.7500  2.0 s",
        "completed after 1.0 s, 100 examples/s",
    ]


def test_divergence_is_a_line_with_the_advice():
    assert plain_line(RunDiverged("r", 1, 3, "It broke.", "Lower lr.")) == "It broke. Lower lr."


def test_on_a_terminal_the_chart_stays_when_the_run_is_over():
    from rich.console import Console

    console = Console(record=True, width=80, height=24, force_terminal=True, file=open("/dev/null", "w"))  # noqa: SIM115
    live = LiveChart(console)
    live([BEGUN, point(0), progress(5)])
    live([point(1), DONE])
    live.close()
    text = console.export_text()
    assert "LeNet on FashionMNIST" in text
    assert "stand-in data" in text
    assert "⠤⠤ train_loss" in text
    assert "completed · 1.0 s" in text


def test_the_status_line_says_how_far_and_how_long():
    curves = Curves()
    curves.extend([BEGUN, StepsDone("r", 5, 10, 0, 1234.5, 8.4)])
    line = status(curves.current)
    assert "5/10" in line
    assert "1,234 examples/s" in line
    assert "8 s left" in line
    assert line.count("━") == 12


@pytest.fixture
def kernel():
    from jupyter_client.manager import KernelManager

    with tempfile.TemporaryDirectory(prefix="d2lt-", dir="/tmp") as sockets:  # else they lie in the working directory
        manager = KernelManager(transport="ipc", connection_file=f"{sockets}/kernel.json")
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=300)
            yield manager, client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


CELL = """
import torch
from engine.module import DataModule, Module
from engine.train import Trainer

class Line(Module):
    def __init__(self):
        super().__init__()
        self.lr, self.net = 0.1, torch.nn.Linear(1, 1)
    def loss(self, y_hat, y):
        return ((y_hat - y) ** 2).mean()

class Points(DataModule):
    batch_size = 10
    def get_dataloader(self, train):
        X = torch.arange(100.0).reshape(-1, 1) / 100
        return self.get_tensorloader((X, 2 * X), train)

Trainer(max_epochs=2, device="cpu").fit(Line(), Points())
"""


def watch(client, on_display=lambda content: None):
    """Every message of the cell that is running: displays, what it printed, errors."""
    shown, printed, errors, state = [], "", [], None
    while state != "idle":
        message = client.get_iopub_msg(timeout=300)
        kind, content = message["msg_type"], message["content"]
        if kind == "error":
            errors.append(content["evalue"])
        if kind == "stream":
            printed += content["text"]
        if kind in ("display_data", "update_display_data"):
            shown.append((kind, content))
            on_display(content)
        state = content["execution_state"] if kind == "status" else state
    return shown, printed, errors


def test_a_kernel_shows_one_display_that_is_kept_up_to_date(kernel):
    _, client = kernel
    client.execute(CELL)
    shown, _, errors = watch(client)
    assert errors == []
    kinds = [kind for kind, _ in shown]
    assert kinds == ["display_data"] + ["update_display_data"] * (len(shown) - 1)
    assert len({content["transient"]["display_id"] for _, content in shown}) == 1
    events = [event for _, content in shown for event in decode(content["data"][MIME])]
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert [event.epoch for event in events if isinstance(event, EpochFinished)] == [1, 2]
    last = shown[-1][1]["data"]["text/plain"]
    assert last.startswith("Line on Points")
    assert "completed after 2 epochs" in last


def test_interrupting_the_kernel_stops_the_run_and_the_cell_goes_on(kernel):
    manager, client = kernel
    asked = []

    def interrupt(content):
        if not asked and content["data"][MIME]["events"][-1]["type"] == "steps_done":
            asked.append(True)
            manager.interrupt_kernel()

    endless = CELL.replace("max_epochs=2", "max_epochs=1_000_000, scale=False")
    client.execute(endless + "\nprint('and on')")
    shown, printed, errors = watch(client, interrupt)
    assert errors == []
    assert printed == "and on\n"
    last = decode(shown[-1][1]["data"][MIME])[-1]
    assert isinstance(last, RunFinished)
    assert last.reason == "stopped"
