"""On real data, where they are: what a model reaches there. Kept short; the whole runs are in docs/engine.md."""

from pathlib import Path

import pytest
import torch

import engine
from engine.data.images import ImageData, Pictures
from engine.data.real import read_idx

SHARED = Path(__file__).parents[2].parent / "shared/data"
needs_real_data = pytest.mark.skipif(not (SHARED / "timemachine.txt").exists(), reason="no shared data")
pytestmark = [pytest.mark.slow, needs_real_data]


@pytest.fixture
def novel(monkeypatch, tmp_path):
    (tmp_path / "timemachine.txt").symlink_to(SHARED / "timemachine.txt")
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    data = engine.TimeMachine(batch_size=1024, num_steps=32)
    assert not data.stand_in
    return data


@pytest.mark.parametrize(("kind", "epochs", "at_most"), [("RNNScratch", 12, 14.0), ("GRU", 12, 11.0)])
def test_language_models_learn_the_time_machine(novel, kind, epochs, at_most):
    """After the book's 50 to 100 epochs it is 7.3 and 6.6; an untrained model has 28, letter frequencies 16.7."""
    torch.manual_seed(0)
    net = getattr(engine, kind)(len(novel.vocab), 32)
    if kind == "GRU":
        model = engine.RNNLM(net, len(novel.vocab), lr=4)
    else:
        model = engine.RNNLMScratch(net, len(novel.vocab), lr=1)
    trainer = engine.Trainer(epochs, gradient_clip_val=1, device="cpu", scale=False, display=False, checkpoint=False)
    trainer.fit(model, novel)
    held_out = [y for _, y in trainer.history["val_ppl"]]
    assert held_out[0] > held_out[-1]
    assert held_out[-1] <= at_most


def digits(batch_size=128):
    X = read_idx(SHARED / "t10k-images-idx3-ubyte")[:, None]
    y = read_idx(SHARED / "t10k-labels-idx1-ubyte").long()
    return ImageData(Pictures(X[:8000], y[:8000]), Pictures(X[8000:], y[8000:]), batch_size=batch_size)


def test_batch_normalization_brings_lenet_off_its_plateau_on_the_digits():
    """8,000 digits, 3 epochs of 63 steps: sigmoid LeNet still guesses then, with batch normalization it reads them."""
    reached = {}
    for name in ("LeNet", "BNLeNet"):
        torch.manual_seed(0)
        trainer = engine.Trainer(3, device="cpu", scale=False, display=False, checkpoint=False, seed=0)
        trainer.fit(getattr(engine, name)(lr=0.5), digits())
        reached[name] = trainer.history["val_acc"][-1][1]
    assert reached["LeNet"] < 0.2
    assert reached["BNLeNet"] > 0.9


def test_lenet_reads_ninety_seven_digits_of_a_hundred_with_adam():
    """The book's LeNet, sigmoids and all; only the optimizer is another. 0.980 to 0.982 with the seeds 0 to 4."""
    epochs = 30
    torch.manual_seed(0)
    model = engine.LeNet()

    def configure_optimizers():
        adam = torch.optim.Adam(model.parameters(), lr=0.003)
        return adam, torch.optim.lr_scheduler.CosineAnnealingLR(adam, epochs)

    model.configure_optimizers = configure_optimizers
    trainer = engine.Trainer(epochs, device="cpu", scale=False, display=False, checkpoint=False, seed=0)
    trainer.fit(model, digits(batch_size=64))
    assert trainer.history["val_acc"][-1][1] >= 0.97
