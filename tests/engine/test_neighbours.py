"""Who else is on the card: a fake `nvidia-smi` on the PATH says so, in the ways in which a real one does."""

import os
import stat
import sys

import pytest
import torch

from engine import device, neighbours
from engine.neighbours import Neighbour, described, on_card

US = os.getpid()
PARENT = os.getppid()


@pytest.fixture
def smi(tmp_path, monkeypatch):
    """Put an `nvidia-smi` first on the PATH that prints these lines, for the query that the engine makes."""

    def pretend(lines, code=0, before=""):
        program = tmp_path / "nvidia-smi"
        answer = "\n".join(lines)
        program.write_text(
            f"#!{sys.executable}\nimport sys, time\n{before}\n"
            f"assert any(word.startswith('--query-compute-apps=gpu_uuid,pid,') for word in sys.argv), sys.argv\n"
            f"print({answer!r})\nsys.exit({code})\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    monkeypatch.setattr(neighbours, "SECONDS", 120)  # a machine may be busy
    return pretend


def test_the_others_are_named_and_we_are_not_among_them(smi):
    smi([f"GPU-AAA, {US}, 500, python", f"GPU-aaa, {PARENT}, 2048, /usr/bin/python3, -m train", "GPU-bbb, 7, 9, x"])
    (other,) = on_card("aaa")
    assert (other.pid, other.name, other.mib) == (PARENT, "python3, -m train", 2048)
    assert other.user is not None
    assert described([other]) == f"another process on the GPU: {other.user} 2 GiB"


def test_in_a_container_one_of_those_that_cannot_be_seen_is_us(smi):
    smi(["GPU-a, 99999997, 600, python", "GPU-a, 99999998, [N/A], [Not Found]"])
    assert on_card("GPU-a") == [Neighbour(99999998, "[Not Found]", None, None)]


@pytest.mark.parametrize("lines", [[], ["No running processes found"], ["GPU-a, none, 5, x"], [",,,"]])
def test_nobody_or_nonsense_is_nobody(smi, lines):
    smi(lines)
    assert on_card("a") == []


def test_a_driver_that_fails_or_hangs_costs_no_more_than_the_limit(smi, monkeypatch):
    smi(["GPU-a, 5, 5, x"], code=9)
    assert on_card("a") == []
    monkeypatch.setattr(neighbours, "SECONDS", 0.2)
    smi(["GPU-a, 5, 5, x"], before="time.sleep(60)")
    assert on_card("a") == []


def test_without_nvidia_smi_nobody_is_known(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert on_card("a") == []


def test_many_are_summed_by_whose_they_are():
    some = [Neighbour(1, "python", 3000, "ann"), Neighbour(2, "python", 31000, "ann"), Neighbour(3, "jax", None, None)]
    assert described(some) == "3 other processes on the GPU: ann 33 GiB, jax"
    assert described([]) == ""


def test_a_cpu_has_no_neighbours(smi):
    smi([f"GPU-, {PARENT}, 2048, python"])
    assert device.Device("cpu", 0, "CPU", "").neighbours() == []


def test_a_card_is_asked_for_by_its_uuid(smi, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: type("P", (), {"uuid": f"uuid-{index}"}))
    smi([f"GPU-uuid-1, {PARENT}, 2048, /bin/x", f"GPU-uuid-0, {PARENT}, 1, /bin/y"])
    assert [each.name for each in device.Device("cuda", 1, "GPU", "").neighbours()] == ["x"]
