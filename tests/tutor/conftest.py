"""A small course, a real record, and an app sealed from the machine: no kernel, no settings, no locale of its own."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._context import active_app
from textual.app import ScreenStackError
from textual.command import CommandPalette

from lessons.catalog import Course, load_course
from progress_db import Place, Progress
from tutor import bindings
from tutor.app import TutorApp
from tutor.glyphs import glyphs
from tutor.kernel import session
from tutor.screens import lesson_reading
from tutor.widgets import plotting

PATIENCE = 120.0
"""Seconds that a test waits for what must come: only one that fails waits for so long, on a busy machine too."""

COURSE = """\
title = "A small course"

[[chapter]]
number = 1
slug = "first-steps"
title = "First steps"

[[chapter]]
number = 2
slug = "attention"
title = "Attention 注意力机制"

[[chapter]]
number = 3
slug = "later"
title = "What comes later"
"""


def lesson_text(lesson_id: str, title: str, book: str, objective: str = "Know more than before.") -> str:
    """A lesson with a cell, an exercise and two quizzes."""
    return f"""\
---
title: {title}
id: {lesson_id}
book: "{book}"
minutes: 10
requires: []
objectives:
  - {objective}
---

# {title}

A word of prose.

```{{code-cell}} python
:id: hello
print("hello")
```

```{{quiz}} sum
kind: number
prompt: What is one and one?
answer: 2
verify: 1 + 1
why: Count.
```

```{{quiz}} colour
kind: text
prompt: Which colour has the sky?
accept: [blue]
why: Look up.
```

## Now you

```{{code-cell}} python
:id: double
:tags: [exercise]
def double(x):
    ...
```

```{{code-cell}} python
:tags: [check]
:for: double
assert double(2) == 4, "double(2) must be 4"
```

```{{code-cell}} python
:tags: [solution]
:for: double
def double(x):
    return 2 * x
```

```{{hint}} double
Multiply.
```
"""


class SeenApp(TutorApp):
    """The app, with eyes for a test."""

    NOTIFICATION_TIMEOUT = PATIENCE

    def text(self) -> str:
        """What is on the screen, as plain lines."""
        lines = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)

    async def until(self, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait for a condition; if it does not come, say what is on the screen instead."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain; on the screen is\n{self.text()}")
            await asyncio.sleep(0.01)

    async def found(self, words: str) -> None:
        """Wait until the palette has found all that there is for what was typed, and these words are in it."""
        gather = CommandPalette._GATHER_COMMANDS_GROUP
        await self.until(lambda: all(one.is_finished for one in self.workers if one.group == gather))
        await self.until(lambda: words in self.text())


def _has_more_to_do() -> bool:
    """Whether a callback is ready to run, or the screen waits for its next frame."""
    if asyncio.get_running_loop()._ready:  # type: ignore[attr-defined]
        return True
    try:
        screen = active_app.get().screen
    except (LookupError, ScreenStackError):
        return False
    return bool(screen.is_running and (screen._update_timer._active.is_set() or screen._callbacks))


@pytest.fixture(autouse=True)
def _keys_have_their_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A press or a pause ends when the app has acted on it.

    Textual's own pilot goes on once the process used little of the processor for a while: so it does where others
    use it. What comes from threads, timers and kernels must be waited for all the same.
    """
    idle = textual.pilot.wait_for_idle

    async def wait(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
        await idle(min_sleep, max_sleep)
        end, quiet = time.monotonic() + 10, 0
        while quiet < 3 and time.monotonic() < end:
            await asyncio.sleep(0.001)
            quiet = 0 if _has_more_to_do() else quiet + 1

    monkeypatch.setattr(textual.pilot, "wait_for_idle", wait)
    monkeypatch.setattr(textual.app, "wait_for_idle", wait)


@pytest.fixture(autouse=True)
def _garbage_goes() -> Iterator[None]:
    """An app keeps what there is for good, and looks for old garbage late: one after the other in a process may not."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture(autouse=True)
def _there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two presses of a chord, to read what is told for a while, and for the kernel to think of a completion."""
    monkeypatch.setattr(bindings, "CHORD_SECONDS", PATIENCE)
    monkeypatch.setattr(lesson_reading, "TELL_SECONDS", PATIENCE)
    monkeypatch.setattr(session, "PATIENCE", PATIENCE)


@pytest.fixture(autouse=True, scope="session")
def _charts_are_drawn_at_once() -> None:
    """The first of a process waits for what draws them: which test has it is chance."""
    plotting.begin()


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    ours = ("D2L_TUTOR_ASCII", "D2L_TUTOR_TEXT", "D2L_TUTOR_DEVICE", "D2L_TUTOR_PACE", "D2L_TUTOR_GRAPHICS")
    for name in ("NO_COLOR", "COLORTERM", *ours):
        monkeypatch.setenv(name, "")  # so that what the app puts there is gone after the test
        monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("D2L_TUTOR_HOME", str(tmp_path / "home"))
    glyphs.cache_clear()
    yield
    glyphs.cache_clear()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The folder of a course: two lessons, one in Chinese, and one that is broken."""
    content = tmp_path / "content"
    first = content / "01-first-steps"
    second = content / "02-attention"
    first.mkdir(parents=True)
    second.mkdir()
    (content / "course.toml").write_text(COURSE, "utf-8")
    (first / "01-tensors.md").write_text(
        lesson_text("first-steps/tensors", "Tensors and shapes", "2.1", "Read the shape of any tensor."), "utf-8"
    )
    (first / "02-broken.md").write_text("---\ntitle: [never closed\n---\n\n# Broken\n", "utf-8")
    (second / "01-multi-head.md").write_text(
        lesson_text("attention/multi-head", "Multi-head attention 多头注意力", "11.5", "Split attention into heads."),
        "utf-8",
    )
    return content


@pytest.fixture
def course(content: Path) -> Course:
    """The course in that folder."""
    return load_course(content)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The path of a record; nothing is there yet."""
    return tmp_path / "home" / "progress.db"


@pytest.fixture
def returning(record: Path) -> Path:
    """The record of a learner who finished one lesson and left another at its exercise."""
    progress = Progress.open(record)
    progress.lesson_opened("first-steps/tensors")
    for quiz in ("sum", "colour"):
        progress.answer_given("first-steps/tensors", quiz, 2, quiz == "sum")
    progress.attempt_made("first-steps/tensors", "double", "…", True, "")
    progress.lesson_opened("attention/multi-head")
    progress.answer_given("attention/multi-head", "sum", 2, True)
    progress.place_left(Place("attention/multi-head", "double", 0))
    progress.close()
    return record


@pytest.fixture
def make_app(course: Course, record: Path) -> Iterator[Callable[..., SeenApp]]:
    """An app on that course and record, without kernels unless some are given; no thread of it outlives the test."""
    made: list[SeenApp] = []

    def make(**given: Any) -> SeenApp:
        made.append(SeenApp(given.pop("course", course), record_path=given.pop("record_path", record), **given))
        return made[-1]

    yield make
    for app in made:
        app.close()
