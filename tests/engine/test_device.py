"""The device that is chosen, what is said of it, and what the environment may ask for."""

import subprocess
import sys
import threading

import pytest
import torch

from engine import device
from engine.device import DeviceError, choose, facts, num_cores
from engine.warmup import warm


@pytest.fixture(autouse=True)
def fresh_choice(monkeypatch):
    monkeypatch.delenv("D2L_TUTOR_DEVICE", raising=False)
    device._choose.cache_clear()
    yield
    device._choose.cache_clear()


@pytest.fixture
def gpus(monkeypatch):
    """A machine with GPUs that are not there: names, free bytes, and which of them compute."""

    def pretend(free, broken=()):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(free))
        monkeypatch.setattr(torch.cuda, "device_count", lambda: len(free))
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {index}")
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: (free[index] * 2**30, 80 * 2**30))
        monkeypatch.setattr(device, "_free_by_uuid", dict)
        ones = torch.ones

        def checked(*size, device=None, **more):
            if isinstance(device, torch.device) and device.type == "cuda" and device.index in broken:
                raise RuntimeError("CUDA error: no kernel image is available\nmore lines")
            return ones(*size, **more)

        monkeypatch.setattr(torch, "ones", checked)

    return pretend


def test_the_emptiest_gpu_is_taken(gpus):
    gpus([10, 60, 30])
    chosen = choose()
    assert (chosen.kind, chosen.index) == ("cuda", 1)
    assert chosen.torch == torch.device("cuda", 1)
    assert chosen.label == "GPU 1, 60 GiB free of 80"


def test_a_gpu_that_does_not_compute_is_passed_over_and_named(gpus):
    gpus([60, 10], broken=[0])
    chosen = choose()
    assert chosen.index == 1
    assert "GPU 0 was passed over: CUDA error: no kernel image is available." in chosen.why


def test_the_cpu_is_taken_when_no_gpu_computes(gpus):
    gpus([60], broken=[0])
    chosen = choose()
    assert chosen.kind == "cpu"
    assert "GPU 0 was passed over" in chosen.why


def test_the_environment_may_ask_for_a_device(gpus, monkeypatch):
    gpus([60, 10])
    monkeypatch.setenv("D2L_TUTOR_DEVICE", "cuda:1")
    assert choose().index == 1
    monkeypatch.setenv("D2L_TUTOR_DEVICE", "cpu")
    assert choose().kind == "cpu"
    assert choose("cuda:0").kind == "cuda"


def test_cuda_without_a_number_is_the_emptiest(gpus):
    gpus([5, 6])
    assert choose("cuda").index == 1


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("cuda:7", "only 1 CUDA GPUs are visible"), ("toaster", "no device called 'toaster'"), ("meta", "not train on")],
)
def test_a_device_that_cannot_be_used_is_refused_in_a_sentence(gpus, wanted, said):
    gpus([60])
    with pytest.raises(DeviceError, match=said):
        choose(wanted)


def test_nvidia_smi_is_read_by_uuid(monkeypatch):
    out = "GPU-aaa, 1000\nGPU-bbb, 2000\nbroken line\n"
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 0, stdout=out))
    assert device._free_by_uuid() == {"aaa": 1000, "bbb": 2000}


def test_no_nvidia_smi_is_no_problem(monkeypatch):
    def missing(*args, **more):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    assert device._free_by_uuid() == {}


def test_the_facts_are_complete_and_ready_for_json(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DEVICE", "cpu")
    found = facts()
    assert found["kind"] == "cpu"
    assert found["label"] == f"CPU, {num_cores()} core" + ("s" if num_cores() > 1 else "")
    assert found["torch"] == torch.__version__
    assert found["torchvision_ok"] is True
    assert found["problem"] is None
    assert found["why"] == "cpu was asked for."


def test_a_device_asked_for_in_vain_is_a_problem_among_the_facts(monkeypatch, gpus):
    gpus([])
    monkeypatch.setenv("D2L_TUTOR_DEVICE", "cuda:3")
    found = facts()
    assert found["kind"] == "cpu"
    assert "no CUDA GPU is visible" in found["problem"]


def test_a_torchvision_that_does_not_match_is_found_out(monkeypatch):
    def broken(name):
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(device.importlib, "import_module", broken)
    device.torchvision_state.cache_clear()
    try:
        version, works, problem = device.torchvision_state()
    finally:
        device.torchvision_state.cache_clear()
    assert version
    assert not works
    assert "operator torchvision::nms does not exist" in problem
    assert torch.__version__ in problem


def test_the_books_names(gpus):
    gpus([60])
    assert device.try_gpu() == torch.device("cuda:0")
    assert device.try_gpu(10) == torch.device("cpu")
    assert device.try_all_gpus() == [torch.device("cuda:0")]
    assert device.num_gpus() == 1


def test_warming_up_returns_the_facts_and_wakes_the_rest_behind_them(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DEVICE", "cpu")
    found = warm()
    assert found["kind"] == "cpu"
    assert found["torchvision_ok"] is None
    for thread in threading.enumerate():
        if thread.name == "wake-torch":
            thread.join()
    assert "torch._dynamo" in sys.modules
