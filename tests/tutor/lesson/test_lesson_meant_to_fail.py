"""A cell that the author means to raise stops nothing; any other that raises stops what is queued behind it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tutor.widgets.states import CellState

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
```{{code-cell}} python
:id: fails
:tags: [{tag}]
1 / 0
```

```{{code-cell}} python
:id: behind
print("came " + "last")
```
"""


@pytest.mark.parametrize(
    ("tag", "behind"), [("raises-exception", CellState.OK), ("hide-input", CellState.ABORTED)], ids=["meant", "not"]
)
async def test_run_all_goes_on_behind_a_cell_that_is_meant_to_raise(
    open_lesson: OpenLesson, tag: str, behind: CellState
) -> None:
    async with open_lesson(BODY.format(tag=tag), kernel=True) as bench:
        await bench.press("A")
        assert await bench.ended("behind") is behind
        assert await bench.ended("fails") is CellState.FAILED
        await bench.sees("ZeroDivisionError")
        assert bench.kept().runs["fails"].outcome == "error"
