"""What each role looks like in the theme that is on: one map from semantic names to styles, shared by every view.

Component classes would say the same in CSS, but each widget resolves its own: 40 roles × 60 steps cost more than the
first paint may. A role that is not named here takes the style of the longest name before one of its dashes.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.app import App
from textual.color import Color

_STYLES: dict[str, tuple[str, str]] = {
    # role: (colour as `name` or `name/percent towards the background`, attributes)
    "text": ("foreground", ""),
    "strong": ("foreground", "bold"),
    "emphasis": ("foreground", "italic"),
    "strong-emphasis": ("foreground", "bold italic"),
    "strike": ("ink-muted", "strike"),
    "muted": ("ink-muted", ""),
    "faint": ("ink-faint", ""),
    "title": ("foreground", "bold"),
    "title-rule": ("text-primary", ""),
    "heading-1": ("text-primary", "bold"),
    "heading-2": ("text-primary", "bold"),
    "heading-3": ("foreground", "bold"),
    "heading-4": ("foreground", "bold italic"),
    "heading": ("foreground", "italic"),
    "rule": ("ink-faint", ""),
    "code": ("text-accent", ""),
    "math": ("text-success", ""),
    "math-raw": ("ink-muted", ""),
    "link": ("text-primary", "underline"),
    "list-mark": ("text-primary", ""),
    "task-open": ("ink-muted", ""),
    "task-done": ("text-success", ""),
    "quote": ("foreground/80", "italic"),
    "quote-bar": ("ink-faint", ""),
    "term": ("foreground", "bold italic"),
    "image": ("ink-muted", "italic"),
    "image-note": ("ink-muted", ""),
    "table-head": ("foreground", "bold"),
    "table-rule": ("ink-faint", ""),
    "footnote-mark": ("ink-muted", ""),
    "admonition-note-title": ("text-primary", "bold"),
    "admonition-note-bar": ("text-primary", ""),
    "admonition-tip-title": ("text-success", "bold"),
    "admonition-tip-bar": ("text-success", ""),
    "admonition-warning-title": ("text-warning", "bold"),
    "admonition-warning-bar": ("text-warning", ""),
    "admonition-important-title": ("text-error", "bold"),
    "admonition-important-bar": ("text-error", ""),
    "code-text": ("foreground", ""),
    "code-keyword": ("text-primary", "bold"),
    "code-string": ("text-success", ""),
    "code-comment": ("ink-muted", "italic"),
    "code-number": ("text-warning", ""),
    "code-function": ("text-accent", ""),
    "code-class": ("text-accent", "bold"),
    "code-builtin": ("text-secondary", ""),
    "code-decorator": ("text-secondary", ""),
    "code-operator": ("foreground/75", ""),
    "code-name": ("foreground", ""),
    "code-wrap": ("ink-faint", ""),
    "code-prompt": ("ink-muted", ""),
    "code-output": ("foreground/80", ""),
    "code-inserted": ("text-success", ""),
    "code-deleted": ("text-error", ""),
    # States, the same everywhere.
    "state-idle": ("ink-muted", ""),
    "state-queued": ("text-warning", ""),
    "state-running": ("text-warning", "bold"),
    "state-ok": ("text-success", ""),
    "state-failed": ("text-error", "bold"),
    "state-edited": ("text-accent", ""),
    "key": ("text-primary", "bold"),
    "label": ("ink-muted", "bold"),
    "chosen": ("text-primary", "bold"),
    "right": ("text-success", "bold"),
    "wrong": ("text-error", "bold"),
    "stderr": ("ink-muted", ""),
    "error-head": ("text-error", "bold"),
    "error": ("text-error", ""),
    "hidden": ("ink-muted", "italic"),
}


class Palette:
    """Styles by role, for one theme. `is_plain`: without colours, so that weight and words must do."""

    def __init__(self, variables: Mapping[str, str], *, dark: bool, is_plain: bool = False) -> None:
        self._is_plain = is_plain
        self._background = Color.parse(variables.get("background", "#121212" if dark else "#ffffff"))
        self.is_dark = dark
        """Whether the ground is darker than the ink."""
        self._variables = variables
        self._styles: dict[str, Style] = {}

    def __getitem__(self, role: str) -> Style:
        style = self._styles.get(role)
        if style is None:
            style = self._styles[role] = self._make(role)
        return style

    def colour(self, name: str) -> Color:
        """A colour of the theme: `primary`, or `foreground/55` for 55 % of it over the background."""
        name, _, percent = name.partition("/")
        try:
            colour = Color.parse(self._variables[name])
        except Exception:  # a theme may leave a variable out, or say `auto`
            colour = self._background.get_contrast_text(1.0)
        if colour.a < 1:
            colour = self._background.blend(colour.with_alpha(1), colour.a)
        return self._background.blend(colour, int(percent) / 100) if percent else colour

    def _make(self, role: str) -> Style:
        name = role
        while name not in _STYLES and "-" in name:
            name = name.rpartition("-")[0]
        colour, attributes = _STYLES.get(name, _STYLES["text"])
        if self._is_plain and not colour.startswith(("ink-", "foreground")):
            colour = "foreground"  # the grey of a colour is paler than the text, and headings are to stand out
        return Style.parse(attributes) + Style(color=self.colour(colour).rich_color)


_palettes: dict[tuple[str, bool], Palette] = {}


def palette(app: App[object]) -> Palette:
    """The styles of the theme that is on."""
    key = (app.theme, app.no_color)
    found = _palettes.get(key)
    if found is None:
        variables = app.get_css_variables()  # theme_variables may still be those of the theme before
        found = _palettes[key] = Palette(variables, dark=app.current_theme.dark, is_plain=app.no_color)
    return found
