"""The one table of keys: no clash in it, and nobody who departs from it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tutor.app import TutorApp
from tutor.bindings import bindings
from tutor.keys import KEYS, Context, key_of, keys_of, markdown_table
from tutor.screens.home import HomeScreen
from tutor.screens.lesson import LessonScreen

ROOT = Path(__file__).resolve().parents[2]
EATEN = {"ctrl+b", "ctrl+a", "ctrl+s", "ctrl+z"}
"""What tmux, screen and terminals take for themselves by default."""


@pytest.mark.parametrize("context", Context)
def test_no_key_means_two_things_in_one_place(context: Context) -> None:
    used = Counter(key for row in keys_of(context) for key in row.keys)
    assert [key for key, count in used.items() if count > 1] == []


@pytest.mark.parametrize("context", [Context.HOME, Context.LESSON])
def test_no_screen_takes_a_key_that_works_anywhere(context: Context) -> None:
    anywhere = {key for row in keys_of(Context.ANYWHERE) for key in row.keys}
    assert not anywhere & {key for row in keys_of(context) for key in row.keys}


@pytest.mark.parametrize(
    ("screen", "context"),
    [(TutorApp, Context.ANYWHERE), (HomeScreen, Context.HOME), (LessonScreen, Context.LESSON)],
)
def test_each_action_exists_where_its_key_is_bound(screen: type, context: Context) -> None:
    for key in keys_of(context):
        owner: type = TutorApp if key.action.startswith("app.") else screen
        assert hasattr(owner, f"action_{key.action.removeprefix('app.')}"), key.action


def test_nothing_essential_lies_on_a_key_that_is_eaten_on_the_way() -> None:
    for key in KEYS:
        if key.bound:
            assert set(key.keys) - EATEN, key.action
            assert key.keys[0] not in EATEN | {"shift+enter", "ctrl+enter"}


def test_keys_that_act_by_accident_are_pressed_twice() -> None:
    assert key_of("interrupt", Context.LESSON).chord
    assert key_of("restart", Context.LESSON).chord


def test_run_works_while_a_cell_is_edited() -> None:
    assert key_of("run", Context.LESSON).priority
    assert key_of("run_advance", Context.LESSON).priority


def test_a_binding_is_made_of_every_bound_key() -> None:
    for context in Context:
        made = [binding.key for binding in bindings(context) if not isinstance(binding, tuple)]
        assert made == [",".join(key.keys) for key in keys_of(context) if key.bound]


def test_the_table_is_printed_as_markdown() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tutor.keys"], capture_output=True, text=True, check=True, cwd=ROOT, timeout=300
    )
    assert done.stdout.strip() == markdown_table().strip()
    for key in KEYS:
        assert key.description in done.stdout


def test_the_readme_has_the_table_as_it_is() -> None:
    readme = ROOT / "README.md"
    if not readme.exists() or "**Anywhere**" not in readme.read_text("utf-8"):
        pytest.skip("the README has no table of keys yet")
    assert markdown_table().strip() in readme.read_text("utf-8")
