"""Whether one sentence follows from another (16.4, 16.5; Bowman et al., 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine.book import hub
from engine.book.attributes import try_gpu
from engine.book.datasets import Vocab
from engine.book.loops import get_dataloader_workers
from engine.book.older_translating import tokenize, truncate_pad
from engine.book.quickness import rows, shortened

LABELS = ("entailment", "contradiction", "neutral")


def read_snli(data_dir: str, is_train: bool) -> tuple[list[str], list[str], list[int]]:
    """Premises, hypotheses and the numbers of their labels; pairs on which people did not agree are left out."""
    file = Path(data_dir) / f"snli_1.0_{'train' if is_train else 'test'}.txt"
    premises, hypotheses, labels = [], [], []
    with file.open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            label, premise, hypothesis = line.split("\t", 3)[:3]
            if label in LABELS:
                premises.append(_words(premise))
                hypotheses.append(_words(hypothesis))
                labels.append(LABELS.index(label))
    return premises, hypotheses, labels


def _words(tree: str) -> str:
    """A tree in brackets as its words."""
    return " ".join(tree.replace("(", " ").replace(")", " ").split())


class SNLIDataset(Dataset[Any]):
    """((premise, hypothesis), label), sentences as `num_steps` word numbers."""

    def __init__(self, dataset: Sequence[Any], num_steps: int, vocab: Vocab | None = None) -> None:
        self.num_steps = num_steps
        premises, hypotheses = tokenize(dataset[0]), tokenize(dataset[1])
        self.vocab = vocab or Vocab([*premises, *hypotheses], min_freq=5, reserved_tokens=["<pad>"])
        self.premises, self.hypotheses = self._pad(premises), self._pad(hypotheses)
        self.labels = torch.tensor(dataset[2])
        print(f"read {len(self)} examples")

    def _pad(self, lines: Sequence[Sequence[str]]) -> Tensor:
        pad = self.vocab["<pad>"]
        return torch.tensor([truncate_pad(self.vocab[line], self.num_steps, pad) for line in lines])

    def __getitem__(self, idx: int) -> tuple[tuple[Tensor, Tensor], Tensor]:
        return (self.premises[idx], self.hypotheses[idx]), self.labels[idx]

    def __len__(self) -> int:
        return len(self.premises)


def load_data_snli(batch_size: int, num_steps: int = 50) -> tuple[Any, Any, Vocab]:
    """Minibatches of SNLI to learn from and to test with, and the vocabulary of the former."""
    folder = hub.download_extract("SNLI")
    train = SNLIDataset(read_snli(folder, True), num_steps)
    test = SNLIDataset(read_snli(folder, False), num_steps, train.vocab)
    loaders = [
        shortened(DataLoader(part, rows(batch_size), shuffle=part is train, num_workers=get_dataloader_workers()))
        for part in (train, test)
    ]
    return loaders[0], loaders[1], train.vocab


def predict_snli(net: Any, vocab: Any, premise: Sequence[str], hypothesis: Sequence[str]) -> str:
    """The label of a pair of sentences, given as lists of words."""
    net.eval()
    device = next((parameter.device for parameter in net.parameters()), try_gpu())
    pair = [torch.tensor([vocab[list(sentence)]], device=device) for sentence in (premise, hypothesis)]
    with torch.no_grad():
        return LABELS[int(net(pair).argmax(dim=1))]
