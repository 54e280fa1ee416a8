"""Examples for BERT's two tasks out of WikiText-2 (15.9): pairs of sentences, some of whose tokens are masked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine.book import hub
from engine.book.bert import get_tokens_and_segments
from engine.book.datasets import Vocab
from engine.book.loops import get_dataloader_workers
from engine.book.quickness import rows, shortened

MASKED = 0.15
"""The share of tokens that are to be guessed."""


def _read_wiki(data_dir: str) -> list[list[str]]:
    """The paragraphs of two or more sentences, lower case, in random order."""
    lines = (Path(data_dir) / "wiki.train.tokens").read_text(encoding="utf-8").split("\n")
    paragraphs = [line.strip().lower().split(" . ") for line in lines if " . " in line]
    random.shuffle(paragraphs)
    return paragraphs


def _get_next_sentence(sentence: Any, next_sentence: Any, paragraphs: Any) -> tuple[Any, Any, bool]:
    """The sentence with its next, or half of the time with any."""
    is_next = random.random() < 0.5
    return sentence, next_sentence if is_next else random.choice(random.choice(paragraphs)), is_next


def _get_nsp_data_from_paragraph(paragraph: Any, paragraphs: Any, vocab: Any, max_len: int) -> list[Any]:
    """(tokens, segments, whether b follows a) for neighbouring sentences that fit with their three marks."""
    examples = []
    for pair in pairwise(paragraph):
        a, b, is_next = _get_next_sentence(*pair, paragraphs)
        if len(a) + len(b) + 3 <= max_len:
            examples.append((*get_tokens_and_segments(a, b), is_next))
    return examples


def _replace_mlm_tokens(
    tokens: Sequence[str], candidate_pred_positions: list[int], num_mlm_preds: int, vocab: Any
) -> tuple[list[str], list[tuple[int, str]]]:
    """Hide some tokens: most behind `<mask>`, a tenth stays, a tenth becomes any word. Also where, and which."""
    hidden, answers = list(tokens), []
    random.shuffle(candidate_pred_positions)
    for place in candidate_pred_positions[:num_mlm_preds]:
        fate = random.random()
        if fate < 0.8:
            hidden[place] = "<mask>"
        elif fate < 0.9:
            hidden[place] = random.choice(vocab.idx_to_token)
        answers.append((place, tokens[place]))
    return hidden, answers


def _get_mlm_data_from_tokens(tokens: Sequence[str], vocab: Any) -> tuple[list[int], list[int], list[int]]:
    """The numbers of the tokens, some hidden; where these stand; what they were."""
    candidates = [i for i, token in enumerate(tokens) if token not in ("<cls>", "<sep>")]
    hidden, answers = _replace_mlm_tokens(tokens, candidates, max(1, round(MASKED * len(tokens))), vocab)
    answers.sort()
    return vocab[hidden], [place for place, _ in answers], [vocab[token] for _, token in answers]


def _pad_bert_inputs(examples: Sequence[Any], max_len: int, vocab: Any) -> tuple[list[Tensor], ...]:
    """Examples as lists of tensors: tokens, segments, lengths, places, weights of the places, answers, is next."""
    most = round(MASKED * max_len)
    columns: tuple[list[Tensor], ...] = tuple([] for _ in range(7))
    for token_ids, places, answers, segments, is_next in examples:
        row = (
            _padded(token_ids, max_len, vocab["<pad>"]),
            _padded(segments, max_len, 0),
            torch.tensor(float(len(token_ids))),
            _padded(places, most, 0),
            _padded([1.0] * len(answers), most, 0.0),
            _padded(answers, most, 0),
            torch.tensor(int(is_next)),
        )
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns


def _padded(values: Sequence[float], length: int, pad: float) -> Tensor:
    return torch.tensor([*values, *[pad] * (length - len(values))])


class _WikiTextDataset(Dataset[Any]):
    """All examples of a text, in memory."""

    def __init__(self, paragraphs: Sequence[Sequence[str]], max_len: int) -> None:
        split = [[sentence.split() for sentence in paragraph] for paragraph in paragraphs]
        sentences = [sentence for paragraph in split for sentence in paragraph]
        self.vocab = Vocab(sentences, min_freq=5, reserved_tokens=["<pad>", "<mask>", "<cls>", "<sep>"])
        examples = []
        for paragraph in split:
            for tokens, segments, is_next in _get_nsp_data_from_paragraph(paragraph, split, self.vocab, max_len):
                examples.append((*_get_mlm_data_from_tokens(tokens, self.vocab), segments, is_next))
        self._columns = _pad_bert_inputs(examples, max_len, self.vocab)

    def __getitem__(self, idx: int) -> tuple[Tensor, ...]:
        return tuple(column[idx] for column in self._columns)

    def __len__(self) -> int:
        return len(self._columns[0])


def load_data_wiki(batch_size: int, max_len: int) -> tuple[Any, Vocab]:
    """Minibatches of WikiText-2 for BERT, and the vocabulary."""
    examples = _WikiTextDataset(_read_wiki(hub.download_extract("wikitext-2", "wikitext-2")), max_len)
    loader = DataLoader(examples, rows(batch_size), shuffle=True, num_workers=get_dataloader_workers())
    return shortened(loader), examples.vocab
