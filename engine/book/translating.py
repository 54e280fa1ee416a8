"""Encoder and decoder (10.6), sequence to sequence (10.7), attention decoders (11.4), as the book extends them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.models import seq2seq, transformer
from engine.module import Classifier


class Encoder(nn.Module):
    """What reads a sequence (10.6.1); a subclass gives `forward`."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, X: Any, *args: Any) -> Any:
        """What the decoder gets to see of `X`."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, X, *args) yet.")


class Decoder(nn.Module):
    """What writes a sequence (10.6.2); a subclass gives `init_state` and `forward`."""

    def __init__(self) -> None:
        super().__init__()

    def init_state(self, enc_all_outputs: Any, *args: Any) -> Any:
        """The state before the first token."""
        raise NotImplementedError(f"{type(self).__name__} has no init_state(self, enc_all_outputs, *args) yet.")

    def forward(self, X: Any, state: Any) -> Any:
        """The scores of the next tokens, and the state after them."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, X, state) yet.")


class AttentionDecoder(Decoder):
    """A decoder that can show where it looked (11.4.1)."""

    @property
    def attention_weights(self) -> Any:
        """The weights of the last forward pass."""
        raise NotImplementedError(f"{type(self).__name__} has no attention_weights yet.")


class EncoderDecoder(seq2seq.EncoderDecoder):
    """Both together (10.6.3). (source, target so far, …) -> scores of the target."""


class Seq2SeqEncoder(seq2seq.Seq2SeqEncoder, Encoder):
    """Embedding and GRU (10.7.1)."""


class TransformerEncoder(transformer.TransformerEncoder, Encoder):
    """Embedding, positions, blocks (11.7.4)."""


class Seq2Seq(EncoderDecoder):
    """An encoder and a decoder with their training (10.7.4, 10.7.5).

    The loss is the mean over tokens that are not padding. The book's takes the mean over all positions in this class's
    inherited loss, unless a section adds its masked one; one that is added with `add_to_class` is used.
    """

    tgt_pad: int

    def __init__(self, encoder: nn.Module, decoder: nn.Module, tgt_pad: int, lr: float) -> None:
        super().__init__(encoder, decoder)
        self.save_hyperparameters(ignore=["encoder", "decoder"])

    def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """The mean cross-entropy of the tokens that are not padding."""
        each = Classifier.loss(self, Y_hat, Y, averaged=False)
        counts = (Y.reshape(-1) != self.tgt_pad).to(each.dtype)
        return (each * counts).sum() / counts.sum()

    def validation_step(self, batch: Any) -> None:
        """Report the loss."""
        self.plot("loss", self.loss(self(*batch[:-1]), batch[-1]), train=False)

    def configure_optimizers(self) -> Any:
        """Adam with `self.lr`."""
        return torch.optim.Adam(self.parameters(), lr=self.lr)
