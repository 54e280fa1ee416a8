"""Networks with gates (10.1, 10.2), deep (10.3) and in both directions (10.4), from scratch and with PyTorch's layers.

Inputs have the time first, (num_steps, batch_size, num_inputs). All of them fit into `RNNLM` and `RNNLMScratch`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.models.initializing import recurrent
from engine.models.rnn import RNN, RNNScratch, State
from engine.module import Module


class _Gated(Module):
    """What the two networks from scratch have in common: how a gate's parameters start."""

    num_inputs: int
    num_hiddens: int
    sigma: float

    def triple(self) -> tuple[nn.Parameter, nn.Parameter, nn.Parameter]:
        """The weights for the input and for the hidden state, N(0, sigma²), and the bias, 0."""
        return recurrent(self.num_inputs, self.num_hiddens, self.sigma)


class LSTMScratch(_Gated):
    """Long short-term memory (10.1; Hochreiter and Schmidhuber, 1997; the forget gate: Gers et al., 2000).

    inputs: (num_steps, batch_size, num_inputs) -> a list of num_steps hidden states, and the last (H, C),
    (batch_size, num_hiddens) each; 4 · num_hiddens · (num_inputs + num_hiddens + 1) parameters.
    """

    def __init__(self, num_inputs: int, num_hiddens: int, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.W_xi, self.W_hi, self.b_i = self.triple()  # input gate
        self.W_xf, self.W_hf, self.b_f = self.triple()  # forget gate
        self.W_xo, self.W_ho, self.b_o = self.triple()  # output gate
        self.W_xc, self.W_hc, self.b_c = self.triple()  # input node

    def forward(
        self, inputs: Tensor, H_C: tuple[Tensor, Tensor] | None = None
    ) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
        """One step for each item of `inputs`, from the state H_C or from zeros."""
        if H_C is None:
            zeros = inputs.new_zeros((inputs.shape[1], self.num_hiddens))
            H_C = (zeros, zeros)
        H, C = H_C
        outputs = []
        for X in inputs:  # X: (batch_size, num_inputs)
            I = torch.sigmoid(X @ self.W_xi + H @ self.W_hi + self.b_i)  # noqa: E741 -- the book's name
            F = torch.sigmoid(X @ self.W_xf + H @ self.W_hf + self.b_f)
            O = torch.sigmoid(X @ self.W_xo + H @ self.W_ho + self.b_o)  # noqa: E741
            C_tilde = torch.tanh(X @ self.W_xc + H @ self.W_hc + self.b_c)
            C = F * C + I * C_tilde
            H = O * torch.tanh(C)
            outputs.append(H)
        return outputs, (H, C)


class GRUScratch(_Gated):
    """Gated recurrent units (10.2; Cho et al., 2014).

    inputs: (num_steps, batch_size, num_inputs) -> a list of num_steps hidden states, and the last of them,
    (batch_size, num_hiddens) each; 3 · num_hiddens · (num_inputs + num_hiddens + 1) parameters. `nn.GRU` applies the
    reset gate after the product with the hidden state's weights, this one (and the paper) before.
    """

    def __init__(self, num_inputs: int, num_hiddens: int, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.W_xz, self.W_hz, self.b_z = self.triple()  # update gate
        self.W_xr, self.W_hr, self.b_r = self.triple()  # reset gate
        self.W_xh, self.W_hh, self.b_h = self.triple()  # candidate

    def forward(self, inputs: Tensor, H: Tensor | None = None) -> tuple[list[Tensor], Tensor]:
        """One step for each item of `inputs`, from the state H or from zeros."""
        if H is None:
            H = inputs.new_zeros((inputs.shape[1], self.num_hiddens))
        outputs = []
        for X in inputs:  # X: (batch_size, num_inputs)
            Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
            R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
            H_tilde = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
            H = Z * H + (1 - Z) * H_tilde
            outputs.append(H)
        return outputs, H


class LSTM(RNN):
    """PyTorch's LSTM (10.1.4): -> (num_steps, batch_size, num_hiddens), and the last (H, C).

    4 · num_hiddens · (num_inputs + num_hiddens + 2) parameters.
    """

    def __init__(self, num_inputs: int, num_hiddens: int) -> None:
        Module.__init__(self)
        self.save_hyperparameters()
        self.rnn = nn.LSTM(num_inputs, num_hiddens)


class GRU(RNN):
    """PyTorch's GRU, of `num_layers` layers with `dropout` between them (10.2.5, 10.3.2).

    3 · num_hiddens · (num_inputs + num_hiddens + 2) parameters in the first layer.
    """

    def __init__(self, num_inputs: int, num_hiddens: int, num_layers: int = 1, dropout: float = 0) -> None:
        Module.__init__(self)
        self.save_hyperparameters()
        self.rnn = nn.GRU(num_inputs, num_hiddens, num_layers, dropout=dropout)


class StackedRNNScratch(Module):
    """Recurrent networks on top of each other: the hidden states of one are the inputs of the next (10.3.1).

    inputs: (num_steps, batch_size, num_inputs) -> num_steps hidden states of the last network, and the last states of
    all; num_hiddens · (num_inputs + num_hiddens + 1) parameters, and num_hiddens · (2 num_hiddens + 1) in each further.
    """

    def __init__(self, num_inputs: int, num_hiddens: int, num_layers: int, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.rnns = nn.ModuleList(
            RNNScratch(num_inputs if i == 0 else num_hiddens, num_hiddens, sigma) for i in range(num_layers)
        )

    def forward(self, inputs: Tensor, Hs: Sequence[Tensor] | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """The last network's outputs, and the last state of each network."""
        outputs, states = list(inputs), []
        for i, rnn in enumerate(self.rnns):
            outputs, state = rnn(torch.stack(outputs), None if Hs is None else Hs[i])
            states.append(state)
        return outputs, states


class BiRNNScratch(Module):
    """Two recurrent networks, one of which reads backwards; their states are put side by side (10.4.1).

    inputs: (num_steps, batch_size, num_inputs) -> a list of num_steps tensors (batch_size, 2 num_hiddens), and the last
    states of both. It sees the future, so it is no language model.
    """

    def __init__(self, num_inputs: int, num_hiddens: int, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.f_rnn = RNNScratch(num_inputs, num_hiddens, sigma)
        self.b_rnn = RNNScratch(num_inputs, num_hiddens, sigma)
        self.num_hiddens = num_hiddens * 2  # of the output

    def forward(
        self, inputs: Tensor, Hs: tuple[State, State] | None = None
    ) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
        """Forwards and backwards, from the states Hs or from zeros."""
        f_H, b_H = (None, None) if Hs is None else Hs
        f_outputs, f_H = self.f_rnn(inputs, f_H)
        b_outputs, b_H = self.b_rnn(inputs.flip(0), b_H)
        outputs = [torch.cat((f, b), -1) for f, b in zip(f_outputs, reversed(b_outputs), strict=True)]
        return outputs, (f_H, b_H)


class BiGRU(RNN):
    """PyTorch's bidirectional GRU (10.4.2): -> (num_steps, batch_size, 2 num_hiddens), and the last states."""

    def __init__(self, num_inputs: int, num_hiddens: int) -> None:
        Module.__init__(self)
        self.save_hyperparameters()
        self.rnn = nn.GRU(num_inputs, num_hiddens, bidirectional=True)
        self.num_hiddens = num_hiddens * 2
