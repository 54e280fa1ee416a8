import pytest
import torch
from torch import nn

import engine


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_masked_softmax_is_blind_beyond_the_valid_lengths():
    X = torch.randn(2, 3, 4)
    assert torch.equal(engine.masked_softmax(X, None), X.softmax(-1))
    weights = engine.masked_softmax(X, torch.tensor([2, 3]))
    assert not weights[0, :, 2:].any()
    assert not weights[1, :, 3:].any()
    assert torch.allclose(weights[0, :, :2], X[0, :, :2].softmax(-1))
    per_query = engine.masked_softmax(X, torch.tensor([[1, 3, 4], [2, 4, 1]]))
    assert [(row > 0).sum().item() for row in per_query.flatten(0, 1)] == [1, 3, 4, 2, 4, 1]
    assert torch.allclose(per_query.sum(-1), torch.ones(2, 3))


def test_masked_softmax_does_not_change_its_input():
    X = torch.randn(2, 3, 4)
    before = X.clone()
    engine.masked_softmax(X, torch.tensor([1, 2]))
    assert torch.equal(X, before)


def test_dot_product_attention_is_pytorchs():
    queries, keys, values = torch.randn(2, 3, 8), torch.randn(2, 5, 8), torch.randn(2, 5, 4)
    attention = engine.DotProductAttention(dropout=0.5).eval()
    assert torch.allclose(
        attention(queries, keys, values),
        nn.functional.scaled_dot_product_attention(queries, keys, values),
        atol=1e-6,
    )
    mask = torch.arange(5) < torch.tensor([2, 4])[:, None, None]
    assert torch.allclose(
        attention(queries, keys, values, torch.tensor([2, 4])),
        nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask),
        atol=1e-6,
    )
    assert attention.attention_weights.shape == (2, 3, 5)


def test_additive_attention_attends_alike_to_keys_that_are_alike():
    attention = engine.AdditiveAttention(num_hiddens=8, dropout=0.1).eval()
    queries, keys = torch.randn(2, 1, 20), torch.ones(2, 10, 2)
    values = torch.arange(40.0).reshape(1, 10, 4).repeat(2, 1, 1)
    output = attention(queries, keys, values, torch.tensor([2, 6]))
    assert torch.allclose(output[:, 0], torch.stack([values[0, :2].mean(0), values[1, :6].mean(0)]), atol=1e-5)
    assert sum(p.numel() for p in attention.parameters()) == 8 * (20 + 2 + 1)


def test_additive_attention_is_its_formula():
    attention = engine.AdditiveAttention(num_hiddens=6, dropout=0.0).eval()
    q, k, v = torch.randn(1, 2, 3), torch.randn(1, 4, 5), torch.randn(1, 4, 2)
    attention(q, k, v)
    W_q, W_k, w_v = attention.W_q.weight, attention.W_k.weight, attention.w_v.weight[0]
    scores = torch.stack([torch.stack([w_v @ torch.tanh(W_q @ a + W_k @ b) for b in k[0]]) for a in q[0]])
    assert torch.allclose(attention.attention_weights[0], scores.softmax(-1), atol=1e-6)


@pytest.mark.parametrize("bias", [False, True])
def test_multi_head_attention_is_pytorchs(bias):
    d, heads = 12, 3
    ours = engine.MultiHeadAttention(d, heads, dropout=0.5, bias=bias).eval()
    theirs = nn.MultiheadAttention(d, heads, bias=bias, batch_first=True).eval()
    queries, keys, values = torch.randn(2, 4, d), torch.randn(2, 6, d), torch.randn(2, 6, d)
    ours(queries, keys, values)
    layers = [ours.W_q, ours.W_k, ours.W_v]
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([layer.weight for layer in layers]))
        theirs.out_proj.weight.copy_(ours.W_o.weight)
        if bias:
            theirs.in_proj_bias.copy_(torch.cat([layer.bias for layer in layers]))
            theirs.out_proj.bias.copy_(ours.W_o.bias)
    for lens in (None, torch.tensor([3, 6])):
        padding = None if lens is None else torch.arange(6) >= lens[:, None]
        expected, weights = theirs(queries, keys, values, key_padding_mask=padding, average_attn_weights=False)
        assert torch.allclose(ours(queries, keys, values, lens), expected, atol=1e-6)
        assert torch.allclose(ours.attention.attention_weights.reshape(2, heads, 4, 6), weights, atol=1e-6)


def test_heads_part_and_join_again():
    attention = engine.MultiHeadAttention(8, 2, 0.0)
    X = torch.randn(3, 5, 8)
    parted = attention.transpose_qkv(X)
    assert parted.shape == (6, 5, 4)
    assert torch.equal(parted[1], X[0, :, 4:])  # the second head of the first sequence
    assert torch.equal(attention.transpose_output(parted), X)
    with pytest.raises(ValueError, match="cannot share it evenly"):
        engine.MultiHeadAttention(10, 3, 0.0)


def test_multi_head_attention_counts_and_shapes():
    attention = engine.MultiHeadAttention(num_hiddens=100, num_heads=5, dropout=0.5).eval()
    X, Y = torch.ones(2, 4, 100), torch.ones(2, 6, 100)
    assert attention(X, Y, Y, torch.tensor([3, 2])).shape == (2, 4, 100)
    assert sum(p.numel() for p in attention.parameters()) == 4 * 100**2


@pytest.mark.parametrize("num_hiddens", [32, 7])
def test_positions_are_sines_and_cosines(num_hiddens):
    encoding = engine.PositionalEncoding(num_hiddens, dropout=0).eval()
    P = encoding(torch.zeros(1, 60, num_hiddens))
    i, j = 17, 2
    angle = torch.tensor(i / 10000 ** (2 * j / num_hiddens))
    assert torch.allclose(P[0, i, 2 * j], angle.sin(), atol=1e-5)
    assert torch.allclose(P[0, i, 2 * j + 1], angle.cos(), atol=1e-5)
    assert torch.allclose(encoding.P[0, 0, 1::2], torch.ones(num_hiddens // 2))
