"""jupytext's Python scripts: percent (`# %%`) and light. Any other script is light: comments are prose, the rest code.

Percent, as VS Code, Spyder and PyCharm read it too: `# %% title [markdown] key="value"` begins a cell. Light: a block
of comments is Markdown, a paragraph of code is a cell, and `# +` … `# -` hold together what has empty lines in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from lessons.notebooks.front_matter import mapping, text_of
from lessons.notebooks.pieces import Code, Pages, Piece, Text

_PERCENT = re.compile(r"^# ?%%(?P<rest>(?:[ \t].*|%.*)?)$")
_KIND = re.compile(r"\[(markdown|md|raw|code)\]")
_OPEN = re.compile(r"^# \+(?P<rest>.*)$")
_CLOSE = re.compile(r"^# -\s*$")
_TAGS = re.compile(r"tags\s*=\s*(\[[^\]]*\])")
_NAMED = re.compile(r"""(?:id|name)\s*=\s*["']([\w-]+)["']""")
_MAGIC = re.compile(r"^# ?(%%?[A-Za-z]\w*\b.*|!\S.*)$")


def read_script(text: str) -> Pages:
    """The script."""
    lines = text.split("\n")
    header, first = _header(lines)
    percent = any(_PERCENT.match(line) for line in lines)
    pieces = _percent(lines, first) if percent else _light(lines, first)
    return Pages(tuple(pieces), text_of(header, "title"), metadata=header)


def _header(lines: list[str]) -> tuple[dict[str, object], int]:
    """jupytext's front matter, which is YAML in comments, and the line behind it."""
    start = 1 if lines and lines[0].startswith("#!") else 0
    if len(lines) <= start or lines[start].rstrip() != "# ---":
        return {}, start
    for end in range(start + 1, len(lines)):
        if lines[end].rstrip() == "# ---":
            found = mapping("\n".join(_uncommented(lines[start + 1 : end])))
            return (dict(found), end + 1) if found is not None else ({}, start)
        if not lines[end].startswith("#"):
            break
    return {}, start


def _uncommented(lines: list[str]) -> list[str]:
    return [line[2:] if line.startswith("# ") else line.removeprefix("#") for line in lines]


def _percent(lines: list[str], first: int) -> Iterator[Piece]:
    marks = [number for number in range(first, len(lines)) if _PERCENT.match(lines[number])]
    before = lines[first : marks[0]]
    if any(line.strip() for line in before):
        yield from _light(lines[: marks[0]], first)
    for start, end in zip(marks, [*marks[1:], len(lines)], strict=True):
        match = _PERCENT.match(lines[start])
        assert match is not None, "a mark matched"
        rest = match["rest"].strip()
        body, line = _stripped(lines[start + 1 : end], start + 2)
        kind = _KIND.search(rest)
        if kind is not None and kind[1] in ("markdown", "md"):
            yield Text("\n".join(_prose(body)), line)
        elif kind is not None and kind[1] == "raw":
            yield Text("```\n" + "\n".join(_uncommented(body)) + "\n```", line)
        elif body:
            name = _NAMED.search(rest)
            yield Code("\n".join(_with_magics(body)), line, name[1] if name else "", _tags(rest))


def _prose(body: list[str]) -> list[str]:
    """Markdown of a cell: in comments, or in a string in triple quotes."""
    text = "\n".join(body).strip()
    if text.startswith(('"""', "'''", 'r"""')) and not text.startswith("#"):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return body
        return str(value).strip("\n").split("\n")
    return _uncommented(body)


def _with_magics(body: list[str]) -> list[str]:
    """Magic commands, which a script has in comments, as they are in a notebook."""
    if body and (cell := re.match(r"^# (%%[A-Za-z]\w*.*)$", body[0])):
        return [cell[1], *_uncommented(body[1:])]
    return [match[1] if (match := _MAGIC.match(line)) else line for line in body]


def _tags(rest: str) -> frozenset[str]:
    found = _TAGS.search(rest)
    return frozenset(re.findall(r"[\"']([^\"']+)[\"']", found[1])) if found else frozenset()


def _stripped(lines: list[str], line: int) -> tuple[list[str], int]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end], line + start


def _light(lines: list[str], first: int) -> Iterator[Piece]:
    at = first
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _CLOSE.match(line):
            at += 1
        elif match := _OPEN.match(line):
            end = next(
                (n for n in range(at + 1, len(lines)) if _CLOSE.match(lines[n]) or _OPEN.match(lines[n])), len(lines)
            )
            body, number = _stripped(lines[at + 1 : end], at + 2)
            if "[markdown]" in match["rest"]:
                yield Text("\n".join(_prose(body)), number)
            elif body:
                yield Code("\n".join(_with_magics(body)), number, tags=_tags(match["rest"]))
            at = end
        elif line.startswith("#") and _comments_alone(lines, at):
            end = _while(lines, at, lambda text: text.startswith("#") and not _OPEN.match(text))
            yield Text("\n".join(_uncommented(lines[at:end])), at + 1)
            at = end
        else:
            end = _paragraph(lines, at)
            yield Code("\n".join(_with_magics(lines[at:end])), at + 1)
            at = end


def _comments_alone(lines: list[str], at: int) -> bool:
    """Whether the comments from here on end with an empty line: else they belong to the code below them."""
    end = _while(lines, at, lambda text: text.startswith("#"))
    is_magic = _MAGIC.match(lines[at]) is not None
    return not is_magic and (end == len(lines) or not lines[end].strip())


def _while(lines: list[str], at: int, fits: Callable[[str], bool]) -> int:
    while at < len(lines) and fits(lines[at]):
        at += 1
    return at


def _paragraph(lines: list[str], start: int) -> int:
    """The line behind the code that begins here: up to an empty line at which it is complete."""
    end = start
    while end < len(lines):
        end = _while(lines, end, lambda text: bool(text.strip()) and not _OPEN.match(text))
        following = next((text for text in lines[end:] if text.strip()), "")
        if not following[:1].isspace() and _complete(lines[start:end]):
            return end
        if not following or _OPEN.match(following):
            return end
        end = _while(lines, end, lambda text: not text.strip())
    return end


def _complete(lines: list[str]) -> bool:
    if len(lines) > 500:
        return True  # so that a file that is no Python costs no more than its lines
    source = "\n".join("pass" if text.startswith(("%", "!")) else text for text in lines)
    try:
        ast.parse(source)
    except SyntaxError as error:
        return "was never closed" not in str(error) and "unterminated triple" not in str(error)
    except (ValueError, MemoryError, RecursionError):
        return True
    return True
