"""The README's pictures, taken of the real app with a real kernel: `python tests/pictures.py [NAME …]`.

Each is an SVG in `docs/`. Nothing in them is drawn by hand: the curve is of the training that runs while the picture is
taken, and the marks are of what is done here.
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
from progress_db import Place
from tutor.app import TutorApp
from tutor.kernel.launch import launch
from tutor.kernels import Kernels

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


async def home(app: Camera, press: Callable[..., Awaitable[None]]) -> None:
    """The course."""
    await app.until("ready")
    await press("q")
    await app.until("Continue")
    app.take("home")


PICTURES = {
    "lesson": ("classification/softmax-regression", "train", lesson),
    "formulas": ("classification/softmax-regression", "how-wrong-is-a-prediction", formulas),
    "exercise": ("classification/softmax-regression", "softmax", exercise),
    "home": ("convolutional/lenet", "", home),
}


async def take(name: str, folder: Path) -> None:
    """One picture, in an app of its own."""
    lesson_id, step, script = PICTURES[name]
    kernels = Kernels(launch, launch())
    app = Camera(
        load_course(),
        record_path=folder / "progress.db",
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
    with tempfile.TemporaryDirectory() as name:
        os.environ["D2L_TUTOR_HOME"] = name
        for picture in sys.argv[1:] or PICTURES:
            asyncio.run(take(picture, Path(name)))


if __name__ == "__main__":
    main()
