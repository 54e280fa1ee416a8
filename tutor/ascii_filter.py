"""The last step before the screen where only ASCII may be shown: each sign of ours becomes one of ASCII, cell for cell.

Text of lessons is laid out in ASCII by its profile, where it can choose longer words (`<=` for ≤). What is left are
signs in the widgets, borders, scrollbars, and what a program printed. Letters of any script stay: they are content.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {
    "✓": "+", "✗": "!", "●": "*", "○": "o", "◐": "~", "■": "#", "◼": "x", "◻": "_", "▲": "^", "▼": "v", "◆": "+",
    "△": "^", "▽": "v", "□": "o", "◇": "+", "★": "*", "☆": "*", "◎": "@",
    "›": ">", "‹": "<", "…": ".", "⋯": ".", "·": "-", "•": "*", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "§": "S", "×": "x", "÷": "/", "∑": "S",
    "→": ">", "←": "<", "↑": "^", "↓": "v", "↕": "|", "↪": "\\", "⇒": ">", "⇐": "<", "\u00a0": " ",
    "≤": "<", "≥": ">", "≈": "~", "≠": "#", "∈": "e", "√": "V", "∞": "8", "∂": "d", "∇": "V", "°": "o", "±": "+",
    "▕": "|", "▏": "|", "▎": "|", "▍": "|",
    "▌": "|", "▋": "|", "▊": "|", "▉": "#", "█": "#", "▐": "|", "▔": "-", "▁": "_",
    "▂": " ", "▃": " ", "▅": " ", "▆": " ", "▇": " ",  # the ends of scrollbars
    "▀": '"', "▄": "_", "░": ":", "▒": "%", "▓": "#", "┊": ":", "┆": ":", "╌": "-", "╎": ":",
}  # fmt: skip


class AsciiFilter(LineFilter):
    """Every line of every widget goes through it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in ASCII, as wide as it was."""
        return [
            segment if segment.text.isascii() else Segment(as_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


@lru_cache(maxsize=4096)
def as_ascii(text: str) -> str:
    """Each sign as one of ASCII; letters as they are."""
    return "".join(character if character.isascii() else _one(character) for character in text)


@lru_cache(maxsize=2048)
def _one(character: str) -> str:
    if (sign := _SIGNS.get(character)) is not None:
        return sign
    if 0x2500 <= ord(character) <= 0x257F:  # lines of boxes, by their names
        name = unicodedata.name(character)
        if "VERTICAL" in name and "HORIZONTAL" not in name:
            return "|"
        return "=" if name.endswith("HEAVY HORIZONTAL") else "-" if name.endswith(" HORIZONTAL") else "+"
    if 0x2580 <= ord(character) <= 0x259F:  # blocks, as scrollbars are made of
        return "#"
    if 0x2800 <= ord(character) <= 0x28FF:  # dots of braille
        return " .:#"[min(3, (bin(ord(character) & 0xFF).count("1") + 1) // 2)]
    plain = unicodedata.normalize("NFKD", character)
    plain = "".join(part for part in plain if part.isascii())
    width = cell_len(character)
    if unicodedata.category(character)[0] in "LMN" and not (plain and len(plain) == width):
        return character
    return plain if plain and len(plain) == width else "?" * width
