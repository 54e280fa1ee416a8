"""A run that is killed goes on as if nothing had happened: the same curves and weights, to the last bit."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
import torch

from engine import publish
from engine.checkpoint import CheckpointUnusable
from engine.events import CheckpointKept
from engine.models.linear import LinearRegressionScratch
from engine.module import Classifier, DataModule
from engine.train import Trainer

SCRIPT = textwrap.dedent("""
    import json, os, sys, time
    import torch
    from torch import nn
    from engine.module import Classifier, DataModule
    from engine.train import Trainer

    KILLED = "killed" in sys.argv

    class Net(Classifier):
        def __init__(self):
            super().__init__(plot_train_per_epoch=7)
            self.net = nn.Sequential(nn.LazyLinear(8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.LazyLinear(3))
        def configure_optimizers(self):
            optimizer = torch.optim.Adam(self.parameters(), lr=0.05)
            return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
        def training_step(self, batch):
            step = self.trainer.train_batch_idx
            if KILLED and step == 50:
                time.sleep(0.15)  # so that a checkpoint is due after this step
            if KILLED and step == 60:
                os.kill(os.getpid(), 9)
            return super().training_step(batch)

    class Points(DataModule):
        batch_size = 4
        def __init__(self):
            super().__init__()
            generator = torch.Generator().manual_seed(1)
            self.X = torch.randn(160, 5, generator=generator)
            self.y = torch.randint(0, 3, (160,), generator=generator)
        def get_dataloader(self, train):
            part = slice(0, 140) if train else slice(140, None)
            return self.get_tensorloader((self.X, self.y), train, part)

    model = Net()
    trainer = Trainer(3, device="cpu", seed=4, precision="float64", display=False, checkpoint=sys.argv[1],
                      checkpoint_every=0, gradient_clip_val=1, scale=False)
    trainer.fit(model, Points(), resume="resume" in sys.argv)
    weights = [parameter.flatten().tolist() for parameter in model.state_dict().values()]
    print(json.dumps([trainer.history, weights, trainer.run._notes, trainer.result.epochs]))
""")


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *words],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_killed_run_goes_on_with_the_same_curve(tmp_path):
    undisturbed = run(tmp_path, "whole.pt")
    assert undisturbed.returncode == 0, undisturbed.stderr
    dead = run(tmp_path, "a.pt", "killed")
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"whole.pt", "a.pt"}
    resumed = run(tmp_path, "a.pt", "resume")
    assert resumed.returncode == 0, resumed.stderr
    history, weights, notes, epochs = json.loads(resumed.stdout)
    assert (history, weights) == tuple(json.loads(undisturbed.stdout)[:2])
    (note,) = notes
    assert note.startswith("resumed at epoch ")
    assert 51 / 35 - 0.01 <= float(note.split()[-1]) <= 60 / 35  # of which step it was kept last is the clock's affair
    assert epochs == 3


@pytest.mark.parametrize("steps", [13, 35, 36, 70, 104])
def test_wherever_a_run_is_cut_it_goes_on_with_the_same_curve(tmp_path, steps):
    namespace = {}
    exec(SCRIPT.partition("model = Net()")[0], namespace)

    def fitted(name, resume=False, **limits):
        one = trainer(tmp_path / name, epochs=3, precision="float64", gradient_clip_val=1, **limits)
        one.fit(namespace["Net"](), namespace["Points"](), resume=resume)
        return one

    fitted("a.pt", max_steps=steps)
    assert fitted("a.pt", resume=True).history == fitted("whole.pt").history


class Net(Classifier):
    def __init__(self, width=4):
        super().__init__()
        self.save_hyperparameters()
        self.lr = 0.1
        self.net = torch.nn.Sequential(torch.nn.Linear(5, width), torch.nn.Linear(width, 3))


class Points(DataModule):
    batch_size = 4

    def get_dataloader(self, train):
        return self.get_tensorloader((torch.ones(40, 5), torch.zeros(40, dtype=torch.long)), train)


def trainer(path, epochs=2, **settings):
    return Trainer(epochs, device="cpu", display=False, checkpoint=path, seed=0, **settings)


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path):
    model = Net()
    first = trainer(tmp_path / "a.pt", max_steps=13)
    first.fit(model, Points())
    second = trainer(tmp_path / "a.pt")
    second.fit(Net(), Points(), resume=True)
    assert second.result.reason == "completed"
    assert second.train_batch_idx == 20
    assert second.history["train_loss"][: len(first.history["train_loss"]) - 1] == first.history["train_loss"][:-1]


def test_what_is_kept_is_told_and_all_runs_go_on_where_the_surroundings_ask_for_it(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(publish, "_chosen", told.extend)
    first = Trainer(2, device="cpu", checkpoint=tmp_path / "a.pt", seed=0, max_steps=13)
    first.fit(Net(), Points())
    kept = [event for event in told if isinstance(event, CheckpointKept)][-1]
    assert kept.epoch == 1.3
    assert kept.path == str(tmp_path / "a.pt")
    monkeypatch.setenv("D2L_TUTOR_RESUME", "1")
    second = trainer(tmp_path / "a.pt")
    second.fit(Net(), Points())
    assert second.run._notes == ["resumed at epoch 1.3"]


def test_a_complete_run_goes_on_for_more_epochs(tmp_path):
    trainer(tmp_path / "a.pt").fit(Net(), Points())
    longer = trainer(tmp_path / "a.pt", epochs=5)
    longer.fit(Net(), Points(), resume=True)
    assert longer.train_batch_idx == 50
    assert [x for x, _ in longer.history["val_loss"]] == [1, 2, 3, 4, 5]


def test_without_a_checkpoint_it_begins_and_says_so(tmp_path):
    one = trainer(tmp_path / "a.pt")
    one.fit(Net(), Points(), resume=True)
    assert one.train_batch_idx == 20
    assert one.run._notes == ["nothing to resume: from the beginning"]


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    trainer(tmp_path / "a.pt").fit(Net(), Points())
    with pytest.raises(CheckpointUnusable, match="another model"):
        trainer(tmp_path / "a.pt").fit(Net(width=6), Points(), resume=True)


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04 torn"])
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(CheckpointUnusable, match="delete it"):
        trainer(tmp_path / "a.pt").fit(Net(), Points(), resume=True)


def test_a_checkpoint_that_would_run_code_does_not(tmp_path):
    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "made"),))

    torch.save({"version": 1, "model": Evil()}, tmp_path / "a.pt")
    with pytest.raises(CheckpointUnusable):
        trainer(tmp_path / "a.pt").fit(Net(), Points(), resume=True)
    assert not (tmp_path / "made").exists()


def test_a_folder_that_cannot_be_written_costs_the_checkpoint_and_not_the_run(tmp_path):
    (tmp_path / "file").write_text("in the way")
    one = trainer(tmp_path / "file" / "a.pt")
    with pytest.warns(UserWarning, match="No checkpoint could be written"):
        one.fit(Net(), Points())
    assert one.result.reason == "completed"


def test_weights_that_are_no_parameters_are_kept_too(tmp_path):
    class Line(LinearRegressionScratch):
        def __init__(self):
            super().__init__(1, 0.1)
            del self.w, self.b
            self.w, self.b = torch.zeros(5, 1, requires_grad=True), torch.zeros(1, requires_grad=True)

    class Numbers(DataModule):
        batch_size = 4

        def get_dataloader(self, train):
            return self.get_tensorloader((torch.ones(40, 5), torch.ones(40, 1)), train) if train else None

    whole = Line()
    trainer(tmp_path / "whole.pt").fit(whole, Numbers())
    trainer(tmp_path / "a.pt", max_steps=13).fit(Line(), Numbers())
    resumed = Line()
    trainer(tmp_path / "a.pt").fit(resumed, Numbers(), resume=True)
    assert torch.equal(whole.w, resumed.w)


def test_runs_too_short_to_be_worth_it_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_HOME", str(tmp_path))
    trainer(True, max_steps=5).fit(Net(), Points())
    trainer(True).fit(Net(), Points())
    assert list(tmp_path.iterdir()) == []
