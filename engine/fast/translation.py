"""Translating without the padding: what no number of the loss depends on is not computed.

The loss counts no label that is padding, and nothing before it depends on what the decoder makes of the tokens behind
the last label that counts. So the decoder runs over these tokens only. The encoder with a GRU does run over its
padding, as in the book: the state that it hands on is the one behind the last step. In attention, padding has no
weight, so that the Transformer's encoder can do without (`translation_attention`).

An embedding times a layer's weights is a table with a row for each word, and the context, which the decoder gets with
every token, goes through its weights once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.fast import dropping
from engine.fast.language_model import TokenLoss, gru_inputs, looked_up
from engine.fast.recurrent import GRULayer


@dataclass(frozen=True, slots=True)
class Targets:
    """The tokens of a minibatch that the loss depends on."""

    extents: Tensor
    """How many of each row, (batch_size,)."""
    label: Tensor
    """(batch_size, num_steps)."""
    counts: Tensor
    """Which labels count, (batch_size, num_steps)."""

    @classmethod
    def of(cls, label: Tensor, pad: int) -> Targets | None:
        """None: no label counts, or they have another shape than the book's."""
        if label.dim() != 2:
            return None
        counts = label != pad
        extents = (counts * torch.arange(1, label.shape[1] + 1)).amax(1)
        return cls(extents, label, counts) if bool(extents.any()) else None

    def rows(self) -> Tensor:
        """Where they are, (batch_size, num_steps)."""
        return torch.arange(self.label.shape[1]) < self.extents[:, None]


def step_of(model: Any) -> Callable[[Sequence[Any]], Tensor] | None:
    """The step of a `Seq2Seq`, if its parts are some that are known here."""
    parts = [f"{type(part).__module__}.{type(part).__qualname__}" for part in (model.encoder, model.decoder)]
    if parts == ["engine.models.seq2seq.Seq2SeqEncoder", "engine.models.seq2seq.Seq2SeqDecoder"]:
        layers = (model.encoder.rnn, model.decoder.rnn)
        plain = all(type(layer) is nn.GRU and layer.bias and not layer.batch_first for layer in layers)
        plain = plain and not any(layer.bidirectional or layer.proj_size for layer in layers)
        return partial(training_step, model, losses) if plain else None
    if parts == ["engine.models.transformer.TransformerEncoder", "engine.models.transformer.TransformerDecoder"]:
        from engine.fast import translation_attention

        return partial(training_step, model, translation_attention.losses)
    return None


def training_step(model: Any, losses: Callable[..., Tensor | None], batch: Sequence[Any]) -> Tensor:
    """The loss of a minibatch, reported as the model does. What looks unusual is left to the model."""
    targets = Targets.of(batch[-1], model.tgt_pad) if len(batch) == 4 else None
    loss = losses(model, *batch[:3], targets) if targets is not None else None
    if loss is None:
        plain: Tensor = model.training_step(tuple(batch))
        return plain
    model.plot("loss", loss, train=True)
    return loss


def losses(model: Any, source: Tensor, target: Tensor, _lengths: Tensor, targets: Targets) -> Tensor:
    """The loss with a GRU on both sides. source and target: (batch_size, num_steps)."""
    order = targets.extents.argsort(descending=True, stable=True)  # the longest first, as the layers need it
    states = _encode(model.encoder, source[order])
    wanted = targets.rows()[order].t()  # (num_steps, batch_size), and so on
    H = _decode(model.decoder, target[order].t(), wanted, states)
    counts, dense = targets.counts[order].t()[wanted], model.decoder.dense
    H, Y = H[counts] if not counts.all() else H, targets.label[order].t()[wanted][counts]
    loss: Tensor = TokenLoss.apply(H, dense.weight, dense.bias, Y)
    return loss


def _encode(encoder: Any, source: Tensor) -> list[Tensor]:
    """(batch_size, num_steps) -> the last state of every layer, (batch_size, num_hiddens)."""
    width, steps = source.shape
    gru, states, H = encoder.rnn, [], Tensor()
    for i, (W_ih, W_hh, b_ih, b_hh) in enumerate(gru.all_weights):
        W, b = gru_inputs(W_ih, b_ih, b_hh)
        X = (
            functional.linear(_dropped(H, gru), W, b)
            if i
            else _embedded(encoder.embedding, source.t().reshape(-1), W, b)
        )
        h = gru.hidden_size
        H = GRULayer.apply(X, X.new_zeros(width, h), W_hh, b_hh[2 * h :], (width,) * steps)
        states.append(H[-width:])
    return states


def _decode(decoder: Any, target: Tensor, wanted: Tensor, states: Sequence[Tensor]) -> Tensor:
    """target, wanted: (num_steps, batch_size) -> what the last layer makes of the tokens that are wanted."""
    gru, H = decoder.rnn, Tensor()
    sizes = tuple(size for size in wanted.sum(1).tolist() if size)
    row_of = torch.arange(target.shape[1]).expand_as(target)[wanted]
    for i, (W_ih, W_hh, b_ih, b_hh) in enumerate(gru.all_weights):
        W, b = gru_inputs(W_ih, b_ih, b_hh)
        if i:
            X = functional.linear(_dropped(H, gru), W, b)
        else:
            size = decoder.embedding.embedding_dim
            X = _embedded(decoder.embedding, target[wanted], W[:, :size], b)
            X = X + looked_up(row_of, functional.linear(states[-1], W[:, size:]))  # the context
        h = gru.hidden_size
        H = GRULayer.apply(X, states[i][: sizes[0]], W_hh, b_hh[2 * h :], sizes)
    return H


def _embedded(embedding: nn.Embedding, tokens: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """What a layer makes of embedded tokens: (number of tokens,) -> (number of tokens, len(W))."""
    if embedding.num_embeddings < len(tokens):
        return looked_up(tokens, functional.linear(embedding.weight, W, b))
    return functional.linear(embedding(tokens), W, b)


def _dropped(H: Tensor, gru: nn.GRU) -> Tensor:
    """Dropout between two layers."""
    return H * dropping.mask(H.shape, gru.dropout, H.dtype) if gru.dropout else H
