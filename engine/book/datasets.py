"""The book's data sets (3.3, 4.2, 9.2, 10.5), with the faces that the book's sections build on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.book import hub, plots
from engine.data import images, synthetic
from engine.data.split import rows
from engine.data.vocabulary import Vocab as EngineVocab
from engine.data.vocabulary import normalize
from engine.loaders import TensorLoader
from engine.module import DataModule as EngineDataModule


class DataModule(EngineDataModule):
    """A data set and how it is read (3.2.3), in the book's folder. Nothing is forked, whatever `num_workers`."""

    def __init__(self, root: str = "../data", num_workers: int = 4) -> None:
        super().__init__(root, num_workers)


class SyntheticRegressionData(synthetic.SyntheticRegressionData, DataModule):
    """Points of a linear law with noise (3.3)."""


class FashionMNIST(images.FashionMNIST, DataModule):
    """Ten kinds of clothing (4.2): real if cached, else drawn by the engine."""

    def visualize(  # type: ignore[override]
        self, batch: Sequence[Tensor], nrows: int = 1, ncols: int = 8, labels: Sequence[str] = ()
    ) -> None:
        """Show the first pictures of a minibatch."""
        X, y = batch
        plots.show_images(X.squeeze(1), nrows, ncols, titles=list(labels) or self.text_labels(y))

    def __init__(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        images.FashionMNIST.__init__(self, batch_size, resize)


class Vocab(EngineVocab):
    """A table between tokens and numbers (9.2.3), for lists in lists too."""

    def __init__(self, tokens: Any = (), min_freq: int = 0, reserved_tokens: Sequence[str] = ()) -> None:
        super().__init__(tokens, min_freq, reserved_tokens)

    def __getitem__(self, tokens: Any) -> Any:
        """The number of one token, or the numbers of a list, however deep."""
        if isinstance(tokens, list | tuple):
            return [self[token] for token in tokens]
        return self.token_to_idx.get(tokens, self.unk)


class TimeMachine(DataModule):
    """All windows of `num_steps` characters of The Time Machine, each with the window one later (9.2, 9.3.4)."""

    vocab: Vocab
    num_train: int
    num_val: int

    def __init__(self, batch_size: int, num_steps: int, num_train: int = 10000, num_val: int = 5000) -> None:
        super().__init__()
        self.save_hyperparameters()
        numbers, self.vocab = self.build(self._download())
        self.stand_in = hub.is_stand_in(Path(str(self.root)) / "timemachine.txt")
        corpus = torch.tensor(numbers)
        self.X, self.Y = (part.unfold(0, num_steps, 1) for part in (corpus[:-1], corpus[1:]))

    def build(self, raw_text: str, vocab: Vocab | None = None) -> tuple[list[int], Vocab]:
        """A text as the numbers of its characters, and the table that they are from."""
        tokens = self._tokenize(self._preprocess(raw_text))
        vocab = Vocab(tokens) if vocab is None else vocab
        return [vocab[token] for token in tokens], vocab

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches (X, Y) of (batch_size, num_steps)."""
        return self.get_tensorloader([self.X, self.Y], train, rows(train, self.num_train, self.num_val))

    def _download(self) -> str:
        path = hub.download(
            f"{hub.DATA_URL}timemachine.txt", str(self.root), "090b5e7e70c295757f55df93cb0a180b9691891a"
        )
        return Path(path).read_text(encoding="utf-8")

    def _preprocess(self, text: str) -> str:
        return normalize(text)

    def _tokenize(self, text: str) -> list[str]:
        return [*text]


class MTFraEng(DataModule):
    """English to French (10.5): minibatches of source, target so far, valid lengths of the source, target."""

    num_steps: int
    num_train: int
    num_val: int

    def __init__(self, batch_size: int, num_steps: int = 9, num_train: int = 512, num_val: int = 128) -> None:
        super().__init__()
        self.save_hyperparameters()
        sentences = self._download()
        self.arrays, self.src_vocab, self.tgt_vocab = self._build_arrays(sentences)
        self.stand_in = hub.is_stand_in(Path(str(self.root)) / "fra-eng.zip")

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches of four tensors, as the class says."""
        return self.get_tensorloader(self.arrays, train, rows(train, self.num_train))

    def build(self, src_sentences: Sequence[str], tgt_sentences: Sequence[str]) -> tuple[Tensor, ...]:
        """One minibatch of sentences of your own."""
        text = "\n".join(f"{src}\t{tgt}" for src, tgt in zip(src_sentences, tgt_sentences, strict=True))
        return self._build_arrays(self._preprocess(text), self.src_vocab, self.tgt_vocab)[0]

    def _download(self) -> str:
        archive = hub.download(f"{hub.DATA_URL}fra-eng.zip", str(self.root), "94646ad1522d915e7b0f9296181140edcf86a4f5")
        hub.extract(archive)
        return (Path(archive).parent / "fra-eng" / "fra.txt").read_text(encoding="utf-8")

    def _preprocess(self, text: str) -> str:
        """Lower case, plain spaces, and a space before each mark."""
        text = text.replace("\u202f", " ").replace("\xa0", " ").lower()
        return re.sub(r"(?<=[^\s])([,.!?])", r" \1", text)

    def _tokenize(self, text: str, max_examples: int | None = None) -> tuple[list[list[str]], list[list[str]]]:
        """The sentences of both languages, as lists of tokens that end in <eos>."""
        lines = [line.split("\t") for line in text.split("\n")[:max_examples]]
        pairs = [line for line in lines if len(line) == 2]
        return tuple([[*pair[side].split(), "<eos>"] for pair in pairs] for side in (0, 1))  # type: ignore[return-value]

    def _build_arrays(
        self, raw_text: str, src_vocab: Vocab | None = None, tgt_vocab: Vocab | None = None
    ) -> tuple[tuple[Tensor, ...], Vocab, Vocab]:
        made = src_vocab is None
        if made:
            raw_text = self._preprocess(raw_text)
        src, tgt = self._tokenize(raw_text, self.num_train + self.num_val if made else None)
        source, src_vocab, lengths = self._numbers(src, src_vocab, self.num_steps)
        target, tgt_vocab, _ = self._numbers([["<bos>", *each] for each in tgt], tgt_vocab, self.num_steps + 1)
        return (source, target[:, :-1], lengths, target[:, 1:]), src_vocab, tgt_vocab

    def _numbers(self, sentences: list[list[str]], vocab: Vocab | None, length: int) -> tuple[Tensor, Vocab, Tensor]:
        """Sentences cut or padded to `length`, the table of their tokens, and how much is no padding."""
        padded = [(tokens + ["<pad>"] * length)[:length] for tokens in sentences]
        vocab = Vocab([*padded, ["<pad>"] * 2], min_freq=2) if vocab is None else vocab
        array = torch.tensor([vocab[tokens] for tokens in padded])
        return array, vocab, (array != vocab["<pad>"]).sum(1)
