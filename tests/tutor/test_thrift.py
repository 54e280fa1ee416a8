"""What is not sent must not be missed: an independent terminal shows the same, with and without thrift."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.thrift import Thrift

WIDTH, HEIGHT = 24, 6

colours = st.sampled_from(["31", "42", "38;5;120", "48;5;7", "38;2;1;2;3", "48;2;200;100;50", "39", "49"])
attributes = st.sampled_from(["1", "3", "4", "7", "9"])
styles = st.lists(st.one_of(colours, attributes), max_size=4).map(
    lambda parts: f"\x1b[0m\x1b[{';'.join(parts) or '0'}m"
)
# Everything lies on a grid of two cells, so that no wide character is drawn over by half: there terminals differ.
narrow = st.text(alphabet="ab c─∑𝐨", min_size=1, max_size=4).map(lambda word: word * 2)
words = st.one_of(narrow, st.text(alphabet="中文", min_size=1, max_size=3))
columns = st.integers(0, WIDTH // 2 - 1).map(lambda pair: 2 * pair + 1)
moves = st.tuples(st.integers(1, HEIGHT), columns).map(lambda at: f"\x1b[{at[0]};{at[1]}H")
pieces = st.tuples(moves, styles, words).map("".join)
frames = st.lists(st.lists(pieces, max_size=6).map(lambda parts: "".join(parts) + "\x1b[0m\x1b[1;1H"), max_size=5)


def fits(frame: str) -> bool:
    """No word reaches past the margin, where terminals differ and Textual never writes."""
    screen = pyte.Screen(WIDTH * 3, HEIGHT)
    pyte.Stream(screen).feed(frame)
    beyond = [screen.buffer[y][x] for y in range(HEIGHT) for x in range(WIDTH, WIDTH * 3)]
    return all(cell == screen.default_char for cell in beyond)


def seen(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What can be seen: of a space its background, and its foreground where a line or reverse shows it."""
    rows = []
    for y in range(HEIGHT):
        row = []
        for x in range(WIDTH):
            cell = screen.buffer[y][x]
            lines = (cell.underscore, cell.strikethrough, cell.reverse)
            if cell.data == " ":
                row.append((" ", cell.bg, *((cell.fg, *lines) if any(lines) else ())))
            else:
                row.append((cell.data, cell.fg, cell.bg, cell.bold, cell.italics, *lines))
        rows.append(row)
    return rows


def show(stream: list[str]) -> pyte.Screen:
    screen = pyte.Screen(WIDTH, HEIGHT)
    for data in stream:
        pyte.Stream(screen).feed(data)
    return screen


@settings(deadline=None)
@given(frames)
def test_the_terminal_shows_what_it_would_have_shown(drawn: list[str]) -> None:
    drawn = ["\x1b[0m\x1b[1;1H" + "\r\n".join([" " * WIDTH] * HEIGHT) + "\x1b[1;1H", *filter(fits, drawn)]
    thrift = Thrift(WIDTH, HEIGHT)
    sent = [thrift.frame(frame) for frame in drawn]
    straight, thrifty = show(drawn), show(sent)
    assert seen(thrifty) == seen(straight)
    assert (thrifty.cursor.x, thrifty.cursor.y) == (straight.cursor.x, straight.cursor.y)


def test_the_same_frame_again_sends_nothing() -> None:
    thrift = Thrift(WIDTH, HEIGHT)
    frame = "\x1b[2;3H\x1b[1;38;2;1;2;3mloss\x1b[0m \x1b[32mfalls\x1b[0m\x1b[1;1H"
    assert thrift.frame(frame)
    assert thrift.frame(frame) == ""


def test_one_changed_character_sends_little_more_than_itself() -> None:
    thrift = Thrift(WIDTH, HEIGHT)
    thrift.frame("\x1b[2;1Hloss 0.51 after 3 epochs\x1b[1;1H")
    sent = thrift.frame("\x1b[2;1Hloss 0.52 after 3 epochs\x1b[1;1H")
    assert "2" in sent
    assert "loss" not in sent
    assert len(sent) < 20


def test_a_row_with_wide_characters_is_sent_whole() -> None:
    thrift = Thrift(WIDTH, HEIGHT)
    thrift.frame("\x1b[2;1H中文 a\x1b[1;1H")
    assert "中文 b" in thrift.frame("\x1b[2;1H中文 b\x1b[1;1H")


def test_another_buffer_is_drawn_afresh() -> None:
    thrift = Thrift(WIDTH, HEIGHT)
    frame = "\x1b[2;1Hloss\x1b[1;1H"
    thrift.frame(frame)
    assert thrift.frame("\x1b[?1049h").startswith("\x1b[?1049h")
    assert "loss" in thrift.frame(frame)


def test_what_it_does_not_know_passes_in_order() -> None:
    thrift = Thrift(WIDTH, HEIGHT)
    sent = thrift.frame("\x1b[?2026h\x1b[1;1Hloss\x1b[?2026l")
    assert sent.index("\x1b[?2026h") < sent.index("loss") < sent.index("\x1b[?2026l")


def test_links_open_and_close() -> None:
    thrift = Thrift(WIDTH, HEIGHT)
    sent = thrift.frame("\x1b[1;1H\x1b]8;id=1;https://d2l.ai\x1b\\\x1b[4mbook\x1b[0m\x1b]8;;\x1b\\ and\x1b[1;1H")
    opened, closed = sent.index("\x1b]8;id=1;https://d2l.ai\x1b\\"), sent.rindex("\x1b]8;;\x1b\\")
    assert opened < sent.index("book") < closed < sent.index("and")


def test_a_size_that_changed_is_drawn_afresh() -> None:
    thrift = Thrift(WIDTH, HEIGHT)
    frame = "\x1b[2;1Hloss\x1b[1;1H"
    thrift.frame(frame)
    thrift.resize(WIDTH + 1, HEIGHT)
    assert "loss" in thrift.frame(frame)
