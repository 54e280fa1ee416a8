"""Runs a checkout of the book, section by section, in the tutor's kernel, and says how many run to their end.

    python tests/book_checkout.py PATH [--chapters 2-11] [--only NAME] [--quick] [--timeout SECONDS]

A script and no test: the book is not ours and lies elsewhere. Each section gets a kernel of its own, in its folder, as
a learner would run it. Sections without PyTorch code are left out.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

CHAPTERS = (
    *["introduction", "preliminaries", "linear-regression", "linear-classification", "multilayer-perceptrons"],
    *["builders-guide", "convolutional-neural-networks", "convolutional-modern", "recurrent-neural-networks"],
    *["recurrent-modern", "attention-mechanisms-and-transformers", "optimization", "computational-performance"],
    *["computer-vision", "natural-language-processing-pretraining", "natural-language-processing-applications"],
    *["reinforcement-learning", "gaussian-processes", "hyperparameter-optimization", "generative-adversarial-networks"],
)
"""Of the printed book, 1 to 20."""

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def sections(checkout: Path, chosen: range, only: str | None) -> list[tuple[int, Path]]:
    """The sections of the chapters, in the order of their tables of contents."""
    found = []
    for number in chosen:
        folder = checkout / f"chapter_{CHAPTERS[number - 1]}"
        toc = re.search(r"```toc\n(.*?)```", (folder / "index.md").read_text(encoding="utf-8"), re.S)
        names = (
            [line.strip() for line in toc[1].splitlines() if line.strip() and not line.startswith(":")] if toc else []
        )
        found += [(number, folder / f"{name.removesuffix('.md')}.md") for name in names if only is None or only in name]
    return [(number, path) for number, path in found if path.exists()]


def has_pytorch(path: Path) -> bool:
    """Whether a section has a cell that is PyTorch's, or every framework's of which it is one."""
    text = path.read_text(encoding="utf-8")
    offered = re.search(r"interact_select\((.*?)\)", text)
    named = False
    for source in re.findall(r"^```\{\.python .input[^}]*\}\n(.*?)^```", text, re.M | re.S):
        tabs = re.match(r"\s*(?:%%tab|#@tab)\s+(.*)$", source, re.M)
        if tabs is not None and re.search("pytorch|all", tabs[1]):
            return True
        named = named or (tabs is None and "d2lbook.tab" not in source and "interact_select" not in source)
    return named and offered is not None and "pytorch" in offered[1]


def run_section(path: Path, seconds: float, quick: bool) -> tuple[str, float, str]:
    """(outcome, seconds, first error) of one section, as `d2l-tutor run PATH` has it."""
    command = [sys.executable, "-m", "tutor", "run", str(path), *(["--quick"] if quick else [])]
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                said, _ = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said, _ = process.communicate()
            cells = re.findall(r"^cell .*$", _ANSI.sub("", said), re.M)
            return "too slow", time.monotonic() - began, cells[-1] if cells else ""
    lines = [line for line in _ANSI.sub("", said).splitlines() if line.strip()]
    why = "" if process.returncode == 0 else " ".join(lines[-1:])[:220]
    return "ok" if process.returncode == 0 else "error", time.monotonic() - began, why


def main() -> int:
    """Runs what is asked for and prints a table; 0 if all sections run to their end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--chapters", default="2-20", help="2-11, or 14")
    parser.add_argument("--only", help="sections whose name has this in it")
    parser.add_argument("--quick", action="store_true", help="every training is cut to a moment")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for a section")
    options = parser.parse_args()
    first, _, last = options.chapters.partition("-")
    rows = []
    for number, path in sections(options.checkout.absolute(), range(int(first), int(last or first) + 1), options.only):
        if not has_pytorch(path):
            continue
        outcome, seconds, why = run_section(path, options.timeout, options.quick)
        rows.append((number, path.stem, outcome, seconds, why))
        print(f"{number:>2} {path.stem:<42} {outcome:<9} {seconds:6.1f}  {why}", flush=True)
    done = [row for row in rows if row[2] == "ok"]
    print(f"\n{len(done)} of {len(rows)} sections ran to their end, in {sum(row[3] for row in rows):.0f} s")
    for number in sorted({row[0] for row in rows}):
        here = [row for row in rows if row[0] == number]
        print(f"  chapter {number:>2}: {sum(row[2] == 'ok' for row in here)} of {len(here)}")
    print("the slowest: " + ", ".join(f"{row[1]} {row[3]:.0f} s" for row in sorted(rows, key=lambda row: -row[3])[:10]))
    return 0 if len(done) == len(rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
