"""What `doctor` looks at, one thing at a time. It gives findings, and never raises what it is there to find.

Facts about torch come from a subprocess.
"""

from __future__ import annotations

import json
import locale
import os
import platform
import queue
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from progress_db import RecordError, new_id
from progress_db.backups import backups_of
from progress_db.health import examine as examine_record
from tutor import paths
from tutor.cli.detaching import journals, locks, logout, sockets
from tutor.cli.doctor import Finding, Verdict
from tutor.cli.handing_over import command, environment
from tutor.cli.opening import LEAST_COLUMNS, LEAST_LINES, terminal_size
from tutor.cli.record import backup_words
from tutor.cli.version import version
from tutor.words import _

TORCH_SECONDS = 180.0
"""Importing torch from a slow network disk takes its time."""
KERNEL_SECONDS = 60.0
LEAST_FREE = 200 * 2**20
"""Bytes on a disk below which a record or a data set may not fit."""

_GIB = 2**30


def program() -> Iterator[Finding]:
    """Ourselves, and Python."""
    yield Finding("d2l-tutor", Verdict.GOOD, version())
    yield Finding("python", Verdict.GOOD, f"{platform.python_version()} ({sys.executable})")
    missing = [name for name in ("textual", "plotext", "ipykernel", "jupyter_client") if _version(name) is None]
    if missing:
        remedy = _("Install d2l-tutor again in this environment: `pip install --force-reinstall d2l-tutor`.")
        yield Finding("packages", Verdict.BAD, _("missing: {names}").format(names=", ".join(missing)), remedy)


def device() -> Iterator[Finding]:
    """PyTorch, its torchvision, and the device that training would use."""
    facts, trouble = torch_facts()
    if facts is None:
        yield Finding("torch", Verdict.BAD, trouble, _("Install PyTorch for this machine: see pytorch.org."))
        return
    problem = facts.get("torchvision_problem")
    pair = f"torch {facts['torch']}, torchvision {facts.get('torchvision')}"
    if problem:
        remedy = _("Install the two together, so that they match: `pip install -U torch torchvision`.")
        yield Finding("torch", Verdict.BAD, f"{pair}: {problem}", remedy)
    else:
        yield Finding("torch", Verdict.GOOD, _("{pair}: they work together").format(pair=pair))
    wanted = facts.get("problem")
    verdict = Verdict.BAD if wanted else Verdict.GOOD if facts["kind"] != "cpu" else Verdict.NOTE
    yield Finding("device", verdict, f"{facts['label']}. {wanted or facts['why']}")


def kernel() -> Iterator[Finding]:
    """Whether a kernel comes up and runs a cell."""
    from tutor.kernel.errors import KernelError
    from tutor.kernel.events import CellFinished, KernelDied, KernelEvent
    from tutor.kernel.launch import launch
    from tutor.kernel.session import KernelSession

    events: queue.SimpleQueue[KernelEvent] = queue.SimpleQueue()
    started = time.monotonic()
    try:
        process = launch()
    except KernelError as error:
        yield Finding("kernel", Verdict.BAD, str(error))
        return

    def take(batch: list[KernelEvent]) -> None:
        for event in batch:
            events.put(event)

    session = KernelSession(process, take)
    try:
        session.run("1 + 1", run=new_id(), silent=True)
        while True:
            event = events.get(timeout=max(0.0, KERNEL_SECONDS - (time.monotonic() - started)))
            if isinstance(event, CellFinished):
                seconds = time.monotonic() - started
                yield Finding("kernel", Verdict.GOOD, _("ran a first cell after {s:.1f} s").format(s=seconds))
                return
            if isinstance(event, KernelDied):
                yield Finding("kernel", Verdict.BAD, process.failure())
                return
    except queue.Empty:
        remedy = _("Its log: {path}").format(path=process.log)
        yield Finding("kernel", Verdict.BAD, _("did not answer in {s:.0f} s").format(s=KERNEL_SECONDS), remedy)
    finally:
        session.stop()
        session.join(5.0)
        process.kill()


def terminal() -> Iterator[Finding]:
    """What the app would draw on."""
    size = terminal_size()
    kind = os.environ.get("TERM", "")
    around = [name for name, variable in (("tmux", "TMUX"), ("screen", "STY"), ("ssh", "SSH_CONNECTION"))
              if os.environ.get(variable)]  # fmt: skip
    where = f"{kind or _('no TERM')}{', ' + ', '.join(around) if around else ''}"
    if not sys.stdout.isatty() or size is None:
        yield Finding(
            "terminal", Verdict.NOTE, _("{where}; not a terminal here, so nothing can be drawn").format(where=where)
        )
    elif size[0] < LEAST_COLUMNS or size[1] < LEAST_LINES:
        least = f"{LEAST_COLUMNS}×{LEAST_LINES}"
        remedy = _("Make it {least} at least; 80×24 is comfortable.").format(least=least)
        yield Finding("terminal", Verdict.BAD, f"{where}, {size[0]}×{size[1]}", remedy)
    else:
        yield Finding("terminal", Verdict.GOOD, f"{where}, {size[0]}×{size[1]}")
    yield _colours(kind)
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") == "utf8":
        yield Finding("characters", Verdict.GOOD, encoding)
    else:
        remedy = _("Set a UTF-8 locale: `export LC_ALL=C.UTF-8`.")
        yield Finding(
            "characters", Verdict.BAD, _("{encoding}: formulas need Unicode").format(encoding=encoding), remedy
        )


def _colours(kind: str) -> Finding:
    if os.environ.get("NO_COLOR"):
        return Finding("colours", Verdict.NOTE, _("none, as NO_COLOR asks"))
    if kind in ("", "dumb"):
        return Finding("colours", Verdict.NOTE, _("none: TERM is {kind}").format(kind=kind or _("not set")))
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Finding("colours", Verdict.GOOD, _("16 million"))
    if "256color" in kind or kind.endswith("-direct"):
        return Finding("colours", Verdict.GOOD, "256")
    remedy = _("If your terminal can do more, say so: `export COLORTERM=truecolor`.")
    return Finding("colours", Verdict.NOTE, "16", remedy)


def disk() -> Iterator[Finding]:
    """Room where we write."""
    from engine.config import data_home

    places = {"home": paths.data_home(), "data": data_home(), "state": paths.state_home()}
    seen: set[Path] = set()
    for name, place in places.items():
        if place in seen:
            continue
        seen.add(place)
        there = _nearest(place)
        free = shutil.disk_usage(there).free
        fact = _("{path}, {free:.1f} GiB free").format(path=paths.shown(place), free=free / _GIB)
        if not os.access(there, os.W_OK):
            remedy = _("Give yourself the right to write there, or set D2L_TUTOR_HOME or D2L_TUTOR_DATA.")
            yield Finding(name, Verdict.BAD, _("{fact}, not writable").format(fact=fact), remedy)
        elif free < LEAST_FREE:
            yield Finding(name, Verdict.BAD, fact, _("Make room, or set D2L_TUTOR_HOME or D2L_TUTOR_DATA."))
        else:
            yield Finding(name, Verdict.GOOD, fact)


def record() -> Iterator[Finding]:
    """The learner's record, read from end to end."""
    path = paths.record_path()
    if not path.exists():
        yield Finding("record", Verdict.GOOD, _("none yet; the first lesson begins one"))
        return
    try:
        health = examine_record(path)
    except RecordError as error:
        yield Finding("record", Verdict.BAD, error.cause, error.remedy)
        return
    if health.problems:
        remedy = _("`d2l-tutor progress restore` puts the newest good backup in its place, and keeps this file.")
        yield Finding("record", Verdict.BAD, "; ".join(health.problems[:3]), remedy)
        return
    facts = {"path": paths.shown(path), "rows": sum(health.facts.values()), "size": health.size / 2**20}
    yield Finding("record", Verdict.GOOD, _("{path}, {rows} entries, {size:.1f} MiB, whole").format(**facts))
    backups = backups_of(path)
    yield Finding("backups", Verdict.GOOD if backups else Verdict.NOTE, backup_words(backups))


def torch_facts() -> tuple[dict[str, Any] | None, str]:
    """What `python -m engine device --json` says; or None, and why it says nothing."""
    words = command("engine", ["device", "--json"])
    try:
        done = subprocess.run(
            words,
            env=dict(environment()),
            capture_output=True,
            text=True,
            timeout=TORCH_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    try:
        facts = json.loads(done.stdout)
    except ValueError:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        return None, said[-1] if said else _("it ended with exit code {code}").format(code=done.returncode)
    return facts, ""


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _nearest(path: Path) -> Path:
    """The path, or what there is of the way to it."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (
    program,
    terminal,
    disk,
    locks,
    record,
    journals,
    sockets,
    logout,
    device,
    kernel,
)
"""In the order in which they are printed: what is quick comes first."""
