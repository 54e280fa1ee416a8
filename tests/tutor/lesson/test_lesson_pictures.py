"""Pictures among the text of a lesson and of a notebook, in the real app; and the lesson that an error leads to."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lessons.notebooks.formats import notebook_id
from progress_db import Place, Progress
from tutor.figures import decoding
from tutor.figures import gallery as galleries
from tutor.kernel.events import ErrorRaised
from tutor.screens.full_view import FullView
from tutor.screens.lesson import LessonScreen

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

RED, BLUE = (220, 20, 20), (20, 20, 220)
FOLDER = Path("lesson-content/01-first-steps")


@pytest.fixture(autouse=True)
def nothing_decoded_yet() -> Iterator[None]:
    galleries._kept.clear()
    yield
    galleries._kept.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the lesson will be."""
    made = tmp_path / FOLDER
    made.mkdir(parents=True)
    two_halves().save(made / "halves.png")
    return made


def two_halves(size: tuple[int, int] = (60, 30)) -> Image.Image:
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return image


def colours(app: Any) -> set[tuple[int, int, int]]:
    """The colours of half blocks, and of the ground under blanks, that are on the screen."""
    found = set()
    for line in app.screen._compositor.render_strips():
        for _text, style, _control in line:
            for colour in (style.color, style.bgcolor) if style else ():
                if colour is not None and colour.triplet is not None:
                    found.add(tuple(colour.triplet))
    return found


def near(app: Any, colour: tuple[int, int, int]) -> bool:
    return any(all(abs(a - b) < 12 for a, b in zip(one, colour, strict=True)) for one in colours(app))


async def test_a_picture_is_drawn_and_nothing_moves_when_it_comes(
    open_lesson: OpenLesson, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_decode = threading.Event()
    decode = decoding.in_cells

    def wait(*given: Any) -> Any:
        assert may_decode.wait(120)
        return decode(*given)

    monkeypatch.setattr(galleries, "in_cells", wait)
    async with open_lesson("Above.\n\n![Red over blue](halves.png)\n\nBelow it.\n") as bench:
        await bench.sees("Red over blue", "Below it.")
        await bench.press("j", "k")  # keys do not wait for it
        before = bench.text().split("\n")
        assert not near(bench.app, RED)
        may_decode.set()
        await bench.until(lambda: near(bench.app, RED) and near(bench.app, BLUE))
        for words in ("Above.", "Red over blue", "Below it."):
            row = next(number for number, line in enumerate(before) if words in line)
            assert bench.text().split("\n")[row] == before[row]


async def test_f_shows_it_on_the_full_screen_with_its_caption(open_lesson: OpenLesson, folder: Path) -> None:
    async with open_lesson("![Red *over* blue, $x_1$](halves.png)\n\n![no](gone.png)\n") as bench:
        await bench.sees("picture gone.png: there is no such file")
        await bench.press("f")
        await bench.until(lambda: isinstance(bench.app.screen, FullView))
        await bench.sees("60 × 30 pixels", "Red over blue, x₁")
        assert near(bench.app, RED)
        assert "next" not in bench.text()
        await bench.press("escape")
        await bench.until(lambda: isinstance(bench.app.screen, LessonScreen))


async def test_without_colours_it_is_told(
    open_lesson: OpenLesson, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_lesson("![Red over blue](halves.png)\n") as bench:
        await bench.sees("Red over blue", "picture halves.png, 60 × 30 pixels")
        assert "▀" not in bench.text()


async def test_a_picture_of_a_current_step_looks_as_that_of_another(open_lesson: OpenLesson, folder: Path) -> None:
    async with open_lesson("## One\n\n![a](halves.png)\n\n## Two\n\nWords.\n", size=(100, 50)) as bench:
        await bench.until(lambda: near(bench.app, RED))
        before = bench.text()
        widget = bench.screen.steps.widgets[bench.screen.steps.order[0]]
        await bench.screen.notebook.woken(widget)
        await bench.pilot.pause()
        assert widget.is_mounted
        assert bench.text() == before
        assert near(bench.app, RED)


async def test_an_attachment_of_a_notebook_and_a_broken_file(
    make_app: Callable[..., Any], record: Path, tmp_path: Path
) -> None:
    with Progress.open(record) as progress:
        progress.lesson_opened("first-steps/tensors")
    file = io.BytesIO()
    noise = Image.effect_noise((900, 500), 90).convert("RGB")
    noise.paste(RED, (0, 0, 900, 250))
    noise.save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    assert len(data) > 256 * 1024
    (tmp_path / "cut.png").write_bytes(file.getvalue()[:90_000])
    cell = {
        "cell_type": "markdown",
        "metadata": {},
        "source": "# T\n\n![attached](attachment:my%20a.png)\n\n![cut](cut.png)",
        "attachments": {"my a.png": {"image/png": data}},
    }
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    app = make_app(record_path=record, start_at=Place(notebook_id(path), ""))
    async with app.run_test(size=(100, 60)):
        await app.until(lambda: "attached" in app.text())
        await app.until(lambda: near(app, RED))
        await app.until(lambda: "picture cut.png: its file is broken" in app.text())


@pytest.mark.parametrize(("text", "is_drawn"), [("<Figure size 60x30 with 1 Axes>", True), ("loss │ ⠑⢄", False)])
async def test_a_picture_that_a_notebook_kept_stands_where_its_text_is_only_its_name(
    make_app: Callable[..., Any], tmp_path: Path, record: Path, text: str, is_drawn: bool
) -> None:
    Progress.open(record).close()
    file = io.BytesIO()
    two_halves().save(file, "PNG")
    shown = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": text}
    cell = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": 1,
        "source": "plot()",
        "outputs": [{"output_type": "display_data", "data": shown, "metadata": {}}],
    }
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    app = make_app(record_path=record, start_at=Place(notebook_id(path), ""))
    async with app.run_test(size=(100, 60)):
        await app.until(lambda: "plot()" in app.text())
        await app.until(lambda: near(app, RED) if is_drawn else text in app.text())
        assert (text in app.text(), near(app, RED)) == (not is_drawn, is_drawn)


async def test_the_lesson_that_an_error_names_opens_with_a_click(open_lesson: OpenLesson) -> None:
    async with open_lesson("```{code-cell} python\n:id: fails\nA @ B\n```\n") as bench:
        words = "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"
        bench.cell("fails").add_outputs([ErrorRaised("", "RuntimeError", words, ())])
        bench.cell("fails").end_run()
        name = "preliminaries/linear-algebra"
        await bench.sees(name)
        lines = bench.text().split("\n")
        row = next(number for number, line in enumerate(lines) if name in line)
        await bench.pilot.click(offset=(lines[row].index(name) + 2, row))
        await bench.until(lambda: bench.screen.lesson.id == name)
