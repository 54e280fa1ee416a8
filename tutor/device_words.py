"""The device in a few words: `NVIDIA H200, 139 GiB free of 140`, `CPU, 2 cores`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.words import _, ngettext

GIB = 2**30


def device_words(facts: Mapping[str, Any] | None) -> str:
    """What `engine.device.facts()` found, for a status line; None: still looking."""
    if facts is None:
        return _("looking for a device …")
    free, total = facts.get("memory_free"), facts.get("memory_total")
    name = str(facts.get("name") or facts.get("kind") or _("unknown device"))
    if facts.get("kind") != "cpu" and isinstance(free, int | float) and isinstance(total, int | float) and total > 0:
        return _("{name}, {free:.0f} GiB free of {total:.0f}").format(name=name, free=free / GIB, total=total / GIB)
    label = facts.get("label")
    if label:
        return str(label)
    cores = facts.get("cores")
    if facts.get("kind") == "cpu" and isinstance(cores, int):
        return ngettext("CPU, {cores} core", "CPU, {cores} cores", cores).format(cores=cores)
    return name
