"""`d2l-tutor run PATH` and `export`, with real kernels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from progress_db import KeptOutput, Progress, new_id
from tutor.__main__ import main

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "tests" / "notebooks"
Ended = tuple[int, str, str]
Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run_command(*words: str | Path, **environment: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "tutor", *map(str, words)],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "D2L_TUTOR_HOME": str(tmp_path / "home"),
                "OMP_NUM_THREADS": "1",
                **environment,
            },
        )
        return done.returncode, done.stdout, done.stderr

    return run_command


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same in this process, for what starts no kernel."""
    monkeypatch.chdir(tmp_path)

    def run_command(*words: str | Path) -> Ended:
        code = main([str(word) for word in words])
        output, errors = capsys.readouterr()
        return code, output, errors

    return run_command


@pytest.mark.parametrize(
    ("notebook", "seen"),
    [
        ("course/intro.md", "'hello'"),
        ("course/percent.py", "1.4142135623730951"),
        ("course/light.py", "5 cells ran"),
        ("book/chapter_lines/slope.md", "7.0"),
        ("book/chapter_lines/fitting.md", "\n2\n"),
    ],
)
def test_every_format_runs(run: Run, notebook: str, seen: str) -> None:
    code, output, errors = run("run", NOTEBOOKS / notebook)
    assert (code, errors) == (0, ""), output
    assert seen in output
    assert "the wrong tab" not in output


def test_the_first_error_ends_it_with_cell_and_traceback(run: Run) -> None:
    code, output, _ = run("run", NOTEBOOKS / "kept.ipynb")
    assert code == 1
    assert "----> 1 1 / 0" in output
    assert "Stopped at cell 3 of 3, failed: ZeroDivisionError: division by zero" in output


def test_a_cell_that_is_meant_to_raise_does_not_end_it(run: Run) -> None:
    code, output, _ = run("run", NOTEBOOKS / "course" / "myst.md")
    assert code == 0
    assert "2 cells ran" in output


def test_it_runs_in_the_folder_of_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "numbers.txt").write_text("41 1")
    page = tmp_path / "book" / "page.md"
    page.write_text("```python\nprint(sum(map(int, open('numbers.txt').read().split())))\nopen('made', 'w')\n```\n")
    before = page.read_bytes()
    code, output, _ = run("run", "book/page.md", "--to", "new.ipynb")
    assert code == 0
    assert "\n42\n" in output
    assert page.read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "book").iterdir()) == ["made", "numbers.txt", "page.md"]
    written = json.loads((tmp_path / "new.ipynb").read_text("utf-8"))
    assert written["cells"][0]["outputs"][0]["text"] == "42\n"


def test_a_cell_that_takes_too_long_is_stopped(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "long.md"
    page.write_text("```python\nimport time\ntime.sleep(600)\n```\n")
    code, output, _ = run("run", page, "--timeout", "1")
    assert code == 1
    assert "it took too long" in output


def test_quick_is_told_to_the_engine(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nfrom engine import config\nprint('quick is', config.quick())\n```\n")
    assert "quick is True" in run("run", page, "--quick")[1]
    assert "quick is False" in run("run", page, D2L_TUTOR_QUICK="")[1]


def test_escape_sequences_of_outputs_do_not_pass(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint('\\x1b]0;owned\\x07\\x1b[2Jclean')\n```\n")
    code, output, _ = run("run", page)
    assert code == 0
    assert "clean" in output
    assert "\x1b" not in output
    assert "\x07" not in output


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("none.ipynb", "there is no such file", 3),
        (".", "name one of its notebooks", 3),
        ("cut.ipynb", "cut off", 3),
        ("pipe.md", "FIFO", 3),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(here: Run, tmp_path: Path, name: str, said: str, code: int) -> None:
    (tmp_path / "cut.ipynb").write_text('{"cells": [{"cell_type": "code", "sou')
    os.mkfifo(tmp_path / "pipe.md")
    ended = here("run", name)
    assert ended[0] == code
    assert said in ended[2]
    assert "Traceback" not in ended[2]


def test_a_training_becomes_a_picture(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "train.md"
    fit = "engine.Trainer(max_epochs=2).fit(engine.SoftmaxRegression(num_outputs=10, lr=0.1), engine.FashionMNIST())"
    page.write_text(f"```python\nimport engine\n{fit}\n```\n")
    code, output, _ = run("run", page, "--quick", "--to", "out.ipynb")
    assert code == 0, output
    shown = json.loads((tmp_path / "out.ipynb").read_text("utf-8"))["cells"][0]["outputs"]
    pictures = [one["data"]["image/svg+xml"] for one in shown if "image/svg+xml" in one.get("data", {})]
    assert len(pictures) == 1
    assert "SoftmaxRegression on FashionMNIST" in pictures[0]
    assert "val_loss" in pictures[0]
    assert "<polyline" in pictures[0]


def keep(home: Path, lesson: str, step: str, draft: str, printed: str) -> None:
    with Progress.open(home / "progress.db") as progress:
        progress.draft_saved(lesson, step, draft)
        number = new_id()
        progress.run_started(number, lesson, step, draft, 0.0)
        progress.outputs_kept(number, [KeptOutput("stream", {"name": "stdout", "text": printed})])
        progress.run_finished(number, "ok", 0.1)


def sources(notebook: dict[str, Any]) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_an_export_has_what_the_learner_made_of_it(here: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.ipynb"
    page.write_bytes((NOTEBOOKS / "kept.ipynb").read_bytes())
    (tmp_path / "home").mkdir()
    keep(tmp_path / "home", f"notebook:{page}", "printing", "print('mine')", "\x1b[31mmine\x1b[0m\n")
    for kind in ("ipynb", "md", "py", "html"):
        code, output, errors = here("export", "page.ipynb", "--to", kind, "-o", f"mine.{kind}")
        assert (code, errors) == (0, ""), output
    written = json.loads((tmp_path / "mine.ipynb").read_text("utf-8"))
    assert sources(written) == ["print('mine')", "40 + 2", "1 / 0"]
    assert written["cells"][1]["outputs"][0]["text"] == "\x1b[31mmine\x1b[0m\n"
    assert written["cells"][2]["outputs"][0]["data"]["text/plain"] == "42"
    markdown = (tmp_path / "mine.md").read_text("utf-8")
    assert "```python\nprint('mine')\n```\n\n```text\nmine\n```" in markdown
    assert "# %%\n40 + 2\n" in (tmp_path / "mine.py").read_text("utf-8")
    html = (tmp_path / "mine.html").read_text("utf-8")
    assert '<pre class="output">mine</pre>' in html
    assert "\x1b" not in html + markdown
    again = here("export", "page.ipynb", "--to", "md", "-o", "mine.md")
    assert again[0] == 2
    assert "is there already" in again[1]


def test_a_page_runs_nothing_of_the_notebook(here: Run, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    cells = [
        {"cell_type": "markdown", "source": f"# T\n\n{evil} [x](javascript:alert(1))"},
        {
            "cell_type": "code",
            "source": f"'{evil}'",
            "outputs": [
                {"output_type": "display_data", "data": {"text/html": evil, "text/plain": evil}},
                {"output_type": "display_data", "data": {"image/svg+xml": f"<svg>{evil}</svg>"}},
            ],
        },
    ]
    (tmp_path / "evil.ipynb").write_text(json.dumps({"cells": cells}))
    assert here("export", "evil.ipynb", "--to", "html")[0] == 0
    html = (tmp_path / "evil.html").read_text("utf-8")
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<svg" not in html, "as an image a browser runs nothing of it"
    assert "data:image/svg+xml;base64," in html


def test_a_lesson_of_the_course_is_exported(here: Run, tmp_path: Path) -> None:
    for kind in ("ipynb", "md", "py", "html"):
        assert here("export", "4.1", "--to", kind)[0] == 0
    script = (tmp_path / "softmax-regression.py").read_text("utf-8")
    compile(script, "softmax-regression.py", "exec")
    assert (tmp_path / "softmax-regression.html").read_text("utf-8").count("<h1") == 1


def test_what_is_written_can_be_opened_again(run: Run, here: Run) -> None:
    for kind in ("md", "py"):
        assert here("export", NOTEBOOKS / "book" / "chapter_lines" / "slope.md", "--to", kind)[0] == 0
        code, output, _ = run("run", f"slope.{kind}")
        assert code == 0, output
        assert "7.0" in output
