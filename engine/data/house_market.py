"""House sales that the engine makes itself, with the columns of Ames: as many houses, kinds, gaps and odd ones.

A house has a hidden standing; each column follows it as closely as the real one follows the price. The price adds
what area, quality and ground are worth on top, area and quality each worth more where there is more of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from engine.data.house_columns import COLUMNS, QUANTILES

if TYPE_CHECKING:
    from pandas import DataFrame

NUM_TRAIN, NUM_TEST = 1460, 1459
_MISSING_TOGETHER = {"Garage": "GarageType", "Bsmt": "BsmtQual"}
"""Columns whose names begin so have gaps in the same houses, where a column of that name has one."""
_OF_WHAT_IS_THERE = {"FireplaceQu": "Fireplaces", "PoolQC": "PoolArea"}
"""Grades of something that not every house has, and the column that says how much of it there is."""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    loading: float
    missing: int
    levels: tuple[tuple[str, int], ...]
    """Kinds and how many houses have them; or nothing."""
    quantiles: tuple[int, ...]


def sales(seed: int = 7) -> tuple[DataFrame, DataFrame]:
    """Houses to learn from, (1460, 81), and without prices (1459, 80). The same for the same seed."""
    import pandas

    rng = numpy.random.default_rng(seed)
    n = NUM_TRAIN + NUM_TEST
    standing = rng.standard_normal(n)
    values: dict[str, Any] = {"Id": numpy.arange(1, n + 1)}
    there: dict[str, Any] = {}
    for column in _columns():
        own = rng.standard_normal(n)
        score = column.loading * standing + (1 - column.loading**2) ** 0.5 * own
        there[column.name] = _there(column, values, there, rng)
        values[column.name] = _values(column, score, there[column.name])
    values["TotalBsmtSF"] = values["BsmtFinSF1"] + values["BsmtFinSF2"] + values["BsmtUnfSF"]
    values["GrLivArea"] = values["1stFlrSF"] + values["2ndFlrSF"] + values["LowQualFinSF"]
    houses = pandas.DataFrame(values)
    train, test = houses[:NUM_TRAIN].copy(), houses[NUM_TRAIN:].copy()
    train["SalePrice"] = _prices(values, standing, rng)[:NUM_TRAIN]
    return train, test


def _prices(values: dict[str, Any], standing: Any, rng: numpy.random.Generator) -> Any:
    """Dollars: log-normal around $166,000 as in Ames, two thirds of the houses within 40 % of it."""
    area, quality, ground = (_standardized(numpy.log(values[name])) for name in ("GrLivArea", "OverallQual", "LotArea"))
    noise = 0.25 * rng.standard_t(5, len(standing))
    worth = _standardized(0.5 * standing + 0.4 * area + 0.35 * quality + 0.1 * ground + 0.1 * area * quality + noise)
    return numpy.exp(12.02 + 0.4 * worth).round(-2).astype(int)


def _there(column: _Column, values: dict[str, Any], there: dict[str, Any], rng: numpy.random.Generator) -> Any:
    """Which houses have a value in this column."""
    n = NUM_TRAIN + NUM_TEST
    if (grades := _OF_WHAT_IS_THERE.get(column.name)) is not None:
        return values[grades] > 0
    first = next((name for start, name in _MISSING_TOGETHER.items() if column.name.startswith(start)), column.name)
    if first in there and column.missing > 10:
        return there[first]
    mask = numpy.ones(n, dtype=bool)
    mask[rng.permutation(n)[: column.missing]] = False
    return mask


def _values(column: _Column, score: Any, there: Any) -> Any:
    """The column's values in the order of the houses' scores."""
    ranks = score[there].argsort().argsort()
    n = len(ranks)
    if column.quantiles:
        numbers = numpy.interp((ranks + 0.5) / n, QUANTILES, column.quantiles).round().astype(int)
        if there.all():
            return numbers
        out = numpy.full(len(there), numpy.nan)
        out[there] = numbers
        return out
    names = [level for level, _ in column.levels]
    counts = numpy.array([count for _, count in column.levels])
    # Each level gets its share of the houses, and the rarest of them one house at least.
    ends = numpy.maximum((counts.cumsum() * n / counts.sum()).round().astype(int), numpy.arange(1, len(counts) + 1))
    chosen = numpy.minimum(numpy.searchsorted(ends, ranks, side="right"), len(names) - 1)
    if names[0].isdigit():
        numbers = numpy.array([int(name) for name in names])[chosen]
        if there.all():
            return numbers
        out = numpy.full(len(there), numpy.nan)
        out[there] = numbers
        return out
    words = numpy.full(len(there), None, dtype=object)
    words[there] = numpy.array(names, dtype=object)[chosen]
    return words


def _columns() -> list[_Column]:
    columns = []
    for line in COLUMNS.replace("\n    ", " ").splitlines():
        name, loading, missing, spread = (part.strip() for part in line.split("|"))
        pairs = [part.strip().rpartition("=") for part in spread.split(",")] if "=" in spread else []
        levels = tuple((level, int(count)) for level, _, count in pairs)
        quantiles = () if pairs else tuple(int(word) for word in spread.split())
        columns.append(_Column(name, float(loading), int(missing), levels, quantiles))
    return columns


def _standardized(numbers: Any) -> Any:
    return (numbers - numbers.mean()) / numbers.std()
