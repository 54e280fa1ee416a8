"""Who else computes on a GPU: what `nvidia-smi` says of the processes on it. No torch; there may be no driver."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_GIB = 1024  # MiB
SECONDS = 5.0
"""nvidia-smi answers in a tenth of a second; on a machine whose driver hangs it never does."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A process of somebody, or of us, that computes on the card."""

    pid: int
    name: str
    """The program, without its folder."""
    mib: int | None
    """Memory of the card that it holds; None: the driver does not say (in a container, on Windows)."""
    user: str | None
    """Whose it is; None: it runs in another container, or is gone."""


def on_card(uuid: str) -> list[Neighbour]:
    """The processes on the card of this uuid (with or without `GPU-`), this one left out; none if nobody can say.

    To be asked once this process computes there: in a container the driver counts by the host's numbers, and one of
    the processes that cannot be seen from here is this one.
    """
    fields = "gpu_uuid,pid,used_memory,process_name"  # the name last: it may hold commas
    command = ["nvidia-smi", f"--query-compute-apps={fields}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    found, are_we_in = [], False
    for line in said.splitlines():
        parts = [part.strip() for part in line.split(",", 3)]
        if len(parts) < 4 or not parts[1].isdigit() or _bare(parts[0]) != _bare(uuid):
            continue
        if int(parts[1]) == os.getpid():
            are_we_in = True
            continue
        mib = int(parts[2]) if parts[2].isdigit() else None
        found.append(Neighbour(int(parts[1]), Path(parts[3]).name, mib, _owner(int(parts[1]))))
    unseen = [each for each in found if not Path(f"/proc/{each.pid}").exists()]
    if unseen and not are_we_in:
        found.remove(unseen[0])
    return found


def described(neighbours: Sequence[Neighbour]) -> str:
    """Them in a few words: `2 other processes on the GPU: ann 30 GiB, bob`; empty if there are none."""
    if not neighbours:
        return ""
    held: Counter[str] = Counter()
    for each in neighbours:
        held[each.user or each.name] += each.mib or 0
    who = ", ".join(f"{name} {mib / _GIB:.0f} GiB" if mib >= _GIB / 2 else name for name, mib in held.most_common())
    others = "another process" if len(neighbours) == 1 else f"{len(neighbours)} other processes"
    return f"{others} on the GPU: {who}"


def _bare(uuid: str) -> str:
    return uuid.removeprefix("GPU-").lower()


def _owner(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}").owner()
    except (OSError, KeyError, NotImplementedError):
        return None
