"""Times, several devices, and the training loop of the chapters on performance and vision (13, 14)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.book.attributes import try_all_gpus
from engine.book.loops import accuracy, evaluate_accuracy_gpu, follow
from engine.book.quickness import shortened
from engine.metrics import Timer
from engine.models.resnet import Residual


class Benchmark:
    """`with Benchmark("what"): …` prints how long it took (13.2)."""

    def __init__(self, description: str = "Done") -> None:
        self.description = description

    def __enter__(self) -> Benchmark:
        self.timer = Timer()
        return self

    def __exit__(self, *args: Any) -> None:
        print(f"{self.description}: {self.timer.stop():.4f} sec")


def split_batch(X: Tensor, y: Tensor, devices: Sequence[Any]) -> tuple[Any, Any]:
    """A minibatch in equal parts, one for each device (13.5)."""
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} examples, y has {len(y)}: they must be as many.")
    return nn.parallel.scatter(X, devices), nn.parallel.scatter(y, devices)


def resnet18(num_classes: int, in_channels: int = 1) -> nn.Sequential:
    """ResNet-18 with a small stem that keeps the pictures' size (13.6).

    (n, in_channels, h, w) -> (n, 64, h, w) -> … -> (n, 512, h / 8, w / 8) -> (n, 512) -> (n, num_classes).
    """
    stem = nn.Conv2d(in_channels, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU()
    parts = OrderedDict((str(number), layer) for number, layer in enumerate(stem))
    for number, channels in enumerate((64, 128, 256, 512), start=1):
        begin = Residual(channels) if number == 1 else Residual(channels, use_1x1conv=True, strides=2)
        parts[f"resnet_block{number}"] = nn.Sequential(begin, Residual(channels))
    head = nn.Flatten(), nn.Linear(512, num_classes)
    net = nn.Sequential(parts | {"global_avg_pool": nn.AdaptiveAvgPool2d((1, 1)), "fc": nn.Sequential(*head)})
    _size(net, in_channels)
    return net


def _size(net: nn.Module, in_channels: int) -> None:
    """Let the lazy layers find their sizes, so that the model can be copied to several devices."""
    training = net.training
    net.eval()
    with torch.no_grad():
        net(torch.zeros(1, in_channels, 16, 16))
    net.train(training)


def train_batch_ch13(net: Any, X: Any, y: Tensor, loss: Any, trainer: Any, devices: Sequence[Any]) -> tuple[Any, Any]:
    """One step on a minibatch. Returns the sum of the losses and how many predictions were right (14.1)."""
    first = devices[0]
    inputs = [part.to(first) for part in X] if isinstance(X, list) else X.to(first)
    labels = y.to(first)
    scores = net.train()(inputs)
    total = loss(scores, labels).sum()
    trainer.zero_grad()
    total.backward()
    trainer.step()
    return total.detach(), accuracy(scores, labels)


def train_ch13(
    net: Any,
    train_iter: Any,
    test_iter: Any,
    loss: Any,
    trainer: Any,
    num_epochs: int,
    devices: Sequence[Any] | None = None,
) -> None:
    """Train a classifier on all devices, and say losses, accuracies and speed (14.1). None: every GPU, or the CPU."""
    devices = list(try_all_gpus() if devices is None else devices) or [torch.device("cpu")]
    if torch.device(devices[0]).type == "cuda":
        net = nn.DataParallel(net, device_ids=devices)
    net = net.to(devices[0])

    def step(features: Any, labels: Tensor) -> tuple[float, float, int, int]:
        total, right = train_batch_ch13(net, features, labels, loss, trainer, devices)
        return float(total), float(right), len(labels), labels.numel()

    follow(step, lambda: evaluate_accuracy_gpu(net, shortened(test_iter)), shortened(train_iter), num_epochs, devices)
