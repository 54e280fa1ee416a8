"""Tokens and their numbers (9.2). No torch: counting words needs none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any


def normalize(text: str) -> str:
    """Letters a to z in lower case, and single spaces for everything else: what the book leaves of a text."""
    return re.sub("[^A-Za-z]+", " ", text).lower()


def tokenize(text: str, unit: str = "char") -> list[str]:
    """The text as a list of characters (`unit="char"`) or words (`unit="word"`)."""
    if unit not in ("char", "word"):
        raise ValueError(f"unit is {unit!r}: use 'char' or 'word'.")
    return list(text) if unit == "char" else text.split()


def ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """How often each run of `n` neighbouring tokens occurs (9.2.4); `.most_common(10)` lists the most frequent."""
    if n < 1:
        raise ValueError(f"n is {n}: a run has at least one token.")
    return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))


class Vocab:
    """A table between tokens and numbers.

    `tokens` may be nested (sentences of tokens). Tokens seen fewer than `min_freq` times share the number of `<unk>`.
    Numbers go by the order of the characters, so they do not depend on the text's order.
    """

    def __init__(
        self,
        tokens: Sequence[str] | Sequence[Sequence[str]] = (),
        min_freq: int = 0,
        reserved_tokens: Iterable[str] = (),
    ) -> None:
        counter = Counter(_flat(tokens))
        self.token_freqs = sorted(counter.items(), key=lambda item: item[1], reverse=True)
        """Every token with its count, the most frequent first."""
        frequent = {token for token, count in self.token_freqs if count >= min_freq}
        self.idx_to_token: list[str] = sorted({"<unk>", *reserved_tokens, *frequent})
        self.token_to_idx = {token: idx for idx, token in enumerate(self.idx_to_token)}

    def __len__(self) -> int:
        return len(self.idx_to_token)

    def __getitem__(self, tokens: str | Sequence[str]) -> Any:
        """The number of one token, or the numbers of a list of them."""
        if isinstance(tokens, str):
            return self.token_to_idx.get(tokens, self.unk)
        unk, table = self.unk, self.token_to_idx
        return [table.get(token, unk) for token in tokens]

    def to_tokens(self, indices: Any) -> Any:
        """The token of one number, or the tokens of many (a list or a tensor of one axis)."""
        if hasattr(indices, "__len__"):
            return [self.idx_to_token[int(index)] for index in indices]
        return self.idx_to_token[int(indices)]

    def join(self, indices: Any) -> str:
        """Numbers as a text: characters as they are, words with spaces between."""
        tokens = self.to_tokens(indices)
        return ("" if all(len(token) == 1 or token == "<unk>" for token in tokens) else " ").join(tokens)

    @property
    def unk(self) -> int:
        """The number of tokens that are not in the table."""
        return self.token_to_idx["<unk>"]


def _flat(tokens: Sequence[str] | Sequence[Sequence[str]]) -> Iterable[str]:
    for item in tokens:
        if isinstance(item, str):
            yield item
        else:
            yield from item
