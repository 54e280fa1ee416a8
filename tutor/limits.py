"""How many kernels there may be and how long an idle one stays: from the environment, else from a file of the learner.

The file, `kernels.toml` beside the settings, is for people to write; the environment has the last word. What it says is
put into the environment, which kernels inherit. Standard library only; the file is read only where there is one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from tutor.kernel.errors import KernelError
from tutor.words import _

FEWEST, MOST = 4, 16
"""Kernels of lessons at once, unless the learner says otherwise: as many as fit, within these."""

EACH = 400 * 1024 * 1024
"""Bytes of a kernel that has imported torch and holds little."""

SHARE = 0.25
"""Of the memory that there is, what idle kernels may take."""

MOST_SWITCH = "D2L_TUTOR_KERNELS"
"""Environment variable: another number."""

FILE = "kernels.toml"

CGROUP = Path("/sys/fs/cgroup/memory.max")
"""Bytes that a container may use."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the file."""

    key: str
    switch: str
    """The environment variable that means the same."""
    unit: float
    """What one of it is in that variable."""


RULES = (
    Rule("most", MOST_SWITCH, 1),
    Rule("idle_hours", "D2L_TUTOR_KERNEL_IDLE", 3600),
    Rule("idle_hours_gpu", "D2L_TUTOR_KERNEL_IDLE_GPU", 3600),
    Rule("spare_minutes", "D2L_TUTOR_KERNEL_SPARE", 60),
    Rule("interrupt_seconds", "D2L_TUTOR_HEED", 1),
)


class LimitsUnreadable(KernelError):
    """The learner's file cannot be read. The message says where, and what would be right."""


def apply(path: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Puts what the file says into the environment, where that says nothing. Raises `LimitsUnreadable`."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise LimitsUnreadable(_("{path} cannot be read: {cause}.").format(path=path, cause=error)) from error
    import tomllib

    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LimitsUnreadable(_("{path} is not TOML: {cause}.").format(path=path, cause=error)) from error
    known = {rule.key: rule for rule in RULES}
    for key, value in told.items():
        if key not in known:
            said = _("{path} says “{key}”, which is no rule. Rules are: {rules}.")
            raise LimitsUnreadable(said.format(path=path, key=key, rules=", ".join(known)))
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            said = _("{path}: “{key}” must be a number above 0.")
            raise LimitsUnreadable(said.format(path=path, key=key))
        environment.setdefault(known[key].switch, f"{value * known[key].unit:g}")


def most() -> int:
    """Kernels of lessons that there may be at once: as the learner says, else by the memory of this machine."""
    try:
        return max(1, int(float(os.environ[MOST_SWITCH])))
    except (KeyError, ValueError):
        return max(FEWEST, min(MOST, int(SHARE * memory() / EACH)))


def memory(cgroup: Path = CGROUP) -> int:
    """Bytes of memory that this machine has, or that the container allows; 0 where neither is told."""
    found = []
    with contextlib.suppress(OSError, ValueError):  # macOS tells, some systems do not
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with contextlib.suppress(OSError, ValueError):  # no file without cgroups, `max` where nothing is limited
        found.append(int(cgroup.read_text("ascii")))
    return min(found, default=0)
