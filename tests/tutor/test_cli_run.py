"""`d2l-tutor run` and `doctor`, with real kernels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from progress_db import Progress

ROOT = Path(__file__).parents[2]
START = """
import sys
from pathlib import Path
import lessons.catalog
lessons.catalog.CONTENT = Path(sys.argv.pop(1))
from tutor.__main__ import main
sys.exit(main())
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path, content: Path) -> Start:
    def start_command(*words: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", START, str(content), *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "D2L_TUTOR_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1", **environment},
        )

    return start_command


def edit(content: Path, old: str, new: str) -> None:
    path = content / "01-first-steps" / "01-tensors.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def finish(process: subprocess.Popen[str], stdin: str = "") -> tuple[int, str, str]:
    output, errors = process.communicate(stdin, timeout=300)
    return process.returncode, output, errors


def test_a_lesson_runs_and_its_outputs_are_printed(start: Start) -> None:
    code, output, errors = finish(start("run", "tensors"))
    assert (code, errors) == (0, "")
    assert "\nhello\n" in output
    assert "double: for the learner to solve" in output
    assert "Every cell ran." in output


def test_solutions_are_run_and_checked(start: Start, content: Path) -> None:
    code, output, _ = finish(start("run", "tensors", "--solutions"))
    assert code == 0
    assert "double: the check passes" in output
    edit(content, "return 2 * x", "return 3 * x")
    code, output, _ = finish(start("run", "tensors", "--solutions"))
    assert code == 1
    assert "double: double(2) must be 4" in output


def test_ones_own_versions_are_run_and_judged(start: Start, tmp_path: Path) -> None:
    with Progress.open(tmp_path / "home" / "progress.db") as progress:
        progress.draft_saved("first-steps/tensors", "hello", "print('my own')")
        progress.draft_saved("first-steps/tensors", "double", "def double(x):\n    return 5")
    code, output, _ = finish(start("run", "tensors", "--mine"))
    assert "\nmy own\n" in output
    assert "double: double(2) must be 4" in output
    assert code == 1
    code, output, _ = finish(start("run", "tensors"))
    assert "my own" not in output
    assert code == 0


def test_a_cell_that_raises_makes_exit_code_1(start: Start, content: Path) -> None:
    edit(content, 'print("hello")', "1 / 0")
    code, output, errors = finish(start("run", "tensors"))
    assert code == 1
    assert "ZeroDivisionError" in output
    assert "1 cell failed: hello" in output
    assert "Traceback" not in errors


def test_what_a_cell_writes_cannot_command_the_terminal(start: Start, content: Path) -> None:
    edit(content, 'print("hello")', r'print("\x1b]0;owned\x07\x1b[2Jsafe\rSAFE\x9b5A")')
    code, output, _ = finish(start("run", "tensors"))
    assert code == 0
    assert "SAFE" in output
    assert "\x1b" not in output
    assert "\x9b" not in output


def test_a_kernel_that_dies_is_a_sentence(start: Start, content: Path) -> None:
    edit(content, 'print("hello")', "print('last words', flush=True); import os; os.kill(os.getpid(), 9)")
    code, output, errors = finish(start("run", "tensors"))
    assert code == 6
    assert "killed by signal 9" in errors
    assert "Traceback" not in errors
    assert "last words" in output


def test_input_is_read_from_standard_input(start: Start, content: Path) -> None:
    edit(content, 'print("hello")', "print('got', input('name? '))")
    code, output, _ = finish(start("run", "tensors"), stdin="Ada\n")
    assert code == 0
    assert "got Ada" in output


def test_ctrl_c_interrupts_the_cell_and_ends(start: Start, content: Path) -> None:
    edit(content, 'print("hello")', "print('looping', flush=True)\nwhile True: pass")
    process = start("run", "tensors")
    assert process.stdout is not None
    line = ""
    while "looping" not in line or "print" in line:
        line = process.stdout.readline()
        assert line, "the cell was never run"
    process.send_signal(signal.SIGINT)
    code, _output, errors = finish(process)
    assert code == 130
    assert "Traceback" not in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_ended_from_outside_leaves_no_kernel(
    start: Start, content: Path, tmp_path: Path, number: signal.Signals
) -> None:
    told = tmp_path / "kernel.pid"
    source = f"import os, pathlib\npathlib.Path({str(told)!r}).write_text(str(os.getpid()))\n"
    edit(content, 'print("hello")', source + "print('looping', flush=True)\nwhile True: pass")
    process = start("run", "tensors")
    assert process.stdout is not None
    while process.stdout.readline() != "looping\n":
        assert process.poll() is None
    process.send_signal(number)
    code, _output, errors = finish(process)
    assert code == 128 + number
    assert "Traceback" not in errors
    assert not Path(f"/proc/{told.read_text()}").exists()


def test_doctor_finds_this_machine_well(start: Start) -> None:
    code, output, errors = finish(start("doctor", "--json"))
    report = json.loads(output)
    findings = {finding["name"]: finding for finding in report["findings"]}
    assert {"torch", "device", "kernel", "terminal", "home", "record", "colours", "characters"} <= set(findings)
    assert findings["torch"]["verdict"] == "good", findings["torch"]
    assert findings["kernel"]["verdict"] == "good", findings["kernel"]
    assert report["ok"] is True, report
    assert code == 0, errors


def test_doctor_says_what_is_wrong_and_what_to_do(start: Start, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "progress.db").write_bytes(b"")
    code, output, errors = finish(start("doctor", D2L_TUTOR_DEVICE="cuda:99", NO_COLOR="1"))
    assert code == 1
    assert "0 bytes" in output
    assert "cuda:99 was asked for" in output
    assert "\x1b" not in output
    assert "Traceback" not in errors
