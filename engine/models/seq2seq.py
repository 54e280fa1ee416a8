"""Encoder and decoder (10.6), sequence to sequence (10.7), and the decoder that attends (11.4)."""

from __future__ import annotations

import collections
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.models.attention import AdditiveAttention
from engine.module import Classifier


def init_seq2seq(module: nn.Module) -> None:
    """Xavier's uniform weights for dense layers and GRUs (10.7.1)."""
    if type(module) is nn.Linear:
        nn.init.xavier_uniform_(module.weight)
    if type(module) is nn.GRU:
        for name, weight in module.named_parameters():
            if "weight" in name:
                nn.init.xavier_uniform_(weight)


class Seq2SeqEncoder(nn.Module):
    """Embedding and GRU (10.7.2; Sutskever et al., 2014, whose four layers of LSTM read the source backwards).

    X: (batch_size, num_steps) -> (num_steps, batch_size, num_hiddens), and the states (num_layers, batch_size,
    num_hiddens).
    """

    def __init__(self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int, dropout: float = 0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.GRU(embed_size, num_hiddens, num_layers, dropout=dropout)
        self.apply(init_seq2seq)

    def forward(self, X: Tensor, *_: Any) -> tuple[Tensor, Tensor]:
        """The valid lengths, if given, are not used: padding comes last, and only the outputs see it."""
        outputs, state = self.rnn(self.embedding(X.t().long()))
        return outputs, state


class Seq2SeqDecoder(nn.Module):
    """A GRU that gets the encoder's last state with every token (10.7.3; Cho et al., 2014).

    X: (batch_size, num_steps) -> logits (batch_size, num_steps, vocab_size), and [context, states].
    """

    def __init__(self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int, dropout: float = 0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.GRU(embed_size + num_hiddens, num_hiddens, num_layers, dropout=dropout)
        self.dense = nn.Linear(num_hiddens, vocab_size)
        self.apply(init_seq2seq)

    def init_state(self, enc_all_outputs: tuple[Tensor, Tensor], *_: Any) -> list[Tensor]:
        """The top layer's output at the last step, (batch_size, num_hiddens), and the states."""
        outputs, state = enc_all_outputs
        return [outputs[-1], state]

    def forward(self, X: Tensor, state: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """All steps at once, from `state`."""
        context, hidden = state
        embs = self.embedding(X.t().long())  # (num_steps, batch_size, embed_size)
        outputs, hidden = self.rnn(torch.cat((embs, context.expand(len(embs), -1, -1)), -1), hidden)
        return self.dense(outputs).swapaxes(0, 1), [context, hidden]


class Seq2SeqAttentionDecoder(nn.Module):
    """A GRU that looks at the source anew before each token (11.4; Bahdanau et al., 2014). Shapes as above.

    The query is the top layer's last state. The paper's encoder reads in both directions, the book's does not.
    """

    attention_weights: list[Tensor]

    def __init__(self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int, dropout: float = 0) -> None:
        super().__init__()
        self.attention = AdditiveAttention(num_hiddens, dropout)
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.GRU(embed_size + num_hiddens, num_hiddens, num_layers, dropout=dropout)
        self.dense = nn.LazyLinear(vocab_size)
        self.apply(init_seq2seq)

    def init_state(self, enc_outputs: tuple[Tensor, Tensor], enc_valid_lens: Tensor | None) -> list[Any]:
        """The encoder's outputs, (batch_size, num_steps, num_hiddens), its states, and how much of them is valid."""
        outputs, hidden = enc_outputs
        return [outputs.swapaxes(0, 1), hidden, enc_valid_lens]

    def forward(self, X: Tensor, state: Sequence[Any]) -> tuple[Tensor, list[Any]]:
        """One token after the other, from `state`."""
        enc_outputs, hidden, enc_valid_lens = state
        outputs, self.attention_weights = [], []
        for x in self.embedding(X.t().long()):  # x: (batch_size, embed_size)
            query = hidden[-1][:, None]  # (batch_size, 1, num_hiddens)
            context = self.attention(query, enc_outputs, enc_outputs, enc_valid_lens)
            out, hidden = self.rnn(torch.cat((context[:, 0], x), -1)[None], hidden)
            outputs.append(out)
            self.attention_weights.append(self.attention.attention_weights)
        return self.dense(torch.cat(outputs)).swapaxes(0, 1), [enc_outputs, hidden, enc_valid_lens]


class EncoderDecoder(Classifier):
    """What reads and what writes, put together (10.6.3).

    (source, target so far, valid lengths) -> logits of the target (batch_size, num_steps, vocab_size).
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder: Any = encoder
        self.decoder: Any = decoder

    def forward(self, enc_X: Tensor, dec_X: Tensor, *args: Any) -> Tensor:
        """Read the source, then write the target, each token told the one before."""
        dec_state = self.decoder.init_state(self.encoder(enc_X, *args), *args)
        logits: Tensor = self.decoder(dec_X, dec_state)[0]
        return logits

    @torch.no_grad()
    def predict_step(
        self, batch: Sequence[Tensor], device: torch.device | str, num_steps: int, save_attention_weights: bool = False
    ) -> tuple[Tensor, list[Any]]:
        """Write num_steps tokens for each source of the minibatch, always the surest (10.7.6).

        -> (batch_size, num_steps), and the decoder's attention weights of each step, if they are to be kept.
        """
        self.eval()
        source, begin, valid_lens = (part.to(device) for part in batch[:3])
        state = self.decoder.init_state(self.encoder(source, valid_lens), valid_lens)
        said, looked = [begin[:, :1]], []  # <bos>, (batch_size, 1)
        while len(said) <= num_steps:
            scores, state = self.decoder(said[-1], state)  # (batch_size, 1, vocab_size)
            said.append(scores.argmax(dim=-1))
            if save_attention_weights:
                looked.append(self.decoder.attention_weights)
        return torch.cat(said[1:], dim=1), looked


class Seq2Seq(EncoderDecoder):
    """The same with its training: padding does not count in the loss, and Adam takes the steps (10.7.4, 10.7.5).

    The loss is the mean over the tokens that are not padding, as in the book's text; its package `d2l` counts them.
    """

    tgt_pad: int

    def __init__(self, encoder: nn.Module, decoder: nn.Module, tgt_pad: int, lr: float) -> None:
        super().__init__(encoder, decoder)
        self.save_hyperparameters(ignore=["encoder", "decoder"])

    def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """The mean cross-entropy of the tokens that are not padding."""
        each = super().loss(Y_hat, Y, averaged=False)
        counts = (Y.reshape(-1) != self.tgt_pad).to(each.dtype)
        return (each * counts).sum() / counts.sum()

    def validation_step(self, batch: Sequence[Tensor]) -> None:
        """Report the loss."""
        *inputs, target = batch
        self.plot("loss", self.loss(self(*inputs), target), train=False)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam with `self.lr`."""
        return torch.optim.Adam(self.parameters(), lr=self.lr)


@torch.no_grad()
def beam_search(
    model: EncoderDecoder,
    source: Tensor,
    valid_len: Tensor,
    vocab: Any,
    num_steps: int,
    k: int = 2,
    alpha: float = 0.75,
) -> list[tuple[list[str], float]]:
    """The k best translations of one source, (1, num_steps), with their scores, the best first (10.8).

    A score is the sum of log-probabilities, divided by length^alpha, so that long ones are not punished.
    """
    model.eval()
    start = model.decoder.init_state(model.encoder(source, valid_len), valid_len)
    beams: list[tuple[list[int], float, Any]] = [([vocab["<bos>"]], 0.0, start)]
    finished: list[tuple[list[int], float]] = []
    for _ in range(num_steps):
        grown = []
        for tokens, score, state in beams:
            Y, after = model.decoder(torch.tensor([tokens[-1:]], device=source.device), _copied(state))
            best = functional.log_softmax(Y[0, -1], dim=-1).topk(k)
            grown += [([*tokens, int(i)], score + float(p), after) for p, i in zip(*best, strict=True)]
        grown.sort(key=lambda beam: beam[1], reverse=True)
        beams = []
        for tokens, score, state in grown[:k]:
            if tokens[-1] == vocab["<eos>"]:
                finished.append((tokens[1:-1], score / (len(tokens) - 1) ** alpha))
            else:
                beams.append((tokens, score, state))
        if not beams:
            break
    finished += [(tokens[1:], score / (len(tokens) - 1) ** alpha) for tokens, score, _ in beams]
    finished.sort(key=lambda end: end[1], reverse=True)
    return [(vocab.to_tokens(tokens), score) for tokens, score in finished[:k]]


def _copied(state: Any) -> Any:
    """A state that one beam may change without the others: the lists are new, the tensors shared."""
    return [_copied(part) for part in state] if isinstance(state, list) else state


def bleu(pred_seq: str, label_seq: str, k: int) -> float:
    """How well two sentences agree in their runs of 1 to k words, from 0 to 1 (10.7.7; Papineni et al., 2002)."""
    predicted, label = pred_seq.split(), label_seq.split()
    if not predicted:
        return 0.0
    score = math.exp(min(0.0, 1 - len(label) / len(predicted)))
    for n in range(1, min(k, len(predicted)) + 1):
        known = collections.Counter(tuple(label[i : i + n]) for i in range(len(label) - n + 1))
        said = collections.Counter(tuple(predicted[i : i + n]) for i in range(len(predicted) - n + 1))
        matches = sum((known & said).values())
        score *= math.pow(matches / (len(predicted) - n + 1), math.pow(0.5, n))
    return score
