"""House sales: the real ones where they are, and the stand-in, through the book's steps."""

from pathlib import Path

import pytest
import torch

from engine import KaggleHouse, LinearRegression, Trainer, k_fold_data
from engine.data.real import DataDamaged

SHARED = Path(__file__).parents[2].parent / "shared/data"
has_houses = pytest.mark.skipif(
    not (SHARED / "kaggle_house_pred_train.csv").is_file(), reason="the real houses are not here"
)


@pytest.fixture(params=["stand-in", pytest.param("real", marks=has_houses)])
def houses(request, tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(SHARED if request.param == "real" else tmp_path))
    data = KaggleHouse(batch_size=64)
    assert data.stand_in == (request.param == "stand-in")
    return data


def test_shapes_are_the_books(houses):
    assert houses.raw_train.shape == (1460, 81)
    assert houses.raw_val.shape == (1459, 80)
    houses.preprocess()
    assert houses.train.shape == (1460, 331)
    assert houses.val.shape == (1459, 330)
    X, y = next(iter(houses.train_dataloader()))
    assert (X.shape, X.dtype, y.shape) == ((64, 330), torch.float32, (64, 1))
    assert houses.val_dataloader() is None


def test_columns_are_standardized_without_gaps(houses):
    houses.preprocess()
    both = torch.tensor([*houses.train["LotArea"], *houses.val["LotArea"]])
    assert both.mean().item() == pytest.approx(0, abs=1e-6)
    assert both.std().item() == pytest.approx(1, abs=1e-6)
    assert not houses.train.isna().any().any()
    assert houses.train["MSZoning_RL"].sum() == (houses.raw_train["MSZoning"] == "RL").sum()
    assert houses.train["Alley_nan"].sum() == houses.raw_train["Alley"].isna().sum() > 1000


def test_folds_hold_each_house_out_once(houses):
    folds = k_fold_data(houses, 5)
    held_out = [index for fold in folds for index in fold.val.index]
    assert sorted(held_out) == list(range(1460))
    assert all(len(fold.train) == 1168 and not set(fold.train.index) & set(fold.val.index) for fold in folds)
    _, y = next(iter(folds[0].val_dataloader()))
    assert y[0].exp().item() == pytest.approx(houses.raw_train["SalePrice"].iloc[0], rel=1e-4)


def test_a_line_learns_prices_from_their_logarithms(houses):
    torch.manual_seed(0)
    trainer = Trainer(max_epochs=10, device="cpu", display=False, seed=0)
    trainer.fit(LinearRegression(lr=0.01), k_fold_data(houses, 5)[0])
    errors = [y for _, y in trainer.history["val_loss"]]
    assert errors[-1] < 0.25  # the mean squared error of log prices, which begins at 144
    assert errors[-1] < errors[0]


def test_a_stand_in_is_always_the_same_and_looks_like_ames(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    one, two = KaggleHouse(64), KaggleHouse(64)
    assert one.raw_train.equals(two.raw_train)
    assert one.notes == ("stand-in for KaggleHouse: houses by the engine",)
    prices = one.raw_train["SalePrice"]
    assert 150_000 < prices.median() < 180_000
    assert prices.rank().corr(one.raw_train["OverallQual"].rank()) > 0.6
    assert one.raw_train["GarageFinish"].isna().equals(one.raw_train["GarageType"].isna())


@has_houses
def test_the_stand_in_has_the_columns_and_kinds_of_the_real_houses(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    ours = KaggleHouse(64)
    monkeypatch.setenv("D2L_TUTOR_DATA", str(SHARED))
    real = KaggleHouse(64)
    assert list(ours.raw_train.columns) == list(real.raw_train.columns)
    ours.preprocess()
    real.preprocess()
    assert set(ours.train.columns) == set(real.train.columns)


@has_houses
def test_real_houses_are_read_as_they_are(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(SHARED))
    first = KaggleHouse(64).raw_train.iloc[0]
    assert (first["Id"], first["MSZoning"], first["LotArea"], first["SalePrice"]) == (1, "RL", 8450, 208500)


@pytest.mark.parametrize("content", ["<html>Forbidden</html>", ""])
def test_a_file_that_is_no_table_is_named(tmp_path, monkeypatch, content):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    for part in ("train", "test"):
        (tmp_path / f"kaggle_house_pred_{part}.csv").write_text(content)
    with pytest.raises(DataDamaged, match="kaggle_house_pred_train"):
        KaggleHouse(64)
