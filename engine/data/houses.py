"""House sales in Ames, Iowa (5.7; De Cock, 2011): those of Kaggle's competition where cached, else the engine's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from engine.config import data_home
from engine.data.fetching import ProgressLine, fetch, find, is_cached
from engine.data.house_market import sales
from engine.data.real import DataDamaged
from engine.loaders import TensorLoader
from engine.module import DataModule

if TYPE_CHECKING:
    from pandas import DataFrame

LABEL = "SalePrice"


class KaggleHouse(DataModule):
    """What 1,460 houses were sold for, and 1,459 whose prices only Kaggle knows (5.7).

    `raw_train`: (1460, 81), `raw_val`: (1459, 80), as in the files; `preprocess()` makes `train`, (1460, 331), and
    `val`, (1459, 330), of numbers only. A minibatch (X, y) is float32 (batch_size, 330) and the *logarithm* of the
    price, (batch_size, 1): what counts is by what share a guess is wrong. There are no labels to validate with, unless
    `train` and `val` are given, as `k_fold_data` does.

    Real if cached, else a stand-in (`stand_in` says which). `download=True` fetches the real ones.
    """

    train: DataFrame | None
    val: DataFrame | None
    raw_train: DataFrame
    raw_val: DataFrame

    def __init__(
        self,
        batch_size: int = 64,
        train: DataFrame | None = None,
        val: DataFrame | None = None,
        *,
        download: bool = False,
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["download"])
        if train is not None:
            return
        if download:
            fetch("KaggleHouse", progress=ProgressLine())
        self.stand_in = not is_cached(find("KaggleHouse"))
        if self.stand_in:
            self.notes = ("stand-in for KaggleHouse: houses by the engine",)
            self.raw_train, self.raw_val = sales()
        else:
            self.raw_train, self.raw_val = (
                _read(data_home() / f"kaggle_house_pred_{part}.csv", columns)
                for part, columns in (("train", 81), ("test", 80))
            )

    def preprocess(self) -> None:
        """Make numbers of all columns: measures to mean 0 and variance 1, gaps to 0, kinds to one column each.

        Mean and variance are of all houses, those without a price too.
        """
        import pandas

        features = pandas.concat((self.raw_train.drop(columns=["Id", LABEL]), self.raw_val.drop(columns=["Id"])))
        # By what the values are, not by the name of their type: text is `object` up to pandas 2 and `str` from 3 on.
        measures = features.select_dtypes("number").columns
        numbers = features[measures].astype(float)
        features[measures] = ((numbers - numbers.mean()) / numbers.std()).fillna(0)
        features = pandas.get_dummies(features, dummy_na=True)
        self.train = features[: len(self.raw_train)].copy()
        self.train[LABEL] = self.raw_train[LABEL]
        self.val = features[len(self.raw_train) :].copy()

    def get_dataloader(self, train: bool) -> TensorLoader | None:
        """Minibatches (X, log price): (batch_size, 330) and (batch_size, 1); None: these have no prices."""
        if self.train is None:
            self.preprocess()
        part = self.train if train else self.val
        if part is None or LABEL not in part:
            return None
        tensors = (_tensor(part.drop(columns=[LABEL])), torch.log(_tensor(part[LABEL])).reshape((-1, 1)))
        return self.get_tensorloader(tensors, train)


def k_fold_data(data: KaggleHouse, k: int) -> list[KaggleHouse]:
    """`k` data sets, each with another k-th of the houses to validate with and the rest to learn from (3.6.3)."""
    if data.train is None:
        data.preprocess()
    assert data.train is not None
    size, folds = len(data.train) // k, []
    for j in range(k):
        held_out = data.train.index[j * size : (j + 1) * size]
        fold = KaggleHouse(data.batch_size, data.train.drop(index=held_out), data.train.loc[held_out])
        fold.stand_in, fold.notes = data.stand_in, data.notes
        folds.append(fold)
    return folds


def _read(path: Path, columns: int) -> DataFrame:
    import pandas

    try:
        table = pandas.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataDamaged(f"{path} could not be read ({error}): delete it and fetch KaggleHouse anew.") from error
    if table.shape[1] != columns:
        raise DataDamaged(
            f"{path} has {table.shape[1]} columns instead of {columns}: delete it and fetch KaggleHouse anew."
        )
    return table


def _tensor(table: Any) -> Tensor:
    return torch.tensor(table.to_numpy(dtype=float), dtype=torch.float32)
