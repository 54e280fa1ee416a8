"""What is recorded stays with its cell when the file is edited: the rule of `lessons.notebooks.identity`."""

from __future__ import annotations

from pathlib import Path

from lessons.model import CodeCell, Lesson
from lessons.notebooks.formats import read_notebook
from lessons.notebooks.identity import keep_identities


def page(tmp_path: Path, *sources: str) -> Lesson:
    path = tmp_path / "page.md"
    path.write_text("# Page\n\n" + "\n\n".join(f"```python\n{source}\n```" for source in sources))
    return read_notebook(path)


def by_source(lesson: Lesson) -> dict[str, str]:
    return {step.source: step.id for step in lesson.steps if isinstance(step, CodeCell)}


def test_an_unchanged_cell_keeps_its_id_wherever_it_goes(tmp_path: Path) -> None:
    before = by_source(page(tmp_path, "x = 1", "y = 2"))
    after = by_source(page(tmp_path, "import os", "y = 2", "x = 1"))
    assert before["x = 1"] == after["x = 1"]
    assert before["y = 2"] == after["y = 2"]


def test_an_edited_cell_is_found_by_its_text(tmp_path: Path) -> None:
    old = "net = LeNet(lr=0.1)\nprint(net)"
    before = by_source(page(tmp_path, old, "x = 1"))
    new = "net = LeNet(lr=0.9)\nprint(net)"
    fresh = page(tmp_path, "import torch", new, "x = 1")
    assert by_source(fresh)[new] != before[old], "the content is another one"
    kept = keep_identities(fresh, {before[old]: [old], before["x = 1"]: ["x = 1"]})
    assert by_source(kept)[new] == before[old]
    assert by_source(kept)["x = 1"] == before["x = 1"]


def test_the_nearest_cell_gets_it(tmp_path: Path) -> None:
    fresh = page(tmp_path, "total = sum(values) / 2", "total = sum(values) / len(values)")
    kept = keep_identities(fresh, {"old": ["total = sum(values) / len(values) + 0"]})
    assert by_source(kept)["total = sum(values) / len(values)"] == "old"
    assert by_source(kept)["total = sum(values) / 2"] != "old"


def test_what_is_like_nothing_is_given_to_nobody(tmp_path: Path) -> None:
    fresh = page(tmp_path, "plot(curves, log=True)")
    kept = keep_identities(fresh, {"old": ["import pandas as pd\nframe = pd.read_csv(path)"]})
    assert kept == fresh


def test_equal_cells_are_told_apart(tmp_path: Path) -> None:
    lesson = page(tmp_path, "step()", "step()", "step()")
    ids = [step.id for step in lesson.steps]
    assert len(set(ids)) == len(ids)


def test_new_ids_of_a_tool_lose_nothing(tmp_path: Path) -> None:
    template = '{"cells": [{"cell_type": "code", "id": "%s", "metadata": {}, "outputs": [], "source": "a = 1 + 2"}]}'
    path = tmp_path / "n.ipynb"
    path.write_text(template % "before")
    assert read_notebook(path).steps[0].id == "before"
    path.write_text(template % "after")
    assert keep_identities(read_notebook(path), {"before": ["a = 1 + 2"]}).steps[0].id == "before"
