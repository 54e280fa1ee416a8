"""What a program wrote, read as a terminal would: pure, so tested without a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color

from lessons.knobs import knobs
from lessons.knobs import turn as write
from tutor.widgets.html_table import read_table
from tutor.widgets.knobs import turned
from tutor.widgets.python_colours import coloured, shown_controls
from tutor.widgets.terminal_text import TerminalText, plain, read


def lines(terminal: TerminalText) -> list[str]:
    return ["".join(text for text, _style in line) for line in (*terminal.head, *terminal.rest)]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one\ntwo", ["one", "two"]),
        ("10%\r20%\r30%", ["30%"]),
        ("long line\rshort", ["shortline"]),
        ("long line\r\x1b[Kshort", ["short"]),
        ("abc\b\bX", ["aXc"]),
        ("a\tb", ["a       b"]),
        ("a\r\nb", ["a", "b"]),
        ("\x1b]0;evil\x07safe", ["safe"]),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", ["link"]),
        ("\x1b[2J\x1b[10;10Hhere", ["here"]),
        ("\x1bPq#0~\x1b\\picture", ["picture"]),
        ("bell\x07 null\x00 c1\x85", ["bell null c1"]),
        ("right\u202eleft", ["rightleft"]),
    ],
)
def test_control_characters_act_or_vanish(written: str, shown: list[str]) -> None:
    assert lines(read(written)) == shown


def test_colours_are_kept() -> None:
    ((text, style),) = read("\x1b[1;31mred\x1b[0m").rest[0]
    assert text == "red"
    assert style.bold
    assert style.color == Color.from_ansi(1)
    ((_text, extended),) = read("\x1b[38;2;1;2;3mx").rest[0]
    assert extended.color == Color.from_rgb(1, 2, 3)


def test_a_flood_keeps_its_ends_and_counts_the_rest() -> None:
    terminal = TerminalText(head=3, tail=4)
    terminal.feed("".join(f"{number}\n" for number in range(1000)))
    assert lines(terminal) == ["0", "1", "2", "996", "997", "998", "999"]
    assert terminal.hidden == 993
    first, hidden, last = terminal.shown(2, 2)
    assert len(first) + hidden + len(last) == 1000


@given(st.lists(st.text(alphabet="ab\n\r\b\x1b[0m;1K世 ", max_size=12), max_size=12))
def test_it_does_not_matter_where_the_stream_is_cut(pieces: list[str]) -> None:
    cut = TerminalText()
    for piece in pieces:
        cut.feed(piece)
    whole = TerminalText()
    whole.feed("".join(pieces))
    # what a terminal waits for at the very end (half a sequence) is not there in either
    assert lines(cut) == lines(whole)


@given(st.text())
def test_nothing_that_is_shown_can_act_on_a_terminal(written: str) -> None:
    for line in lines(read(written)):
        assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in line)
    assert "\x1b" not in plain(written)


@given(st.text())
def test_colouring_loses_nothing(source: str) -> None:
    assert ["".join(text for text, _role in line) for line in coloured(source)] == shown_controls(source).split("\n")


def test_python_is_coloured_by_what_it_is() -> None:
    roles = {text: role for line in coloured("def f(x):\n    return len('a # b')  # why") for text, role in line}
    assert roles["def"] == "code-keyword"
    assert roles["f"] == "code-function"
    assert roles["len"] == "code-builtin"
    assert roles["'a # b'"] == "code-string"
    assert roles["# why"] == "code-comment"


def test_three_dots_begin_no_attribute() -> None:
    roles = [
        role for line in coloured("def f(x):\n    ...\n\ndef g(x):\n    ...") for text, role in line if text == "def"
    ]
    assert roles == ["code-keyword", "code-keyword"]
    assert ("len", "code-name") in coloured("x.len")[0]


def test_a_table_is_read_from_what_pandas_sends() -> None:
    html = (
        "<table><thead><tr><th></th><th>a</th></tr></thead><tbody><tr><th>0</th><td>1.5</td></tr></tbody></table>"
        "<p>1 rows × 1 columns</p>"
    )
    table = read_table(html)
    assert table is not None
    assert table.rows == [["", "a"], ["0", "1.5"]]
    assert (table.heads, table.index, table.note) == (1, 1, "1 rows × 1 columns")
    assert read_table("<p>no table</p>") is None


@pytest.mark.parametrize(
    ("source", "by", "value"),
    [
        ('lr = 0.1  #@param {type: "slider", min: 0.001, max: 10, log: true}', 1, 0.15),
        ('lr = 0.1  #@param {type: "slider", min: 0.001, max: 10, log: true}', -1, 0.07),
        ('lr = 10.0  #@param {type: "slider", min: 0.001, max: 10, log: true}', 1, 10.0),
        ('n = 3  #@param {type: "integer"}', 1, 4),
        ('deep = True  #@param {type: "boolean"}', 1, False),
        ('act = "relu"  #@param ["relu", "tanh"]', 1, "tanh"),
        ('act = "relu"  #@param ["relu", "tanh"]', -1, "tanh"),
    ],
)
def test_knobs_turn_in_steps_that_people_think_in(source: str, by: int, value: object) -> None:
    (knob,) = knobs(source)
    new = turned(knob, by)
    assert new == pytest.approx(value)
    (again,) = knobs(write(source, knob, new))
    assert again.value == pytest.approx(value)
