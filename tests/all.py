"""Every gate, in the order in which it fails fastest: what the README's test command and `.ci/run` both run.

Run it with the interpreter whose environment has the `test` extra: `python tests/all.py`. `--quick` leaves out the slow
tests and the check of the lessons.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent


def gates(quick: bool) -> list[tuple[str, list[str]]]:
    """Each gate's name and command."""
    python = sys.executable
    pytest = [python, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q"]
    if quick:
        return [*_static(python), ("tests", [*pytest, "-m", "not slow"])]
    return [
        *_static(python),
        ("lessons", [python, "-m", "lessons", "check", "--jobs", "2", "--timeout", "600"]),
        ("tests", pytest),  # last, so that its closing line closes the run
    ]


def _static(python: str) -> list[tuple[str, list[str]]]:
    return [
        ("format", [python, "-m", "ruff", "format", "--check", "."]),
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("imports", [str(SCRIPTS / "lint-imports"), "--no-cache"]),
        ("types", [python, "-m", "mypy"]),
    ]


def main() -> int:
    """Run all gates, also after one failed: 0 if every one passed."""
    environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    failed = []
    for name, command in gates("--quick" in sys.argv[1:]):
        print(f"\n== {name}: {' '.join(command[1:])}", flush=True)
        started = time.monotonic()
        if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode != 0:
            failed.append(name)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
