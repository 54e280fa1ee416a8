"""Noise of aircraft wings (12.5; Brooks et al., 1989): NASA's measurements where they are cached, else made up."""

from __future__ import annotations

from typing import Any

import numpy
import torch

from engine.config import data_home
from engine.data.fetching import ProgressLine, fetch, find, is_cached
from engine.data.real import DataDamaged
from engine.data.split import rows
from engine.loaders import TensorLoader
from engine.module import DataModule

ROWS, COLUMNS = 1503, 6


class Airfoil(DataModule):
    """Five measures of a wing in a wind tunnel, and how loud it was: all six to mean 0 and variance 1 (12.5).

    The measures: frequency, angle of attack, chord length, speed of the air, thickness of its boundary layer.
    `X`: (1503, 5), `y`: (1503, 1), float32; the first `num_train` rows are to learn from, `num_val` more to validate
    with. Real if cached, else a stand-in (`stand_in` says which). `download=True` fetches the real ones.
    """

    num_train: int
    num_val: int

    def __init__(
        self, batch_size: int = 10, num_train: int = 1500, num_val: int = 0, *, download: bool = False
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["download"])
        if download:
            fetch("Airfoil", progress=ProgressLine())
        self.stand_in = not is_cached(find("Airfoil"))
        if self.stand_in:
            self.notes = ("stand-in for Airfoil: measurements by the engine",)
        table = made_up() if self.stand_in else _read()
        numbers = torch.from_numpy(standardized(table)).float()
        self.X, self.y = numbers[:, :-1], numbers[:, -1:]

    def get_dataloader(self, train: bool) -> TensorLoader | None:
        """Minibatches (X, y): (batch_size, 5) and (batch_size, 1); None: nothing is left to validate with."""
        if not train and not self.num_val:
            return None
        return self.get_tensorloader((self.X, self.y), train, rows(train, self.num_train, self.num_val))


def _read() -> Any:
    path = data_home() / "airfoil_self_noise.dat"
    try:
        table = numpy.genfromtxt(path, delimiter="\t")
    except (OSError, ValueError) as error:
        raise DataDamaged(f"{path} could not be read ({error}): delete it and fetch Airfoil anew.") from error
    if table.shape != (ROWS, COLUMNS) or not numpy.isfinite(table).all():
        raise DataDamaged(f"{path} is no table of {ROWS} by {COLUMNS} numbers: delete it and fetch Airfoil anew.")
    return table


def standardized(table: Any) -> Any:
    """The table with each column at mean 0 and variance 1."""
    return (table - table.mean(axis=0)) / table.std(axis=0)


def made_up(seed: int = 3) -> Any:
    """Measures in the real ranges, and a level in decibels with a hump over the frequency, as turbulence makes it."""
    rng = numpy.random.default_rng(seed)
    frequency = rng.choice([200.0 * 1.25**i for i in range(21)], ROWS)
    angle = rng.uniform(0, 22, ROWS)
    chord = rng.choice([0.0254, 0.0508, 0.1016, 0.1524, 0.2286, 0.3048], ROWS)
    speed = rng.choice([31.7, 39.6, 55.5, 71.3], ROWS)
    thickness = 0.02 * chord * numpy.exp(0.12 * angle + 0.3 * rng.standard_normal(ROWS))
    strouhal = numpy.log(frequency * (thickness + 0.005) / speed)  # a frequency without units
    level = 126 + 20 * numpy.log10(speed / 50) - 2.2 * (strouhal + 1.5) ** 2 + 8 * (chord < 0.1) * (angle > 11)
    level += 1.5 * rng.standard_normal(ROWS)
    return numpy.stack([frequency, angle, chord, speed, thickness, level], axis=1)
