"""Machine translation as the older edition has it (9.5 to 9.7 there), which the tools appendix keeps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.book import hub
from engine.book.datasets import Vocab
from engine.book.loops import grad_clipping, load_array
from engine.book.quickness import epochs
from engine.book.training import Animator
from engine.metrics import Accumulator, Timer
from engine.models.seq2seq import init_seq2seq

MARKS = ("<pad>", "<bos>", "<eos>")


def tokenize(lines: Sequence[str], token: str = "word") -> list[list[str]]:
    """Each line as its words, or its characters (`token="char"`). Raises `ValueError` for another kind."""
    if token not in ("word", "char"):
        raise ValueError(f"token is {token!r}: use 'word' or 'char'.")
    return [line.split() if token == "word" else list(line) for line in lines]


def read_data_nmt() -> str:
    """The English sentences and their French, one pair a line, with a tab between."""
    return (Path(hub.download_extract("fra-eng")) / "fra.txt").read_text(encoding="utf-8")


def preprocess_nmt(text: str) -> str:
    """Lower case, plain spaces, and a space before each mark."""
    return re.sub(r"(?<=[^ ])([,.!?])", r" \1", re.sub("[\u202f\xa0]", " ", text).lower())


def tokenize_nmt(text: str, num_examples: int | None = None) -> tuple[list[list[str]], list[list[str]]]:
    """The words of both sides of the first pairs; None: of all."""
    pairs = [line.split("\t")[:2] for line in text.split("\n")[:num_examples] if line.count("\t") == 1]
    return [source.split(" ") for source, _ in pairs], [target.split(" ") for _, target in pairs]


def truncate_pad(line: Sequence[Any], num_steps: int, padding_token: Any) -> list[Any]:
    """The line cut to `num_steps`, or filled up to them."""
    return [*line[:num_steps], *[padding_token] * (num_steps - len(line))]


def build_array_nmt(lines: Sequence[Sequence[str]], vocab: Any, num_steps: int) -> tuple[Tensor, Tensor]:
    """Lines with `<eos>`, cut or padded: (n, num_steps), and how much of each is no padding, (n,)."""
    pad, end = vocab["<pad>"], vocab["<eos>"]
    array = torch.tensor([truncate_pad([*vocab[list(line)], end], num_steps, pad) for line in lines])
    return array, (array != pad).sum(dim=1)


def load_data_nmt(batch_size: int, num_steps: int, num_examples: int = 600) -> tuple[Any, Vocab, Vocab]:
    """Minibatches (source, its lengths, target, its lengths), and the vocabularies of both languages."""
    sides = tokenize_nmt(preprocess_nmt(read_data_nmt()), num_examples)
    vocabs = [Vocab(side, min_freq=2, reserved_tokens=MARKS) for side in sides]
    arrays = [
        part for side, vocab in zip(sides, vocabs, strict=True) for part in build_array_nmt(side, vocab, num_steps)
    ]
    return load_array(arrays, batch_size), vocabs[0], vocabs[1]


def sequence_mask(X: Tensor, valid_len: Tensor, value: float = 0) -> Tensor:
    """X: (n, steps, …) with `value` beyond the valid lengths (n,). In place, as in the book."""
    beyond = torch.arange(X.shape[1], device=X.device) >= valid_len[:, None]
    X[beyond] = value
    return X


class MaskedSoftmaxCELoss(nn.CrossEntropyLoss):
    """Cross-entropy in which padding is zero: pred (n, steps, classes), label (n, steps), valid_len (n,) -> (n,)."""

    def forward(self, pred: Tensor, label: Tensor, valid_len: Tensor) -> Tensor:  # type: ignore[override]
        """The mean over the steps of each example, padding counted as zero."""
        each = nn.functional.cross_entropy(pred.transpose(1, 2), label, reduction="none")
        return sequence_mask(each, valid_len).mean(dim=1)


def train_seq2seq(net: Any, data_iter: Any, lr: float, num_epochs: int, tgt_vocab: Any, device: torch.device) -> None:
    """Train an encoder and decoder with Adam; every token is told the true one before."""
    net.apply(init_seq2seq)
    net.to(device)
    optimizer, loss = torch.optim.Adam(net.parameters(), lr=lr), MaskedSoftmaxCELoss()
    animator = Animator(xlabel="epoch", ylabel="loss", xlim=[10, num_epochs])
    timer, total, num_epochs = Timer(), Accumulator(2), epochs(num_epochs)
    for epoch in range(num_epochs):
        timer.start()
        total.reset()
        net.train()
        for batch in data_iter:
            X, X_len, Y, Y_len = (part.to(device) for part in batch)
            begin = Y.new_full((len(Y), 1), tgt_vocab["<bos>"])
            optimizer.zero_grad()
            Y_hat, *_ = net(X, torch.cat((begin, Y[:, :-1]), dim=1), X_len)
            l = loss(Y_hat, Y, Y_len).sum()  # noqa: E741 -- the book's name
            l.backward()
            grad_clipping(net, 1)
            optimizer.step()
            total.add(l.detach(), Y_len.sum())
        timer.stop()
        if (epoch + 1) % 10 == 0 or epoch + 1 == num_epochs:
            animator.add(epoch + 1, (total[0] / total[1],))
    print(f"loss {total[0] / total[1]:.3f} a token, {total[1] / timer.times[-1]:,.0f} tokens a second on {device!s}")


@torch.no_grad()
def predict_seq2seq(
    net: Any,
    src_sentence: str,
    src_vocab: Any,
    tgt_vocab: Any,
    num_steps: int,
    device: torch.device,
    save_attention_weights: bool = False,
) -> tuple[str, list[Any]]:
    """A translation, always by the surest token, up to `<eos>`; and the decoder's attention weights, if asked."""
    net.eval()
    words = [*src_vocab[src_sentence.lower().split(" ")], src_vocab["<eos>"]]
    lengths = torch.tensor([len(words)], device=device)
    X = torch.tensor([truncate_pad(words, num_steps, src_vocab["<pad>"])], device=device)
    state = net.decoder.init_state(net.encoder(X, lengths), lengths)
    token, said, weights = torch.tensor([[tgt_vocab["<bos>"]]], device=device), [], []
    for _ in range(num_steps):
        Y, state = net.decoder(token, state)
        token = Y.argmax(dim=2)
        if save_attention_weights:
            weights.append(net.decoder.attention_weights)
        if int(token) == tgt_vocab["<eos>"]:
            break
        said.append(int(token))
    return " ".join(tgt_vocab.to_tokens(said)), weights
