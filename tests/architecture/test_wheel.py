"""What is installed is whole: a wheel, unpacked elsewhere, lists the course and opens a lesson with its styles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

OPEN_A_LESSON = """
import asyncio, json, sys
from pathlib import Path
import lessons, tutor
from lessons.catalog import load_course
from progress_db.records import Place
from tutor.app import TutorApp
from tutor.screens.lesson import LessonScreen

async def main():
    home = Path(sys.argv[1])
    app = TutorApp(
        load_course(), record_path=home / "progress.db", kernels=None,
        start_at=Place("classification/softmax-regression", ""), settings_path=home / "settings.toml",
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        shown = {
            "screen": isinstance(app.screen, LessonScreen),
            "steps": len(app.screen.lesson.steps),
            "files": [tutor.__file__, lessons.__file__],
        }
    app.close()
    print(json.dumps(shown))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    return site


def run(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed), "D2L_TUTOR_HOME": str(installed.parent / "home")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=installed.parent, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_lists_the_same_course_as_the_checkout(installed: Path) -> None:
    lessons = json.loads(run(installed, "-m", "tutor", "list", "--json"))
    written = {path.stem.split("-", 1)[1] for path in (ROOT / "lessons/content").glob("*/*.md")}
    assert {lesson["id"].split("/")[1] for lesson in lessons} == written


@pytest.mark.slow
def test_opens_a_lesson(installed: Path) -> None:
    shown = json.loads(run(installed, "-c", OPEN_A_LESSON, str(installed.parent)))
    assert shown["screen"]
    assert shown["steps"] > 10
    assert all(file.startswith(str(installed)) for file in shown["files"])


def test_ships_every_stylesheet(installed: Path) -> None:
    ours = {path.relative_to(ROOT) for package in ("tutor",) for path in (ROOT / package).rglob("*.tcss")}
    assert ours
    assert all((installed / path).is_file() for path in ours)
