"""Each error is caused in real torch, and its explanation names what was wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from lessons.catalog import load_course
from tutor.explain import explain
from tutor.explain.explaining import RULES

ROOT = Path(__file__).parents[2]
HEAD = """
import torch
from torch import nn
from torch.nn import functional as F

class NoSuper(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 2)

class NoSuperNoLayer(nn.Module):
    def __init__(self):
        self.size = 3

def change_leaf():
    w = torch.ones(3, requires_grad=True)
    w -= 0.1

def backward_twice():
    x = torch.ones(3, requires_grad=True)
    y = (x * x).sum()
    y.backward()
    y.backward()

def change_needed():
    x = torch.ones(3, requires_grad=True)
    y = x.exp()
    y += 1
    y.sum().backward()

def zero_none():
    w = torch.ones(3, requires_grad=True)
    w.grad.zero_()

def loss_none():
    def training_step(x):
        (x * x).sum()
    training_step(torch.ones(3, requires_grad=True)).backward()

def typo():
    learning_rate = 0.1
    return learning_rte

def many():
    x = torch.ones(3, requires_grad=True)
    (2 * x).backward()
"""
CAUSES = {
    "torch.ones(2, 3) @ torch.ones(4, 5)": ("(2, 3)", "(4, 5)", "3 columns", "4 rows"),
    "torch.ones(2, 3) @ torch.ones(4, 3)": ("A @ B.T", "(2, 4)"),
    "torch.ones(2, 3) @ torch.ones(2, 5)": ("A.T @ B", "(3, 5)"),
    "nn.Linear(784, 10)(torch.ones(32, 28, 28))": ("(896, 28)", "(784, 10)", "nn.Flatten()", "(32, 784)"),
    "nn.Linear(784, 10)(torch.ones(32, 100))": ("expects 784 inputs got 100",),
    "torch.mv(torch.ones(2, 3), torch.ones(4))": ("(2, 3)", "(4,)"),
    "torch.dot(torch.ones(3), torch.ones(4))": ("(3,)", "(4,)"),
    "torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 5, 6))": ("(2, 4)", "(2, 5)"),
    "torch.ones(3, 4) + torch.ones(3, 5)": ("4 and 5 elements", "axis 1", "unsqueeze"),
    "torch.cat([torch.ones(3, 4), torch.ones(3, 5)], 0)": ("axis 0", "4 and 5"),
    "torch.stack([torch.ones(2), torch.ones(3)])": ("(2,)", "(3,)", "number 1"),
    "torch.ones(12).reshape(5, 3)": ("(5, 3) has 15 elements", "12"),
    "torch.ones(12).reshape(5, -1)": ("12 elements", "rows of 5"),
    "torch.ones(3, 4).t().view(12)": ("reshape",),
    "nn.Conv2d(3, 8, 3)(torch.ones(1, 1, 28, 28))": ("(8, 3, 3, 3)", "(1, 1, 28, 28)", "in_channels=1"),
    "nn.Conv2d(3, 8, 3)(torch.ones(1, 28, 28, 3))": ("permute(0, 3, 1, 2)",),
    "nn.Conv2d(1, 8, 3)(torch.ones(28, 28))": ("2 axes of (28, 28)", "unsqueeze"),
    "nn.Conv2d(1, 8, 5)(torch.ones(1, 1, 3, 3))": ("(5, 5)", "(3, 3)"),
    "nn.MaxPool2d(5)(torch.ones(1, 1, 3, 3))": ("(1, 3, 3)", "(1, 0, 0)"),
    "nn.RNN(3, 4)(torch.ones(2, 5, 7))": ("expects 3 features", "got 7"),
    "nn.BatchNorm2d(3)(torch.ones(2, 4, 5, 5))": ("3 channels", "has 4"),
    "nn.BatchNorm2d(3)(torch.ones(2, 4))": ("expects 4 axes and got 2", "unsqueeze"),
    "nn.BatchNorm1d(3)(torch.ones(1, 3))": ("net.eval()",),
    "torch.ones(3)[5]": ("Axis 0 has 3 elements", "no 5"),
    "torch.ones(3).sum(1)": ("no axis 1", "has 1", "unsqueeze"),
    "F.cross_entropy(torch.ones(4, 3), torch.ones(5).long())": ("4 predictions and 5 labels",),
    "F.cross_entropy(torch.ones(4, 3), torch.tensor([0, 1, 2, 3]))": ("A label is 3", "4 outputs"),
    "F.cross_entropy(torch.ones(4, 3), torch.ones(4, 1).long())": ("squeeze(1)",),
    "F.cross_entropy(torch.ones(2, 3), torch.ones(2))": ("float32", "y.long()"),
    "nn.Embedding(5, 3)(torch.tensor([5]))": ("num_embeddings",),
    "nn.Embedding(5, 3)(torch.ones(2))": ("float32", "x.long()"),
    "torch.ones(2, 3) @ torch.ones(3, 2).double()": ("float32", "float64", "x.float()"),
    "nn.Linear(3, 2)(torch.ones(2, 3).long())": ("int64", "float32"),
    "nn.Conv2d(1, 2, 3)(torch.ones(1, 1, 8, 8).double())": ("float64", "float32"),
    "torch.ones(3).long().mean()": ("int64", "x.float().mean()"),
    "nn.Linear(3, 2, device='meta')(torch.ones(2, 3))": ("on meta", "on cpu", ".to(device)"),
    "change_leaf()": ("torch.no_grad()",),
    "backward_twice()": ("first backward()", ".detach()"),
    "change_needed()": ("y = y + 1",),
    "torch.ones(3).sum().backward()": ("requires_grad=True",),
    "many()": ("sum() or mean()",),
    "torch.ones(3, requires_grad=True).numpy()": ("x.detach().numpy()",),
    "loss_none()": ("None", "training_step", "return"),
    "zero_none()": ("None until the first backward()",),
    "torch.ones(3).long().requires_grad_()": ("x.float()",),
    "torch.distributions.Normal(torch.tensor(float('nan')), 1.0)": ("nan", "smaller learning rate"),
    "int(torch.tensor(float('nan')))": ("nan",),
    "NoSuper()": ("super().__init__()",),
    "NoSuperNoLayer()(torch.ones(1))": ("super().__init__()",),
    "nn.Module()(torch.ones(1))": ("forward",),
    "torch.optim.SGD([], lr=0.1)": ("nn.ModuleList",),
    "nn.Linear(2, 3).load_state_dict(nn.Linear(2, 4).state_dict())": ("same settings",),
    "nn.MultiheadAttention(5, 2)": ("multiple of the number of heads",),
    "typo()": ("Did you mean learning_rate?",),
    "torch.arrange(3)": ("Did you mean torch.arange?",),
    "nn.Relu()": ("Did you mean torch.nn.ReLU?",),
    "torch.ones(3).shpae": ("Did you mean .shape?",),
    "nn.Linear(2, 3).wieght": ("Did you mean .weight?",),
    "nn.Linear(in_feature=2, out_features=3)": ("no argument in_feature",),
    "bool(torch.ones(3) > 0)": (".all()",),
    "torch.ones(3).item()": ("has 3",),
}
"""An expression that raises, and what its explanation says."""


@lru_cache(maxsize=1)
def raised() -> dict[str, tuple[str, str, list[str]]]:
    """What each cause raises, with IPython's traceback, as the tutor's kernel makes it: all in one process."""
    program = f"""
import json, sys, warnings
warnings.simplefilter("ignore")
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="linux")
shell.history_manager.enabled = False
shell.run_cell({HEAD!r})
found = {{}}
shell._showtraceback = lambda kind, value, trace: found.__setitem__(cause, [kind.__name__, str(value), trace])
for cause in json.loads(sys.stdin.read()):
    shell.run_cell(cause)
print(json.dumps(found))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(list(CAUSES)), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[str, str, list[str]]] = json.loads(done.stdout.strip().split("\n")[-1])
    return found


@pytest.mark.parametrize("cause", list(CAUSES))
def test_an_error_of_torch_is_explained(cause: str) -> None:
    assert cause in raised(), "it raised nothing"
    name, value, trace = raised()[cause]
    found = explain(name, value, trace)
    assert found is not None, f"{name}: {value}"
    for words in CAUSES[cause]:
        assert words in found.words, found.words


def test_words_of_gpus_that_are_not_here() -> None:
    oom = explain(
        "OutOfMemoryError",
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.79 GiB of which 1.20 GiB is "
        "free.",
    )
    assert oom is not None
    assert "2.00 GiB more were asked for, and 1.20 GiB were free" in oom.words
    devices = explain(
        "RuntimeError", "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
    )
    assert devices is not None
    assert "on cuda:0 and another on cpu" in devices.words


def test_every_lesson_that_is_named_exists() -> None:
    known = {entry.id for entry in load_course().entries()}
    assert {rule.lesson for rule in RULES} <= known


@pytest.mark.parametrize(
    ("name", "value"),
    [("ValueError", "something else"), ("KeyError", "'x'"), ("", ""), ("NameError", "name 'zqxjkv' is not defined")],
)
def test_what_speaks_for_itself_is_left_alone(name: str, value: str) -> None:
    assert explain(name, value) is None


def test_escape_sequences_and_endless_words_do_no_harm() -> None:
    shapes = "mat1 and mat2 shapes cannot be multiplied (\x1b[31m2x3\x1b[0m and 4x5)"
    found = explain("RuntimeError", shapes)
    assert found is not None
    assert "(2, 3)" in found.words
    assert explain("RuntimeError", "size of tensor a (" * 500_000) is None


def test_it_needs_neither_torch_nor_textual() -> None:
    program = "import sys, tutor.explain; print({'torch', 'textual', 'zmq'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "set()"
