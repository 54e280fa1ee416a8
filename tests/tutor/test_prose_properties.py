"""What holds for any Markdown: widths are kept, no word is lost, nothing reaches the terminal raw, nothing raises."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.math import ASCII, FULL, PLAIN_LETTERS
from tutor.prose import headings, lay_out, line_text, line_width
from tutor.prose.console import STYLES, to_rich
from tutor.prose.lines import ROLES

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
WIDTHS = st.integers(min_value=20, max_value=120)
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
texts = st.lists(words, min_size=1, max_size=30).map(" ".join)

MARKS = [
    *"#*_`~$[]()<>|:-+!\\&;^{}\"' \n\t0123",
    "\n\n",
    "```",
    ":::",
    "{note}",
    "$$",
    "[^1]",
    "[^1]:",
    "| - |",
    "ab",
    "中",
    "\x1b[2J",
]
blocks = st.one_of(
    texts,
    texts.map("# {}".format),
    texts.map("- {}".format),
    texts.map("> {}".format),
    texts.map("1. {}".format),
    texts.map("**{}**".format),
    texts.map(":::{{note}}\n{}\n:::".format),
    texts.map("```python\n{}\n```".format),
    texts.map("$$\n\\text{{{}}}\n$$".format),
    st.tuples(texts, texts).map(lambda pair: "| a | b |\n|---|---|\n| {} | {} |".format(*pair)),
)


@given(st.lists(blocks, max_size=6).map("\n\n".join), WIDTHS)
def test_no_line_is_wider_than_asked_and_no_letter_is_lost(markdown: str, width: int) -> None:
    lines = lay_out(markdown, width)
    assert all(line_width(line) <= width for line in lines)
    shown = "".join(line_text(line) for line in lines)
    body = re.sub(r"python|:::\{note\}|\\text|\| a \| b \|", "", markdown)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        assert shown.count(letter) >= body.count(letter), letter


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(MARKS), max_size=40).map("".join),
    st.integers(-3, 90),
    st.sampled_from([FULL, PLAIN_LETTERS, ASCII]),
)
def test_scrambled_markdown_raises_nothing(markdown: str, width: int, profile: object) -> None:
    for line in lay_out(markdown, width, profile=profile):  # type: ignore[arg-type]
        assert not CONTROL.search(line_text(line))
    headings(markdown)


@given(st.text(max_size=200), st.integers(-3, 90))
def test_arbitrary_text_raises_nothing_and_controls_nothing(text: str, width: int) -> None:
    for line in lay_out(text, width):
        assert not CONTROL.search(line_text(line))
        assert not any(CONTROL.search(span.link) for span in line if span.link)


def test_escape_sequences_show_themselves() -> None:
    shown = "".join(line_text(line) for line in lay_out("a\x1b[31mb `c\x07` &#x202e; [x](</a\x1b>)", 60))
    assert "␛[31m" in shown
    assert "␇" in shown
    assert "\u202e" not in shown


def test_a_line_far_too_narrow_still_shows_everything() -> None:
    nested = "> - > - > - deep words here"
    shown = "".join(line_text(line) for line in lay_out(nested, 4))
    assert all(word in shown.replace("▎", "").replace(" ", "") for word in ("deep", "words", "here"))


def test_rich_text_has_every_line_and_every_link() -> None:
    text = to_rich(lay_out("# A\n\n[b](https://example.org) `c`", 40))
    assert text.plain == "A\n\nb c\n"
    assert any(span.style.link == "https://example.org" for span in text.spans)  # type: ignore[union-attr]


def test_every_style_of_the_console_is_of_a_known_role() -> None:
    assert set(STYLES) <= set(ROLES)
