"""How many kernels there may be and how long an idle one stays: from the environment, else from a file of the learner.

The file, `kernels.toml` beside the settings, is for people to write; the environment has the last word. What it says is
put into the environment, which kernels inherit. Standard library only; the file is read only where there is one.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from tutor.kernel.errors import KernelError
from tutor.words import _

MOST = 4
"""Kernels of lessons at once, unless the learner says otherwise: each holds some 300 MB once torch is imported."""

MOST_SWITCH = "D2L_TUTOR_KERNELS"
"""Environment variable: another number."""

FILE = "kernels.toml"


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
    """Kernels of lessons that there may be at once."""
    try:
        return max(1, int(float(os.environ.get(MOST_SWITCH, MOST))))
    except ValueError:
        return MOST
