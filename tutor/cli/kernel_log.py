"""`kernels logs`: a kernel's journal as text, and its own log behind it. Nothing of either commands the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tutor.census import keeping
from tutor.kernel import registry
from tutor.kernel.journal import ENDED, LOST, Entry, Tail
from tutor.kernel.latest import latest
from tutor.widgets.terminal_text import read
from tutor.words import _, ngettext

PAUSE = 0.25
"""Seconds between two looks at a journal that is followed."""

_OUTPUTS = ("stream", "display_data", "update_display_data", "execute_result", "error")
_DEPTH = 1024 * 1024
"""Bytes from the end of a journal in which a last line is looked for."""


def print_log(name: str, *, follow: bool) -> None:
    """Print it, and with `follow` go on until the kernel ends. Raises `NoSuchKernel`, `UnknownLesson`."""
    from tutor.cli.kernels import named

    record = named(name, list(registry.records(keeping())))
    reader = _Reader()
    tail = Tail(Path(record.journal))
    own = _OwnLog(Path(record.log))
    try:
        while True:
            alive = record.is_alive  # asked before the reading, so that its last words are read
            while entries := tail.read():
                for entry in entries:
                    _print(reader.lines(entry))
            if not (follow and alive):
                break
            _print([*reader.rest(), *own.lines()])
            time.sleep(PAUSE)
    finally:
        tail.close()
    _print([*reader.rest(), *own.lines(heading=True)])


def last_output(journal: Path) -> str:
    """The last line that a kernel put out, of what is near the journal's end; empty if there is none."""
    entry = latest(journal, _OUTPUTS, _DEPTH)
    lines = [line for line in harmless(_text(entry.kind, entry.content)) if line.strip()] if entry is not None else []
    return lines[-1].strip().replace("\t", " ") if lines else ""


def harmless(text: str) -> list[str]:
    """The lines of a text as a terminal would show them at its end, without colours and control characters."""
    terminal = read(text)
    return ["".join(part for part, _style in line) for line in [*terminal.head, *terminal.rest]]


class _Reader:
    """Turns records into lines. Text of a stream waits for the end of its line."""

    def __init__(self) -> None:
        self._open = ""

    def lines(self, entry: Entry) -> Iterator[str]:
        if entry.kind == "stream":
            whole, newline, self._open = (self._open + str(entry.content.get("text", ""))).rpartition("\n")
            if newline:
                yield from harmless(whole)
            return
        yield from self.rest()
        clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
        text = _text(entry.kind, entry.content)
        if entry.kind == "execute_input":
            yield f"── {clock} {_single(entry.content.get('cell') or _('a check'))}"
        elif entry.kind == "d2l_run_finished":
            seconds = float(entry.content.get("seconds", 0.0))
            yield f"── {clock} {_single(entry.content.get('outcome', ''))}, {seconds:.1f} s"
        elif entry.kind == LOST:
            count = int(entry.content.get("count", 0))
            said = ngettext("{n} record is missing here", "{n} records are missing here", count).format(n=count)
            yield f"── {clock} {said}: {_('the disk was full')}"
        elif entry.kind == ENDED:
            yield f"── {clock} {_single(entry.content.get('reason', ''))}"
        elif text:
            yield from harmless(text)

    def rest(self) -> list[str]:
        """What has no end of line yet."""
        lines, self._open = (harmless(self._open) if self._open else []), ""
        return lines


class _OwnLog:
    """What the kernel's process wrote by itself: warnings, and how it crashed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._open = b""
        self._begun = False

    def lines(self, *, heading: bool = False) -> Iterator[str]:
        data = b""
        with contextlib.suppress(OSError), open(self._path, "rb", opener=_no_link) as file:
            file.seek(self._at)
            data = file.read()
        self._at += len(data)
        if data.strip():
            if heading or not self._begun:
                yield f"── {_('the kernel’s own log')}"
            self._begun = True
            yield from harmless(data.decode("utf-8", "replace").rstrip("\n"))


def _text(kind: str, content: Mapping[str, Any]) -> str:
    if kind == "stream":
        return str(content.get("text", ""))
    if kind == "error":
        return "\n".join(map(str, content.get("traceback", []))) or str(content.get("evalue", ""))
    data = content.get("data")
    if isinstance(data, Mapping):
        return str(data.get("text/plain", ""))
    return str(content.get("prompt", "")) if kind == "d2l_input_requested" else ""


def _single(text: object) -> str:
    return " ".join(harmless(str(text)))


def _print(lines: Iterator[str] | list[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()  # who follows through a pipe reads it now


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)
