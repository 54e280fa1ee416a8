"""Recurrent networks and language models (9.5, 9.6), from scratch and with PyTorch's layers.

Inputs have the time first, (num_steps, batch_size, num_inputs), so that a loop over the first axis is a loop over time.
What makes them fast is not here but in `token_lookup`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.models.initializing import dense, recurrent
from engine.models.token_lookup import can_look_up, run_tokens
from engine.module import Classifier, Module

State = Any
"""What a network hands on from step to step: a tensor, or a pair of them (LSTM)."""


class RNNScratch(Module):
    """H_t = tanh(X_t W_xh + H_{t-1} W_hh + b_h), step by step (9.5.1).

    inputs: (num_steps, batch_size, num_inputs) -> a list of num_steps hidden states, and the last of them,
    (batch_size, num_hiddens) each. Weights start as N(0, sigma²), the bias at 0;
    num_hiddens · (num_inputs + num_hiddens + 1) parameters.
    """

    num_inputs: int
    num_hiddens: int

    def __init__(self, num_inputs: int, num_hiddens: int, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.W_xh, self.W_hh, self.b_h = recurrent(num_inputs, num_hiddens, sigma)

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[list[Tensor], Tensor]:
        """One step for each item of `inputs`, from `state` or from zeros."""
        if state is None:
            state = inputs.new_zeros((inputs.shape[1], self.num_hiddens))
        outputs = []
        for X in inputs:  # X: (batch_size, num_inputs)
            state = torch.tanh(X @ self.W_xh + state @ self.W_hh + self.b_h)
            outputs.append(state)
        return outputs, state


class LanguageModel(Classifier):
    """A classifier whose classes are the next tokens: its curves are perplexities, exp(loss) (9.3.2)."""

    def training_step(self, batch: Sequence[Tensor]) -> Tensor:
        """The loss of a minibatch; its perplexity goes to the chart."""
        *inputs, following = batch
        loss = self.loss(self(*inputs), following)
        self.plot("ppl", torch.exp(loss), train=True)
        return loss

    def validation_step(self, batch: Sequence[Tensor]) -> None:
        """Report the perplexity."""
        *inputs, following = batch
        self.plot("ppl", torch.exp(self.loss(self(*inputs), following)), train=False)


class RNNLMScratch(LanguageModel):
    """A language model of a recurrent network: one-hot tokens in, scores of the next token out (9.5.2).

    X: (batch_size, num_steps) token numbers -> logits (batch_size, num_steps, vocab_size). The output layer starts as
    N(0, rnn.sigma²), its bias at 0.
    """

    vocab_size: int

    def __init__(self, rnn: Any, vocab_size: int, lr: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["rnn"])
        self.rnn = rnn
        self.init_params()

    def init_params(self) -> None:
        """Make the output layer."""
        self.W_hq, self.b_q = dense(self.rnn.num_hiddens, self.vocab_size, self.rnn.sigma)

    def one_hot(self, X: Tensor) -> Tensor:
        """X: (batch_size, num_steps) -> (num_steps, batch_size, vocab_size), one where the token is."""
        return functional.one_hot(X.T, self.vocab_size).to(torch.get_default_dtype())

    def output_layer(self, rnn_outputs: Sequence[Tensor]) -> Tensor:
        """num_steps of (batch_size, num_hiddens) -> (batch_size, num_steps, vocab_size)."""
        return torch.stack(tuple(rnn_outputs), 1) @ self.W_hq + self.b_q

    def forward(self, X: Tensor, state: State = None) -> Tensor:
        """X: (batch_size, num_steps) -> (batch_size, num_steps, vocab_size)."""
        rnn_outputs, _ = self.run_rnn(X, state)
        return self.output_layer(rnn_outputs)

    def run_rnn(self, X: Tensor, state: State) -> tuple[Any, State]:
        """The network's outputs for token numbers, and its state after them."""
        if can_look_up(self.rnn) and type(self).one_hot is RNNLMScratch.one_hot:
            return run_tokens(self.rnn, X.T, state)  # the same numbers, sooner: no one-hot vectors
        outputs: tuple[Any, State] = self.rnn(self.one_hot(X), state)
        return outputs

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
        """Go on from `prefix` by `num_preds` tokens (9.5.4): each time the surest one, or what `choose` takes.

        choose: logits (1, vocab_size) -> token numbers (1,); `sampling(temperature)` makes one.
        """
        place = next(self.parameters()).device if device is None else torch.device(device)
        choose = choose or (lambda logits: logits.argmax(dim=1))
        state, numbers = None, [vocab[token] for token in prefix]
        for i in range(len(numbers) + num_preds - 1):
            X = torch.tensor([[numbers[i]]], device=place)  # (1, 1)
            rnn_outputs, state = self.run_rnn(X, state)
            if i == len(numbers) - 1:  # past the prefix, which only warms the state up
                numbers.append(int(choose(self.output_layer(rnn_outputs)[:, -1])))
        return joined(vocab, numbers)


def joined(vocab: Any, numbers: Sequence[int]) -> str:
    """Tokens as a text; a vocabulary of the learner's own may know no `join`."""
    return str(vocab.join(numbers)) if hasattr(vocab, "join") else "".join(vocab.to_tokens(numbers))


def sampling(temperature: float = 1.0) -> Callable[[Tensor], Tensor]:
    """A chooser for `predict`: draws the next token, boldly (temperature above 1) or carefully (below)."""
    return lambda logits: torch.multinomial((logits / temperature).softmax(dim=-1), 1).squeeze(1)


class RNN(Module):
    """The recurrent network of PyTorch with the face of `RNNScratch` (9.6.1).

    inputs: (num_steps, batch_size, num_inputs) -> (num_steps, batch_size, num_hiddens), and the last state,
    (1, batch_size, num_hiddens). PyTorch has two biases for one, so num_hiddens · (num_inputs + num_hiddens + 2)
    parameters, and begins with U(-1/√num_hiddens, 1/√num_hiddens).
    """

    num_inputs: int
    num_hiddens: int
    rnn: nn.RNNBase

    def __init__(self, num_inputs: int, num_hiddens: int) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.rnn = nn.RNN(num_inputs, num_hiddens)

    def forward(self, inputs: Tensor, H: State = None) -> tuple[Tensor, State]:
        """All steps at once, from the state H or from zeros."""
        outputs: tuple[Tensor, State] = self.rnn(inputs, H)
        return outputs


class RNNLM(RNNLMScratch):
    """The language model with PyTorch's layers (9.6.1). X: (batch_size, num_steps) -> logits of the next tokens."""

    def init_params(self) -> None:
        """Make the output layer."""
        self.linear = nn.LazyLinear(self.vocab_size)

    def output_layer(self, hiddens: Any) -> Tensor:
        """(num_steps, batch_size, num_hiddens) -> (batch_size, num_steps, vocab_size)."""
        return self.linear(hiddens).swapaxes(0, 1)  # type: ignore[no-any-return]
