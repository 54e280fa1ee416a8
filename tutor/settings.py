"""What the learner set about the app itself: the theme. Small, forgiving, never in the way of a start."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(slots=True)
class Settings:
    """Read with `load`, kept with `save`."""

    theme: str = "d2l-dark"

    @classmethod
    def load(cls, path: Path) -> Settings:
        """The settings in the file, or the defaults where there is none or it makes no sense."""
        try:
            found = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return cls()  # a setting is not worth a complaint at the start; the next `save` writes a good file
        theme = found.get("theme") if isinstance(found, dict) else None
        return cls(theme) if isinstance(theme, str) else cls()

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all. Raises `OSError`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")
        part.replace(path)
