"""Pictures as the terminal's own graphics: what is sent is the picture, in its place, and no answer is asked for."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image

from tutor.graphics import kitty, protocol, sixel
from tutor.widgets.pictures import PictureExhibit, fitted

KITTY = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")


def picture(width: int = 40, height: int = 20) -> Image.Image:
    """Four fields of plain colours."""
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 255, 0), (width // 2, 0, width, height // 2))
    image.paste((0, 0, 255), (0, height // 2, width // 2, height))
    image.paste((255, 255, 255), (width // 2, height // 2, width, height))
    return image


def png(image: Image.Image) -> str:
    memory = io.BytesIO()
    image.save(memory, format="png")
    return base64.b64encode(memory.getvalue()).decode()


def seen(sequence: str) -> dict[tuple[int, int], tuple[int, ...]]:
    """A terminal's reading of a Sixel: pixels in percent of each colour. By the standard, not by us."""
    body = re.search(r"\x1bP[0-9;]*q\"[0-9;]+?(?=[#!?-~$])(.*)\x1b\\", sequence, re.DOTALL)
    assert body is not None
    pixels: dict[tuple[int, int], tuple[int, ...]] = {}
    registers: dict[int, tuple[int, ...]] = {}
    pen, x, top = 0, 0, 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|([$-])|([?-~])", body.group(1)):
        number, red, green, blue, count, repeated, control, single = token.groups()
        if number is not None:
            pen = int(number)
            if red is not None:
                registers[pen] = (int(red), int(green), int(blue))
        elif control is not None:
            x, top = 0, top + (6 if control == "-" else 0)
        else:
            for _ in range(int(count or 1)):
                bits = ord(repeated or single) - ord("?")
                for bit in range(6):
                    if bits >> bit & 1:
                        pixels[x, top + bit] = registers[pen]
                x += 1  # noqa: SIM113
    return pixels


def test_a_sixel_is_the_picture() -> None:
    image = picture()
    pixels = seen(sixel(image, 3, 2).show)
    assert len(pixels) == 40 * 20
    for at, colour in pixels.items():
        wanted = image.getpixel(at)
        assert isinstance(wanted, tuple)
        assert all(abs(part - round(value / 2.55)) <= 1 for part, value in zip(colour, wanted, strict=True)), at


def test_a_sixel_counts_runs_and_stays_small() -> None:
    assert len(sixel(picture(400, 200), 0, 0).show) < 4000


def test_kittys_pieces_are_the_png_and_ask_for_no_answer() -> None:
    data = png(picture(300, 200)) + "A" * 9000  # longer than one sequence may be
    shown = kitty(data, 0, 0, 30, 10).show
    found = KITTY.findall(shown)
    assert "".join(payload for _, payload in found) == data
    assert all(len(payload) <= 4096 for _, payload in found)
    assert "q=2" in found[0][0]
    assert [head[-3:] for head, _ in found] == ["m=1"] * (len(found) - 1) + ["m=0"]


@pytest.mark.parametrize("placed", [kitty("AAAA", 4, 6, 10, 5), sixel(picture(), 4, 6)])
def test_the_cursor_is_where_it_was(placed: object) -> None:
    show = str(placed.show)  # type: ignore[attr-defined]
    assert show.startswith("\x1b7\x1b[7;5H")
    assert show.endswith("\x1b8")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "kitty"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "sixel"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, None),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"}, None),
        ({"TERM": "screen", "STY": "1.pts"}, None),
        ({"TERM": "xterm-256color", "D2L_TUTOR_GRAPHICS": "sixel"}, "sixel"),
        ({"TERM": "xterm-kitty", "D2L_TUTOR_GRAPHICS": "none"}, None),
    ],
)
def test_which_graphics_a_terminal_has_goes_by_its_name(environment: dict[str, str], expected: str | None) -> None:
    assert protocol(environment) == expected


def test_a_picture_keeps_its_shape() -> None:
    assert fitted((100, 50), (60, 60)) == (60, 30)
    assert fitted((50, 100), (60, 60)) == (30, 60)
    exhibit = PictureExhibit(png(picture(400, 200)))
    placed = exhibit.graphics("kitty", 0, 0, (100, 30), (10, 20))
    assert "c=100,r=25" in placed.show


def test_what_is_no_picture_is_said_and_not_raised() -> None:
    for broken in ("", "not base64 at all!", base64.b64encode(b"\x89PNG\r\n\x1a\n rubbish").decode()):
        assert PictureExhibit(broken).image is None
