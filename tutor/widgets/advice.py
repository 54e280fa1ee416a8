"""What to do about an error, in a sentence under it. Here and not in the kernel: it names keys of the app."""

from __future__ import annotations

import re

from tutor.kernel.events import ErrorRaised
from tutor.widgets.terminal_text import plain
from tutor.words import _


def advice(error: ErrorRaised) -> str:
    """The next step, or nothing where the error speaks for itself."""
    if error.name == "NameError" and (name := re.search(r"name '(\w+)' is not defined", plain(error.value))):
        return _("If {name} is made in a cell above, run that first: a runs all cells above.").format(name=name[1])
    return ""
