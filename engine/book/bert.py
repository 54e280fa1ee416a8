"""BERT (15.8 to 15.10; Devlin et al., 2018), with the names of parameters that the book's weights have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.models.transformer import TransformerEncoderBlock


def get_tokens_and_segments(
    tokens_a: Sequence[str], tokens_b: Sequence[str] | None = None
) -> tuple[list[str], list[int]]:
    """`<cls>` a `<sep>`, or `<cls>` a `<sep>` b `<sep>`; and for each token whether it belongs to a (0) or b (1)."""
    first = ["<cls>", *tokens_a, "<sep>"]
    second = [] if tokens_b is None else [*tokens_b, "<sep>"]
    return first + second, [0] * len(first) + [1] * len(second)


class BERTEncoder(nn.Module):
    """What a token is, in which sentence and where it stands, added up; then Transformer blocks (15.8.4).

    tokens, segments: (b, n); valid_lens: (b,) or None -> (b, n, num_hiddens), n up to `max_len`. Positions are learned
    and start as N(0, 1). The paper normalizes and drops out the sum, and has GELU inside its blocks; the book does not.
    """

    def __init__(
        self,
        vocab_size: int,
        num_hiddens: int,
        ffn_num_hiddens: int,
        num_heads: int,
        num_blks: int,
        dropout: float,
        max_len: int = 1000,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.token_embedding, self.segment_embedding = (nn.Embedding(n, num_hiddens) for n in (vocab_size, 2))
        sizes = num_hiddens, ffn_num_hiddens, num_heads
        self.blks = nn.Sequential(
            *(TransformerEncoderBlock(*sizes, dropout, use_bias=True) for _ in range(num_blks)),
        )
        self.pos_embedding = nn.Parameter(torch.randn(1, max_len, num_hiddens))

    def embed(self, tokens: Tensor, segments: Tensor) -> Tensor:
        """Three vectors for each token, added up: (b, n) twice -> (b, n, num_hiddens)."""
        where = self.pos_embedding[:, : tokens.shape[1]]  # (1, n, num_hiddens)
        summed: Tensor = self.token_embedding(tokens) + self.segment_embedding(segments) + where
        return summed

    def forward(self, tokens: Tensor, segments: Tensor, valid_lens: Tensor | None) -> Tensor:
        """-> (b, n, num_hiddens)."""
        encoded = self.embed(tokens, segments)
        for block in self.blks:
            encoded = block(encoded, valid_lens)
        return encoded


class MaskLM(nn.Module):
    """Guesses the tokens at some places (15.8.5.1).

    X: (b, n, any), pred_positions: (b, k) -> scores (b, k, vocab_size). The paper's scores share the weights of the
    token embedding, the book's have their own.
    """

    def __init__(self, vocab_size: int, num_hiddens: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        hidden = nn.LazyLinear(num_hiddens), nn.ReLU(), nn.LayerNorm(num_hiddens)  # (b, k, num_hiddens)
        self.mlp = nn.Sequential(*hidden, nn.LazyLinear(vocab_size))

    def forward(self, X: Tensor, pred_positions: Tensor) -> Tensor:
        """-> (b, k, vocab_size)."""
        rows = torch.arange(len(X), device=X.device)[:, None]  # (b, 1), beside the places (b, k)
        scores: Tensor = self.mlp(X[rows, pred_positions])
        return scores


class NextSentencePred(nn.Module):
    """Whether the second sentence follows the first (15.8.5.2): (b, any) -> scores of no and of yes, (b, 2)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output = nn.LazyLinear(2)

    def forward(self, X: Tensor) -> Tensor:
        """-> (b, 2)."""
        scores: Tensor = self.output(X)
        return scores


class BERTModel(nn.Module):
    """The encoder with both of its tasks (15.8.6); the first token, `<cls>`, answers for the pair of sentences."""

    def __init__(
        self,
        vocab_size: int,
        num_hiddens: int,
        ffn_num_hiddens: int,
        num_heads: int,
        num_blks: int,
        dropout: float,
        max_len: int = 1000,
    ) -> None:
        super().__init__()
        self.encoder = BERTEncoder(vocab_size, num_hiddens, ffn_num_hiddens, num_heads, num_blks, dropout, max_len)
        self.mlm = MaskLM(vocab_size, num_hiddens)  # looks at tokens
        self.hidden, self.nsp = nn.Sequential(nn.LazyLinear(num_hiddens), nn.Tanh()), NextSentencePred()  # at `<cls>`
        self._size()

    def forward(
        self,
        tokens: Tensor,
        segments: Tensor,
        valid_lens: Tensor | None = None,
        pred_positions: Tensor | None = None,
    ) -> tuple[Tensor, Tensor | None, Tensor]:
        """The encoded tokens (b, n, num_hiddens), scores of the masked ones or None, scores of the next sentence."""
        encoded = self.encoder(tokens, segments, valid_lens)
        masked = None if pred_positions is None else self.mlm(encoded, pred_positions)
        return encoded, masked, self.nsp(self.hidden(encoded[:, 0]))

    def _size(self) -> None:
        """Let the lazy layers find their sizes: weights can be counted and loaded at once."""
        with torch.no_grad():
            some = torch.zeros(1, 1, dtype=torch.long)
            self(some, some, None, some)


def _get_batch_loss_bert(
    net: Any,
    loss: Any,
    vocab_size: int,
    tokens_X: Tensor,
    segments_X: Tensor,
    valid_lens_x: Tensor,
    pred_positions_X: Tensor,
    mlm_weights_X: Tensor,
    mlm_Y: Tensor,
    nsp_y: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """The losses of both tasks, and their sum: masked places that are padding do not count.

    The book multiplies a mean loss by the weights, so that padding counts all the same: here each place has its own.
    """
    _, masked, follows = net(tokens_X, segments_X, valid_lens_x.reshape(-1), pred_positions_X)
    each = nn.functional.cross_entropy(masked.reshape(-1, vocab_size), mlm_Y.reshape(-1), reduction="none")
    weights = mlm_weights_X.reshape(-1)
    mlm_l = (each * weights).sum() / (weights.sum() + 1e-8)
    nsp_l = loss(follows, nsp_y).mean()
    return mlm_l, nsp_l, mlm_l + nsp_l
