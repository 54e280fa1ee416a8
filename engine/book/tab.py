"""`%load_ext d2lbook.tab`: of a cell's versions for several frameworks, only PyTorch's is run. No torch here."""

from __future__ import annotations

import re
from typing import Any

CHOSEN = "pytorch"

_FIRST_LINE = re.compile(r"^\s*(?:%%tab|#\s*@tab)\s+(?P<tabs>[\w, ]+?)\s*$")

GIVEN = ("interact_select", "selected", "load_ipython_extension", "Tab")
__all__ = ["Tab", "interact_select", "load_ipython_extension", "selected"]


class Tab:
    """What the book's cells call `tab`."""

    def interact_select(self, *frameworks: Any) -> None:
        """The book asks which framework it is to be: here it is PyTorch. Raises `ValueError` if that is not offered."""
        offered = [name for item in frameworks for name in ([item] if isinstance(item, str) else item)]
        if offered and CHOSEN not in offered:
            raise ValueError(f"This section has no PyTorch code: it is for {', '.join(offered)}.")

    def selected(self, *frameworks: str) -> bool:
        """Whether PyTorch is among the frameworks."""
        return CHOSEN in frameworks or "all" in frameworks


def is_chosen(line: str) -> bool | None:
    """Whether a cell with this first line is to run; None: the line names no framework."""
    found = _FIRST_LINE.match(line)
    if found is None:
        return None
    return bool({CHOSEN, "all"} & set(re.split(r"[,\s]+", found["tabs"])))


def only_chosen(lines: list[str]) -> list[str]:
    """A cell's lines, without the line that names the framework; no line at all if it is another."""
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or (chosen := is_chosen(lines[first])) is None:
        return lines
    return [*lines[:first], "\n", *lines[first + 1 :]] if chosen else ["\n"]


tab = Tab()
interact_select, selected = tab.interact_select, tab.selected


def load_ipython_extension(shell: Any) -> None:
    """Give the notebook its `tab`, and let cells begin with `%%tab`."""
    shell.user_ns["tab"] = tab
    if only_chosen not in shell.input_transformers_cleanup:
        # Before the cell is parsed, not as a magic: its last value is shown, and tracebacks have the right lines.
        shell.input_transformers_cleanup.insert(0, only_chosen)


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'd2lbook.tab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
