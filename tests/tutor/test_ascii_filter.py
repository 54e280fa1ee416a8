"""Signs as ASCII: each one by one that means the same, as wide as it was; letters as they are."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tutor.ascii_filter import as_ascii

SIGNS = "✓✗●○◐■◼◻▲›…⋯·•–—“”’→←↑↓↕↪━─│┌┐└┘├┤┬┴┼╭╮╰╯▌▎▂▇█▀░⠤⠉⣿≤≥×∑√"


def test_every_sign_of_ours_becomes_ascii() -> None:
    for sign in SIGNS:
        shown = as_ascii(sign)
        assert shown in string.printable, sign
        assert "?" not in shown, sign


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Mn", "Me")), max_size=20))
def test_no_cell_is_lost_or_won(text: str) -> None:
    assert cell_len(as_ascii(text)) == cell_len(text)


def test_letters_stay_or_lose_their_accents() -> None:
    assert as_ascii("naïve 注意力 Ωmega") == "naive 注意力 Ωmega"


def test_lines_and_boxes_keep_their_directions() -> None:
    assert as_ascii("┌──┐│└━━┘") == "+--+|+==+"
