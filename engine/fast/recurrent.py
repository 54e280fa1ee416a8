"""Recurrent layers over a whole sequence, forwards and backwards, as one step of automatic differentiation.

Steps lie one behind the other in memory: step t takes the next `sizes[t]` rows, and a row keeps its place as long as it
lasts, so that sequences of different lengths, the longest first, need no padding. torch's layers record every small
operation of every step, and add each step's share to the gradient of the weights; here a step is a handful of calls in
place, and the gradient of the weights is one product over all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

_aten = torch.ops.aten


class TanhLayer(torch.autograd.Function):
    """H_t = tanh(X_t + H_{t-1} Wᵀ) from zeros (9.4).

    X: (rows, num_hiddens) of all steps, W: (num_hiddens, num_hiddens) -> (rows, num_hiddens).
    """

    @staticmethod
    def forward(ctx: Any, X: Tensor, W: Tensor, sizes: Sequence[int]) -> Tensor:
        """`X` is given away: the hidden states are written over it."""
        ctx.mark_dirty(X)
        turned, start, before = W.t(), 0, None
        for size in sizes:
            H = X[start : start + size]
            if before is not None:
                H.addmm_(before[:size], turned)
            before = H.tanh_()
            start += size
        ctx.save_for_backward(X, W)
        ctx.sizes = sizes
        return X

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        """Through time, from the last step."""
        H, W = ctx.saved_tensors
        D = grad.clone(memory_format=torch.contiguous_format)
        stop = len(D)
        for t in range(len(ctx.sizes) - 1, -1, -1):
            start = stop - ctx.sizes[t]
            here = D[start:stop]
            _aten.tanh_backward.grad_input(here, H[start:stop], grad_input=here)
            if t:
                before = start - ctx.sizes[t - 1]
                D[before : before + len(here)].addmm_(here, W)
            stop = start
        first = ctx.sizes[0]
        return D, D[first:].t() @ _before(H, ctx.sizes), None


class GRULayer(torch.autograd.Function):
    """The gated recurrent unit of torch: the reset gate after the product with the hidden state.

    X: (rows, 3 num_hiddens), what the inputs give to the candidate, the reset and the update gate, with all biases but
    `b`, (num_hiddens,), which the candidate has beside the hidden state. H0: (sizes[0], num_hiddens).
    W: (3 num_hiddens, num_hiddens) for reset, update, candidate, as torch has it -> (rows, num_hiddens).
    """

    @staticmethod
    def forward(ctx: Any, X: Tensor, H0: Tensor, W: Tensor, b: Tensor, sizes: Sequence[int]) -> Tensor:
        """All steps; kept are the hidden states and what the gates were."""
        rows, h = len(X), W.shape[1]
        H, gates, candidate, hidden = (X.new_empty(rows, n * h) for n in (1, 2, 1, 1))
        product, turned, start, before = X.new_empty(sizes[0], 3 * h), W.t(), 0, H0
        for size in sizes:
            now = slice(start, start + size)
            before = before[:size]
            torch.mm(before, turned, out=product[:size])
            torch.add(X[now, h:], product[:size, : 2 * h], out=gates[now]).sigmoid_()
            torch.add(product[:size, 2 * h :], b, out=hidden[now])
            N = torch.addcmul(X[now, :h], gates[now, :h], hidden[now], out=candidate[now]).tanh_()
            before = torch.lerp(N, before, gates[now, h:], out=H[now])
            start += size
        ctx.save_for_backward(H0, H, gates, candidate, hidden, W)
        ctx.sizes = sizes
        return H

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        """Through time, from the last step."""
        H0, H, gates, candidate, hidden, W = ctx.saved_tensors
        sizes, h = ctx.sizes, W.shape[1]
        D_H = grad.clone(memory_format=torch.contiguous_format)
        D = grad.new_empty(len(grad), 4 * h)  # candidate, reset, update, candidate's product
        D_H0 = torch.zeros_like(H0)
        stop = len(D)
        for t in range(len(sizes) - 1, -1, -1):
            start = stop - sizes[t]
            now, size = slice(start, stop), sizes[t]
            before = slice(start - sizes[t - 1], start - sizes[t - 1] + size) if t else slice(0, size)
            H_before, D_before = (H[before], D_H[before]) if t else (H0, D_H0)
            D_now, reset, update = D_H[now], gates[now, :h], gates[now, h:]
            D_N, D_R, D_Z, D_P = (D[now, i * h : (i + 1) * h] for i in range(4))
            part = torch.sub(H_before, candidate[now]).mul_(D_now)
            _aten.sigmoid_backward.grad_input(part, update, grad_input=D_Z)
            torch.mul(D_now, update, out=part)
            D_before.add_(part)
            torch.sub(D_now, part, out=part)
            _aten.tanh_backward.grad_input(part, candidate[now], grad_input=D_N)
            torch.mul(D_N, hidden[now], out=part)
            _aten.sigmoid_backward.grad_input(part, reset, grad_input=D_R)
            torch.mul(D_N, reset, out=D_P)
            D_before.addmm_(D[now, h:], W)
            stop = start
        first = sizes[0]
        D_W = torch.addmm(D[:first, h:].t() @ H0, D[first:, h:].t(), _before(H, sizes))
        return D[:, : 3 * h], D_H0, D_W, D[:, 3 * h :].sum(0), None


def _before(H: Tensor, sizes: Sequence[int]) -> Tensor:
    """For every row after the first step, the row of the step before."""
    if sizes[0] == sizes[-1]:
        return H[: len(H) - sizes[0]]
    starts = [0]
    for size in sizes[:-1]:
        starts.append(starts[-1] + size)
    return torch.cat([H[start : start + size] for start, size in zip(starts, sizes[1:], strict=False)])
