import pytest
import torch
from torch import nn

import engine
from engine.models.token_lookup import can_look_up

T, B, V, H = 6, 4, 9, 5


@pytest.fixture(autouse=True)
def in_float64():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def fill(net):
    """Weights large enough that a mistake shows."""
    for p in net.parameters():
        nn.init.normal_(p, std=0.5)
    return net


def test_rnn_scratch_is_pytorchs():
    ours, theirs = fill(engine.RNNScratch(V, H)), nn.RNN(V, H)
    theirs.load_state_dict(
        {"weight_ih_l0": ours.W_xh.T, "weight_hh_l0": ours.W_hh.T, "bias_ih_l0": ours.b_h, "bias_hh_l0": 0 * ours.b_h}
    )
    X, H_0 = torch.randn(T, B, V), torch.randn(B, H)
    outputs, state = ours(X, H_0)
    expected, last = theirs(X, H_0[None])
    assert len(outputs) == T
    assert torch.allclose(torch.stack(outputs), expected)
    assert torch.allclose(state, last[0])


def test_lstm_scratch_is_pytorchs():
    ours, theirs = fill(engine.LSTMScratch(V, H)), nn.LSTM(V, H)
    order = "ifco"  # PyTorch's order of the gates
    theirs.load_state_dict(
        {
            "weight_ih_l0": torch.cat([getattr(ours, f"W_x{gate}").T for gate in order]),
            "weight_hh_l0": torch.cat([getattr(ours, f"W_h{gate}").T for gate in order]),
            "bias_ih_l0": torch.cat([getattr(ours, f"b_{gate}") for gate in order]),
            "bias_hh_l0": torch.zeros(4 * H),
        }
    )
    X, H_0, C_0 = torch.randn(T, B, V), torch.randn(B, H), torch.randn(B, H)
    outputs, (h, c) = ours(X, (H_0, C_0))
    expected, (last_h, last_c) = theirs(X, (H_0[None], C_0[None]))
    assert torch.allclose(torch.stack(outputs), expected)
    assert torch.allclose(h, last_h[0])
    assert torch.allclose(c, last_c[0])


def test_gru_scratch_is_pytorchs_where_the_reset_gate_does_not_matter():
    """PyTorch resets after the product with the hidden weights, the book before: the same if the gate is open."""
    ours, theirs = fill(engine.GRUScratch(V, H)), nn.GRU(V, H)
    nn.init.constant_(ours.b_r, 100.0)
    order = "rzh"
    theirs.load_state_dict(
        {
            "weight_ih_l0": torch.cat([getattr(ours, f"W_x{gate}").T for gate in order]),
            "weight_hh_l0": torch.cat([getattr(ours, f"W_h{gate}").T for gate in order]),
            "bias_ih_l0": torch.cat([getattr(ours, f"b_{gate}") for gate in order]),
            "bias_hh_l0": torch.zeros(3 * H),
        }
    )
    X = torch.randn(T, B, V)
    assert torch.allclose(torch.stack(ours(X)[0]), theirs(X)[0])


def test_the_reset_gate_of_the_gru_forgets():
    net = fill(engine.GRUScratch(V, H))
    nn.init.constant_(net.b_r, -100.0)
    nn.init.constant_(net.b_z, -100.0)  # take the candidate, whole
    X = torch.randn(1, B, V)
    assert torch.allclose(net(X, torch.randn(B, H))[1], torch.tanh(X[0] @ net.W_xh + net.b_h))


@pytest.mark.parametrize("name", ["RNNScratch", "LSTMScratch", "GRUScratch"])
def test_looking_tokens_up_gives_the_same_numbers_and_gradients(name):
    net = fill(getattr(engine, name)(V, H))
    model = engine.RNNLMScratch(net, V)
    X, Y = torch.randint(V, (B, T)), torch.randint(V, (B, T))
    assert can_look_up(net)
    with torch.no_grad():
        _, state = net(torch.randn(2, B, V))
    for start in (None, state):
        fast = model.loss(model(X, start), Y)
        plain = model.loss(model.output_layer(net(model.one_hot(X), start)[0]), Y)
        assert torch.allclose(fast, plain, rtol=1e-12)
        parameters = list(model.parameters())
        for mine, theirs in zip(
            torch.autograd.grad(fast, parameters),
            torch.autograd.grad(plain, parameters),
            strict=True,
        ):
            assert torch.allclose(mine, theirs, atol=1e-12)


def test_a_network_of_the_learner_s_own_is_never_replaced(monkeypatch):
    class Mine(engine.RNNScratch):
        def forward(self, inputs, state=None):
            return [torch.ones(B, H)] * len(inputs), torch.ones(B, H)

    assert not can_look_up(Mine(V, H))
    monkeypatch.setattr(engine.RNNScratch, "forward", Mine.forward)
    assert not can_look_up(engine.RNNScratch(V, H))


@pytest.mark.parametrize(
    ("name", "more"),
    [("RNNScratch", {}), ("LSTMScratch", {}), ("GRUScratch", {}), ("StackedRNNScratch", {"num_layers": 2}),
     ("BiRNNScratch", {})],
)  # fmt: skip
def test_scratch_networks_fit_into_the_language_model(name, more):
    net = getattr(engine, name)(V, H, **more)
    net.sigma = 0.01
    model = engine.RNNLMScratch(net, V, lr=1.0)
    assert model(torch.randint(V, (B, T))).shape == (B, T, V)


@pytest.mark.parametrize(
    ("name", "more"), [("RNN", {}), ("LSTM", {}), ("GRU", {}), ("GRU", {"num_layers": 2}), ("BiGRU", {})]
)
def test_concise_networks_fit_into_the_language_model(name, more):
    model = engine.RNNLM(getattr(engine, name)(V, H, **more), V, lr=1.0)
    assert model(torch.randint(V, (B, T))).shape == (B, T, V)


def test_a_fresh_language_model_is_as_perplexed_as_a_die():
    torch.set_default_dtype(torch.float32)
    data = engine.TextData("the quick brown fox " * 30, batch_size=32, num_steps=8, num_train=64, num_val=32)
    model = engine.RNNLMScratch(engine.RNNScratch(len(data.vocab), 16), len(data.vocab), lr=1.0)
    seen = []
    model.plot = lambda key, value, train: seen.append((key, value.item(), train))
    model.training_step(next(iter(data.train_dataloader())))
    model.validation_step(next(iter(data.val_dataloader())))
    assert [(key, train) for key, _, train in seen] == [("ppl", True), ("ppl", False)]
    assert all(abs(value - len(data.vocab)) < 0.5 for _, value, _ in seen)


def test_a_language_model_learns_to_continue_a_text():
    torch.set_default_dtype(torch.float32)
    data = engine.TextData("abcdefgh" * 40, batch_size=64, num_steps=8, num_train=192, num_val=64)
    model = engine.RNNLMScratch(engine.RNNScratch(len(data.vocab), 32), len(data.vocab), lr=1.0)
    engine.Trainer(max_epochs=40, gradient_clip_val=1, display=False, scale=False).fit(model, data)
    assert model.predict("abc", 10, data.vocab) == "abcdefghabcde"
    assert model.predict("g", 1, data.vocab, "cpu") == "gh"


def test_sampling_follows_the_temperature():
    torch.manual_seed(1)
    logits = torch.tensor([[0.0, 1.0, 2.0]]).expand(4000, 3)
    cold, warm = engine.models.sampling(0.05)(logits), engine.models.sampling(1.0)(logits)
    assert (cold == 2).all()
    assert torch.allclose(warm.bincount() / 4000, logits[0].softmax(0), atol=0.03)


def test_words_are_joined_by_spaces():
    data = engine.TextData("one fish two fish " * 20, 4, 3, 20, 5, unit="word")
    model = engine.RNNLMScratch(engine.RNNScratch(len(data.vocab), 4), len(data.vocab))
    assert model.predict(["one", "fish"], 2, data.vocab).startswith("one fish ")
