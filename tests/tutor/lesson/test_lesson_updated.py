"""A course that was updated: what the learner turned and wrote is there, and so is what the author did since."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BEFORE = """\
Some prose.

```{code-cell} python
:id: train
lr = 0.03  #@param {type: "slider", min: 0.001, max: 10, log: true}
size = 64  #@param {type: "integer"}
print("the old way")
```

```{code-cell} python
:id: plain
print("as it was")
```
"""
AFTER = BEFORE.replace("the old way", "the new way").replace("64", "128").replace("as it was", "as it is now")


async def turned(bench: Any) -> None:
    await bench.at("train")
    await bench.press("v", "l", "escape")
    assert "lr = 0.05 " in bench.cell("train").source
    await bench.until(lambda: "lr = 0.05 " in bench.kept().drafts.get("train", ""))


async def test_a_knob_that_was_turned_is_turned_in_the_authors_new_version(open_lesson: OpenLesson) -> None:
    async with open_lesson(BEFORE) as bench:
        await turned(bench)
    async with open_lesson(AFTER) as bench:
        source = bench.cell("train").source
        assert "lr = 0.05 " in source
        assert "size = 128 " in source  # the learner never touched that one
        assert "the new way" in source
        assert "the author's is newer" not in bench.text()
        await bench.at("train")
        await bench.press("v", "l", "escape")
        await bench.until(lambda: "the new way" in bench.kept().drafts["train"])
        assert bench.kept().authored["train"] == bench.cell("train").authored
    async with open_lesson(AFTER.replace("the new way", "a third way")) as bench:
        assert "a third way" in bench.cell("train").source
        assert "lr = 0.07 " in bench.cell("train").source


async def test_a_knob_that_is_gone_leaves_the_authors_new_version(open_lesson: OpenLesson) -> None:
    async with open_lesson(BEFORE) as bench:
        await turned(bench)
    async with open_lesson(
        AFTER.replace('lr = 0.03  #@param {type: "slider", min: 0.001, max: 10, log: true}\n', "")
    ) as bench:
        assert bench.cell("train").source == bench.cell("train").authored
        assert not bench.cell("train").is_edited


async def test_what_the_learner_wrote_stays_and_it_is_said_that_the_authors_is_newer(open_lesson: OpenLesson) -> None:
    async with open_lesson(BEFORE) as bench:
        await bench.at("plain")
        await bench.press("enter", "#", "escape")
        await bench.until(lambda: bench.kept().drafts.get("plain", "").startswith("#"))
        written = bench.cell("plain").source
    async with open_lesson(AFTER) as bench:
        assert bench.cell("plain").source == written
        await bench.sees("edited; the author's is newer")
        await bench.at("plain")
        await bench.press("enter", "#", "escape")  # to write on does not make it the author's new version
        await bench.sees("edited; the author's is newer")
        bench.screen.action_reset()
        await bench.until(lambda: "the author's is newer" not in bench.text())
        assert "as it is now" in bench.cell("plain").source
        bench.screen.action_undo_reset()
        await bench.sees("edited; the author's is newer")
        await bench.until(lambda: bench.kept().drafts.get("plain", "").startswith("##"))
    async with open_lesson(AFTER) as bench:
        await bench.sees("edited; the author's is newer")
    async with open_lesson(BEFORE) as bench:
        assert bench.cell("plain").is_edited
        assert "the author's is newer" not in bench.text()


async def test_a_draft_of_before_the_record_knew_is_shown_as_it_is(open_lesson: OpenLesson, record: Any) -> None:
    from progress_db import Progress

    with Progress.open(record) as progress:
        progress.draft_saved("first-steps/tensors", "plain", "print('mine')")
    async with open_lesson(AFTER) as bench:
        assert bench.cell("plain").source == "print('mine')"
        assert "the author's is newer" not in bench.text()
