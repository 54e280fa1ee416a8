"""The Transformer's training step without the padding: one row for each token that counts, of all sentences in turn.

All that is done position by position, and nearly all is, is done for these rows. Only while they attend to each other
the sentences lie side by side again, as long as the longest of them, and there padding has weight 0 as ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.fast.language_model import TokenLoss


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the tokens stand that are computed."""

    batch_size: int
    num_steps: int
    places: Tensor
    """Of each row, its sentence times num_steps plus its position."""

    @classmethod
    def of(cls, lengths: Tensor) -> Rows:
        """The first so many tokens of each sentence, (batch_size,)."""
        n = int(lengths.max())
        return cls(len(lengths), n, (torch.arange(n) < lengths[:, None]).reshape(-1).nonzero().squeeze(1))

    def taken(self, X: Tensor) -> Tensor:
        """(batch_size, num_steps or more) -> one value for each row."""
        return X[:, : self.num_steps].reshape(-1)[self.places]

    def spread(self, X: Tensor, num_heads: int) -> Tensor:
        """(rows, num_hiddens) -> (batch_size · num_heads, num_steps, num_hiddens / num_heads)."""
        whole = X.new_zeros(self.batch_size * self.num_steps, X.shape[1]).index_copy(0, self.places, X)
        parted = whole.view(self.batch_size, self.num_steps, num_heads, -1).transpose(1, 2)
        return parted.reshape(self.batch_size * num_heads, self.num_steps, -1)

    def gathered(self, X: Tensor, num_heads: int) -> Tensor:
        """The way back."""
        joined = X.view(self.batch_size, num_heads, self.num_steps, -1).transpose(1, 2)
        return joined.reshape(self.batch_size * self.num_steps, -1)[self.places]


def losses(model: Any, source: Tensor, target: Tensor, lengths: Any, targets: Any) -> Tensor | None:
    """The loss of a minibatch; None: its lengths are not what they should be."""
    if not isinstance(lengths, Tensor) or lengths.dim() != 1 or int(lengths.min()) < 1:
        return None
    lengths = lengths.clamp(max=source.shape[1])
    read, written = Rows.of(lengths), Rows.of(targets.extents)
    X = _encode(model.encoder, source, lengths, read)
    X = _decode(model.decoder, target, X, lengths, read, written)
    counts = written.taken(targets.counts)
    dense = model.decoder.dense
    Y = written.taken(targets.label)[counts]
    loss: Tensor = TokenLoss.apply(X[counts] if len(Y) < len(X) else X, dense.weight, dense.bias, Y)
    return loss


def _encode(encoder: Any, source: Tensor, lengths: Tensor, rows: Rows) -> Tensor:
    """-> (rows, num_hiddens)."""
    X = _embedded(encoder, source, rows)
    for block in encoder.blks:
        X = block.addnorm1(X, _attend(block.attention, X, rows, X, rows, lengths))
        X = block.addnorm2(X, block.ffn(X))
    encoder.attention_weights = [block.attention.attention.attention_weights for block in encoder.blks]
    return X


def _decode(decoder: Any, target: Tensor, encoded: Tensor, lengths: Tensor, read: Rows, rows: Rows) -> Tensor:
    """-> (rows, num_hiddens)."""
    X = _embedded(decoder, target, rows)
    earlier = torch.arange(1, rows.num_steps + 1).expand(rows.batch_size, -1)  # the i-th token sees i tokens
    for block in decoder.blks:
        X = block.addnorm1(X, _attend(block.attention1, X, rows, X, rows, earlier))
        X = block.addnorm2(X, _attend(block.attention2, X, rows, encoded, read, lengths))
        X = block.addnorm3(X, block.ffn(X))
    decoder.attention_weights = [
        [block.attention1.attention.attention_weights for block in decoder.blks],
        [block.attention2.attention.attention_weights for block in decoder.blks],
    ]
    return X


def _embedded(coder: Any, tokens: Tensor, rows: Rows) -> Tensor:
    """Embeddings, scaled, and where the tokens stand."""
    X = coder.embedding(rows.taken(tokens)) * math.sqrt(coder.num_hiddens)
    P = coder.pos_encoding.P[0].to(X.dtype)
    out: Tensor = coder.pos_encoding.dropout(X + functional.embedding(rows.places % rows.num_steps, P))
    return out


def _attend(heads: Any, X: Tensor, rows: Rows, keys: Tensor, key_rows: Rows, valid_lens: Tensor) -> Tensor:
    """What a `MultiHeadAttention` gives to each row of X."""
    n = heads.num_heads
    Q, K, V = rows.spread(heads.W_q(X), n), key_rows.spread(heads.W_k(keys), n), key_rows.spread(heads.W_v(keys), n)
    attended = heads.attention(Q, K, V, valid_lens.repeat_interleave(n, dim=0))
    out: Tensor = heads.W_o(rows.gathered(attended, n))
    return out
