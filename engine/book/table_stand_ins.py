"""Tables in the form of the book's: aircraft noise and house sales, as the engine makes them up elsewhere. No torch."""

from __future__ import annotations

from pathlib import Path

import numpy

from engine.data import airfoil as wings
from engine.data.house_market import sales


def airfoil(path: Path) -> None:
    """1503 rows of six numbers, with tabs between them."""
    numpy.savetxt(path, wings.made_up(), fmt="%.6g", delimiter="\t")


def houses(path: Path, part: int) -> None:
    """The houses with their prices (part 0), or those without (part 1), as comma-separated values."""
    sales()[part].to_csv(path, index=False)
