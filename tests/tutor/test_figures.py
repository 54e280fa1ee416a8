"""Pictures that a text names: found, measured, decoded, laid out; and the files that are made to hurt."""

from __future__ import annotations

import base64
import io
import os
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

from lessons.notebooks.formats import read_notebook
from tutor import pace, text_profile
from tutor.cli.reading import drawer, lay_out_lesson
from tutor.exporting.kept import notebook_at
from tutor.exporting.page import page
from tutor.figures import svg
from tutor.figures.decoding import Pixels
from tutor.figures.gallery import Gallery
from tutor.figures.headers import read_header
from tutor.figures.sources import LARGEST_FILE, Unshown
from tutor.prose import Line, images, lay_out, line_text, line_width
from tutor.prose.console import to_rich
from tutor.prose.lines import neutral
from tutor.widgets.pictures import FigureExhibit

RED, BLUE = (220, 20, 20), (20, 20, 220)


def halves(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return image


def as_bytes(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(autouse=True)
def in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", text_profile.TEXT, pace.PACE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv(text_profile.TEXT, "full")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "course" / "week-1"
    made.mkdir(parents=True)
    halves().save(made / "halves.png")
    return made


@pytest.fixture
def gallery(folder: Path) -> Gallery:
    return Gallery(folder / "notebook.ipynb")


def text_of(gallery: Gallery, markdown: str, width: int = 60) -> str:
    return "\n".join(line_text(line) for line in lay_out(markdown, width, figures=gallery))


def room(lines: list[Line]) -> list[str]:
    return [span.link or "" for line in lines for span in line if span.role == "picture"]


def pixels(gallery: Gallery, src: str, width: int = 60) -> Pixels:
    figure = gallery.figure(src, width)
    gallery.decode(figure.key)
    found = gallery.pixels(figure.key)
    assert isinstance(found, Pixels), found
    return found


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (301, 17)])
def test_the_size_is_in_the_first_bytes(kind: str, size: tuple[int, int]) -> None:
    assert read_header(io.BytesIO(as_bytes(halves(size), kind))) == (kind, *size)


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0" + bytes(20), "quality": 50}])
def test_every_form_of_webp_says_its_size(options: dict[str, Any]) -> None:
    assert read_header(io.BytesIO(as_bytes(halves((123, 45)), "WEBP", **options))) == ("WEBP", 123, 45)


def test_a_jpeg_with_a_large_profile_before_its_size() -> None:
    data = as_bytes(halves((90, 60)), "JPEG", icc_profile=os.urandom(150_000), progressive=True)
    assert read_header(io.BytesIO(data)) == ("JPEG", 90, 60)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_header_that_is_cut_off_is_none(kind: str) -> None:
    data = as_bytes(halves(), kind)
    for length in range(9):
        assert read_header(io.BytesIO(data[:length])) is None
    assert read_header(io.BytesIO(b"\xff\xd8" + b"\xff\xe1\x00\x02" * 5000)) is None
    assert read_header(io.BytesIO(b"")) is None


def test_room_is_made_and_the_caption_stands_under_it(gallery: Gallery) -> None:
    lines = lay_out("Before.\n\n![Red *over* blue](halves.png)\n\nAfter.", 60, figures=gallery)
    keys = room(lines)
    assert len(keys) == 14  # 56 columns, 2:1: 28 pixels
    assert [key.rpartition("/")[2] for key in keys] == [str(row) for row in range(14)]
    texts = [line_text(line).strip() for line in lines]
    assert texts[0] == "Before."
    assert texts[-3:] == ["Red over blue", "", "After."]
    assert max(map(line_width, lines)) <= 60
    link = next(span.link for span in lines[-3] if span.link)
    assert link.startswith("file:///")
    assert link.endswith("/week-1/halves.png")


def test_a_tall_picture_fits_a_screen(gallery: Gallery, folder: Path) -> None:
    halves((100, 900)).save(folder / "tall.png")
    assert len(room(lay_out("![t](tall.png)", 80, figures=gallery))) == 22


def test_red_is_above_blue(gallery: Gallery) -> None:
    found = pixels(gallery, "halves.png", 40)
    assert (found.width, found.height) == (40, 20)
    first, last = found.data[:3], found.data[-3:]
    assert first[0] > 150 > first[2]
    assert last[2] > 150 > last[0]


def test_the_first_frame_of_an_animation(gallery: Gallery, folder: Path) -> None:
    frames = [Image.new("RGB", (20, 20), BLUE) for _ in range(5)]
    Image.new("RGB", (20, 20), RED).save(folder / "a.gif", save_all=True, append_images=frames)
    found = pixels(gallery, "a.gif")
    assert found.data[0] > 150 > found.data[2]


def test_what_is_transparent_is_white(gallery: Gallery, folder: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(folder / "none.png")
    assert set(pixels(gallery, "none.png").data) == {255}


def test_a_file_that_was_changed_is_decoded_anew(gallery: Gallery, folder: Path) -> None:
    before = pixels(gallery, "halves.png")
    Image.new("RGB", (64, 32), BLUE).save(folder / "halves.png")
    os.utime(folder / "halves.png", ns=(1, 1))
    assert pixels(gallery, "halves.png").data[:3] != before.data[:3]


def test_pictures_in_lists_quotes_directives_and_html(gallery: Gallery) -> None:
    for markdown in (
        "- item\n\n  ![c](halves.png)",
        "> ![c](halves.png)",
        ":::{note}\n![c](halves.png)\n:::",
        "```{figure} halves.png\n:width: 40px\n:name: fig\n\nThe *caption*.\n\nA legend.\n```",
        '<img src="halves.png" alt="a &amp; b" width=300>',
        "Words\n![c](halves.png)\nmore words",
    ):
        lines = lay_out(markdown, 60, figures=gallery)
        assert len(room(lines)) >= 10, markdown
        for line in lines:
            assert line_width(line) <= 60
            assert all(span.text.strip(" ") for span in line if span.role == "picture")
    assert "The caption.\n\n" not in text_of(gallery, "![x](halves.png)")
    assert "The caption." in text_of(gallery, "```{figure} halves.png\n\nThe *caption*.\n```")
    assert "a & b" in text_of(gallery, "<img src='halves.png' alt='a &amp; b'>")


def test_a_picture_among_words_and_a_badge_stay_words(gallery: Gallery) -> None:
    for markdown in ("Look ![here](halves.png) now", "[![badge](halves.png)](https://a.example)"):
        lines = lay_out(markdown, 60, figures=gallery)
        assert not room(lines)
    assert "[badge]" in text_of(gallery, "[![badge](halves.png)](https://a.example)")


def test_without_a_gallery_a_picture_is_named() -> None:
    assert [line_text(line) for line in lay_out("![a cat](cat.png)", 40)] == ["[a cat]"]


def test_every_picture_of_a_text_is_listed() -> None:
    text = "![a](1.png) and ![b](2.png)\n\n<img src=3.png>\n\n:::{tip}\n```{image} 4.png\n```\n:::\n"
    text += "\n```\n![x](no.png)\n```"
    assert [image.src for image in images(text)] == ["1.png", "2.png", "3.png", "4.png"]


def test_pictures_that_the_text_holds_are_taken_out_of_it(gallery: Gallery) -> None:
    data = base64.b64encode(as_bytes(halves((300, 150)), "PNG", compress_level=0)).decode()
    markdown = gallery.shortened(f"![held](data:image/png;base64,{data})\n\n![w](data:image/webp;base64,!!)")
    assert len(markdown) < 200 < len(data)
    lines = lay_out(markdown, 60, figures=gallery)
    assert len(room(lines)) == 14
    assert "held" in line_text(lines[14])
    src = images(markdown)[0].src
    assert pixels(gallery, src).data[0] > 150
    assert gallery.image(src).size == (300, 150)
    assert gallery.embedded(src).startswith("data:image/png;base64,")


def test_without_colours_the_size_is_told(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    said = text_of(gallery, "![c](halves.png)")
    assert "picture halves.png, 64 × 32 pixels" in said
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv(pace.PACE, "low-bandwidth")
    assert text_of(gallery, "![c](halves.png)") == said
    monkeypatch.delenv(pace.PACE)
    monkeypatch.setenv(text_profile.TEXT, "ascii")
    assert text_of(gallery, "![c](halves.png)").isascii()


def drawing(folder: Path, name: str, inside: str, head: str = "") -> str:
    box = "width='200pt' height='100pt' viewBox='0 0 200 100' xmlns='http://www.w3.org/2000/svg'"
    xlink = "xmlns:xlink='http://www.w3.org/1999/xlink'"
    (folder / name).write_text(f"<?xml version='1.0'?>{head}<svg {box} {xlink}>{inside}</svg>", "utf-8")
    return name


def test_a_drawing_is_drawn_with_its_groups_symbols_and_holes(gallery: Gallery, folder: Path) -> None:
    inside = """
      <defs><symbol id='s'>
        <path style='stroke:none;' d='M 0 0 H 40 v 40 h -40 Z M 10 10 h 20 v 20 h -20 z'/>
      </symbol></defs>
      <g transform='translate(20,20) scale(1)' fill='rgb(100%,0%,0%)'><use xlink:href='#s' x='0' y='0'/></g>
      <circle cx='150' cy='50' r='30' style='fill:#0000ff'/>
      <path d='M0 95 C 50 95 150 95 200 95' fill='none' stroke='rgb(0,128,0)' stroke-width='6'/>"""
    image = gallery.image(drawing(folder, "a.svg", inside)).resize((200, 100))
    assert image.getpixel((25, 40)) == (255, 0, 0)
    assert image.getpixel((40, 40)) == (255, 255, 255)  # the hole
    assert image.getpixel((150, 50)) == (0, 0, 255)
    assert image.getpixel((100, 95)) == (0, 128, 0)
    assert image.getpixel((100, 10)) == (255, 255, 255)
    found = pixels(gallery, "a.svg", 80)
    assert found.width == 80
    assert "drawing a.svg" not in text_of(gallery, "![a](a.svg)")


def test_words_of_a_drawing_stand_under_it(gallery: Gallery, folder: Path) -> None:
    inside = "<text x='10' y='50'><tspan>input</tspan> <tspan>layer</tspan></text><text>a &lt; b \u009b1m</text><text/>"
    said = text_of(gallery, f"![A net]({drawing(folder, 'net.svg', inside)})", 90)
    assert "in the drawing: input layer · a < b" in said
    assert "\x9b" not in said
    assert min(pixels(gallery, "net.svg", 80).data) < 128  # letters
    assert gallery.embedded("net.svg").startswith("data:image/svg+xml;base64,")


def test_a_drawing_that_was_made_to_hurt_is_given_up(
    gallery: Gallery, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(svg, "MOST_SECONDS", 0.2)
    doubled = "".join(f"<g id='g{n}'><use href='#g{n + 1}'/><use href='#g{n + 1}'/></g>" for n in range(39))
    laughs = "<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>"
    names = (
        (drawing(folder, "deep.svg", doubled + "<rect id='g39' width='9' height='9'/>"), "too complicated"),
        (drawing(folder, "lol.svg", "<text>&b;</text>", laughs), "entities"),
        (drawing(folder, "cut.svg", "<g><path d='M 0 0'"), "broken"),
    )
    for name, why in names:
        with pytest.raises(Unshown, match=why):
            gallery.image(name)
    round_about = "<g id='a'><use href='#a'/></g><path d='M 1e999 nan L 5 5 Z'/><path d='M 1 2 L 3'/><path d='L'/>"
    for inside in (
        round_about,
        "<circle r='1e30'/><path d='M0 0 A 1 1 0 1 1 9 9' stroke='nonsense'/>",
        "<g>" * 900 + "</g>" * 900,
    ):
        figure = gallery.figure(drawing(folder, "odd.svg", inside), 40)
        gallery.decode(figure.key)
        assert gallery.pixels(figure.key) is not None


def test_an_exported_page_has_its_pictures_in_it(folder: Path) -> None:
    held = base64.b64encode(as_bytes(halves(), "GIF")).decode()
    markdown = f"""# Page

![one](halves.png) ![two](data:image/gif;base64,{held}) ![web](https://example.org/a.png)

![gone "x"](gone.png)

```{{figure}} halves.png
:alt: three <b>

The caption.
```
"""
    (folder / "page.md").write_text(markdown, "utf-8")
    html = page(notebook_at(folder / "page.md", folder / "record.db"))
    shown = re.findall(r'<img src="data:image/(\w+);base64,([^"]+)" alt="([^"]*)">', html)
    assert [(kind, alt) for kind, _data, alt in shown] == [("png", "one"), ("gif", "two"), ("png", "three &lt;b&gt;")]
    assert base64.b64decode(shown[0][1]) == (folder / "halves.png").read_bytes()
    assert '<a href="https://example.org/a.png">web</a>' in html
    assert "there is no such file" in html
    assert "The caption." in html


def test_on_a_terminal_read_draws_pictures(folder: Path) -> None:
    (folder / "page.md").write_text("# Page\n\n![one](halves.png)\n", "utf-8")
    lesson = read_notebook(folder / "page.md")
    said = []
    for drawn in (True, False):
        gallery = Gallery(lesson.path, drawn=lambda drawn=drawn: drawn)  # type: ignore[misc]
        out = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80)
        out.print(to_rich(lay_out_lesson(lesson, 76, gallery), drawer(gallery)), soft_wrap=True)
        said.append(out.file.getvalue())  # type: ignore[attr-defined]
    assert re.search(r"48;2;2[12]\d;\d+;\d+m", said[0])
    assert "picture halves.png, 64 × 32 pixels" in said[1]
    assert "48;2" not in said[1]


@pytest.mark.parametrize(("kind", "sign"), [("kitty", "\x1b_G"), ("sixel", "\x1bP0;1;0q")])
def test_a_drawing_goes_to_the_terminal_as_pixels(folder: Path, gallery: Gallery, kind: Any, sign: str) -> None:
    exhibit = FigureExhibit(gallery.image(drawing(folder, "a.svg", "<circle cx='50' cy='50' r='30'/>")), "round")
    placed = exhibit.graphics(kind, 0, 0, (40, 20), (9, 18))
    assert sign in placed.show
    if kind == "kitty":
        sent = "".join(re.findall(r"m=[01];([^\x1b]*)", placed.show))
        assert read_header(io.BytesIO(base64.b64decode(sent))) == ("PNG", 1600, 800)


# What is made to hurt


def png_of(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_bomb_is_never_decoded(gallery: Gallery, folder: Path) -> None:
    (folder / "bomb.png").write_bytes(png_of(60_000, 60_000, zlib.compress(bytes(10_000_000), 9)))
    said = text_of(gallery, "![b](bomb.png)", 80)
    assert "too many to be decoded" in said
    assert not room(lay_out("![b](bomb.png)", 80, figures=gallery))
    with pytest.raises(Unshown, match="too many"):
        gallery.image("bomb.png")


def test_a_header_that_lies_is_found_out(gallery: Gallery, folder: Path) -> None:
    """The size of a GIF's screen is small, the frame in it is not."""
    data = bytearray(as_bytes(halves((9000, 9000)), "GIF"))
    data[6:10] = struct.pack("<HH", 10, 10)
    (folder / "lie.gif").write_bytes(bytes(data))
    figure = gallery.figure("lie.gif", 40)
    gallery.decode(figure.key)
    assert gallery.pixels(figure.key) is not None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_file_that_ends_in_the_middle_is_told_in_its_room(gallery: Gallery, folder: Path, kind: str) -> None:
    noise = Image.frombytes("RGB", (64, 64), os.urandom(64 * 64 * 3))
    data = as_bytes(noise, kind)
    (folder / "cut").write_bytes(data[: len(data) // 2])
    figure = gallery.figure("cut", 40)
    assert figure.rows == 20
    gallery.decode(figure.key)
    found = gallery.pixels(figure.key)
    assert isinstance(found, str)
    assert "broken" in found


def test_what_lies_outside_is_not_opened(gallery: Gallery, folder: Path, tmp_path: Path) -> None:
    halves().save(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    for src in ("link.png", "../../secret.png", str(tmp_path / "secret.png"), "..%2F..%2Fsecret.png"):
        assert "outside of the notebook's folder" in text_of(gallery, f"![s]({src})", 100), src
        with pytest.raises(Unshown):
            gallery.embedded(src)
    (folder / "round.png").symlink_to("round.png")
    assert "picture round.png" in text_of(gallery, "![s](round.png)", 100)


def test_a_project_is_one_folder(folder: Path) -> None:
    halves().save(folder.parent / "shared.png")
    assert not Gallery(folder / "n.ipynb").figure("../shared.png", 40).rows
    (folder.parent / ".git").mkdir()
    assert Gallery(folder / "n.ipynb").figure("../shared.png", 40).rows


def test_special_and_huge_files_are_refused(gallery: Gallery, folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    (folder / "folder.png").mkdir()
    with open(folder / "huge.png", "wb") as file:
        file.truncate(LARGEST_FILE + 1)
    (folder / "text.png").write_text("hello")
    for name, why in (
        ("pipe", "no regular file"),
        ("folder", "no regular file"),
        ("huge", "larger"),
        ("text", "no PNG"),
    ):
        assert why in text_of(gallery, f"![x]({name}.png)", 100), name
    assert "there is no such file" in text_of(gallery, "![x](gone.png)", 100)


def test_the_web_is_left_alone(gallery: Gallery) -> None:
    said = lay_out("![a chart](https://example.org/a.png)", 90, figures=gallery)
    assert "not fetched" in line_text(said[1])
    assert said[0][1].link == "https://example.org/a.png"
    for src in ("//example.org/a.png", "ftp://example.org/a.png", "attachment:x.png", "held:nothing", "a%00b.png"):
        assert not gallery.figure(src, 40).rows


def test_names_and_captions_that_act_on_a_terminal_do_not(gallery: Gallery, folder: Path) -> None:
    name = "a\x1b]0;gotcha\x07.png"
    halves().save(folder / name)
    lines = lay_out(f"![cap\x1b[2Jtion](<{name}>)\n\n<img src='{name}' alt='x\x9b1mz'>", 60, figures=gallery)
    for line in lines:
        for span in line:
            assert neutral(span.text) == span.text
            assert span.link is None or neutral(span.link) == span.link


def test_nothing_that_stands_as_an_address_raises(gallery: Gallery) -> None:
    for src in ("", "#", "?", "http://[", "C:\\x.png", "\ud800.png", "x" * 5000, "%", "~/x.png", "/dev/zero", "."):
        assert gallery.figure(src, 40).rows == 0
