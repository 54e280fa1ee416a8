"""The language model of PyTorch's layers: tokens looked up, the loss taken where the hidden states lie.

A one-hot vector times the input weights is one of their columns, so a table of as many rows as there are tokens takes
the place of the first product. The loss is the mean over all tokens, in whatever order: it is taken with the time
first, as the layers leave their states, and nothing is turned around in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.fast.recurrent import GRULayer, TanhLayer


def step_of(model: Any) -> Callable[[Sequence[Any]], Tensor] | None:
    """The step of an `RNNLM`, if its layers are some that are known here."""
    layer = getattr(model.rnn, "rnn", None)
    if not is_known(layer) or model.rnn.num_inputs != model.vocab_size:
        return None
    return partial(training_step, model)


def is_known(layer: Any) -> bool:
    """Whether `layer` is a plain RNN or GRU of torch: one direction, with biases, the time first."""
    if type(layer) not in (nn.RNN, nn.GRU) or (type(layer) is nn.RNN and layer.nonlinearity != "tanh"):
        return False
    plain = layer.bias and not (layer.bidirectional or layer.batch_first or layer.proj_size)
    return plain and not (layer.dropout and layer.num_layers > 1)


def training_step(model: Any, batch: Sequence[Any]) -> Tensor:
    """The loss of a minibatch; its perplexity goes to the chart."""
    X, Y = batch
    layer, output = model.rnn.rnn, model.linear
    run = _gru if type(layer) is nn.GRU else _tanh
    H = run(layer, X.t())
    loss: Tensor = TokenLoss.apply(H, output.weight, output.bias, Y.t().reshape(-1))
    model.plot("ppl", torch.exp(loss), train=True)
    return loss


def _tanh(layer: nn.RNN, tokens: Tensor) -> Tensor:
    """tokens: (num_steps, batch_size) -> the last layer's states, (num_steps · batch_size, num_hiddens)."""
    steps, width = tokens.shape
    H = Tensor()
    for W_ih, W_hh, b_ih, b_hh in layer.all_weights:
        X = functional.linear(H, W_ih, b_ih + b_hh) if len(H) else looked_up(tokens, W_ih.t() + (b_ih + b_hh))
        H = TanhLayer.apply(X, W_hh, (width,) * steps)
    return H


def _gru(layer: nn.GRU, tokens: Tensor) -> Tensor:
    steps, width = tokens.shape
    h, H = layer.hidden_size, Tensor()
    for W_ih, W_hh, b_ih, b_hh in layer.all_weights:
        W, b = gru_inputs(W_ih, b_ih, b_hh)
        X = functional.linear(H, W, b) if len(H) else looked_up(tokens, W.t() + b)
        zeros = X.new_zeros(width, h)
        H = GRULayer.apply(X, zeros, W_hh, b_hh[2 * h :], (width,) * steps)
    return H


def gru_inputs(W_ih: Tensor, b_ih: Tensor, b_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Weights and bias with which inputs go into a `GRULayer`: the candidate comes first."""
    h = len(W_ih) // 3
    W = torch.cat((W_ih[2 * h :], W_ih[: 2 * h]))
    return W, torch.cat((b_ih[2 * h :], b_ih[: 2 * h] + b_hh[: 2 * h]))


def looked_up(tokens: Tensor, table: Tensor) -> Tensor:
    """Rows of a table, (vocab_size, n), one for each token -> (number of tokens, n)."""
    return functional.embedding(tokens.reshape(-1), table)


class TokenLoss(torch.autograd.Function):
    """The mean cross-entropy of an output layer's scores, and its gradient: the probabilities, less one at the label.

    H: (rows, num_hiddens), W: (vocab_size, num_hiddens), b: (vocab_size,), Y: (rows,) -> a scalar.
    """

    @staticmethod
    def forward(ctx: Any, H: Tensor, W: Tensor, b: Tensor, Y: Tensor) -> Tensor:
        """Kept are the logarithms of the probabilities."""
        log_p = functional.log_softmax(torch.addmm(b, H, W.t()), 1)
        ctx.save_for_backward(H, W, Y)
        ctx.log_p = log_p
        return functional.nll_loss(log_p, Y)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        """Once: the probabilities take the place of their logarithms."""
        H, W, Y = ctx.saved_tensors
        D = ctx.log_p.exp_()
        ctx.log_p = None
        D.scatter_add_(1, Y[:, None], D.new_full((1, 1), -1.0).expand(len(Y), 1))
        scale = grad / len(Y)
        return D @ (W * scale), (D.t() @ H) * scale, D.sum(0) * scale, None
