"""Every format, read from a small notebook of our own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lessons.model import CodeCell, Lesson, Prose
from lessons.notebooks.errors import NotebookClosed
from lessons.notebooks.folder import course_of, natural
from lessons.notebooks.formats import notebook_id, read_notebook

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
COURSE = NOTEBOOKS / "course"
LINES = NOTEBOOKS / "book" / "chapter_lines"


def cells(lesson: Lesson) -> list[str]:
    return [step.source for step in lesson.steps if isinstance(step, CodeCell)]


def prose(lesson: Lesson) -> str:
    return "\n\n".join(step.markdown for step in lesson.steps if isinstance(step, Prose))


def ids(lesson: Lesson) -> list[str]:
    return [step.id for step in lesson.steps]


def test_plain_markdown_has_its_python_as_cells() -> None:
    lesson = read_notebook(COURSE / "intro.md")
    assert lesson.title == "Welcome"
    assert cells(lesson) == ['greeting = "hello"\ngreeting']
    assert "```bash\nrm -rf /\n```" in prose(lesson)
    assert [step.line for step in lesson.steps] == [1, 6, 10]


def test_myst_cells_need_no_ids_and_unknown_directives_stay() -> None:
    lesson = read_notebook(COURSE / "myst.md")
    assert cells(lesson) == ["1 / 0", "total = sum(range(10))\ntotal"]
    by_source = {step.source: step for step in lesson.steps if isinstance(step, CodeCell)}
    assert by_source["1 / 0"].tags == {"hide-input", "raises-exception"}
    assert by_source["total = sum(range(10))\ntotal"].id == "the-named"
    text = prose(lesson)
    assert ":::{admonition} Something of our own\nIts body.\n:::" in text
    assert "```{whatever} with an argument\nA directive that nobody knows.\n```" in text
    assert r"$\sum_i x_i$" in text
    assert "*the start*" in text
    assert "unknown-role `stays`" in text
    assert "```julia\nprintln" in text
    assert "{include} myst.md" in text
    for gone in ("a comment that nobody sees", "+++", "(the-start)="):
        assert gone not in text


def test_a_cell_points_to_its_line_in_the_file() -> None:
    lines = (COURSE / "myst.md").read_text("utf-8").split("\n")
    for step in read_notebook(COURSE / "myst.md").steps:
        if isinstance(step, CodeCell):
            assert lines[step.line - 1] == step.source.split("\n")[0]


def test_percent_script() -> None:
    lesson = read_notebook(COURSE / "percent.py")
    assert lesson.title == "Percent"
    assert cells(lesson) == [
        "import math\n\nroot = math.sqrt(2)",
        "# a comment that belongs to the cell\n\n%time root\nroot",
    ]
    assert "# A percent script\n\nWith *text*." in prose(lesson)
    assert "Text in a string." in prose(lesson)
    assert next(step.tags for step in lesson.steps if isinstance(step, CodeCell)) == {"setup"}


def test_light_script() -> None:
    lesson = read_notebook(COURSE / "light.py")
    assert lesson.title == "A light script"
    assert cells(lesson) == [
        "import math",
        "# a comment above code belongs to it\ncircle = math.pi",
        "def area(radius):\n    square = radius**2\n\n    return circle * square",
        "first = area(1)\n\nsecond = area(2)",
        'text = """\n\nmany lines\n\n"""',
    ]
    assert "The end." in prose(lesson)


def test_ipynb_with_what_its_file_kept() -> None:
    lesson = read_notebook(NOTEBOOKS / "kept.ipynb")
    assert ids(lesson)[1:4] == ["printing", "valued", "failed"]
    printing, valued, failed = (lesson.step(step) for step in ("printing", "valued", "failed"))
    assert isinstance(printing, CodeCell)
    assert isinstance(valued, CodeCell)
    assert isinstance(failed, CodeCell)
    assert printing.outputs == (("stream", {"name": "stdout", "text": "0\n1\n2\n"}),)
    assert valued.outputs[0][1]["data"]["text/plain"] == "42"
    assert failed.outputs[0][0] == "error"
    assert failed.outputs[0][1]["name"] == "ZeroDivisionError"
    assert "![a dot](data:image/png;base64,iVBORw0KGgo=)" in prose(lesson)
    assert "```\nraw words\n```" in prose(lesson)


def test_d2lbook_shows_the_tab_of_pytorch_alone() -> None:
    lesson = read_notebook(LINES / "slope.md")
    assert cells(lesson) == [
        "w, b = 2.0, 1.0",
        "def line(x):  #@save\n    y = w * x + b\n\n    return y\n\nline(3)",
    ]
    assert "Words for ours." in prose(lesson)
    assert "another library" not in prose(lesson)
    for source in cells(lesson):
        compile(source, "cell", "exec")


def test_d2lbook_numbers_come_from_the_whole_folder() -> None:
    slope, fitting = prose(read_notebook(LINES / "slope.md")), prose(read_notebook(LINES / "fitting.md"))
    assert "see Fig. 1.1.1\nand, for many points, [Section 1.2](fitting.md)." in slope
    assert "![Fig. 1.1.1. A line through the origin.](../../img/line.svg)" in slope
    assert r"$$y = w x + b \tag{1.1.1}$$" in slope
    assert "In (1.1.1) the slope" in slope
    assert "**Table 1.1.1.** Slopes of things" in slope
    assert "After [Section 1.1](slope.md) of [Chapter 1](index.md) comes this." in fitting
    assert read_notebook(LINES / "fitting.md").book == "1.2"


def test_d2lbook_marks_and_citations() -> None:
    text = prose(read_notebook(LINES / "slope.md"))
    assert "**A line rises by its slope** for each step" in text
    assert "(Legendre, 1805)" in text
    assert "Kim et al. (2020) still" in text
    assert "Only on a slide" not in text
    assert "unheardof `role`" in text
    assert ":label:" not in text
    assert ":width:" not in text


def test_d2lbook_without_its_book_keeps_the_labels(tmp_path: Path) -> None:
    shutil.copy(LINES / "slope.md", tmp_path)
    text = prose(read_notebook(tmp_path / "slope.md"))
    assert "for many points, `sec_fitting`." in text


def test_a_lesson_of_ours_is_read_by_its_own_parser(tmp_path: Path) -> None:
    page = tmp_path / "mine.md"
    head = "---\ntitle: Mine\nid: a/b\nobjectives: [x]\nminutes: 3\n---\n\n"
    page.write_text(head + "```{quiz} q\nkind: text\nprompt: p\naccept: [a]\nwhy: w\n```\n")
    assert "q" in ids(read_notebook(page))


def test_a_folder_by_its_own_contents() -> None:
    course = course_of(COURSE)
    assert course.title == "A small course"
    assert [(chapter.title, [entry.title for entry in chapter.lessons]) for chapter in course.chapters] == [
        ("course", ["Welcome"]),
        ("First part", ["Tensors, in MyST", "A percent script"]),
        ("Second part", ["A light script", "missing"]),
    ]
    missing = course.chapters[-1].lessons[-1]
    assert missing.broken is not None
    assert "there is no such file" in missing.broken


def test_a_book_is_a_course_with_its_numbers() -> None:
    course = course_of(NOTEBOOKS / "book")
    assert [(chapter.number, chapter.title) for chapter in course.chapters] == [(0, "A Small Book"), (1, "Lines")]
    assert [(entry.book, entry.title) for entry in course.chapters[1].lessons] == [
        ("1", "Lines"),
        ("1.1", "The Slope of a Line"),
        ("1.2", "Fitting a Line"),
    ]


def test_a_folder_without_contents_in_natural_order(tmp_path: Path) -> None:
    for name in ("10-end.md", "2-more.md", "1-start.md", "notes.txt", ".hidden.md", "program.py"):
        (tmp_path / name).write_text(f"# {name}\n")
    (tmp_path / "inner").mkdir()
    shutil.copy(COURSE / "percent.py", tmp_path / "inner")
    chapters = course_of(tmp_path).chapters
    assert [entry.path.name for entry in chapters[0].lessons] == ["1-start.md", "2-more.md", "10-end.md"]
    assert [entry.path.name for entry in chapters[1].lessons] == ["percent.py"]


def test_a_folder_without_notebooks(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(NotebookClosed, match="no notebook in it"):
        course_of(tmp_path)


def test_natural_order_never_compares_numbers_with_words() -> None:
    names = ["a1", "1a", "a", "1", "10", "2", "a10", "a2"]
    assert sorted(names, key=natural) == ["1", "1a", "2", "10", "a", "a1", "a2", "a10"]


def test_an_id_is_the_same_through_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("# Real\n")
    (tmp_path / "link.md").symlink_to("real.md")
    assert notebook_id(tmp_path / "link.md") == notebook_id(tmp_path / "real.md")


def test_an_id_is_the_same_on_two_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert notebook_id(tmp_path / "book" / "page.md") == "notebook:~/book/page.md"
