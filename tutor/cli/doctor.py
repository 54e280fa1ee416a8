"""`doctor`: looks at what the tutor stands on, and says what to do. The looking is in `examinations`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from tutor.cli import exits
from tutor.cli.output import console
from tutor.words import _


class Verdict(StrEnum):
    """What is said of one thing."""

    GOOD = "good"
    NOTE = "note"
    """Worth knowing; nothing is broken."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    fact: str
    remedy: str = ""
    """What to do, if something is to be done."""


GLYPHS = {Verdict.GOOD: ("✓", "green"), Verdict.NOTE: ("○", "yellow"), Verdict.BAD: ("✗", "red")}


def examine(*, as_json: bool) -> int:
    """Look at everything, and print it as it is found; the exit code."""
    from rich.text import Text

    from tutor.cli.examinations import EXAMINATIONS

    out = console()
    findings: list[Finding] = []
    for look in EXAMINATIONS:
        for finding in look():
            findings.append(finding)
            if as_json:
                continue
            glyph, colour = GLYPHS[finding.verdict]
            out.print(
                Text.assemble((glyph, colour), " ", (f"{finding.name:<12}", "bold"), finding.fact), soft_wrap=True
            )
            if finding.remedy:
                out.print(Text(f"  {'':<12}→ {finding.remedy}", style=colour), soft_wrap=True)
    ill = [finding for finding in findings if finding.verdict is Verdict.BAD]
    if as_json:
        print(json.dumps({"ok": not ill, "findings": [asdict(finding) for finding in findings]}, indent=2))
    elif not ill:
        out.print(Text(_("All is well."), style="green"))
    return exits.FAILED if ill else exits.OK
