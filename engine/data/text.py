"""Sequences of tokens out of a text: The Time Machine where it is cached, a text of the engine's own, or any file."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.config import EngineError, data_home
from engine.data.fetching import ProgressLine, fetch, find, is_cached
from engine.data.grammar import story
from engine.data.split import rows
from engine.data.vocabulary import Vocab, normalize, tokenize
from engine.loaders import TensorLoader
from engine.module import DataModule


class TextUnreadable(EngineError):
    """A text file cannot be read, or is too short to learn from."""


class TextData(DataModule):
    """All windows of `num_steps` tokens of a text, each with the window one token later (9.2, 9.3.4).

    The first `num_train` windows are to learn from, the next `num_val` to validate with (as many as there are, if the
    text is shorter). A minibatch (X, Y) has int64 tensors of shape (batch_size, num_steps).

    text: the text itself, or the `Path` of a file. unit: `char` or `word`. Raises `TextUnreadable`.
    """

    vocab: Vocab
    """The table of tokens."""
    corpus: list[int]
    """The whole text, as numbers."""
    num_steps: int
    num_train: int
    num_val: int

    def __init__(
        self,
        text: str | Path,
        batch_size: int,
        num_steps: int,
        num_train: int = 10_000,
        num_val: int = 5000,
        *,
        unit: str = "char",
        min_freq: int = 0,
        vocab: Vocab | None = None,
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["text", "vocab"])
        self._read(text, unit, min_freq, vocab)

    def _read(self, text: str | Path, unit: str, min_freq: int, vocab: Vocab | None) -> None:
        tokens = tokenize(normalize(_content(text)), unit)
        self.vocab = Vocab(tokens, min_freq) if vocab is None else vocab
        self.corpus = self.vocab[tokens]
        windows = len(self.corpus) - self.num_steps
        if windows < 2:
            raise TextUnreadable(
                f"The text has {len(tokens)} tokens, too few for windows of {self.num_steps}: take a longer text."
            )
        if windows < self.num_train + self.num_val:
            share = self.num_train / (self.num_train + self.num_val)
            self.num_train = max(1, int(windows * share)) if self.num_val else windows
            self.num_val = windows - self.num_train
        corpus = torch.tensor(self.corpus)
        self.X = corpus[:-1].unfold(0, self.num_steps, 1)
        """Every window, (windows, num_steps): a view of the text, not a copy."""
        self.Y = corpus[1:].unfold(0, self.num_steps, 1)

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches (X, Y) of token numbers, (batch_size, num_steps) each; Y is X one token later."""
        return self.get_tensorloader((self.X, self.Y), train, rows(train, self.num_train, self.num_val))


class TimeMachine(TextData):
    """H. G. Wells' novel, by characters (9.2): real if cached, else a stand-in text (`stand_in` says which).

    The real one has 173,428 characters of 28 kinds, the unknown one among them.
    """

    def __init__(
        self,
        batch_size: int,
        num_steps: int,
        num_train: int = 10_000,
        num_val: int = 5000,
        *,
        unit: str = "char",
        download: bool = False,
    ) -> None:
        DataModule.__init__(self)
        self.save_hyperparameters(ignore=["download"])
        if download:
            fetch("TimeMachine", progress=ProgressLine())
        self.stand_in = not is_cached(find("TimeMachine"))
        if self.stand_in:
            self.notes = ("stand-in for TimeMachine: a text by the engine",)
        self._read(story() if self.stand_in else data_home() / "timemachine.txt", unit, 0, None)


def _content(text: str | Path) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TextUnreadable(f"{text} could not be read: {error}. Give the path of a text file in UTF-8.") from error
