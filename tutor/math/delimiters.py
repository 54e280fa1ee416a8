"""Delimiters as tall as what they enclose."""

from __future__ import annotations

from tutor.math.alphabets import plain
from tutor.math.boxes import NOTHING, Box, text_box

# Top, middle, bottom, and what repeats between.
_TALL = {
    "(": "⎛⎜⎝⎜", ")": "⎞⎟⎠⎟", "[": "⎡⎢⎣⎢", "]": "⎤⎥⎦⎥", "{": "⎧⎨⎩⎪", "}": "⎫⎬⎭⎪", "|": "││││", "‖": "‖‖‖‖",
    "⌊": "⎢⎢⎣⎢", "⌋": "⎥⎥⎦⎥", "⌈": "⎡⎢⎢⎢", "⌉": "⎤⎥⎥⎥", "⟦": "⟦⟦⟦⟦", "⟧": "⟧⟧⟧⟧",
}  # fmt: skip
_TALL_ASCII = {
    "(": "/|\\|", ")": "\\|/|", "[": "[[[[", "]": "]]]]", "{": "/<\\|", "}": "\\>/|", "|": "||||", "⌊": "||L|",
    "⌋": "||J|", "⌈": "F|||", "⌉": "T|||",
}  # fmt: skip


def delimiter(text: str, height: int, baseline: int, ascii_only: bool) -> Box:
    """`text` over `height` lines. A brace should be given an odd height, so that it has a middle."""
    if not text:
        return NOTHING
    shown = plain(text) if ascii_only else text
    if height == 1:
        return text_box(shown)
    pieces = (_TALL_ASCII if ascii_only else _TALL).get(text)
    if pieces is None:  # ⟨ and / have no tall form: once, on the baseline
        small = text_box(shown)
        blank = " " * small.width
        lines = tuple(small.lines[0] if row == baseline else blank for row in range(height))
        return Box(lines, small.width, baseline, True)
    top, middle, bottom, between = tuple(pieces)
    lines = tuple(
        top if row == 0 else bottom if row == height - 1 else middle if row == height // 2 else between
        for row in range(height)
    )
    return Box(lines, 1, baseline, True)
