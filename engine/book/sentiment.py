"""Reviews of films and their verdicts (16.1 to 16.3; Maas et al., 2011)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from engine.book import hub
from engine.book.attributes import try_gpu
from engine.book.datasets import Vocab
from engine.book.loops import load_array
from engine.book.older_translating import tokenize, truncate_pad


def read_imdb(data_dir: str, is_train: bool) -> tuple[list[str], list[int]]:
    """The texts of one part, and 1 for a good verdict, 0 for a bad one."""
    texts, labels = [], []
    for name, label in (("pos", 1), ("neg", 0)):
        for file in sorted((Path(data_dir) / ("train" if is_train else "test") / name).iterdir()):
            texts.append(file.read_text(encoding="utf-8").replace("\n", ""))
            labels.append(label)
    return texts, labels


def load_data_imdb(batch_size: int, num_steps: int = 500) -> tuple[Any, Any, Vocab]:
    """Minibatches of (word numbers (batch_size, num_steps), labels) to learn from and to test with, and the vocabulary.

    The book pads with `<pad>`, which is not in its vocabulary and so becomes `<unk>`; here it is there.
    """
    folder = hub.download_extract("aclImdb", "aclImdb")
    parts = [read_imdb(folder, is_train) for is_train in (True, False)]
    words = [tokenize(texts, token="word") for texts, _ in parts]
    vocab = Vocab(words[0], min_freq=5, reserved_tokens=["<pad>"])
    loaders = []
    for i, (_, labels) in enumerate(parts):
        rows = [truncate_pad(vocab[line], num_steps, vocab["<pad>"]) for line in words[i]]
        loaders.append(load_array((torch.tensor(rows), torch.tensor(labels)), batch_size, is_train=i == 0))
    return loaders[0], loaders[1], vocab


def predict_sentiment(net: Any, vocab: Any, sequence: str) -> str:
    """`positive` or `negative`, for a text; on the device where the model is."""
    device = next((parameter.device for parameter in net.parameters()), try_gpu())
    with torch.no_grad():
        scores = net(torch.tensor([vocab[sequence.split()]], device=device))
    return "positive" if int(scores.argmax(dim=1)) == 1 else "negative"
