"""Times, several devices, and the training loop of the chapters on performance and vision (13, 14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.book.attributes import try_all_gpus
from engine.book.loops import accuracy, evaluate_accuracy_gpu
from engine.book.quickness import epochs, shortened
from engine.book.training import Animator
from engine.metrics import Accumulator, Timer
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
    """ResNet-18 with a small stem that keeps the pictures' size (13.6)."""
    stages = []
    for number, (channels_in, channels) in enumerate(((64, 64), (64, 128), (128, 256), (256, 512))):
        first = Residual(channels) if channels_in == channels else Residual(channels, use_1x1conv=True, strides=2)
        stages.append((f"resnet_block{number + 1}", nn.Sequential(first, Residual(channels))))
    net = nn.Sequential(nn.Conv2d(in_channels, 64, kernel_size=3, padding=1), nn.BatchNorm2d(64), nn.ReLU())
    for name, stage in stages:
        net.add_module(name, stage)
    net.add_module("global_avg_pool", nn.AdaptiveAvgPool2d((1, 1)))
    net.add_module("fc", nn.Sequential(nn.Flatten(), nn.Linear(512, num_classes)))
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
    X = [x.to(devices[0]) for x in X] if isinstance(X, list) else X.to(devices[0])
    y = y.to(devices[0])
    net.train()
    trainer.zero_grad()
    pred = net(X)
    l = loss(pred, y).sum()  # noqa: E741 -- the book's name
    l.backward()
    trainer.step()
    return l.detach(), accuracy(pred, y)


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
    spread = torch.device(devices[0]).type == "cuda"
    net = nn.DataParallel(net, device_ids=devices).to(devices[0]) if spread else net.to(devices[0])
    train_iter, test_iter, num_epochs = shortened(train_iter), shortened(test_iter), epochs(num_epochs)
    animator = Animator(
        xlabel="epoch", xlim=[1, num_epochs], ylim=[0, 1], legend=["train loss", "train acc", "test acc"]
    )
    timer, examples, test_acc, seen = Timer(), 0.0, 0.0, Accumulator(4)
    timer.times.clear()
    for epoch in range(num_epochs):
        seen.reset()
        for i, (features, labels) in enumerate(train_iter):
            timer.start()
            l, right = train_batch_ch13(net, features, labels, loss, trainer, devices)  # noqa: E741
            seen.add(l, right, labels.shape[0], labels.numel())
            timer.stop()
            examples += labels.shape[0]
            if (i + 1) % max(1, len(train_iter) // 5) == 0:
                means = seen[0] / seen[2], seen[1] / seen[3]
                animator.add(epoch + (i + 1) / len(train_iter), (*means, None))
        test_acc = evaluate_accuracy_gpu(net, test_iter)
        animator.add(epoch + 1, (None, None, test_acc))
    print(f"loss {seen[0] / seen[2]:.3f}, train acc {seen[1] / seen[3]:.3f}, test acc {test_acc:.3f}")
    print(f"{examples / timer.sum():.1f} examples/sec on {devices!s}")
