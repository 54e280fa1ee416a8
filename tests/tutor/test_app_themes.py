"""Contrast of our themes, computed: of every role that is read as text, on every ground that it stands on."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES, Theme

from engine.ticks import PALETTE
from tutor.themes import CONTRAST, THEMES, own_variables
from tutor.widgets.ink import ON_PAPER, on_paper
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


SEEN_BY = {
    "anybody": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    # Machado, Oliveira and Fernandes (2009), in full severity, on linear colours.
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
}


def _lab(colour: tuple[int, int, int], eye: str) -> tuple[float, ...]:
    """CIELAB under D65, as that eye sees the colour."""
    linear = [p / 255 / 12.92 if p <= 10 else ((p / 255 + 0.055) / 1.055) ** 2.4 for p in colour]
    seen = [sum(weight * part for weight, part in zip(row, linear, strict=True)) for row in SEEN_BY[eye]]
    rows = ((0.4124, 0.3576, 0.1805, 0.9505), (0.2126, 0.7152, 0.0722, 1.0), (0.0193, 0.1192, 0.9505, 1.089))
    x, y, z = (sum(w * part for w, part in zip(row[:3], seen, strict=True)) / row[3] for row in rows)
    f = [value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def _curves(theme: Theme) -> list[tuple[int, int, int]]:
    return list(PALETTE) if theme.dark else [ON_PAPER[colour] for colour in PALETTE]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_curve_is_seen_on_its_ground(theme: Theme) -> None:
    page = Color.parse(_variables(theme)["background"])
    pale = {colour: round(_ratio(Color(*colour), page), 2) for colour in _curves(theme)}
    assert {colour: ratio for colour, ratio in pale.items() if ratio < 3} == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("eye", SEEN_BY)
def test_curves_are_told_apart_by_any_eye(theme: Theme, eye: str) -> None:
    apart = min(math.dist(_lab(one, eye), _lab(other, eye)) for one, other in combinations(_curves(theme), 2))
    assert apart > 15  # a difference of 2 can be seen side by side


def test_what_was_drawn_is_darker_on_paper_and_pictures_are_not() -> None:
    drawn, picture = Style.parse("rgb(230,159,0)"), Style.parse("rgb(230,159,0) on rgb(1,2,3)")
    assert picture.color is not None
    (line,) = on_paper([Strip([Segment("curve", drawn), Segment("▀", picture), Segment("words")])])
    assert [str(segment.style.color.name) if segment.style else "" for segment in line] == [
        "#e2680c",
        picture.color.name,
        "",
    ]
    assert line.cell_length == 11


def test_without_colour_what_stands_out_is_as_bright_as_the_text() -> None:
    variables = _variables(THEMES[0])
    plain = Palette(variables, dark=True, is_plain=True)
    for role in ("heading-1", "heading-2", "key", "state-failed", "math"):
        assert plain[role].color == plain["text"].color, role
    assert plain["heading-2"].bold
    assert plain["muted"].color != plain["text"].color
