"""Broken and hostile files: a sentence for each, in bounded time and memory, and nothing is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lessons.model import CodeCell, Prose
from lessons.notebooks.errors import NoSuchNotebook, NotebookClosed
from lessons.notebooks.folder import course_of
from lessons.notebooks.formats import read_notebook
from lessons.notebooks.numbering import Book

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


def closed(path: Path) -> str:
    with pytest.raises(NotebookClosed) as caught:
        read_notebook(path)
    return str(caught.value)


def test_truncated_json(tmp_path: Path) -> None:
    whole = (NOTEBOOKS / "kept.ipynb").read_text("utf-8")
    path = tmp_path / "cut.ipynb"
    for length in (1, 60, len(whole) // 2, len(whole) - 3):
        path.write_text(whole[:length])
        assert "cut off" in closed(path) or "broken" in closed(path)
    path.write_text(whole[: len(whole) // 2])
    assert closed(path).startswith(f"{path}:")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"not json", "it is no JSON"),
        (b'{"nbformat": 4}', "it has no `cells`"),
        (b'{"cells": 3}', "it has no `cells`"),
        (b'{"nbformat": 3, "worksheets": []}', "nbformat 3"),
        (b"\x7fELF\0\0\0" * 99, "it is a binary file"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b'{"cells": ["caf\xe9"]}', "not UTF-8: byte 15 is 0xe9"),
        (b'{"cells": ' + b"[" * 200_000, "nested too deep"),
        (b'{"cells": [' + b"{}," * 30_000 + b"{}]}", "30001 cells"),
    ],
)
def test_no_notebook_at_all(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    assert said in closed(path)


def test_small_faults_of_a_notebook_are_forgiven(tmp_path: Path) -> None:
    cells = [
        None,
        {"cell_type": "code"},
        {"cell_type": "code", "source": ["a = 1", 3, None], "outputs": [None, {"output_type": "stream"}, 7]},
        {"cell_type": "code", "source": "b", "id": "../../etc", "outputs": {"not": "a list"}},
        {"cell_type": "markdown", "source": ["# T"], "attachments": []},
        {"cell_type": "unheard", "source": "words"},
        {"cell_type": "code", "source": "c", "outputs": [{"output_type": "error", "traceback": "no list"}]},
        {"cell_type": "code", "source": "d", "outputs": [{"output_type": "display_data", "data": {"image/png": 3}}]},
    ]
    path = tmp_path / "odd.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": []}))
    lesson = read_notebook(path)
    assert [step.source for step in lesson.steps if isinstance(step, CodeCell)] == ["", "a = 1", "b", "c", "d"]
    assert lesson.title == "T"
    assert not any("/" in step.id for step in lesson.steps)


def test_outputs_of_200_mb_cost_neither_time_nor_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.ipynb"
    stream = '{"output_type": "stream", "name": "stdout", "text": ["' + 'x", "'.join(["y" * 60] * 1000) + '"]},'
    with path.open("w") as file:
        file.write('{"nbformat": 4, "metadata": {}, "cells": [')
        file.write('{"cell_type": "code", "id": "flood", "metadata": {}, "source": "1", "outputs": [')
        for _ in range(1600):
            file.write(stream)
        file.write('{"output_type": "display_data", "data": {"image/png": "')
        for _ in range(100):
            file.write("A" * 1024 * 1024)
        file.write('"}}]},')
        file.write('{"cell_type": "code", "id": "small", "metadata": {}, "source": "2", "outputs": []}]}')
    assert path.stat().st_size > 200_000_000
    program = (
        "import resource, sys, time\n"
        "from pathlib import Path\n"
        "from lessons.notebooks.formats import read_notebook\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "lesson = read_notebook(Path(sys.argv[1]))\n"
        "print([step.source for step in lesson.steps], lesson.steps[0].outputs)\n"
        "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "['1', '2']" in done.stdout
    assert "MB of output in the file are not shown" in done.stdout
    assert int(done.stdout.split()[-1]) < 900_000  # KiB; ru_maxrss would be those of its parent


def test_a_long_output_keeps_head_and_tail(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "begin" + "x" * 2_000_000 + "end"}
    path = tmp_path / "long.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "1", "outputs": [output]}]}))
    cell = read_notebook(path).steps[0]
    assert isinstance(cell, CodeCell)
    text = cell.outputs[0][1]["text"]
    assert text.startswith("begin")
    assert text.endswith("end")
    assert len(text) < 300_000


def test_cells_of_another_language_are_text(tmp_path: Path) -> None:
    path = tmp_path / "r.ipynb"
    cell = {"cell_type": "code", "source": "x <- 1", "outputs": [{"output_type": "stream", "text": "[1] 1"}]}
    path.write_text(json.dumps({"cells": [cell], "metadata": {"kernelspec": {"language": "R"}}}))
    lesson = read_notebook(path)
    assert not any(isinstance(step, CodeCell) for step in lesson.steps)
    text = "\n".join(step.markdown for step in lesson.steps if isinstance(step, Prose))
    assert "```R\nx <- 1\n```" in text
    assert "[1] 1" in text


def test_a_fifo_and_a_device_keep_nobody_waiting(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.ipynb"
    os.mkfifo(fifo)
    assert "FIFO" in closed(fifo)
    assert "device" in closed(Path("/dev/zero"))
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    assert "device" in closed(tmp_path / "zero.md")


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("b.md")
    (tmp_path / "b.md").symlink_to("a.md")
    assert "circle" in closed(tmp_path / "a.md")
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "here").symlink_to(tmp_path / "course")
    (tmp_path / "course" / "page.md").write_text("# Page\n")
    assert [entry.title for chapter in course_of(tmp_path / "course").chapters for entry in chapter.lessons] == ["Page"]


def test_no_such_file_and_names_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(NoSuchNotebook, match="there is no such file"):
        read_notebook(tmp_path / "none.ipynb")
    assert "could not be read" in closed(Path("a\0b.md"))
    assert "could not be read" in closed(tmp_path / ("x" * 300 + ".md"))
    (tmp_path / "folder.md").mkdir()
    assert "folder" in closed(tmp_path / "folder.md")


def test_names_with_escape_sequences_are_spelled_out(tmp_path: Path) -> None:
    path = tmp_path / "evil\x1b]0;owned\x07.ipynb"
    path.write_text("{")
    assert "\x1b" not in closed(path)
    assert "\\x1b" in closed(path)
    path.write_text('{"cells": [{"cell_type": "markdown", "source": "# T\\u001b[2J"}]}')
    lesson = read_notebook(path)
    assert "\x1b" not in lesson.id + lesson.title
    (tmp_path / "bad\udcff.md").write_text("# Surrogate\n")
    lesson = read_notebook(tmp_path / "bad\udcff.md")
    lesson.id.encode("utf-8")


def test_contents_in_a_circle_and_beyond_the_folder(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# Book\n\n```toc\n:numbered:\n\na\n../../../../etc/passwd\n```\n")
    (tmp_path / "a.md").write_text("# A\n\n```toc\nindex\na\nb\n```\n")
    (tmp_path / "b.md").write_text("# B\n\n```toc\na\n```\n")
    book = Book(tmp_path)
    assert [page.title for page in book.pages] == ["A", "B"]
    assert len(course_of(tmp_path).entries()) == 2


def test_yaml_that_grows_is_not_followed(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    path = tmp_path / "bomb.md"
    path.write_text(f"---\n{bomb}---\n\n# Text\n\n```python\n1\n```\n")
    assert any(isinstance(step, CodeCell) for step in read_notebook(path).steps)
    path.write_text("---\nx: !!python/object/apply:os.system ['touch /tmp/owned']\n---\n\n# Text\n")
    assert read_notebook(path).title == "Text"


def test_a_text_of_20_mb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    path.write_text("# Big\n" + "word " * 4_000_000)
    assert "larger than 16 MB" in closed(path)


@pytest.mark.parametrize("unit", ["[**", "(~~", ":numref:`", "{role}`", "```{", "!["])
def test_marks_that_are_never_closed_cost_little(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "open.md"
    path.write_text(f"# Open\n:label:`sec_x`\n\n{unit * 20_000}\n")
    program = (
        "import sys\nfrom pathlib import Path\nfrom lessons.notebooks.formats import read_notebook\n"
        "print(read_notebook(Path(sys.argv[1])).title)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "Open", done.stderr


def test_what_is_no_notebook_is_said(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader")
    assert ".ipynb, Markdown and Python scripts" in closed(path)
