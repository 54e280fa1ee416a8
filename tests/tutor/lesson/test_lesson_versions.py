"""The versions of a cell: another tutor's text, and what was there before, come back with a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from progress_db import Progress
from progress_db.records import Version
from tutor.screens.versions import VersionsScreen, distinct

BODY = """
```{code-cell} python
:id: hello
print("hello")
```

```{code-cell} python
:id: untouched
print("nobody was here")
```
"""
LESSON = "first-steps/tensors"


async def test_the_other_tutor_s_text_comes_back_with_a_key_and_mine_is_kept(open_lesson: Any, record: Path) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.at("hello")
        with Progress.open(record) as other:
            other.draft_saved(LESSON, "hello", 'print("theirs")\nprint("of two lines")')
            other.run_started("r", LESSON, "hello", 'print("theirs")\nprint("of two lines")', 1.0)
            other.run_finished("r", "ok", 0.1)
        screen = bench.screen
        await bench.press("enter", *"x", "escape")
        assert bench.cell("hello").source == 'xprint("hello")'
        await bench.press("V")
        await bench.until(lambda: isinstance(bench.app.screen, VersionsScreen))
        await bench.sees("as it is now", "✓ ran", "the author's version", '+ print("of two lines")')
        await bench.press("y")
        assert bench.app.clipboard == 'print("theirs")\nprint("of two lines")'
        await bench.press("enter")
        await bench.until(lambda: bench.app.screen is screen)
        assert bench.cell("hello").source == 'print("theirs")\nprint("of two lines")'
        await bench.press("V")
        await bench.until(lambda: isinstance(bench.app.screen, VersionsScreen))
        await bench.press("j", "j", "j", "k", "escape")
        await bench.until(lambda: bench.app.screen is screen)
        assert bench.cell("hello").source == 'print("theirs")\nprint("of two lines")'
    kept = [version.source for version in bench_versions(record)]
    assert 'xprint("hello")' in kept
    assert 'print("theirs")\nprint("of two lines")' in kept


def bench_versions(record: Path) -> tuple[Version, ...]:
    with Progress.open(record) as progress:
        return progress.versions_of(LESSON, "hello")


async def test_a_cell_that_nobody_changed_has_no_other_version(open_lesson: Any) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.at("untouched")
        await bench.press("V")
        await bench.sees("There is only one version of this cell so far.")


async def test_a_long_history_is_moved_through(open_lesson: Any, record: Path) -> None:
    with Progress.open(record) as progress:
        for number in range(30):
            source = "\n".join(f"line_{line} = {number}" for line in range(60))
            progress.draft_saved(LESSON, "hello", source, at=1000.0 + 100 * number)
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.at("hello")
        await bench.press("V")
        await bench.until(lambda: isinstance(bench.app.screen, VersionsScreen))
        await bench.sees("line_0 = 28")  # 29 is what the cell has
        await bench.press(*["j"] * 40)
        await bench.sees("the author's version", 'print("hello")')
        await bench.press("k", "pagedown")
        await bench.until(lambda: "line_0 = 0" not in bench.text())
        await bench.sees("= 0")
        await bench.press("enter")
        assert bench.cell("hello").source.startswith("line_0 = 0\n")


def test_the_author_s_version_stands_once_be_it_a_draft_or_a_run() -> None:
    found = distinct([Version(None, 3.0), Version("mine", 2.0), Version("theirs", 1.0, outcome="ok")], "theirs")
    assert [(version.source, version.at, version.outcome) for version in found] == [
        ("theirs", 3.0, "ok"),
        ("mine", 2.0, None),
    ]
