"""Where the app's files live. Standard library only: this is asked before the first paint.

`D2L_TUTOR_HOME` puts everything under one directory; else the XDG base directories hold, on macOS too where they are
set. platformdirs is asked only on systems that have other places of their own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

APP = "d2l-tutor"


def data_home() -> Path:
    """The directory of the learner's record."""
    return _directory("XDG_DATA_HOME", ".local/share", "user_data_path")


def state_home() -> Path:
    """The directory of logs and journals: worth keeping, not worth backing up."""
    return _directory("XDG_STATE_HOME", ".local/state", "user_state_path")


def config_home() -> Path:
    """The directory of settings."""
    return _directory("XDG_CONFIG_HOME", ".config", "user_config_path")


def record_path() -> Path:
    """The learner's record, an SQLite file."""
    return data_home() / "progress.db"


def kernels_home() -> Path | None:
    """The directory of kernels and their journals, where the learner chose one; else None: a local disk is better."""
    own = os.environ.get("D2L_TUTOR_HOME")
    return Path(own).expanduser() / "kernels" if own else None


def settings_path() -> Path:
    """Theme and the like, JSON."""
    return config_home() / "settings.json"


def log_path() -> Path:
    """Where errors are written that no screen should show."""
    return state_home() / "tutor.log"


def shown(path: Path) -> str:
    """A path for people: `~/…` where it is under the home directory."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def _directory(variable: str, below_home: str, elsewhere: str) -> Path:
    own = os.environ.get("D2L_TUTOR_HOME")
    if own:
        return Path(own).expanduser()
    base = os.environ.get(variable)
    if base and os.path.isabs(base):  # the XDG specification: relative paths are to be ignored
        return Path(base) / APP
    if sys.platform in ("darwin", "win32"):
        import platformdirs

        found: Path = getattr(platformdirs, elsewhere)(APP, appauthor=False)
        return found
    return Path.home() / below_home / APP
