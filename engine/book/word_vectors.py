"""Word embeddings (15.1 to 15.7): skip-gram with negative sampling (Mikolov et al., 2013), and trained vectors."""

from __future__ import annotations

import math
import random
from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from engine.book import hub
from engine.book.datasets import Vocab
from engine.book.loops import get_dataloader_workers
from engine.book.quickness import rows, shortened


def read_ptb() -> list[list[str]]:
    """The Penn Treebank's training part, as lists of words."""
    text = (Path(hub.download_extract("ptb")) / "ptb.train.txt").read_text(encoding="utf-8")
    return [line.split() for line in text.split("\n")]


def subsample(sentences: Sequence[Sequence[str]], vocab: Any) -> tuple[list[list[str]], Counter[str]]:
    """Thin frequent words out: one of frequency f stays with probability √(10⁻⁴ / f). Also the counts before that."""
    unknown = vocab.unk
    known = [[word for word in sentence if vocab[word] != unknown] for sentence in sentences]
    counter = Counter(chain.from_iterable(known))
    total = sum(counter.values())
    chance = {word: math.sqrt(1e-4 * total / count) for word, count in counter.items()}
    return [[word for word in sentence if random.random() < chance[word]] for sentence in known], counter


def get_centers_and_contexts(
    corpus: Sequence[Sequence[Any]], max_window_size: int
) -> tuple[list[Any], list[list[Any]]]:
    """Every word of sentences of two or more, and those around it, in a window of random size up to the largest."""
    centers, contexts = [], []
    for line in corpus:
        for i in range(len(line) if len(line) > 1 else 0):
            reach = random.randint(1, max_window_size)
            centers.append(line[i])
            contexts.append([*line[max(0, i - reach) : i], *line[i + 1 : i + 1 + reach]])
    return centers, contexts


class RandomGenerator:
    """Draws from 1, …, n by weights, ten thousand at a time."""

    def __init__(self, sampling_weights: Sequence[float]) -> None:
        self.population = range(1, len(sampling_weights) + 1)
        self.sampling_weights = sampling_weights
        self._sums = list(accumulate(sampling_weights))
        self._drawn: list[int] = []

    def draw(self) -> int:
        """One number."""
        if not self._drawn:
            self._drawn = random.choices(self.population, cum_weights=self._sums, k=10_000)
        return self._drawn.pop()


def get_negatives(all_contexts: Sequence[Sequence[int]], vocab: Any, counter: Any, K: int) -> list[list[int]]:
    """K noise words for each context word, by count^0.75; none of them is in the context."""
    words = vocab.to_tokens(list(range(1, len(vocab))))  # all but number 0, the unknown one
    generator = RandomGenerator([counter[word] ** 0.75 for word in words])
    noise = []
    for context in all_contexts:
        taken, drawn = set(context), list[int]()
        while len(drawn) < K * len(context):
            if (word := generator.draw()) not in taken:
                drawn.append(word)
        noise.append(drawn)
    return noise


def batchify(data: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Examples (center, context, noise) as a minibatch, padded with 0.

    -> centers (n, 1), contexts and noise (n, length), what of these is no padding, what of these is context.
    """
    examples = list(data)
    length = max(len(context) + len(noise) for _, context, noise in examples)
    words, masks, labels = (torch.zeros(len(examples), length, dtype=torch.long) for _ in range(3))
    for row, (_, context, noise) in enumerate(examples):
        both = [*context, *noise]
        words[row, : len(both)] = torch.tensor(both)
        masks[row, : len(both)] = 1
        labels[row, : len(context)] = 1
    return torch.tensor([[center] for center, _, _ in examples]), words, masks, labels


def load_data_ptb(batch_size: int, max_window_size: int, num_noise_words: int) -> tuple[Any, Vocab]:
    """Minibatches for skip-gram out of the Penn Treebank, and its vocabulary."""
    sentences = read_ptb()
    vocab = Vocab(sentences, min_freq=10)
    kept, counter = subsample(sentences, vocab)
    centers, contexts = get_centers_and_contexts([vocab[line] for line in kept], max_window_size)
    examples: Any = list(zip(centers, contexts, get_negatives(contexts, vocab, counter, num_noise_words), strict=True))
    loader = DataLoader(
        examples, rows(batch_size), shuffle=True, collate_fn=batchify, num_workers=get_dataloader_workers()
    )
    return shortened(loader), vocab


class TokenEmbedding:
    """Vectors of words that somebody trained: GloVe (Pennington et al., 2014), fastText (Bojanowski et al., 2017)."""

    unknown_idx = 0

    def __init__(self, embedding_name: str) -> None:
        folder = Path(hub.download_extract(embedding_name))
        words, vectors = _read_vectors(folder / "vec.txt")
        self.idx_to_token = ["<unk>", *words]
        self.token_to_idx = {word: number for number, word in enumerate(self.idx_to_token)}
        self.idx_to_vec = torch.cat((torch.zeros(1, vectors.shape[1]), vectors))

    def __getitem__(self, tokens: Sequence[str]) -> Tensor:
        """The vectors of some words, (n, size); unknown ones are zero."""
        numbers = [self.token_to_idx.get(token, self.unknown_idx) for token in tokens]
        return self.idx_to_vec[torch.tensor(numbers)]

    def __len__(self) -> int:
        return len(self.idx_to_token)


def _read_vectors(path: Path) -> tuple[list[str], Tensor]:
    """A file with a word and its numbers in each line -> the words, and float32 (words, size).

    All numbers go into one flat array: a table of 400,000 words is 400,000 lines, and would be as many small tensors.
    """
    words, flat = [], array("f")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip().split(" ")
            if len(numbers) > 1:  # fastText begins with a line of two numbers
                words.append(word)
                flat.extend(map(float, numbers))
    return words, torch.frombuffer(flat, dtype=torch.float32).reshape(len(words), -1)
