"""progress.db is deleted under an open lesson: one message says so, what was done is there, and it goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
Some prose.

```{quiz} first
kind: number
prompt: One half?
answer: 0.5
tolerance: 0.01
verify: 1 / 2
why: Divide.
```

```{quiz} second
kind: number
prompt: One third?
answer: 0.333
tolerance: 0.01
verify: 1 / 3
why: Divide.
```
"""


async def test_all_is_kept_and_one_message_tells_of_it(open_lesson: OpenLesson, record: Path) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("first")
        await bench.press("enter", *"0.5", "enter")
        await bench.until(lambda: bench.kept().answers.get("first"))
        record.unlink()  # noqa: ASYNC240
        await bench.at("second")
        await bench.press("enter", *"0.33", "enter")
        await bench.until(lambda: bench.quiz("second").is_answered and bench.app.record.recorder.pending == 0)
        assert set(bench.kept().answers) == {"first", "second"}
        await bench.until(lambda: bench.app._notifications)
        (note,) = bench.app._notifications
        assert note.title == "The record was deleted"
        assert "All of it has been put back" in note.message
        await bench.sees("✓ saved")
    async with open_lesson(BODY) as bench:
        assert bench.quiz("first").is_right
        assert bench.quiz("second").is_right
