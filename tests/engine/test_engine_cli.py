"""`python -m engine`, as a process and as a function."""

import json
import os
import struct
import subprocess
import sys

import pytest
import torch

from engine import __main__ as cli
from engine import catalog
from engine.models.linear import LinearRegression
from engine.saving import SavingError, save


def engine(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "D2L_TUTOR_DEVICE": "cpu", **environment},
        timeout=300,
        check=False,
    )


def test_training_prints_a_line_an_epoch_when_nobody_watches():
    done = engine("train", "linear-regression", "--max-epochs", "2", "--seed", "1")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("LinearRegression on SyntheticRegressionData, CPU, ")
    assert [line.split()[:2] for line in lines[1:3]] == [["epoch", "1"], ["epoch", "2"]]
    assert lines[3].startswith("completed after ")


@pytest.mark.parametrize("called", ["python -m engine", "d2l-tutor"])
def test_help_shows_the_command_that_was_typed(called, monkeypatch, capsys):
    monkeypatch.delenv("D2L_TUTOR_PROGRAM", raising=False)
    if called == "d2l-tutor":
        monkeypatch.setenv("D2L_TUTOR_PROGRAM", called)
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    said = capsys.readouterr().out
    assert said.startswith(f"usage: {called} train ")
    assert f"\n  {called} train lenet\n" in said


def test_device_as_json():
    done = engine("device", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kind"] == "cpu"


def test_a_device_that_is_not_there_is_a_failure_said_in_a_sentence():
    done = engine("train", "mlp", "--max-epochs", "1", D2L_TUTOR_DEVICE="cuda:99")
    assert done.returncode == 1
    assert "cuda:99 was asked for, but" in done.stderr
    assert "Traceback" not in done.stderr


def test_models_are_listed_with_their_data(capsys):
    assert cli.main(["models", "--json"]) == 0
    listed = {entry["name"]: entry["data"] for entry in json.loads(capsys.readouterr().out)}
    assert listed["LeNet"] == "FashionMNIST"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "lenett"], "Did you mean LeNet"),
        (["train", "lenet", "--set", "rate=1"], "LeNet has no setting 'rate'"),
        (["train", "lenet", "--set", "lr"], "write it as name=value"),
        (["train", "lenet", "--data", "imagenet"], "There is no data set 'imagenet'"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(capsys, arguments, said):
    assert cli.main(arguments) == 2
    assert said in capsys.readouterr().err


def test_settings_go_to_the_model_or_the_data_that_has_them():
    data, model = catalog.build(catalog.recipe("linearregression"), None, {"lr": 0.5, "batch_size": 7})
    assert model.lr == 0.5
    assert data.batch_size == 7


@pytest.mark.parametrize("name", catalog.models())
def test_every_recipe_builds_a_model_that_takes_a_step(name, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    recipe = catalog.recipe(name)
    small = {"batch_size": 4}
    data, model = catalog.build(recipe, None, small)
    batch = next(iter(data.train_dataloader()))
    loss = model.training_step(tuple(batch))
    loss.backward()
    assert loss.isfinite()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("linear-regression-scratch", "kaggle-house"),
        ("linear-regression", "airfoil"),
        ("weight-decay", "synthetic-sequence"),
        ("lenet", "cifar10"),
        ("mlp-scratch", "mnist"),
    ],
)
def test_a_model_takes_the_sizes_of_other_data(name, other, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    data, model = catalog.build(catalog.recipe(name), other, {"batch_size": 4})
    batch = next(iter(data.train_dataloader()))
    assert model.training_step(tuple(batch)).isfinite()


def test_data_of_another_kind_are_refused_with_those_that_fit():
    with pytest.raises(catalog.UnknownName, match=r"pictures, and TimeMachine has text.*CIFAR10, FashionMNIST, MNIST"):
        catalog.build(catalog.recipe("resnet18"), "timemachine", {})


def test_weights_are_saved_in_the_safetensors_format(tmp_path):
    model = LinearRegression(lr=0.1)
    model(torch.zeros(1, 3))
    save(model, tmp_path / "line.safetensors")
    raw = (tmp_path / "line.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    assert header["net.weight"] == {
        "dtype": "F32",
        "shape": [1, 3],
        "data_offsets": header["net.weight"]["data_offsets"],
    }
    start, end = header["net.weight"]["data_offsets"]
    weight = struct.unpack("<3f", raw[8 + length + start : 8 + length + end])
    assert weight == pytest.approx(model.net.weight.detach().reshape(-1).tolist())
    assert (8 + length) % 8 == 0


def test_weights_are_saved_for_torch_too(tmp_path):
    model = LinearRegression(lr=0.1)
    model(torch.zeros(1, 3))
    save(model, tmp_path / "line.pt")
    assert torch.equal(torch.load(tmp_path / "line.pt", weights_only=True)["net.weight"], model.net.weight)


@pytest.mark.parametrize(("name", "said"), [("line.bin", "end it in"), ("no/such/line.pt", "There is no folder")])
def test_a_place_that_cannot_be_written_is_refused_before_training(tmp_path, name, said):
    with pytest.raises(SavingError, match=said):
        save(LinearRegression(lr=0.1), tmp_path / name)
