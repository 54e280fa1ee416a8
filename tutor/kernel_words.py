"""What a kernel does, in a few words that do not change until it does something else. No clock ticks in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.when import when
from tutor.words import _

if TYPE_CHECKING:
    from tutor.census import KernelNow


def kernel_words(kernel: KernelNow, *, news: bool = False) -> str:
    """`running since 14:03`; `news`: its last cell ended when the learner was elsewhere."""
    since = when(kernel.since) if kernel.since is not None else ""
    match str(kernel.work):
        case "busy":
            return _("running since {since}").format(since=since) if since else _("running")
        case "waiting":
            return _("asks for input since {since}").format(since=since) if since else _("asks for input")
    if news and kernel.outcome == "ok":
        return _("finished at {since}, while you were away").format(since=since)
    if news:
        return _("ended at {since}, while you were away: {outcome}").format(since=since, outcome=kernel.outcome)
    return _("idle since {since}").format(since=since)
