"""What `doctor` asks of a server on which a cell is to go on when the connection is gone: sockets, locks, logout, room.

It gives findings, and never raises what it is there to find. What it writes to try something out, it removes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tutor import paths
from tutor.census import keeping
from tutor.cli.doctor import Finding, Verdict
from tutor.kernel.errors import KernelError
from tutor.kernel.journal import LIMIT
from tutor.kernel.launch import LONGEST_SOCKET_PATH, runtime_directory, socket_paths
from tutor.words import _

_GIB = 2**30
ROOM = 2 * LIMIT
"""Bytes for journals: two cells that print without end."""

REMOTE = ("nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "fuse.sshfs", "afs", "ceph", "glusterfs")
"""Types of file systems that lie on another machine."""

ASKING = 5.0
"""Seconds that systemd may take to answer."""


def sockets() -> Iterator[Finding]:
    """The directory of the kernels' sockets: ours alone, and short enough."""
    try:
        directory = runtime_directory()
    except KernelError as error:
        remedy = _("Remove what others have put there, or ask for it: kernels need one of these directories.")
        yield Finding("sockets", Verdict.BAD, str(error), remedy)
        return
    longest = max(len(os.fsencode(path)) for path in socket_paths(directory / "k0123456789.json"))
    mode = directory.stat().st_mode & 0o777
    fact = _("{path}, mode {mode:o}, yours; paths of {n} bytes").format(path=directory, mode=mode, n=longest)
    if longest > LONGEST_SOCKET_PATH:
        remedy = _("A socket's path may have {n} bytes: use a directory with a shorter name.")
        yield Finding("sockets", Verdict.BAD, fact, remedy.format(n=LONGEST_SOCKET_PATH))
    else:
        yield Finding("sockets", Verdict.GOOD, fact)


def locks() -> Iterator[Finding]:
    """Whether the home lets itself be locked: the record needs it."""
    place = paths.data_home()
    there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    kind = file_system(there, _mounts())
    where = f"{paths.shown(there)}{f' ({kind})' if kind else ''}"
    try:
        with tempfile.NamedTemporaryFile(prefix=".d2l-tutor-", dir=there) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(file, fcntl.LOCK_UN)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except PermissionError:
        return  # `disk` says that it cannot be written
    except OSError as error:
        remedy = _("Set D2L_TUTOR_HOME to a directory on a local disk: without locks the record cannot be kept whole.")
        yield Finding("locks", Verdict.BAD, f"{where}: {(error.strerror or str(error)).lower()}", remedy)
        return
    if kind in REMOTE:
        remedy = _("It works here. If the record is ever said to be locked, set D2L_TUTOR_HOME to a local disk.")
        yield Finding("locks", Verdict.NOTE, _("{where}: granted, over the network").format(where=where), remedy)
    else:
        yield Finding("locks", Verdict.GOOD, _("{where}: granted").format(where=where))


def journals() -> Iterator[Finding]:
    """Room for what kernels put out, on a disk that is here."""
    try:
        directory = keeping()
    except KernelError as error:
        yield Finding("journals", Verdict.BAD, str(error), _("Set D2L_TUTOR_HOME to a directory of yours."))
        return
    free = shutil.disk_usage(directory).free
    kind = file_system(directory, _mounts())
    fact = _("{path}, {free:.1f} GiB free").format(path=paths.shown(directory), free=free / _GIB)
    if free < ROOM:
        remedy = _("Make room ({n:.0f} GiB): what does not fit is shown while you watch, and not kept.")
        yield Finding("journals", Verdict.BAD, fact, remedy.format(n=ROOM / _GIB))
    elif kind in REMOTE or kind == "tmpfs":
        remedy = _("A local disk is quicker, and outlives a reboot. D2L_TUTOR_HOME puts all of ours in one place.")
        yield Finding("journals", Verdict.NOTE, f"{fact} ({kind})", remedy)
    else:
        yield Finding("journals", Verdict.GOOD, fact)


def logout() -> Iterator[Finding]:
    """Whether this server ends everything of ours when the last connection is gone."""
    if not Path("/run/systemd/system").exists():
        yield Finding("logout", Verdict.GOOD, _("no systemd here: nothing is seen that ends processes at logout"))
        return
    cgroup = Path("/proc/self/cgroup")
    yield at_logout(
        kills=_asked(
            "busctl", "get-property", "org.freedesktop.login1", "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager", "KillUserProcesses",
        ),
        linger=_asked("loginctl", "show-user", str(os.getuid()), "--property=Linger"),
        cgroup=cgroup.read_text("utf-8") if cgroup.exists() else "",
    )  # fmt: skip


def at_logout(*, kills: str, linger: str, cgroup: str) -> Finding:
    """What systemd's answers mean. `kills`: `b true`; `linger`: `Linger=yes`; either empty where it did not answer."""
    lingers = linger.strip() == "Linger=yes"
    of_manager = f"user@{os.getuid()}.service" in cgroup
    if not kills.strip():
        remedy = _("Try it once: start a long cell, close the terminal, come back. `d2l-tutor kernels` lists it.")
        return Finding("logout", Verdict.NOTE, _("systemd does not say whether it ends processes at logout"), remedy)
    if kills.strip() != "b true":
        return Finding("logout", Verdict.GOOD, _("processes go on after logout (KillUserProcesses=no)"))
    if lingers and of_manager:
        return Finding("logout", Verdict.GOOD, _("processes of your own scope go on after logout (linger is on)"))
    enable = "" if lingers else "loginctl enable-linger && "
    remedy = _("Start it in a scope of yours: `{command}`. Or ask for KillUserProcesses=no.")
    return Finding(
        "logout",
        Verdict.BAD,
        _("this server ends all that you run when you log out (KillUserProcesses=yes)"),
        remedy.format(command=f"{enable}systemd-run --user --scope d2l-tutor"),
    )


def file_system(path: Path, mounts: Mapping[str, str]) -> str:
    """The type of the file system that holds `path`; empty if it is not known. `mounts`: mount point to type."""
    real = path.resolve()
    return next((mounts[str(folder)] for folder in (real, *real.parents) if str(folder) in mounts), "")


def _mounts() -> dict[str, str]:
    table = Path("/proc/mounts")
    if not table.exists():
        return {}
    fields = (line.split() for line in table.read_text("utf-8", "replace").splitlines())
    return {words[1].replace("\\040", " "): words[2] for words in fields if len(words) > 2}


def _asked(*words: str) -> str:
    if shutil.which(words[0]) is None:
        return ""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=ASKING, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
