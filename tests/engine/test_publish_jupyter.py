"""A plain Jupyter kernel: the curves of a training are a picture there, and are kept up to date."""

from __future__ import annotations

import os
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from engine.curves import Curve
from engine.events import MIME
from engine.vector_chart import svg

ROOT = Path(__file__).parents[2]


@pytest.fixture
def client() -> Iterator[Any]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "D2L_TUTOR_QUICK": "1", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="d2lt-", dir="/tmp") as sockets:  # else they lie in the working directory
        manager = KernelManager(transport="ipc", connection_file=f"{sockets}/kernel.json")
        manager.start_kernel(env=environment)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=300)
            yield client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def messages(client: Any, source: str) -> list[dict[str, Any]]:
    """What the kernel sent for that cell, until it was idle again."""
    sent = client.execute(source)
    found = []
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        message = client.get_iopub_msg(timeout=300)
        if message["parent_header"].get("msg_id") != sent:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return found
        found.append(message)
    raise AssertionError("the cell did not end")


def test_the_picture_is_displayed_once_and_then_updated(client: Any) -> None:
    fit = "engine.Trainer(max_epochs=3).fit(engine.SoftmaxRegression(num_outputs=10, lr=0.1), engine.FashionMNIST())"
    got = messages(client, f"import engine\n{fit}")
    assert not [one["content"] for one in got if one["msg_type"] == "error"]
    displays = [one for one in got if one["msg_type"] == "display_data" and MIME in one["content"]["data"]]
    updates = [one for one in got if one["msg_type"] == "update_display_data"]
    assert len(displays) == 1
    assert len(updates) >= 2
    names = {one["content"]["transient"]["display_id"] for one in [*displays, *updates]}
    assert len(names) == 1, "all of them are about the same picture"
    last = updates[-1]["content"]["data"]["image/svg+xml"]
    root = ElementTree.fromstring(last)
    assert len(root.findall(".//{http://www.w3.org/2000/svg}polyline")) == 3
    assert "SoftmaxRegression on FashionMNIST" in last
    assert last != displays[0]["content"]["data"]["image/svg+xml"]


@pytest.mark.parametrize("log_y", [False, True])
@pytest.mark.parametrize(
    "curve",
    [
        Curve("none", (), ()),
        Curve("one", (1.0,), (2.0,)),
        Curve("val_gaps", (1.0, 2.0, 3.0, 4.0), (1.0, float("nan"), float("inf"), 0.5)),
        Curve("exploding", tuple(range(50)), tuple(10.0**n for n in range(50))),
        Curve("<&\"'\x1b\x00>", (0.0, 1.0), (-1.0, 1.0)),
        Curve("long", tuple(n / 10 for n in range(20_000)), tuple(1 / (n + 1) for n in range(20_000))),
        Curve("flat", (1.0, 2.0), (3.0, 3.0)),
    ],
)
def test_any_curve_is_well_formed_and_within_the_picture(curve: Curve, log_y: bool) -> None:
    made = svg([curve], title="a <b> & \x07", log_y=log_y)
    root = ElementTree.fromstring(made)
    assert len(made) < 40_000
    height = float(root.attrib["height"])
    for line in root.iter("{http://www.w3.org/2000/svg}polyline"):
        for pair in line.attrib["points"].split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= 560
            assert 0 <= y <= height
