"""`kernels list`, `attach` and `stop`: what runs, for people and for programs. It reads files and asks no kernel."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lessons.catalog import UnknownLesson, load_course
from progress_db import Progress, RecordError, Taken
from tutor import paths
from tutor.census import Census, KernelNow, keeping, look
from tutor.cli import exits
from tutor.cli.kernel_log import last_output
from tutor.cli.output import console
from tutor.ingest import read_piece
from tutor.kernel import registry
from tutor.kernel.errors import KernelError
from tutor.kernel.launch import MARK
from tutor.kernel.processes import marked
from tutor.kernel_words import kernel_words
from tutor.words import _

GRACE = 5.0
"""Seconds that a kernel may take to end by itself."""

ASKING = 10.0
"""Seconds that nvidia-smi may take: on a loaded machine it does."""


class NoSuchKernel(KernelError):
    """No kernel goes by that name, or several do."""


def print_kernels(*, as_json: bool) -> None:
    """Print every kernel that lives: a table on a terminal, else a line of fields between tabs for each."""
    found = Census(keeping(), depth=None).now()
    memory = device_memory(found)
    if as_json:
        print(json.dumps([_as_json(kernel, memory.get(kernel.id)) for kernel in found], indent=2, ensure_ascii=False))
    elif not sys.stdout.isatty():
        for kernel in found:
            since = _iso(kernel.since)
            used = str(memory.get(kernel.id, ""))
            print("\t".join((kernel.lesson, str(kernel.work), since, used, kernel.id, last_output(kernel.journal))))
    elif found:
        _print_table(found, memory)
    else:
        console().print(_("No kernel runs. `d2l-tutor open LESSON` starts one."))


def attach(name: str | None) -> int:
    """Open the app at the lesson of that kernel; the exit code. Raises `NoSuchKernel`, `UnknownLesson`."""
    from tutor.cli.opening import open_app

    alive = registry.live(keeping())
    if name is not None:
        return open_app(named(name, alive).lesson)
    if len(alive) != 1:
        raise NoSuchKernel(
            _("No kernel runs.")
            if not alive
            else _("Several kernels run; name one: {names}").format(names=", ".join(one.lesson for one in alive))
        )
    return open_app(alive[0].lesson)


def stop(names: Sequence[str]) -> int:
    """Stop these, or all where none is named, and take what they put out into the record; the exit code."""
    keep = keeping()
    alive = registry.live(keep)
    chosen = [named(name, alive) for name in names] if names else alive
    code = exits.OK
    for record in {record.id: record for record in chosen}.values():
        said = kernel_words(look(record))
        process = record.process()
        process.signal(signal.SIGTERM)
        if not process.wait(GRACE):
            process.signal(signal.SIGKILL)
            process.wait(GRACE)
        registry.bury(keep, process)
        try:
            take_in(record)
        except RecordError as error:  # the next tutor takes it in: the registry goes on knowing of it
            print(error, file=sys.stderr)
            code = exits.NO_RECORD
        else:
            registry.forget(keep, process)
            process.clean(log=True)
        print(_("Stopped: {lesson} ({said})").format(lesson=record.lesson, said=said), file=sys.stderr)
    if not chosen:
        print(_("No kernel runs."), file=sys.stderr)
    return code


def take_in(record: registry.KernelRecord) -> None:
    """All that is in a kernel's journal, into the learner's record. Raises `RecordError`."""
    grown = True

    def read(offset: int) -> Taken:
        nonlocal grown
        piece = read_piece(Path(record.journal), record.lesson, offset)
        grown = piece.upto != offset
        return piece

    with Progress.open(paths.record_path()) as progress:
        while grown:
            progress.taken_in(record.id, read)


def named(name: str, known: Sequence[registry.KernelRecord]) -> registry.KernelRecord:
    """The kernel of that id, or of the lesson of that name: the latest one. Raises `NoSuchKernel`, `UnknownLesson`."""
    fits = [record for record in known if name in (record.id, record.lesson)]
    if not fits:
        # A name that fits several lessons of the course is plain where one of them has a kernel.
        fits = [record for record in known if f"/{record.lesson}".endswith(f"/{name}")]
    if not fits:
        try:
            lessons: tuple[str, ...] = (load_course().find(name).id,)
        except UnknownLesson as error:
            lessons = error.suggestions
            if len({record.lesson for record in known if record.lesson in lessons}) != 1:
                raise
        fits = [record for record in known if record.lesson in lessons]
        if not fits:
            said = _("No kernel runs for {name}. `d2l-tutor kernels` lists them; `d2l-tutor open {name}` starts one.")
            raise NoSuchKernel(said.format(name=lessons[0]))
    return fits[-1]


def device_memory(found: Sequence[KernelNow]) -> dict[str, int]:
    """Bytes of GPU memory that each kernel and what it started hold, by kernel id, as nvidia-smi tells; empty without
    one, and where it sees other process numbers than we do (some containers)."""
    tool = shutil.which("nvidia-smi")
    if tool is None or not found:
        return {}
    query = [tool, "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=ASKING, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    used: dict[int, int] = {}
    for line in told.splitlines():
        pid, _comma, mebibytes = line.partition(",")
        if pid.strip().isdigit() and mebibytes.strip().isdigit():
            used[int(pid)] = used.get(int(pid), 0) + int(mebibytes) * 2**20
    held = {kernel.id: sum(used.get(pid, 0) for pid in {kernel.pid, *marked(MARK, kernel.id)}) for kernel in found}
    return {name: size for name, size in held.items() if size}


def _print_table(found: Sequence[KernelNow], memory: dict[str, int]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(_("lesson"), no_wrap=True, overflow="ellipsis", max_width=30)
    table.add_column(_("state"), no_wrap=True)
    if memory:
        table.add_column(_("GPU"), no_wrap=True, justify="right")
    table.add_column(_("last output"), no_wrap=True, overflow="ellipsis", ratio=1)
    for kernel in found:
        words = Text(kernel_words(kernel), style="" if str(kernel.work) == "idle" else "yellow")
        size = [Text(f"{memory[kernel.id] / 2**30:.1f} GiB" if kernel.id in memory else "")] if memory else []
        lesson = kernel.lesson.rpartition("/")[2]
        table.add_row(Text(lesson), words, *size, Text(last_output(kernel.journal), style="dim"))
    console().print(table)


def _as_json(kernel: KernelNow, memory: int | None) -> dict[str, object]:
    return {
        "id": kernel.id,
        "lesson": kernel.lesson,
        "state": str(kernel.work),
        "since": kernel.since,
        "cell": kernel.cell,
        "outcome": kernel.outcome,
        "started": kernel.started,
        "pid": kernel.pid,
        "device_memory": memory,
        "last_output": last_output(kernel.journal),
        "journal": str(kernel.journal),
        "log": str(kernel.log),
    }


def _iso(at: float | None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(at)) if at is not None else ""
