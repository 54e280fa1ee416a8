"""How many kernels, and for how long: the learner's file, the environment, and what is said when there is no room."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tutor import limits
from tutor.kernel import registry
from tutor.kernel.events import KernelState
from tutor.kernel.launch import launch
from tutor.kernels import Kernels
from tutor.room import NoRoom


@pytest.fixture
def keep() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="d2lk-", dir="/var/tmp"))
    yield directory
    for record in registry.live(directory):
        record.process().kill()
    shutil.rmtree(directory, ignore_errors=True)


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    limits.apply(tmp_path / "kernels.toml", environment)
    assert environment == {}
    assert limits.FEWEST <= limits.most() <= limits.MOST


def test_the_file_speaks_in_hours_and_the_environment_has_the_last_word(tmp_path: Path) -> None:
    path = tmp_path / "kernels.toml"
    path.write_text("most = 2\nidle_hours = 1.5\nidle_hours_gpu = 0.5\nspare_minutes = 3\ninterrupt_seconds = 20\n")
    environment = {"D2L_TUTOR_KERNEL_IDLE_GPU": "60"}
    limits.apply(path, environment)
    assert environment == {
        "D2L_TUTOR_KERNELS": "2",
        "D2L_TUTOR_KERNEL_IDLE": "5400",
        "D2L_TUTOR_KERNEL_IDLE_GPU": "60",
        "D2L_TUTOR_KERNEL_SPARE": "180",
        "D2L_TUTOR_HEED": "20",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("most = ", "is not TOML"),
        ("most = 'many'", "“most” must be a number above 0"),
        ("idle_hours = 0", "“idle_hours” must be a number above 0"),
        ("most = true", "must be a number"),
        ("idel_hours = 1", "“idel_hours”, which is no rule. Rules are: most, idle_hours"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "kernels.toml"
    path.write_text(text)
    with pytest.raises(limits.LimitsUnreadable, match=words) as refused:
        limits.apply(path, {})
    assert str(path) in str(refused.value)


def test_one_too_many_is_refused_and_the_longest_idle_is_named(keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.MOST_SWITCH, "1")
    settings = {"D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1"}
    runtime = Path(tempfile.mkdtemp(prefix="d2lt-", dir="/tmp"))
    kernels = Kernels(partial(launch, runtime, keep=keep, environment=settings), keep=keep)
    try:
        session = kernels.connect("a/one", lambda events: None)
        with pytest.raises(NoRoom) as refused:
            kernels.connect("a/two", lambda events: None)
        said = str(refused.value)
        assert "1 kernels run already, and 1 is the limit." in said
        assert "`d2l-tutor kernels stop a/one`" in said
        assert kernels.connect("a/one", lambda events: None) is session
        kernels.end("a/one")
        assert session.join(120)
        other = kernels.connect("a/two", lambda events: None)
        assert other.state is not KernelState.STOPPED
    finally:
        kernels.stop()
        shutil.rmtree(runtime, ignore_errors=True)


@pytest.mark.parametrize(("gigabytes", "kernels"), [(2, 4), (8, 5), (16, 10), (256, 16)])
def test_without_a_word_from_the_learner_there_are_as_many_as_fit(
    gigabytes: int, kernels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(limits.MOST_SWITCH, raising=False)
    monkeypatch.setattr(limits, "memory", lambda: gigabytes * 1024**3)
    assert limits.most() == kernels


def test_a_container_has_the_memory_that_it_is_allowed(tmp_path: Path) -> None:
    allowed = tmp_path / "memory.max"
    whole = limits.memory(allowed)
    assert whole > 0
    allowed.write_text("max\n")
    assert limits.memory(allowed) == whole
    allowed.write_text(f"{64 * 1024**2}\n")
    assert limits.memory(allowed) == 64 * 1024**2
