"""The Transformer (11.7; Vaswani et al., 2017): attention and small dense networks, nothing recurrent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.models.attention import MultiHeadAttention, PositionalEncoding


class PositionWiseFFN(nn.Module):
    """The same two-layer network at every position (11.7.2): (b, n, any) -> (b, n, ffn_num_outputs)."""

    def __init__(self, ffn_num_hiddens: int, ffn_num_outputs: int) -> None:
        super().__init__()
        self.dense1, self.dense2 = nn.LazyLinear(ffn_num_hiddens), nn.LazyLinear(ffn_num_outputs)
        self.relu = nn.ReLU()

    def forward(self, X: Tensor) -> Tensor:
        """X: (b, n, any) -> (b, n, ffn_num_outputs)."""
        out: Tensor = self.dense2(self.relu(self.dense1(X)))
        return out


class AddNorm(nn.Module):
    """A residual connection, then layer normalization (11.7.3): LN(dropout(Y) + X), shapes kept."""

    def __init__(self, norm_shape: int | Sequence[int], dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.ln = nn.LayerNorm(norm_shape if isinstance(norm_shape, int) else list(norm_shape))

    def forward(self, X: Tensor, Y: Tensor) -> Tensor:
        """X: what came in; Y: what a sublayer made of it."""
        out: Tensor = self.ln(self.dropout(Y) + X)
        return out


class TransformerEncoderBlock(nn.Module):
    """Self-attention, then the position-wise network, each with its residual (11.7.4): (b, n, num_hiddens), kept."""

    def __init__(
        self, num_hiddens: int, ffn_num_hiddens: int, num_heads: int, dropout: float, use_bias: bool = False
    ) -> None:
        super().__init__()
        attention = MultiHeadAttention(num_hiddens, num_heads, dropout, use_bias)
        self.attention, self.addnorm1 = attention, AddNorm(num_hiddens, dropout)
        self.ffn, self.addnorm2 = PositionWiseFFN(ffn_num_hiddens, num_hiddens), AddNorm(num_hiddens, dropout)

    def forward(self, X: Tensor, valid_lens: Tensor | None) -> Tensor:
        """X: (b, n, num_hiddens); valid_lens: (b,)."""
        seen = self.addnorm1(X, self.attention(X, X, X, valid_lens))  # each token, of all others
        thought: Tensor = self.addnorm2(seen, self.ffn(seen))  # each token by itself
        return thought


class _Tokens(nn.Module):
    """What encoder and decoder begin with: a vector for each token, and where it stands."""

    def __init__(self, vocab_size: int, num_hiddens: int, dropout: float) -> None:
        super().__init__()
        self.num_hiddens = num_hiddens
        self.embedding = nn.Embedding(vocab_size, num_hiddens)
        self.pos_encoding = PositionalEncoding(num_hiddens, dropout)

    def embed(self, X: Tensor) -> Tensor:
        """(b, n) token numbers -> (b, n, num_hiddens), times √num_hiddens, so that the positions do not drown it."""
        embedded: Tensor = self.embedding(X) * math.sqrt(self.num_hiddens)
        return embedded


class TransformerEncoder(_Tokens):
    """Embedding, positions, num_blks blocks (11.7.4). X: (b, n) token numbers -> (b, n, num_hiddens).

    `attention_weights` has those of each block, (b · num_heads, n, n).
    """

    attention_weights: list[Tensor]

    def __init__(
        self,
        vocab_size: int,
        num_hiddens: int,
        ffn_num_hiddens: int,
        num_heads: int,
        num_blks: int,
        dropout: float,
        use_bias: bool = False,
    ) -> None:
        super().__init__(vocab_size, num_hiddens, dropout)
        self.blks: Any = nn.ModuleList(
            TransformerEncoderBlock(num_hiddens, ffn_num_hiddens, num_heads, dropout, use_bias) for _ in range(num_blks)
        )

    def forward(self, X: Tensor, valid_lens: Tensor | None) -> Tensor:
        """X: (b, n); valid_lens: (b,)."""
        encoded: Tensor = self.pos_encoding(self.embed(X))
        for block in self.blks:
            encoded = block(encoded, valid_lens)
        self.attention_weights = [block.attention.attention.attention_weights for block in self.blks]
        return encoded


class TransformerDecoderBlock(nn.Module):
    """Self-attention that sees no future, attention to the encoder, the position-wise network (11.7.5).

    X: (b, n, num_hiddens). state: [encoder outputs, their valid lengths, for each block the tokens decoded so far].
    While training all tokens are there at once, and a mask hides the future; while predicting they come one by one.
    """

    def __init__(self, num_hiddens: int, ffn_num_hiddens: int, num_heads: int, dropout: float, i: int) -> None:
        super().__init__()
        self.i = i
        sizes = num_hiddens, num_heads, dropout
        self.attention1, self.addnorm1 = MultiHeadAttention(*sizes), AddNorm(num_hiddens, dropout)
        self.attention2, self.addnorm2 = MultiHeadAttention(*sizes), AddNorm(num_hiddens, dropout)
        self.ffn, self.addnorm3 = PositionWiseFFN(ffn_num_hiddens, num_hiddens), AddNorm(num_hiddens, dropout)

    def forward(self, X: Tensor, state: list[Any]) -> tuple[Tensor, list[Any]]:
        """-> (b, n, num_hiddens), and the state with the new tokens in it."""
        enc_outputs, enc_valid_lens, seen = state
        past = seen[self.i] = X if seen[self.i] is None else torch.cat((seen[self.i], X), dim=1)
        visible = self.visible(X) if self.training else None  # while predicting, the future is not there yet
        own = self.addnorm1(X, self.attention1(X, past, past, visible))
        told = self.addnorm2(own, self.attention2(own, enc_outputs, enc_outputs, enc_valid_lens))
        return self.addnorm3(told, self.ffn(told)), state

    @staticmethod
    def visible(X: Tensor) -> Tensor:
        """How many tokens each token may see, the i-th i: X: (b, n, any) -> (b, n)."""
        b, n, _ = X.shape
        return torch.arange(1, n + 1, device=X.device).expand(b, n)


class TransformerDecoder(_Tokens):
    """Embedding, positions, num_blks decoder blocks, scores of the next token (11.7.5).

    The paper ties the scores to the embedding, the book does not. X: (b, n) token numbers -> logits (b, n, vocab_size).
    `attention_weights` has the weights of the blocks' first and of their second attentions.
    """

    attention_weights: list[list[Tensor]]

    def __init__(
        self,
        vocab_size: int,
        num_hiddens: int,
        ffn_num_hiddens: int,
        num_heads: int,
        num_blks: int,
        dropout: float,
    ) -> None:
        super().__init__(vocab_size, num_hiddens, dropout)
        self.num_blks = num_blks
        self.blks: Any = nn.ModuleList(
            TransformerDecoderBlock(num_hiddens, ffn_num_hiddens, num_heads, dropout, i) for i in range(num_blks)
        )
        self.dense = nn.LazyLinear(vocab_size)

    def init_state(self, enc_outputs: Tensor, enc_valid_lens: Tensor | None) -> list[Any]:
        """Before the first token: the encoder's outputs, (b, m, num_hiddens), and nothing decoded yet."""
        return [enc_outputs, enc_valid_lens, [None] * self.num_blks]

    def forward(self, X: Tensor, state: list[Any]) -> tuple[Tensor, list[Any]]:
        """X: (b, n) -> logits (b, n, vocab_size), and the state after them.

        While predicting, the book gives every single token position 0; here positions go on counting.
        """
        start = 0 if self.training or state[2][0] is None else state[2][0].shape[1]
        decoded = self.pos_encoding.at(self.embed(X), start)
        for block in self.blks:
            decoded, state = block(decoded, state)
        self.attention_weights = [
            [block.attention1.attention.attention_weights for block in self.blks],
            [block.attention2.attention.attention_weights for block in self.blks],
        ]
        return self.dense(decoded), state
