"""Recorded runs, data sets and models, as `python -m engine` lists them."""

import hashlib
import json
from types import SimpleNamespace

import IPython
import pytest
import torch

import engine
from engine import __main__ as cli
from engine import runs
from engine.data import sources
from engine.events import MetricPoint, RunStarted


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("D2L_TUTOR_DEVICE", "cpu")
    return tmp_path


@pytest.fixture
def two_runs(capsys):
    for rate in ("0.01", "0.05"):
        words = ["train", "linear-regression", "--max-epochs", "2", "--seed", "1", "--set", f"lr={rate}"]
        assert cli.main(words) == 0
    return capsys.readouterr().out


def test_runs_are_listed_with_what_they_were(two_runs, capsys):
    assert cli.main(["runs", "list", "--json"]) == 0
    one, two = json.loads(capsys.readouterr().out)
    assert (one["model"], one["data"], one["seed"], one["reason"]) == (
        "LinearRegression",
        "SyntheticRegressionData",
        1,
        "completed",
    )
    assert (one["hyperparameters"]["lr"], two["hyperparameters"]["lr"]) == (0.01, 0.05)
    assert two["metrics"]["val_loss"] < one["metrics"]["val_loss"]
    assert cli.main(["runs", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == 2
    assert "LinearRegression on SyntheticRegressionData  completed" in listed[0]
    assert listed[0].index("completed") == listed[1].index("completed")


def test_runs_are_compared_in_what_differs(two_runs, capsys):
    assert cli.main(["runs", "compare", "1", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ["lr=0.01" in lines[0], "lr=0.05" in lines[1], "val_loss" in lines[0]] == [True] * 3
    assert "max_epochs" not in lines[0]  # the same for both
    assert cli.main(["runs", "compare", "1", "7"]) == 2
    assert "There is no run '7'. There are numbers 1 to 2" in capsys.readouterr().err
    assert cli.main(["runs", "compare", "1", "--series", "val_acc"]) == 2
    assert "In common: train_loss, val_loss" in capsys.readouterr().err


def test_a_run_whose_process_died_is_listed_without_its_torn_line(two_runs, capsys):
    path = runs.kept()[0].path
    whole = path.read_text().splitlines()
    path.write_text("\n".join(whole[:-1]) + "\n" + whole[-1][:40])
    assert cli.main(["runs", "list"]) == 0
    assert "not finished" in capsys.readouterr().out.splitlines()[0]


def test_without_runs_it_says_how_to_make_one(capsys):
    assert cli.main(["runs", "list"]) == 0
    assert "`train` makes one" in capsys.readouterr().out


def test_a_record_that_cannot_be_written_does_not_stop_a_run(places, capsys):
    (places / "home").write_text("in the way")
    assert cli.main(["train", "linear-regression", "--max-epochs", "1"]) == 0
    told = capsys.readouterr()
    assert "this run is not recorded" in told.err
    assert "completed" in told.out


def test_a_stopped_run_goes_on_from_the_command_line(places, capsys):
    words = ["train", "linear-regression", "--seed", "1", "--checkpoint", str(places / "a.pt"), "--max-epochs", "3"]
    assert cli.main([*words, "--max-steps", "40"]) == 0
    assert cli.main([*words, "--resume"]) == 0
    assert "resumed at epoch 1.25" in capsys.readouterr().out
    assert cli.main(["train", "linear-regression", "--seed", "1", "--max-epochs", "3"]) == 0
    _, resumed, whole = runs.kept()
    assert resumed.curves.last["val_loss"] == whole.curves.last["val_loss"]


def test_data_are_listed_with_where_they_are(places, capsys):
    (places / "data").mkdir()
    (places / "data" / "timemachine.txt").write_text("the time machine")
    assert cli.main(["data", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["folder"] == str(places / "data")
    assert {row["name"]: row["there"] for row in listed["data"]} == {
        name: name == "TimeMachine" for name in sources.SOURCES
    }
    assert cli.main(["data", "list"]) == 0
    assert "TimeMachine   real" in capsys.readouterr().out


def test_data_of_a_wrong_hash_are_found(places, capsys):
    assert cli.main(["data", "verify"]) == 0
    assert "No data set is in" in capsys.readouterr().out
    (places / "data").mkdir()
    (places / "data" / "timemachine.txt").write_text("the time machine")
    assert cli.main(["data", "verify", "timemachine"]) == 1
    assert "WRONG" in capsys.readouterr().out


def test_what_is_there_is_not_fetched_again(places, capsys):
    (places / "data").mkdir()
    (places / "data" / "timemachine.txt").write_text("the time machine")
    assert cli.main(["data", "fetch", "time-machine"]) == 0
    assert "is there already" in capsys.readouterr().out
    assert cli.main(["data", "fetch", "timemachine", "imagenet"]) == 2
    assert "There is no data set 'imagenet'" in capsys.readouterr().err


def test_a_fetch_that_fails_says_so_in_a_sentence(monkeypatch, capsys):
    file = sources.SourceFile("a.txt", ("http://127.0.0.1:9/a.txt",), f"sha1:{hashlib.sha1(b'').hexdigest()}")
    source = sources.Source("Airfoil", "", 0.1, (file,), ("a.txt",))
    monkeypatch.setitem(sources.SOURCES, "Airfoil", source)
    assert cli.main(["data", "fetch", "airfoil"]) == 1
    assert "a.txt could not be fetched" in capsys.readouterr().err


def trained_in_a_kernel(monkeypatch, shown):
    """A small training as a cell has it: IPython's shell with a kernel takes the display messages."""
    shell = SimpleNamespace(
        kernel=object(), display_pub=SimpleNamespace(publish=lambda data, **more: shown.append(data))
    )
    for module in (IPython, IPython.core.getipython):
        monkeypatch.setattr(module, "get_ipython", lambda: shell)
    data = engine.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, num_train=64, num_val=32)
    engine.Trainer(max_epochs=1).fit(engine.LinearRegression(lr=0.03), data)


def test_runs_of_cells_are_listed_with_those_of_the_command_line(two_runs, monkeypatch, capsys):
    shown = []
    trained_in_a_kernel(monkeypatch, shown)
    assert shown  # and the chart is drawn all the same
    listed = runs.kept()
    assert [run.number for run in listed] == [1, 2, 3]
    assert listed[2].curves.finished.reason == "completed"
    assert cli.main(["runs", "compare", "2", "3", "--series", "val_loss"]) == 0


def test_the_runs_of_the_courses_check_are_not_kept(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    trained_in_a_kernel(monkeypatch, [])
    assert runs.kept() == []


def test_old_runs_make_room(two_runs, monkeypatch):
    first, second = runs.kept()
    monkeypatch.setattr(runs, "KEPT", 2)
    trained_in_a_kernel(monkeypatch, [])
    assert not first.path.exists()
    assert second.path.exists()
    assert len(runs.kept()) == 2


def test_a_curve_that_was_drawn_by_hand_is_no_run(tmp_path):
    said = []
    sink = runs.written_down(said.extend)
    sink([RunStarted("board-1", "loss over epoch", "", False, "", 0, 0)])
    sink([MetricPoint("board-1", "loss", 0.0, 1.0)])
    sink.close()
    assert len(said) == 2
    assert runs.kept() == []
