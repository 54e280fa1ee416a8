"""Large language models, small (11.9): a decoder that continues a text, and an encoder that fills in its gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.models.rnn import LanguageModel, joined
from engine.models.vit import ViTBlock
from engine.module import Classifier


class _TokenTransformer(Classifier):
    """Embedding of tokens and positions, blocks that normalize first, scores of tokens by the same embedding."""

    num_steps: int

    def build(
        self, vocab_size: int, num_steps: int, num_hiddens: int, num_heads: int, num_blks: int, dropout: float
    ) -> None:
        """Make the layers. All weights start as N(0, 0.02²), as in GPT-2 and BERT."""
        self.token_embedding = nn.Embedding(vocab_size, num_hiddens)
        self.pos_embedding = nn.Parameter(torch.randn(num_steps, num_hiddens) * 0.02)
        self.dropout = nn.Dropout(dropout)
        self.blks = nn.ModuleList(
            ViTBlock(num_hiddens, num_hiddens, 4 * num_hiddens, num_heads, dropout, use_bias=True)
            for _ in range(num_blks)
        )
        self.ln = nn.LayerNorm(num_hiddens)
        nn.init.normal_(self.token_embedding.weight, std=0.02)

    def encode(self, X: Tensor, valid_lens: Tensor | None) -> Tensor:
        """X: (b, n) -> (b, n, num_hiddens), n up to num_steps."""
        H = self.dropout(self.token_embedding(X) + self.pos_embedding[: X.shape[1]])
        for blk in self.blks:
            H = blk(H, valid_lens)
        out: Tensor = self.ln(H)
        return out

    def scores(self, H: Tensor) -> Tensor:
        """(b, n, num_hiddens) -> (b, n, vocab_size): how alike each output and each token's embedding are."""
        return H @ self.token_embedding.weight.T

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW with `self.lr`."""
        return torch.optim.AdamW(self.parameters(), lr=self.lr)


class GPT(LanguageModel, _TokenTransformer):
    """A language model of decoder blocks alone (Radford et al., 2018, 2019). Its curves are perplexities.

    X: (b, n) token numbers -> logits of the next token (b, n, vocab_size); each position sees itself and what is before
    it. About 12 · num_blks · num_hiddens² + (vocab_size + num_steps) · num_hiddens parameters; the output layer shares
    the embedding's.
    """

    def __init__(
        self,
        vocab_size: int,
        num_steps: int,
        num_hiddens: int = 64,
        num_heads: int = 4,
        num_blks: int = 2,
        dropout: float = 0.1,
        lr: float = 3e-3,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.build(vocab_size, num_steps, num_hiddens, num_heads, num_blks, dropout)

    def forward(self, X: Tensor) -> Tensor:
        """X: (b, n) -> (b, n, vocab_size)."""
        b, n = X.shape
        return self.scores(self.encode(X, torch.arange(1, n + 1, device=X.device).expand(b, n)))

    @torch.no_grad()
    def predict(
        self,
        prefix: str | Sequence[str],
        num_preds: int,
        vocab: Any,
        device: torch.device | str | None = None,
        *,
        choose: Callable[[Tensor], Tensor] | None = None,
    ) -> str:
        """Go on from `prefix` by `num_preds` tokens, as `RNNLMScratch.predict` does; sees num_steps tokens back."""
        place = self.pos_embedding.device if device is None else torch.device(device)
        choose = choose or (lambda logits: logits.argmax(dim=1))
        was_training = self.training
        self.eval()
        numbers = [vocab[token] for token in prefix]
        for _ in range(num_preds):
            seen = torch.tensor([numbers[-self.num_steps :]], device=place)
            numbers.append(int(choose(self(seen)[:, -1])))
        self.train(was_training)
        return joined(vocab, numbers)


class BERT(_TokenTransformer):
    """An encoder that sees both sides and learns to fill gaps (Devlin et al., 2019; 11.9.1): masked tokens only.

    X: (b, n) token numbers, valid_lens: (b,) or None -> logits (b, n, vocab_size). Without the paper's segments and
    next sentences. In training, a share `mask_rate` of the tokens becomes `mask`, and only these count.
    """

    mask: int
    mask_rate: float

    def __init__(
        self,
        vocab_size: int,
        num_steps: int,
        mask: int,
        num_hiddens: int = 64,
        num_heads: int = 4,
        num_blks: int = 2,
        dropout: float = 0.1,
        lr: float = 3e-3,
        mask_rate: float = 0.15,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.build(vocab_size, num_steps, num_hiddens, num_heads, num_blks, dropout)

    def forward(self, X: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        """X: (b, n) -> (b, n, vocab_size)."""
        return self.scores(self.encode(X, valid_lens))

    def masked_loss(self, X: Tensor) -> Tensor:
        """Hide some tokens of X: (b, n), and ask for them."""
        hidden = torch.rand(X.shape, device=X.device) < self.mask_rate
        hidden[:, 0] |= ~hidden.any(1)  # at least one in each sequence
        logits = self(X.masked_fill(hidden, self.mask))
        return self.loss(logits[hidden], X[hidden])

    def training_step(self, batch: Sequence[Tensor]) -> Tensor:
        """The loss of a minibatch, whose first item is the tokens."""
        loss = self.masked_loss(batch[0])
        self.plot("loss", loss, train=True)
        return loss

    def validation_step(self, batch: Sequence[Tensor]) -> None:
        """Report the loss."""
        self.plot("loss", self.masked_loss(batch[0]), train=False)
