"""A lesson written as a notebook: valid, complete, and free of MyST."""

from __future__ import annotations

import json
import re

import pytest

from lessons.__main__ import main
from lessons.catalog import load_course
from lessons.notebook import notebook
from lessons.parser import read_lesson


@pytest.mark.parametrize("entry", load_course().entries(), ids=lambda entry: entry.id)
def test_every_lesson_makes_a_valid_notebook(entry):
    lesson = read_lesson(entry.path)
    made = json.loads(json.dumps(notebook(lesson)))
    assert_valid(made)
    text = "".join("".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "markdown")
    assert ":::" not in text
    for exercise in entry.exercises:
        assert [cell["id"] for cell in made["cells"]].count(f"{exercise}-check") == 1


def test_what_is_to_be_found_out_is_folded_away():
    made = notebook(read_lesson(load_course().find("softmax-regression").path))
    (cell,) = (cell for cell in made["cells"] if cell["id"] == "loss-of-a-blind-guess")
    shown, _, folded = "".join(cell["source"]).partition("<details>")
    assert "10 classes" in shown
    assert "2.3" not in shown
    assert "2.3" in folded


def test_export_writes_a_file_and_never_over_one(tmp_path, capsys):
    target = tmp_path / "softmax.ipynb"
    assert main(["export", "softmax-regression", "--to", str(target)]) == 0
    assert_valid(json.loads(target.read_text()))
    target.write_text("worked in")
    assert main(["export", "softmax-regression", "--to", str(target)]) == 2
    assert target.read_text() == "worked in"
    assert "File exists" in capsys.readouterr().err
    assert main(["export", "zebra"]) == 2


def assert_valid(made) -> None:
    """What the schema of nbformat 4.5 asks of the parts that we write."""
    assert set(made) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in made["cells"]]
    assert len(ids) == len(set(ids))
    for cell in made["cells"]:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert all(isinstance(line, str) for line in cell["source"])
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        keys = {"id", "cell_type", "metadata", "source"}
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == keys | code
