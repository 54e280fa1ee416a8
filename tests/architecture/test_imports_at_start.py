"""What is imported when: proved in a fresh interpreter, because any test that ran before would have imported it all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLOW = (
    *("torch", "torchvision", "jupyter_client", "plotext", "sqlite_utils", "pandas", "matplotlib", "IPython"),
    *("PIL", "html.parser", "tutor.explain"),
)
"""What may not be imported before the first paint."""


def modules_after(program: str, *arguments: str, home: Path) -> set[str]:
    """The modules that are loaded when `program` calls `tell()`."""
    tell = (
        "import sys, json\ndef tell():\n    print('LOADED ' + json.dumps(sorted(sys.modules)), file=sys.__stderr__)\n"
    )
    environment = {**os.environ, "D2L_TUTOR_HOME": str(home), "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    done = subprocess.run(
        [sys.executable, "-c", tell + program, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=home,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("LOADED ")]
    assert lines, f"{done.stdout}\n{done.stderr}"
    return set(json.loads(lines[-1].removeprefix("LOADED ")))


_FIRST_PAINT = """
import asyncio
from pathlib import Path
from lessons.catalog import load_course
from progress_db.records import Place
from tutor.app import TutorApp

home = Path(sys.argv[1])

class Painted(TutorApp):
    painted = False

    def _start_the_rest(self):
        tell()
        self.painted = True
        self.exit(0)

async def main():
    course = load_course()
    place = Place(course.entries()[0].id, "") if sys.argv[2] == "lesson" else None
    app = Painted(course, record_path=home / "progress.db", start_at=place)
    async with app.run_test(size=(120, 40)):
        while not app.painted:
            await asyncio.sleep(0.01)

asyncio.run(main())
"""


def _record(home: Path) -> None:
    from progress_db import Progress

    Progress.open(home / "progress.db").close()


@pytest.mark.parametrize("first", ["home", "lesson"])
def test_nothing_slow_is_imported_before_the_first_paint(tmp_path: Path, first: str) -> None:
    _record(tmp_path)
    loaded = modules_after(_FIRST_PAINT, str(tmp_path), first, home=tmp_path)
    assert "textual.app" in loaded
    assert not loaded & set(SLOW)


def test_a_first_start_imports_no_sqlite_utils_before_its_first_paint(tmp_path: Path) -> None:
    loaded = modules_after(_FIRST_PAINT, str(tmp_path), "home", home=tmp_path)
    assert "tutor.screens.greeting" in loaded or "tutor.screens.home" in loaded
    assert not loaded & set(SLOW)


def test_the_kernel_is_launched_before_textual_is_imported(tmp_path: Path) -> None:
    loaded = modules_after("import tutor.start, tutor.kernels, tutor.kernel.launch; tell()", home=tmp_path)
    assert "textual" not in loaded
    assert "jupyter_client" not in loaded
    assert "zmq" not in loaded


@pytest.mark.parametrize("module", ["engine", "engine.events", "engine.curves", "engine.publish", "engine.charts"])
def test_the_engine_s_torch_free_tier_is_free_of_torch(tmp_path: Path, module: str) -> None:
    loaded = modules_after(f"import {module}; tell()", home=tmp_path)
    assert not loaded & {"torch", "torchvision", "textual"}


@pytest.mark.parametrize("package", ["lessons.catalog", "lessons.parser", "progress_db", "tutor.math", "tutor.prose"])
def test_what_lies_below_the_screen_knows_no_textual(tmp_path: Path, package: str) -> None:
    loaded = modules_after(f"import {package}; tell()", home=tmp_path)
    assert not loaded & {"textual", "torch"}


@pytest.mark.parametrize("module", ["tutor.keys", "tutor.paths", "tutor.standing", "tutor.matching", "tutor.settings"])
def test_what_the_command_line_shares_with_the_app_knows_no_textual(tmp_path: Path, module: str) -> None:
    loaded = modules_after(f"import {module}; tell()", home=tmp_path)
    assert not loaded & {"textual", *SLOW}
