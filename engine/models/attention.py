"""Attention (11.3 to 11.6): masks, the two scoring functions, many heads, and where a token stands."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.module import Module


def masked_softmax(X: Tensor, valid_lens: Tensor | None) -> Tensor:
    """Softmax over the last axis of the scores X: (batch_size, queries, keys), blind beyond the valid lengths (11.3.2).

    valid_lens: how many keys count, (batch_size,) or (batch_size, queries); None: all. Hidden scores become -10⁶, as in
    the book, so that where nothing is valid all keys count alike.
    """
    if valid_lens is None:
        return functional.softmax(X, dim=-1)
    lens = valid_lens[:, None, None] if valid_lens.dim() == 1 else valid_lens[:, :, None]
    hidden = torch.arange(X.shape[-1], device=X.device) >= lens  # (batch_size, 1 or queries, keys)
    return functional.softmax(X.masked_fill(hidden, -1e6), dim=-1)


class _Attention(nn.Module):
    """What the two attentions below share: scores become weights, and the weights a mean of the values.

    A subclass says how well a query and a key go together. What `attention_weights` keeps is not thinned by dropout.
    """

    attention_weights: Tensor

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """-> (batch_size, queries, keys)."""
        raise NotImplementedError(f"{type(self).__name__} has no scores(self, queries, keys) yet.")

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        """-> (batch_size, queries, v)."""
        self.attention_weights = masked_softmax(self.scores(queries, keys), valid_lens)
        attended: Tensor = self.dropout(self.attention_weights) @ values
        return attended


class DotProductAttention(_Attention):
    """softmax(Q Kᵀ / √d) V (11.3.3; Vaswani et al., 2017).

    queries: (batch_size, queries, d), keys: (batch_size, keys, d), values: (batch_size, keys, v)
    -> (batch_size, queries, v). No parameters. The root keeps the variance of the scores at 1, if that of queries and
    keys is. `attention_weights` keeps the last weights, (batch_size, queries, keys).
    """

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Q Kᵀ / √d."""
        return queries @ keys.transpose(1, 2) / math.sqrt(queries.shape[-1])


class AdditiveAttention(_Attention):
    """softmax(w_vᵀ tanh(W_q q + W_k k)) V, for queries and keys of different sizes (11.3.4; Bahdanau et al., 2014).

    queries: (batch_size, queries, q), keys: (batch_size, keys, k), values: (batch_size, keys, v)
    -> (batch_size, queries, v); num_hiddens · (q + k + 1) parameters.
    """

    def __init__(self, num_hiddens: int, dropout: float) -> None:
        super().__init__(dropout)
        self.W_k, self.W_q = (nn.LazyLinear(num_hiddens, bias=False) for _ in "kq")
        self.w_v = nn.LazyLinear(1, bias=False)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """w_vᵀ tanh(W_q q + W_k k), for each query with each key."""
        pairs = self.W_q(queries)[:, :, None] + self.W_k(keys)[:, None]  # (batch_size, queries, keys, num_hiddens)
        found: Tensor = self.w_v(torch.tanh(pairs)).squeeze(-1)
        return found


class MultiHeadAttention(Module):
    """num_heads attentions side by side, each on its own projections of num_hiddens / num_heads numbers (11.5).

    queries: (batch_size, queries, any), keys and values: (batch_size, keys, any)
    -> (batch_size, queries, num_hiddens). Without biases and with inputs of num_hiddens numbers: 4 num_hiddens²
    parameters. `attention.attention_weights` keeps (batch_size · num_heads, queries, keys).
    """

    num_heads: int

    def __init__(self, num_hiddens: int, num_heads: int, dropout: float, bias: bool = False) -> None:
        super().__init__()
        if num_hiddens % num_heads:
            raise ValueError(f"num_hiddens is {num_hiddens}: {num_heads} heads cannot share it evenly.")
        self.save_hyperparameters(ignore=["dropout"])
        self.attention = DotProductAttention(dropout)
        self.W_q, self.W_k, self.W_v, self.W_o = (nn.LazyLinear(num_hiddens, bias=bias) for _ in "qkvo")

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        """valid_lens: (batch_size,) or (batch_size, queries) -> (batch_size, queries, num_hiddens)."""
        projected = self.W_q(queries), self.W_k(keys), self.W_v(values)
        Q, K, V = map(self.transpose_qkv, projected)  # (batch_size · num_heads, any, num_hiddens / num_heads)
        if valid_lens is not None:
            valid_lens = valid_lens.repeat_interleave(self.num_heads, 0)  # every head has the same
        by_head = self.attention(Q, K, V, valid_lens)  # (batch_size · num_heads, queries, num_hiddens / num_heads)
        attended: Tensor = self.W_o(self.transpose_output(by_head))
        return attended

    def transpose_qkv(self, X: Tensor) -> Tensor:
        """Part the heads: (b, n, num_hiddens) -> (b · num_heads, n, num_hiddens / num_heads)."""
        b, n, _ = X.shape
        return X.reshape(b, n, self.num_heads, -1).transpose(1, 2).reshape(b * self.num_heads, n, -1)

    def transpose_output(self, X: Tensor) -> Tensor:
        """Join the heads again: (b · num_heads, n, num_hiddens / num_heads) -> (b, n, num_hiddens)."""
        n = X.shape[1]
        return X.reshape(-1, self.num_heads, n, X.shape[2]).transpose(1, 2).reshape(-1, n, self.num_heads * X.shape[2])


class PositionalEncoding(nn.Module):
    """Adds to each token where it stands, in sines and cosines of ever longer waves (11.6.3).

    P[i, 2j] = sin(i / 10000^(2j / d)), P[i, 2j + 1] = cos(…) with d = num_hiddens. (b, n, d) -> (b, n, d), n up to
    `max_len`. No parameters.
    """

    P: Tensor

    def __init__(self, num_hiddens: int, dropout: float, max_len: int = 1000) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        places = torch.arange(max_len, dtype=torch.float32)[:, None]
        pairs = torch.arange(0, num_hiddens, 2, dtype=torch.float32)  # 2j
        angles = places / 10_000 ** (pairs / num_hiddens)  # (max_len, ⌈d / 2⌉), less and less steep
        P = torch.zeros(1, max_len, num_hiddens)
        P[0, :, 0::2], P[0, :, 1::2] = angles.sin(), angles[:, : num_hiddens // 2].cos()
        self.register_buffer("P", P, persistent=False)

    def forward(self, X: Tensor) -> Tensor:
        """X: (b, n, num_hiddens), shape kept."""
        return self.at(X, 0)

    def at(self, X: Tensor, start: int) -> Tensor:
        """The same for tokens whose first stands at position `start`."""
        encoded: Tensor = self.dropout(X + self.P[:, start : start + X.shape[1]].to(X.dtype))
        return encoded
