"""Airfoil noise, sequences, n-grams, and pooling by nearness."""

import math
from collections import Counter
from pathlib import Path

import numpy
import pytest
import torch

from engine import Airfoil, NGramModel, SyntheticSequence, TimeMachine, boxcar, constant, epanechikov, gaussian, ngrams
from engine import nadaraya_watson as pool
from engine.data.real import DataDamaged

SHARED = Path(__file__).parents[2].parent / "shared/data"
has_airfoil = pytest.mark.skipif(not (SHARED / "airfoil_self_noise.dat").is_file(), reason="the real data are not here")
has_novel = pytest.mark.skipif(not (SHARED / "timemachine.txt").is_file(), reason="the real novel is not here")


@pytest.fixture(params=["stand-in", pytest.param("real", marks=has_airfoil)])
def airfoil(request, tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(SHARED if request.param == "real" else tmp_path))
    data = Airfoil()
    assert data.stand_in == (request.param == "stand-in")
    return data


def test_airfoil_has_five_measures_and_a_level_all_standardized(airfoil):
    X, y = next(iter(airfoil.train_dataloader()))
    assert (X.shape, X.dtype, y.shape) == ((10, 5), torch.float32, (10, 1))
    assert len(airfoil.train_dataloader()) == 150
    assert airfoil.val_dataloader() is None
    assert torch.allclose(airfoil.X.mean(0), torch.zeros(5), atol=1e-5)
    assert airfoil.y.std(correction=0).item() == pytest.approx(1, abs=1e-5)


def test_a_line_explains_some_of_the_noise_and_not_all(airfoil):
    X, y = airfoil.X.numpy(), airfoil.y.numpy()
    residual = y - X @ numpy.linalg.lstsq(X, y, rcond=None)[0]
    assert 0.2 < (residual**2).mean() < 0.9


def test_airfoil_keeps_rows_to_validate_with_if_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    data = Airfoil(batch_size=100, num_train=1200, num_val=300)
    assert sum(len(y) for _, y in data.val_dataloader()) == 300


def test_a_damaged_airfoil_table_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    (tmp_path / "airfoil_self_noise.dat").write_text("<html>\nForbidden</html>\n")
    with pytest.raises(DataDamaged, match="airfoil_self_noise"):
        Airfoil()


def test_windows_of_a_sequence_come_before_their_labels():
    data = SyntheticSequence(noise=0.0)
    X, y = next(iter(data.val_dataloader()))
    assert (X.shape, y.shape) == ((16, 4), (16, 1))
    assert X[0].tolist() == data.x[600:604].tolist()
    assert y[0].item() == data.x[604].item() == pytest.approx(math.sin(6.05), abs=1e-5)
    assert len(data.train_dataloader()) == 38  # 600 windows


def test_ngrams_are_counted():
    assert ngrams(list("abab"), 2) == Counter({("a", "b"): 2, ("b", "a"): 1})
    assert ngrams(list("ab"), 3) == Counter()
    with pytest.raises(ValueError, match="at least one"):
        ngrams(list("ab"), 0)


def test_a_markov_model_is_a_distribution_and_smooths():
    model = NGramModel(2, epsilon=0.5).fit(list("abracadabra"))
    for context in ("", "a", "r", "z"):
        assert math.fsum(model.probability(token, context) for token in model.tokens) == pytest.approx(1)
    # ab twice, ac and ad once, of four; smoothed by P(b) = (2 + 0.5 / 6) / (11 + 0.5)
    assert model.probability("b", "a") == pytest.approx((2 + 0.5 * (2 + 0.5 / 6) / 11.5) / 4.5)
    assert model.sample("a", 5, seed=1) == model.sample("a", 5, seed=1)


@has_novel
def test_longer_contexts_foresee_the_novel_better(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(SHARED))
    data = TimeMachine(batch_size=8, num_steps=8)
    text = data.vocab.to_tokens(data.corpus[:30_000])
    seen, held_out = text[:25_000], text[25_000:27_000]
    one, two, three = (NGramModel(n).fit(seen).perplexity(held_out) for n in (1, 2, 3))
    assert 15 < one < 20
    assert three < two < 12


def test_pooling_by_nearness_agrees_with_its_sum():
    x, y, queries = torch.rand(7) * 5, torch.randn(7), torch.tensor([0.5, 2.0, 3.3])
    estimates, weights = pool(x, y, queries, gaussian)
    assert weights.shape == (7, 3)
    assert torch.allclose(weights.sum(0), torch.ones(3))
    by_hand = [math.exp(-((x[i] - 2.0) ** 2) / 2) for i in range(7)]
    expected = sum(w * float(label) for w, label in zip(by_hand, y, strict=True)) / sum(by_hand)
    assert estimates[1].item() == pytest.approx(expected, rel=1e-4)
    assert torch.allclose(pool(x, y, queries, constant)[0], y.mean().expand(3))


def test_kernels():
    x = torch.tensor([-1.5, -0.5, 0.0, 0.25])
    assert boxcar(x).tolist() == [0, 1, 1, 1]
    assert epanechikov(x).tolist() == [0, 0.5, 1, 0.75]
