"""Recurrent layers by hand: torch's outputs and gradients, for sequences of one length and of many."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from engine.fast.language_model import TokenLoss, gru_inputs
from engine.fast.recurrent import GRULayer, TanhLayer

SIZES = [(5, 5, 5, 5), (6, 4, 4, 1), (1,), (3, 2)]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def packed(sizes, width):
    """Rows of a packed sequence with so many of them at each step, and how long each sequence is."""
    lengths = [sum(size > row for size in sizes) for row in range(sizes[0])]
    padded = torch.randn(len(sizes), sizes[0], width, dtype=torch.float64)
    return pack_padded_sequence(padded, torch.tensor(lengths))


def agree(mine, theirs, mine_of, theirs_of):
    """Outputs and, weighted at random, gradients."""
    assert torch.allclose(mine, theirs, rtol=0, atol=1e-12)
    weights = torch.randn_like(theirs)
    found = torch.autograd.grad((mine * weights).sum(), mine_of)
    expected = torch.autograd.grad((theirs * weights).sum(), theirs_of)
    assert all(torch.allclose(a, b, rtol=0, atol=1e-11) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("sizes", SIZES)
def test_the_plain_layer(sizes):
    layer = nn.RNN(4, 7).double()
    inputs = packed(sizes, 4)
    X = inputs.data.clone().requires_grad_()
    theirs = layer(inputs._replace(data=X))[0].data
    W_ih, W_hh, b_ih, b_hh = layer.all_weights[0]
    mine = TanhLayer.apply(nn.functional.linear(X, W_ih, b_ih + b_hh), W_hh, sizes)
    sources = [X, *layer.parameters()]
    agree(mine, theirs, sources, sources)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_gated_layer(sizes):
    layer = nn.GRU(4, 7).double()
    inputs = packed(sizes, 4)
    X = inputs.data.clone().requires_grad_()
    H0 = torch.randn(sizes[0], 7, dtype=torch.float64, requires_grad=True)
    theirs = layer(inputs._replace(data=X), H0[None])[0].data
    W_ih, W_hh, b_ih, b_hh = layer.all_weights[0]
    W, b = gru_inputs(W_ih, b_ih, b_hh)
    mine = GRULayer.apply(nn.functional.linear(X, W, b), H0, W_hh, b_hh[14:], sizes)
    sources = [X, H0, *layer.parameters()]
    agree(mine, theirs, sources, sources)


def test_gradients_that_come_in_are_not_written_over():
    X = torch.randn(6, 3, requires_grad=True)
    out = TanhLayer.apply(X * 1, torch.randn(3, 3), (2, 2, 2))
    grad = torch.ones_like(out)
    out.backward(grad)
    assert torch.equal(grad, torch.ones_like(grad))


def test_the_loss_of_tokens_is_the_cross_entropy():
    H, W, b = (torch.randn(*shape, dtype=torch.float64, requires_grad=True) for shape in [(9, 4), (6, 4), (6,)])
    Y = torch.randint(6, (9,))
    mine = TokenLoss.apply(H, W, b, Y)
    theirs = nn.functional.cross_entropy(H @ W.t() + b, Y)
    agree(mine, theirs, [H, W, b], [H, W, b])
