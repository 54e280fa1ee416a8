"""The floor: the same words in a plain Textual app, one Static in a scroll container and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Static


class PlainApp(App[None]):
    """Shows a text file, and an input field to type into."""

    animation_level = "none"

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(Path(sys.argv[1]).read_text(encoding="utf-8"), markup=False)
            yield Input()


if __name__ == "__main__":
    PlainApp().run()
