"""Every gate, in the order in which it fails fastest: what the README's test command and `.ci/run` both run.

Run it with the interpreter whose environment has the `test` extra: `python tests/all.py`. `--quick` leaves out the slow
tests and the check of the lessons.

Real kernels, terminals and signals are tested beside each other on whatever machine there is. Where one or two of the
four thousand tests fail, they are run once more, alone: what fails again has failed, and what does not is named as
unsteady, to be mended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
UNSTEADY = 2
"""Failed tests that are run again; where there are more, something is broken."""


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


def pass_alone(environment: dict[str, str]) -> bool:
    """Whether the few tests that failed pass when nothing runs beside them."""
    kept = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
    failed = list(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else []
    if not 0 < len(failed) <= UNSTEADY:
        return False
    print(f"\n== once more, alone: {', '.join(failed)}", flush=True)
    again = [sys.executable, "-m", "pytest", "-q", "--last-failed", "--last-failed-no-failures", "none"]
    if subprocess.run(again, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode != 0:
        return False
    print(f"Unsteady, to be mended: {', '.join(failed)}", flush=True)
    return True


def main() -> int:
    """Run all gates, also after one failed: 0 if every one passed."""
    environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    failed = []
    for name, command in gates("--quick" in sys.argv[1:]):
        print(f"\n== {name}: {' '.join(command[1:])}", flush=True)
        started = time.monotonic()
        passed = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode == 0
        if not passed and not (name == "tests" and pass_alone(environment)):
            failed.append(name)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"\nFailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
