"""What the learner set about the app: theme, characters, pace, line numbers. Small and forgiving."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(slots=True)
class Settings:
    """Read with `load`, kept with `save`."""

    theme: str = "d2l-dark"
    text: str = ""
    """Name of a text profile; empty: what suits the terminal."""
    pace: str = ""
    """Name of a pace; empty: lively."""

    line_numbers: str = ""
    """`on`: at the lines of code."""

    @classmethod
    def load(cls, path: Path) -> Settings:
        """The settings in the file, or the defaults where there is none or it makes no sense."""
        try:
            found = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return cls()  # a setting is not worth a complaint at the start; the next `save` writes a good file
        known = found if isinstance(found, dict) else {}
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in known.items() if name in names and isinstance(value, str)})

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all. Raises `OSError`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")
        part.replace(path)
