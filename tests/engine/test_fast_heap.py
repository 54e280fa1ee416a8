"""Memory that a step frees serves the next step, and goes back to the system with the run. Pages are counted."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from engine.fast import heap

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the heap is glibc's")

BLOCK = 64 << 20
PAGES = BLOCK // 4096
BEGIN = f"""
import contextlib, resource
from engine.fast.heap import freed_memory_kept
import torch

def faults(times=4):
    "Pages that came new while so many blocks were filled and freed."
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        torch.full(({BLOCK // 4},), 1.0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    return int(open("/proc/self/statm").read().split()[1])
"""


def in_a_process(code, **environment):
    """The numbers that `code` prints in a process of its own: the heap is the whole process's."""
    # Where the system makes huge pages unasked, fewer faults would be counted than pages.
    shown = "\nimport ctypes; ctypes.CDLL(None).prctl(41, 1, 0, 0, 0)\n"
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + shown + code],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=Path(__file__).parents[2],
        env={**{k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}, **environment},
    )
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


def test_blocks_are_new_each_time_and_kept_while_it_lasts():
    before, kept, after = in_a_process(
        """
print(faults())
with freed_memory_kept():
    faults(12)  # until there are holes of all sorts
    print(faults())
print(faults())
"""
    )
    assert before > 4 * PAGES * 0.9
    assert after > 0.9 * PAGES
    assert kept < 1.5 * PAGES


def test_at_its_end_the_memory_goes_back():
    within, after = in_a_process(
        """
start = resident()
with freed_memory_kept():
    blocks = [torch.full((1 << 20,), 1.0) for _ in range(100)]
    last = torch.full((1 << 20,), 1.0)  # keeps the end of the heap
    del blocks
    print(resident() - start)
print(resident() - start)
"""
    )
    assert within > 100 * 1024 * 0.9  # pages of 4 KB
    assert after < 10 * 1024


def test_of_two_runs_the_last_gives_it_back():
    first, both = in_a_process(
        """
one, two = freed_memory_kept(), freed_memory_kept()
one.__enter__(); two.__enter__()
faults(12)
one.__exit__(None, None, None)
print(faults())
two.__exit__(None, None, None)
print(faults())
"""
    )
    assert first < 1.5 * PAGES
    assert both > 0.9 * PAGES


def test_a_training_run_keeps_it_and_lets_it_go_whatever_happens():
    kept, after = in_a_process(
        """
import engine

class Data(engine.DataModule):
    batch_size = 1
    name = "blocks"
    def train_dataloader(self):
        return [(torch.zeros(1, 1), torch.zeros(1, 1))] * 4
    def val_dataloader(self):
        return None

class Model(engine.LinearRegression):
    steps = 0
    def training_step(self, batch):
        Model.steps += 1
        if Model.steps == 3:
            print(faults())
            raise ValueError
        faults(6)
        return super().training_step(batch)

with contextlib.suppress(ValueError):
    engine.Trainer(1, device="cpu", display=False, checkpoint=False, scale=False).fit(Model(0.1), Data())
print(faults())
"""
    )
    assert kept < 1.5 * PAGES
    assert after > 0.9 * PAGES


@pytest.mark.parametrize("told", [{"MALLOC_MMAP_MAX_": "65536"}, {"GLIBC_TUNABLES": "glibc.malloc.mmap_max=65536"}])
def test_who_has_told_glibc_how_to_keep_memory_is_obeyed(told):
    (within,) = in_a_process("with freed_memory_kept():\n    print(faults())", **told)
    assert within > 4 * PAGES * 0.9


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    heap._glibc.cache_clear()
    try:
        with heap.freed_memory_kept():
            assert heap._runs == 0
    finally:
        heap._glibc.cache_clear()
