"""The words of the app go through gettext: a translation is a catalogue, not a change of code."""

from __future__ import annotations

import gettext
from pathlib import Path

_catalogue = gettext.translation("d2l_tutor", localedir=Path(__file__).parent / "locale", fallback=True)

_ = _catalogue.gettext
ngettext = _catalogue.ngettext
