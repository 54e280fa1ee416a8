"""The README's pictures, taken of the real app with a real kernel: `python tests/pictures.py [NAME …]`.

Each is an SVG in `docs/`. Nothing in them is drawn by hand: the curves are of the trainings that run while the picture
is taken. Only the learner who has done a third of the course is made up.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from lessons.catalog import load_course
from progress_db import Place, Progress
from tutor.app import TutorApp
from tutor.kernel.launch import launch
from tutor.kernels import Kernels
from tutor.screens.lesson import LessonScreen

DOCS = Path(__file__).resolve().parent.parent / "docs"
SIZE = (112, 38)


class Camera(TutorApp):
    """The app, watched."""

    def text(self) -> str:
        """What is on the screen."""
        lines = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    async def until(self, words: str, seconds: float = 120.0) -> None:
        """Wait until the screen says so."""
        end = time.monotonic() + seconds
        while words not in self.text():
            if time.monotonic() > end:
                raise SystemExit(f"“{words}” never appeared; the screen was\n{self.text()}")
            await asyncio.sleep(0.05)

    async def trained(self, before: str = "", seconds: float = 120.0) -> str:
        """Wait until a run after that one is over, and give its id."""
        assert isinstance(self.screen, LessonScreen)
        screen, begun = self.screen, time.monotonic()
        while time.monotonic() - begun < seconds:
            chart = screen.steps.cells["train"].chart
            run = chart.curves.current if chart is not None else None
            if run is not None and run.run != before and run.finished is not None and screen.runs.running is None:
                return run.run
            await asyncio.sleep(0.05)
        raise SystemExit(f"it was never trained; the screen was\n{self.text()}")

    def take(self, name: str) -> None:
        """Keep what is on the screen."""
        DOCS.mkdir(exist_ok=True)
        (DOCS / f"{name}.svg").write_text(self.export_screenshot(title="d2l-tutor"), encoding="utf-8")


async def lesson(app: Camera, press: Callable[..., Awaitable[None]]) -> None:
    """A training cell, run."""
    await app.until("ready")
    await press("ctrl+e")
    await app.until("✓ trained")
    app.take("lesson")


async def formulas(app: Camera, press: Callable[..., Awaitable[None]]) -> None:
    """Derivations, set in text."""
    await app.until("ready")
    app.take("formulas")


async def exercise(app: Camera, press: Callable[..., Awaitable[None]]) -> None:
    """An exercise that was tried once, and a hint."""
    await app.until("ready")
    await press("a")  # the cells above, on which it builds
    await press("ctrl+e")
    await app.until("tries: 1")
    await press("h")
    await asyncio.sleep(0.2)
    app.take("exercise")


async def runs(app: Camera, press: Callable[..., Awaitable[None]]) -> None:
    """Three learning rates, one over the other, on the full screen."""
    await app.until("ready")
    run = ""
    for turns in ([], ["h"] * 5, ["l"] * 8):
        if turns:
            await press("v", *turns, "escape")
        await press("ctrl+e")
        run = await app.trained(run)
    await press("R")
    await app.until("3 runs")
    await press("space", "space", "space", "enter")
    await app.until("how it ended")
    app.take("runs")


async def network(app: Camera, press: Callable[..., Awaitable[None]]) -> None:
    """A residual block, drawn from what ran."""
    await app.until("ready")
    await press("ctrl+e")
    await app.until("✓")
    app.take("network")


async def home(app: Camera, press: Callable[..., Awaitable[None]]) -> None:
    """The course of somebody who is in its middle."""
    await app.until("ready")
    await press("q")
    await app.until("Continue")
    await app.until("CPU, ")  # the device was found
    app.take("home")


def learn(record: Path) -> None:
    """Put into the record what a learner has done who is in chapter 4: not all of it right."""
    with Progress.open(record) as progress, progress.together():
        for number, entry in enumerate(entry for entry in load_course().entries() if entry.book < "4.1"):
            progress.lesson_opened(entry.id)
            is_whole = number % 5 != 3
            for place, quiz in enumerate(entry.quizzes if is_whole else entry.quizzes[:2]):
                progress.answer_given(entry.id, quiz, 0, (number + place) % 7 != 0)
            for exercise in entry.exercises if is_whole else ():
                progress.attempt_made(entry.id, exercise, "", True, "")


PICTURES = {
    "lesson": ("classification/softmax-regression", "train", lesson),
    "formulas": ("classification/softmax-regression", "how-wrong-is-a-prediction", formulas),
    "exercise": ("classification/softmax-regression", "softmax", exercise),
    "runs": ("classification/softmax-regression", "train", runs),
    "network": ("modern-convolutional/residual-networks", "draw-the-block", network),
    "home": ("classification/softmax-regression", "train", home),
}


async def take(name: str, folder: Path) -> None:
    """One picture, in an app of its own."""
    lesson_id, step, script = PICTURES[name]
    record = folder / f"{name}.db"
    if name == "home":
        learn(record)
    kernels = Kernels(launch, launch())
    app = Camera(
        load_course(),
        record_path=record,
        kernels=kernels,
        start_at=Place(lesson_id, step),
        settings_path=folder / "settings.json",
    )
    try:
        async with app.run_test(size=SIZE) as pilot:
            await script(app, pilot.press)
    finally:
        app.close()
        kernels.stop()


def main() -> None:
    """Take the pictures that are named, or all."""
    for picture in sys.argv[1:] or PICTURES:
        with tempfile.TemporaryDirectory() as home:  # of its own: the list of runs shows all that there are
            os.environ["D2L_TUTOR_HOME"] = home
            asyncio.run(take(picture, Path(home)))


if __name__ == "__main__":
    main()
