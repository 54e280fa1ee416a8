"""Two processes learn what one learns from the same minibatches: in double precision, the same curve."""

import json
import os
import signal
import subprocess
import sys

import pytest
import torch

from engine import distributed

WORDS = ["--precision", "float64", "--seed", "3", "--max-steps", "6", "--max-epochs", "1", "--device", "cpu"]


def history(folder, *words):
    done = subprocess.run(
        [sys.executable, "-m", "engine", "train", *words, *WORDS],
        env={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "D2L_TUTOR_HOME": str(folder),
            "D2L_TUTOR_DATA": str(folder / "data"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (kept,) = (folder / "runs").glob("*.jsonl")  # one process writes, whatever their number
    curves: dict[str, list[float]] = {}
    for line in kept.read_text().splitlines():
        for entry in json.loads(line)["events"]:
            if entry["type"] == "points":
                curves.setdefault(entry["series"], []).extend(entry["y"])
    return curves


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["linear-regression", "--set", "batch_size=25"],  # odd: the processes have different numbers of rows
        # Batch normalization, whose statistics are those of all rows; small, since two share a core here.
        [
            "resnet18",
            "--set",
            "resize=(24, 24)",
            "--set",
            "batch_size=6",
            "--set",
            "num_train=36",
            "--set",
            "num_val=6",
        ],
    ],
    ids=lambda words: words[0],
)
def test_two_processes_learn_what_one_learns(tmp_path, words):
    alone = history(tmp_path / "alone", *words)
    together = history(tmp_path / "together", *words, "--processes", "2")
    assert together.keys() == alone.keys() >= {"train_loss"}
    for series, values in alone.items():
        assert together[series] == pytest.approx(values, rel=0, abs=1e-9)


def test_alone_a_process_is_the_first_and_keeps_its_seed(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert distributed.join() is None
    assert distributed.is_first()
    assert distributed.shared_seed(None) is None
    assert distributed.shared_seed(7) == 7


@pytest.mark.slow
def test_two_processes_are_stopped_by_one_key_and_go_on_where_they_were(tmp_path):
    kept = tmp_path / "both.pt"
    words = [sys.executable, "-m", "engine", "train", "linear-regression", "--set", "batch_size=25", "--seed", "3"]
    words += ["--precision", "float64", "--device", "cpu", "--processes", "2", "--checkpoint", str(kept), "--full"]
    env = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "D2L_TUTOR_HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    first = subprocess.Popen([*words, "--max-epochs", "100000"], env=env, start_new_session=True, **pipes)
    said = []
    for line in first.stdout:
        said.append(line)
        if line.startswith("epoch   2"):
            break
    os.killpg(first.pid, signal.SIGINT)  # as a terminal does it: all processes of the group
    said += first.stdout.readlines()
    assert first.wait(timeout=300) == 128 + signal.SIGINT, "".join(said)
    assert "stopped after" in said[-1]
    assert "Traceback" not in "".join(said)
    epochs = torch.load(kept, weights_only=True)["epoch"]
    assert epochs >= 2
    again = subprocess.run(
        [*words, "--max-epochs", str(epochs + 3), "--resume"], env=env, check=False, timeout=300, **pipes
    )
    assert again.returncode == 0, again.stdout
    assert "resumed at epoch" in again.stdout
    assert f"epoch {epochs + 3:3}" in again.stdout


def in_two(folder, *words, **environment):
    """What a command in two processes ends with and says."""
    env = {**os.environ, "D2L_TUTOR_HOME": str(folder), "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    env.pop("OMP_NUM_THREADS", None)
    return subprocess.run(
        [sys.executable, "-P", "-m", "engine", "train", *words, "--device", "cpu", "--processes", "2"],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_a_wrong_setting_is_told_once_and_without_a_traceback(tmp_path):
    (tmp_path / "torch.py").write_text("raise SystemExit('a file of the learner')")
    done = in_two(tmp_path, "linear-regression", "--set", "batches=3")
    assert done.returncode == 2
    assert done.stderr.startswith("error: LinearRegression has no setting 'batches'.")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_process_that_was_killed_is_named(tmp_path):
    """As by a system that runs out of memory: the process cannot say so itself."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal\nif os.environ.get('RANK') == '1':\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = in_two(tmp_path, "linear-regression", "--max-steps", "3", PYTHONPATH=path)
    assert done.returncode == 128 + signal.SIGKILL
    assert done.stderr.splitlines()[-1] == "error: process 1 was ended by SIGKILL, and the others with it."
    assert "Traceback" not in done.stderr
