"""Which version this is: of the installed package, or of the source tree."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

from tutor.words import _


def version() -> str:
    """`0.1.0`; from a source tree that is not installed, what its pyproject.toml says."""
    try:
        return metadata.version("d2l-tutor")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        if not project.exists():
            return _("of unknown version")
        number = tomllib.loads(project.read_text("utf-8"))["project"]["version"]
        return _("{number} (from {folder})").format(number=number, folder=project.parent)
