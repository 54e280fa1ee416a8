"""Runs a checkout of the book, section by section, in the tutor's kernel, and says how many run to their end.

    python tests/book_checkout.py PATH [--chapters 2-11] [--only NAME] [--quick] [--timeout SECONDS] [--cells]

A script and no test: the book is not ours and lies elsewhere. Each section gets a kernel of its own, in its folder, as
a learner would run it. Sections without PyTorch code are left out.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jupyter_client.blocking.client import BlockingKernelClient

from tutor.kernel.launch import launch

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
        found += [(number, folder / f"{name}.md") for name in names if only is None or only in name]
    return [(number, path) for number, path in found if path.exists()]


def _cells_by_hand(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    kept, has_tabs = [], "interact_select" in text
    for source in re.findall(r"^```\{\.python .input[^}]*\}\n(.*?)^```", text, re.M | re.S):
        tabs = re.search(r"^\s*(?:%%tab|#@tab)\s+(.*)$", source, re.M)
        if (tabs is None and has_tabs) or (tabs and re.search(r"pytorch|all", tabs[1])):
            kept.append(source)
    return kept if any("tab" in source for source in kept) else []


def run_section(path: Path, sources: list[str], seconds: float, environment: dict[str, str]) -> tuple[str, float, str]:
    """(outcome, seconds, first error) of one section."""
    runtime = Path(tempfile.mkdtemp(prefix="book-", dir="/tmp"))
    process = launch(runtime, environment=environment)
    client: Any = BlockingKernelClient(connection_file=str(process.connection))
    began = time.monotonic()
    try:
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
        except RuntimeError as error:
            return "no kernel", time.monotonic() - began, f"{error} {process.failure()}"
        client.execute_interactive(
            f"import os; os.chdir({str(path.parent)!r}); del os", output_hook=lambda message: None
        )
        for number, source in enumerate(sources):
            left = seconds - (time.monotonic() - began)
            try:
                reply = client.execute_interactive(
                    source, timeout=max(1.0, left), output_hook=lambda message: None, allow_stdin=False
                )["content"]
            except TimeoutError:
                return "too slow", time.monotonic() - began, f"cell {number + 1}: {_first_line(source)}"
            if reply["status"] != "ok":
                line = next((row for row in source.splitlines() if row.strip()), "")
                value = " ".join(_ANSI.sub("", reply.get("evalue", "")).split())
                return (
                    "error",
                    time.monotonic() - began,
                    f"cell {number + 1} ({line[:40]}): {reply.get('ename')}: {value[:160]}",
                )
        return "ok", time.monotonic() - began, ""
    finally:
        client.stop_channels()
        process.kill()
        shutil.rmtree(runtime, ignore_errors=True)


def _first_line(source: str) -> str:
    return next((row for row in source.splitlines() if row.strip() and not row.startswith(("%%", "#@"))), "")[:60]


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
    environment = {"D2L_TUTOR_QUICK": "1"} if options.quick else {}
    environment |= {name: os.environ[name] for name in ("OMP_NUM_THREADS",) if name in os.environ}
    rows = []
    for number, path in sections(options.checkout.absolute(), range(int(first), int(last or first) + 1), options.only):
        sources = _cells_by_hand(path)
        if not sources:
            continue
        outcome, seconds, why = run_section(path, sources, options.timeout, environment)
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
