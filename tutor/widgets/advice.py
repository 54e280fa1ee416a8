"""What to do about an error, in a sentence under it. Here and not in the kernel: it names keys of the app."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tutor.kernel.events import ErrorRaised
from tutor.widgets.terminal_text import plain
from tutor.words import _

if TYPE_CHECKING:
    from tutor.explain import Explanation


def lesson_about(error: ErrorRaised) -> str:
    """Id of the lesson that teaches what went wrong; empty where there is none."""
    found = _explained(error)
    return found.lesson if found is not None else ""


def advice(error: ErrorRaised, is_made_above: Callable[[str], bool] | None = None) -> str:
    """What happened and the next step, or nothing where the error speaks for itself.

    `is_made_above` says whether a cell above makes a name: then that is what is wrong, and not a slip of the pen.
    """
    name = undefined_name(error)
    if name and is_made_above is not None and is_made_above(name):
        above = _("A cell above makes {name}: press a, which runs all cells above.")
        return above.format(name=name)
    said = []
    if (found := _explained(error)) is not None:
        said.append(found.words)
        said.append(_("The lesson {lesson} teaches it.").format(lesson=found.lesson))
    if name:
        above = _("If {name} is made in a cell above, run that first: a runs all cells above.")
        said.append(above.format(name=name))
    return " ".join(said)


def undefined_name(error: ErrorRaised) -> str:
    """The name that a `NameError` is about; empty of other errors."""
    found = re.search(r"name '(\w+)' is not defined", plain(error.value)) if error.name == "NameError" else None
    return found[1] if found is not None else ""


def _explained(error: ErrorRaised) -> Explanation | None:
    from tutor.explain import explain  # dozens of patterns, which no lesson needs before something went wrong

    return explain(error.name, error.value, error.traceback)
