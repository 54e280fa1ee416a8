"""Pairs of sentences in two languages (10.5): Tatoeba's where they are cached, else the engine's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.config import data_home
from engine.data.fetching import ProgressLine, fetch, find, is_cached
from engine.data.phrasebook import pairs
from engine.data.split import rows
from engine.data.vocabulary import Vocab
from engine.loaders import TensorLoader
from engine.module import DataModule


class MTFraEng(DataModule):
    """English to French (10.5; Tatoeba): real if cached, else made by the engine (`stand_in` says which).

    A minibatch is (source, target so far, valid lengths of the source, target): int64 of shape (batch_size, num_steps),
    (batch_size, num_steps), (batch_size,) and (batch_size, num_steps). Sentences end in <eos>, padded with <pad>;
    what the decoder gets begins with <bos>, what it must say is one token later. Tokens seen once are <unk>.
    """

    num_steps: int
    num_train: int
    num_val: int
    src_vocab: Vocab
    tgt_vocab: Vocab

    def __init__(
        self, batch_size: int, num_steps: int = 9, num_train: int = 512, num_val: int = 128, *, download: bool = False
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["download"])
        if download:
            fetch("MTFraEng", progress=ProgressLine())
        self.stand_in = not is_cached(find("MTFraEng"))
        if self.stand_in:
            self.notes = ("stand-in for MTFraEng: sentences by the engine",)
            chosen = pairs()
        else:
            text = (data_home() / "fra-eng" / "fra.txt").read_text(encoding="utf-8")
            chosen = tuple(_split(line) for line in text.splitlines() if line.count("\t") >= 1)
        chosen = chosen[: num_train + num_val]
        self.src, self.tgt = ([pair[side].split() for pair in chosen] for side in (0, 1))
        """The sentences, as lists of tokens."""
        marks = ("<bos>", "<eos>", "<pad>")
        self.src_vocab = Vocab([*self.src, *([mark] * 2 for mark in marks)], min_freq=2)
        self.tgt_vocab = Vocab([*self.tgt, *([mark] * 2 for mark in marks)], min_freq=2)
        self.arrays = self._arrays(self.src, self.tgt)

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches as the class says."""
        return self.get_tensorloader(self.arrays, train, rows(train, self.num_train))

    def build(self, src_sentences: Sequence[str], tgt_sentences: Sequence[str]) -> tuple[Tensor, ...]:
        """One minibatch of sentences of your own: words and marks apart, as in `go .`"""
        src, tgt = ([_plain(text).split() for text in texts] for texts in (src_sentences, tgt_sentences))
        return self._arrays(src, tgt)

    def _arrays(self, src: Sequence[list[str]], tgt: Sequence[list[str]]) -> tuple[Tensor, ...]:
        source, lengths = _numbers(src, self.src_vocab, self.num_steps)
        target, _ = _numbers([["<bos>", *tokens] for tokens in tgt], self.tgt_vocab, self.num_steps + 1)
        return source, target[:, :-1], lengths, target[:, 1:]


def _numbers(sentences: Sequence[list[str]], vocab: Any, num_steps: int) -> tuple[Tensor, Tensor]:
    """The sentences cut or padded to num_steps, (n, num_steps), and how much of each is not padding, (n,)."""
    ended = [[*tokens, "<eos>"][:num_steps] for tokens in sentences]
    padded = [tokens + ["<pad>"] * (num_steps - len(tokens)) for tokens in ended]
    return torch.tensor([vocab[tokens] for tokens in padded]), torch.tensor([len(tokens) for tokens in ended])


def _plain(text: str) -> str:
    """Lower case, plain spaces, and a space before each mark."""
    text = text.replace("\u202f", " ").replace("\xa0", " ").lower()
    return re.sub(r"(?<=\S)([,.!?])", r" \1", text)


def _split(line: str) -> tuple[str, str]:
    english, french = line.split("\t")[:2]
    return _plain(english), _plain(french)
