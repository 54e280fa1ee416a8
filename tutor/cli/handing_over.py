"""Becomes another of our programs: `python -m engine train …` in this process's place, so that torch never comes in
here.

Its exit code is then ours, and Ctrl+C goes to it alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn


def command(package: str, arguments: Sequence[str]) -> list[str]:
    """The command line that runs `package` as a program. Without -P, a `torch.py` in the working directory would be
    imported."""
    return [sys.executable, "-P", "-m", package, *arguments]


def environment() -> Mapping[str, str]:
    """This environment, with our packages in reach also where they are not installed."""
    root = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, known)))}


def become(package: str, arguments: Sequence[str]) -> NoReturn:
    """Run `package` instead of this program. Does not return."""
    sys.stdout.flush()
    sys.stderr.flush()
    words = command(package, arguments)
    os.execve(words[0], words, {**environment(), "D2L_TUTOR_PROGRAM": "d2l-tutor"})  # for its usage
