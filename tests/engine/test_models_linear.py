import pytest
import torch
from torch.nn import functional

import engine


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def count(model):
    return sum(p.numel() for p in model.parameters())


def gradients_agree(scratch, concise, pairs, batch):
    """Both models have the same weights: so must be their losses and gradients."""
    for model in (scratch, concise):
        model.zero_grad()
        model.training_step(batch).backward()
    for mine, theirs in pairs:
        assert torch.allclose(mine.grad, theirs.grad, atol=1e-6)


def test_linear_regression_is_a_product_and_half_a_square():
    model = engine.LinearRegressionScratch(2, lr=0.03)
    X, y = torch.randn(5, 2), torch.randn(5, 1)
    assert model(X).shape == (5, 1)
    assert torch.equal(model(X), X @ model.w + model.b)
    assert torch.isclose(model.loss(model(X), y), functional.mse_loss(model(X), y) / 2)
    assert count(model) == 3
    assert model.w.abs().max() < 0.1
    assert model.b.item() == 0


def test_our_own_optimizer_takes_pytorchs_step():
    ours, theirs = (torch.tensor([1.0, -2.0], requires_grad=True) for _ in range(2))
    steps = engine.models.SGD([ours], lr=0.1), torch.optim.SGD([theirs], lr=0.1)
    for param, optimizer in zip((ours, theirs), steps, strict=True):
        for _ in range(3):
            optimizer.zero_grad()
            (param**3).sum().backward()
            optimizer.step()
    assert torch.allclose(ours, theirs)


def test_linear_regression_concise_starts_small_and_shows_its_parameters():
    model = engine.LinearRegression(lr=0.03)
    assert model(torch.randn(4, 3)).shape == (4, 1)
    w, b = model.get_w_b()
    assert w.shape == (1, 3)
    assert w.abs().max() < 0.1
    assert b.item() == 0


@pytest.mark.parametrize("name", ["LinearRegressionScratch", "LinearRegression"])
def test_both_find_the_law(name):
    w, b = torch.tensor([2.0, -3.4]), 4.2
    data = engine.SyntheticRegressionData(w, b, num_train=400, num_val=100)
    settings = {"num_inputs": 2} if name.endswith("Scratch") else {}
    model = getattr(engine, name)(**settings, lr=0.1)
    engine.Trainer(max_epochs=5, display=False).fit(model, data)
    found_w, found_b = (model.w, model.b) if name.endswith("Scratch") else model.get_w_b()
    assert torch.allclose(found_w.flatten(), w, atol=0.02)
    assert abs(found_b.item() - b) < 0.02


def test_weight_decay_adds_the_penalty_to_the_loss():
    plain, decaying = engine.LinearRegressionScratch(3, 0.1), engine.WeightDecayScratch(3, lambd=2.0, lr=0.1)
    decaying.load_state_dict(plain.state_dict())
    X, y = torch.randn(6, 3), torch.randn(6, 1)
    difference = decaying.loss(decaying(X), y) - plain.loss(plain(X), y)
    assert torch.isclose(difference, (plain.w**2).sum())
    assert decaying.lambd == 2.0


def test_weight_decay_spares_the_bias():
    model = engine.WeightDecay(wd=3.0, lr=0.1)
    model(torch.randn(2, 4))
    decayed = {
        id(p): group["weight_decay"] for group in model.configure_optimizers().param_groups for p in group["params"]
    }
    assert decayed == {id(model.net.weight): 3.0, id(model.net.bias): 0}


def test_softmax_and_cross_entropy_are_pytorchs():
    logits, y = torch.randn(6, 5), torch.tensor([0, 4, 2, 2, 1, 3])
    assert torch.allclose(engine.softmax(logits), torch.softmax(logits, 1))
    assert torch.isclose(engine.cross_entropy(engine.softmax(logits), y), functional.cross_entropy(logits, y))


def test_softmax_regression_scratch_and_concise_are_the_same_model():
    scratch = engine.SoftmaxRegressionScratch(784, 10, lr=0.1)
    concise = engine.SoftmaxRegression(10, lr=0.1)
    X, y = torch.rand(8, 1, 28, 28), torch.arange(8)
    concise(X)
    layer = concise.net[1]
    layer.load_state_dict({"weight": scratch.W.detach().T, "bias": scratch.b.detach()})
    assert torch.allclose(scratch(X), concise(X).softmax(1), atol=1e-6)
    assert count(scratch) == count(concise) == 7850
    scratch.training_step((X, y)).backward()
    concise.training_step((X, y)).backward()
    assert torch.allclose(scratch.W.grad, layer.weight.grad.T, atol=1e-6)


def test_mlp_scratch_and_concise_are_the_same_model():
    scratch = engine.MLPScratch(784, 10, 256, lr=0.1)
    concise = engine.MLP(10, 256, lr=0.1)
    X, y = torch.rand(8, 1, 28, 28), torch.arange(8)
    concise(X)
    first, last = concise.net[1], concise.net[3]
    first.load_state_dict({"weight": scratch.W1.detach().T, "bias": scratch.b1.detach()})
    last.load_state_dict({"weight": scratch.W2.detach().T, "bias": scratch.b2.detach()})
    assert torch.allclose(scratch(X), concise(X), atol=1e-6)
    assert count(scratch) == count(concise) == 203_530
    gradients_agree(scratch, concise, [(scratch.b1, first.bias), (scratch.b2, last.bias)], (X, y))


def test_dropout_zeroes_its_share_and_keeps_the_mean():
    X = torch.ones(200, 200)
    dropped = engine.dropout_layer(X, 0.3)
    assert abs((dropped == 0).float().mean() - 0.3) < 0.02
    assert abs(dropped.mean() - 1) < 0.03
    assert torch.equal(engine.dropout_layer(X, 0.0), X)
    assert not engine.dropout_layer(X, 1.0).any()
    with pytest.raises(ValueError, match="between 0 and 1"):
        engine.dropout_layer(X, 1.5)


@pytest.mark.parametrize("name", ["DropoutMLPScratch", "DropoutMLP"])
def test_dropout_is_only_for_training(name):
    model = getattr(engine, name)(10, 256, 256, 0.5, 0.5, lr=0.1)
    X = torch.rand(4, 1, 28, 28)
    assert not torch.equal(model(X), model(X))
    model.eval()
    assert torch.equal(model(X), model(X))
    assert count(model) == 269_322
