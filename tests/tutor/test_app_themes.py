"""Contrast of our themes, computed: of every role that is read as text, on every ground that it stands on."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tutor.themes import CONTRAST, THEMES, own_variables
from tutor.widgets.palette import _STYLES, Palette

RULES = ("rule", "faint", "bar", "line-number", "state-idle", "code-wrap")
"""Roles that draw lines and marks, not text. They need not be read."""
GROUNDS = ("background", "surface", "panel")


def _variables(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


def _luminance(colour: Color) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [part / 255 for part in colour.rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _ratio(one: Color, other: Color) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _contrast(theme: Theme, role: str, ground: str) -> float:
    variables = _variables(theme)
    style = Palette(variables, dark=theme.dark)[role]
    assert style.color is not None
    return _ratio(Color.from_rich_color(style.color), Color.parse(variables[ground]))


TEXT = [role for role in _STYLES if not role.endswith(RULES)]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", GROUNDS)
def test_ink_can_be_read(theme: Theme, ground: str) -> None:
    least = 7.0 if theme is CONTRAST else 4.5
    pale = {
        role: round(_contrast(theme, role, ground), 2)
        for role in ("text", "strong", "muted", "label", "key", "right", "wrong", "state-running", "error")
        if _contrast(theme, role, ground) < least
    }
    assert pale == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_role_of_text_can_be_read_on_the_page(theme: Theme) -> None:
    pale = {role: round(ratio, 2) for role in TEXT if (ratio := _contrast(theme, role, "background")) < 4.5}
    assert pale == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_cursor_s_line_can_be_read_and_told_from_the_page(theme: Theme) -> None:
    variables = _variables(theme)
    line = Color.parse(variables["cursor-line"])
    for ink in ("foreground", "ink-muted", "text-primary", "text-success", "text-warning"):
        assert _ratio(Color.parse(variables[ink]), line) >= 4.5, ink
    assert line != Color.parse(variables["background"])


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_our_own_variables_are_in_each_of_our_themes(theme: Theme) -> None:
    assert set(own_variables(theme)) <= set(theme.variables)


def test_textual_s_own_themes_get_them_too() -> None:
    for theme in BUILTIN_THEMES.values():
        if not theme.ansi:
            assert all(Color.parse(colour) for colour in own_variables(theme).values())
