"""A part that cannot be imported when it is first needed: it is said what to do, and the app goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from tutor.screens.help import HelpScreen


class Upgraded:
    """Finds a module, whose code was written for other versions of what it uses."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name == self._name else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: Any) -> None:
        exec(compile("import os\nos.there_is_no_such_thing", module.__name__, "exec"), module.__dict__)


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have a module of ours be gone."""

    def missing(name: str) -> None:
        monkeypatch.setitem(sys.modules, name, None)

    return missing


@pytest.fixture
def upgraded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Have a module of ours be one that does not fit to the others."""
    finders: list[Any] = []

    def upgraded(name: str) -> None:
        monkeypatch.delitem(sys.modules, name, raising=False)
        parent, _dot, last = name.rpartition(".")
        monkeypatch.delattr(sys.modules[parent], last, raising=False)
        finders.append(Upgraded(name))
        sys.meta_path.insert(0, finders[-1])

    yield upgraded
    for finder in finders:
        sys.meta_path.remove(finder)


def said(app: Any) -> list[str]:
    return [note.message for note in app._notifications]


@pytest.mark.parametrize(
    ("key", "module"),
    [("/", "tutor.screens.search"), ("question_mark", "tutor.screens.help"), ("R", "tutor.screens.runs")],
    ids=["a worker", "an action", "a worker of another screen"],
)
async def test_a_key_that_needs_what_is_missing_says_so_and_the_app_goes_on(
    make_app: Callable[..., Any], returning: Path, missing: Callable[[str], None], key: str, module: str
) -> None:
    missing(module)
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await app.until(lambda: app._is_seen)
        await pilot.press(key)
        await app.until(lambda: said(app))
        assert f"the module {module}" in said(app)[0]
        assert "quit (Ctrl+Q) and start it again" in said(app)[0]
        await pilot.press(key)  # once is enough
        await pilot.pause()
        assert len(said(app)) == 1
        if module != "tutor.screens.help":
            await pilot.press("question_mark")
            await app.until(lambda: isinstance(app.screen, HelpScreen))
    assert app.return_code in (0, None)
    assert "ModuleNotFoundError" in (Path(returning).parent / "tutor.log").read_text("utf-8")


async def test_a_part_that_fits_to_the_others_no_more_is_a_missing_part(
    make_app: Callable[..., Any], returning: Path, upgraded: Callable[[str], None]
) -> None:
    upgraded("tutor.screens.search")
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await app.until(lambda: app._is_seen)
        await pilot.press("/")
        await app.until(lambda: said(app))
        assert "could not be loaded (module 'os' has no attribute 'there_is_no_such_thing')" in said(app)[0]
        await pilot.press("question_mark")
        await app.until(lambda: isinstance(app.screen, HelpScreen))


async def test_an_error_of_another_kind_still_ends_the_app(
    make_app: Callable[..., Any], returning: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any) -> None:
        raise RuntimeError("the help broke")

    async def press() -> None:
        async with app.run_test(size=(100, 30)) as pilot:
            await app.until(lambda: app._is_seen)
            await pilot.press("question_mark")
            await app.until(lambda: app._exception is not None)

    app = make_app()
    monkeypatch.setattr(type(app), "action_help", broken)
    with pytest.raises(RuntimeError, match="the help broke"):
        await press()
