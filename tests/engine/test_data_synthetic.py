import torch

from engine import SyntheticRegressionData


def test_the_law_holds_up_to_the_noise():
    w, b = torch.tensor([2.0, -3.4]), 4.2
    data = SyntheticRegressionData(w, b, noise=0.01, num_train=500, num_val=100, batch_size=32)
    residual = data.y - (data.X @ w.reshape(-1, 1) + b)
    assert data.X.shape == (600, 2)
    assert data.y.shape == (600, 1)
    assert 0.005 < residual.std() < 0.02
    assert abs(residual.mean()) < 0.005


def test_minibatches_cover_each_part_once_and_do_not_mix_them():
    data = SyntheticRegressionData(torch.ones(3), 0.0, num_train=100, num_val=40, batch_size=32)
    train, val = list(data.train_dataloader()), list(data.val_dataloader())
    assert [len(X) for X, _ in train] == [32, 32, 32, 4]
    assert len(data.train_dataloader()) == 4
    seen = torch.cat([y for _, y in train]).flatten().sort().values
    assert torch.equal(seen, data.y[:100].flatten().sort().values)
    assert torch.equal(torch.cat([X for X, _ in val]), data.X[100:])


def test_training_order_changes_between_epochs_and_repeats_with_the_seed():
    data = SyntheticRegressionData(torch.ones(2), 0.0, num_train=64, batch_size=64)
    loader = data.train_dataloader()
    torch.manual_seed(3)
    first, second = next(iter(loader))[0], next(iter(loader))[0]
    torch.manual_seed(3)
    again = next(iter(loader))[0]
    assert not torch.equal(first, second)
    assert torch.equal(first, again)
