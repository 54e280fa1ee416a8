"""Our three themes: ink on paper, by night and by day, and one of high contrast. Data only.

Text keeps a contrast of at least 4.5:1 against its background (7:1 in `d2l-contrast`), muted text included; a test
computes it. Colour is never alone: marks differ in shape, the cursor line is reversed or bold under NO_COLOR.
"""

from __future__ import annotations

from textual.color import Color, ColorParseError
from textual.theme import Theme

DARK = Theme(
    name="d2l-dark",
    dark=True,
    primary="#7aa7f0",
    secondary="#b79cf0",
    accent="#e8b86a",
    warning="#e8b86a",
    error="#f0808a",
    success="#84c98f",
    foreground="#dfe1e8",
    background="#14161c",
    surface="#1b1e26",
    panel="#242833",
    variables={
        "text-primary": "#8db4f5",
        "text-secondary": "#c3aef5",
        "text-accent": "#edc27e",
        "text-warning": "#edc27e",
        "text-error": "#f5939c",
        "text-success": "#94d3a0",
        "ink-muted": "#979cab",
        "ink-faint": "#5b6070",
        "cursor-line": "#26324a",
        "border": "#3a4050",
        "border-blurred": "#2a2f3b",
        "block-cursor-background": "#26324a",
        "block-cursor-foreground": "#dfe1e8",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#7aa7f0 35%",
        "scrollbar": "#303644",
        "scrollbar-hover": "#4b5266",
        "scrollbar-active": "#7aa7f0",
        "scrollbar-background": "#14161c",
        "scrollbar-background-hover": "#14161c",
        "scrollbar-background-active": "#14161c",
    },
)

LIGHT = Theme(
    name="d2l-light",
    dark=False,
    primary="#2458b3",
    secondary="#6a3fb0",
    accent="#8a5200",
    warning="#8a5200",
    error="#b3202f",
    success="#1f6b34",
    foreground="#20232b",
    background="#fbfaf6",
    surface="#f2f0ea",
    panel="#e8e5dc",
    variables={
        "text-primary": "#1f4fa3",
        "text-secondary": "#5e36a0",
        "text-accent": "#7d4a00",
        "text-warning": "#7d4a00",
        "text-error": "#a51c2a",
        "text-success": "#1b602e",
        "ink-muted": "#62666f",
        "ink-faint": "#a9a89f",
        "cursor-line": "#dbe5f6",
        "border": "#cfcbc0",
        "border-blurred": "#dedad0",
        "block-cursor-background": "#dbe5f6",
        "block-cursor-foreground": "#20232b",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#2458b3 25%",
        "scrollbar": "#dedad0",
        "scrollbar-hover": "#b5b1a6",
        "scrollbar-active": "#2458b3",
        "scrollbar-background": "#fbfaf6",
        "scrollbar-background-hover": "#fbfaf6",
        "scrollbar-background-active": "#fbfaf6",
    },
)

CONTRAST = Theme(
    name="d2l-contrast",
    dark=True,
    primary="#8fc7ff",
    secondary="#e0b3ff",
    accent="#ffd24a",
    warning="#ffd24a",
    error="#ff9c9c",
    success="#8dfa9e",
    foreground="#ffffff",
    background="#000000",
    surface="#121212",
    panel="#1c1c1c",
    variables={
        "text-primary": "#a6d3ff",
        "text-secondary": "#e8c6ff",
        "text-accent": "#ffdc70",
        "text-warning": "#ffdc70",
        "text-error": "#ffb0b0",
        "text-success": "#a4ffb2",
        "ink-muted": "#c8c8c8",
        "ink-faint": "#8c8c8c",
        "cursor-line": "#003a75",
        "border": "#ffffff",
        "border-blurred": "#8c8c8c",
        "block-cursor-background": "#003a75",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#8fc7ff 45%",
        "scrollbar": "#8c8c8c",
        "scrollbar-hover": "#c8c8c8",
        "scrollbar-active": "#ffffff",
        "scrollbar-background": "#000000",
        "scrollbar-background-hover": "#000000",
        "scrollbar-background-active": "#000000",
    },
)

THEMES: tuple[Theme, ...] = (DARK, LIGHT, CONTRAST)
"""Ours, in the order in which `next theme` goes through them."""


def own_variables(theme: Theme) -> dict[str, str]:
    """What our own variables are in a theme that does not know them: Textual's, or a learner's."""
    colours = theme.to_color_system().generate()
    try:
        page, ink, panel = (Color.parse(colours[name]) for name in ("background", "foreground", "panel"))
    except ColorParseError:  # a theme of the terminal's own colours, which only the terminal knows
        return {"ink-muted": "ansi_bright_black", "ink-faint": "ansi_bright_black", "cursor-line": "ansi_black"}
    page = page.with_alpha(1)
    return {
        "ink-muted": page.blend(ink.with_alpha(1), 0.7).hex,
        "ink-faint": page.blend(ink.with_alpha(1), 0.4).hex,
        "cursor-line": page.blend(panel.with_alpha(1), 1.0).hex,
    }
