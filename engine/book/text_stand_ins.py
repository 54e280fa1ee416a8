"""Texts in the form of the book's: a novel, pairs of sentences, news, an encyclopedia, reviews, inferences, vectors.

What a section trains on them shows its effect: the grammar has something to learn, a review's words tell its verdict,
an inference follows from what is said, and vectors of related words lie together. The same files for the same seed.
"""

from __future__ import annotations

import io
import json
import random
import re
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from engine.data.grammar import story
from engine.data.phrasebook import pairs

WORDS = 5000
"""Words of a table of vectors."""


def novel(path: Path) -> None:
    """A text of letters, in lines."""
    path.write_text(f"The Time Machine, a stand-in\n\n{story()}\n", encoding="utf-8")


def sentence_pairs(path: Path) -> None:
    """fra-eng/fra.txt: an English sentence, a tab, its French; short ones first."""
    rows = "".join(f"{_written(english)}\t{_written(french)}\n" for english, french in pairs())
    _zip(path, {"fra-eng/fra.txt": rows})


def newspaper(path: Path) -> None:
    """ptb/ptb.{train,valid,test}.txt: one sentence a line, words apart."""
    lines = [line for line in story(400_000, seed=1987).splitlines() if line]
    cut = len(lines) * 8 // 10
    parts = {
        "train": lines[:cut],
        "valid": lines[cut : (cut + len(lines)) // 2],
        "test": lines[(cut + len(lines)) // 2 :],
    }
    _zip(path, {f"ptb/ptb.{part}.txt": "".join(f" {line} \n" for line in rows) for part, rows in parts.items()})


def encyclopedia(path: Path) -> None:
    """wikitext-2/wiki.{train,valid,test}.tokens: a paragraph a line, sentences with ` . ` between them."""
    made = {}
    for part, characters, seed in (("train", 500_000, 11), ("valid", 60_000, 12), ("test", 60_000, 13)):
        dice = random.Random(seed)
        sentences = [line for line in story(characters, seed=seed).splitlines() if line]
        rows, start = [], 0
        while start < len(sentences):
            length = dice.randint(2, 6)
            rows.append(" " + " . ".join(sentences[start : start + length]) + " . \n")
            start += length
        made[f"wikitext-2/wiki.{part}.tokens"] = " \n = A Chapter = \n \n" + "".join(rows)
    _zip(path, made)


def reviews(path: Path) -> None:
    """aclImdb/{train,test}/{pos,neg}/N_M.txt: a verdict in words, 1000 of each."""
    with tarfile.open(path, "w:gz") as tar:
        for part, seed in (("train", 1), ("test", 2)):
            dice = random.Random(seed)
            for label in ("pos", "neg"):
                for i in range(1000):
                    text = _review(dice, label == "pos").encode()
                    entry = tarfile.TarInfo(f"aclImdb/{part}/{label}/{i}_{9 if label == 'pos' else 2}.txt")
                    entry.size = len(text)
                    tar.addfile(entry, io.BytesIO(text))


def entailments(path: Path) -> None:
    """snli_1.0/snli_1.0_{train,test,dev}.txt: label, the two sentences as binary trees in brackets, and plain."""
    columns = ["gold_label", *(f"sentence{i}_{form}" for form in ("binary_parse", "parse") for i in (1, 2))]
    columns += ["sentence1", "sentence2", "captionID", "pairID", *(f"label{i}" for i in range(1, 6))]
    made = {}
    for part, n, seed in (("train", 6000, 3), ("test", 1000, 4), ("dev", 500, 5)):
        dice = random.Random(seed)
        rows = ["\t".join(columns)]
        for i in range(n):
            label, premise, hypothesis = _inference(dice)
            trees = [_tree(premise), _tree(hypothesis)]
            rows.append("\t".join([label, *trees, *trees, premise, hypothesis, str(i), f"{i}x", label, *[""] * 4]))
        made[f"snli_1.0/snli_1.0_{part}.txt"] = "\n".join(rows) + "\n"
    _zip(path, made)


def word_vectors(path: Path, name: str, size: int) -> None:
    """<name>/vec.txt: a word and its numbers in each line; words of one kind lie near each other."""
    dice = random.Random(size)
    rows = []
    for kind in _kinds():
        centre = [dice.gauss(0, 0.6) for _ in range(size)]
        for word in kind:
            rows.append(" ".join([word, *(f"{c + dice.gauss(0, 0.35):.4f}" for c in centre)]))
    rows += _analogous(dice, size)
    for i in range(len(rows), WORDS):  # what nobody asks for: the real tables have 400,000 words
        rows.append(" ".join([f"word{i}", *(f"{dice.gauss(0, 0.7):.3f}" for _ in range(size))]))
    if name == "wiki.en":
        rows.insert(0, f"{len(rows)} {size}")
    _zip(path, {f"{name}/vec.txt": "\n".join(rows) + "\n"})


def bert(path: Path, name: str, num_hiddens: int, ffn_num_hiddens: int, num_heads: int, num_blks: int) -> None:
    """<name>/vocab.json and pretrained.params: a BERT of that size with random weights, which says so."""
    import torch

    from engine.book.bert import BERTModel

    words = sorted({word for kind in _kinds() for word in kind})
    vocab = ["<unk>", "<pad>", "<mask>", "<cls>", "<sep>", *words]
    state = BERTModel(len(vocab), num_hiddens, ffn_num_hiddens, num_heads, num_blks, 0.2, max_len=512).state_dict()
    weights = io.BytesIO()
    torch.save(state, weights)
    print(f"{name}: its weights are random, not pretrained.")
    files: dict[str, str | bytes] = {f"{name}/vocab.json": json.dumps(vocab)}
    _zip(path, files | {f"{name}/pretrained.params": weights.getvalue()})


_WORDS = {
    "good": "great wonderful brilliant moving funny excellent superb touching clever delightful perfect fresh",
    "bad": "bad awful boring dull terrible stupid weak annoying predictable lifeless poor tedious",
    "about": "movie film story plot acting cast music ending script scene dialogue director camera pace",
    "people": "man woman boy girl child dog worker dancer player singer runner farmer",
    "doing": "sleeping running eating reading cooking singing dancing swimming driving painting talking playing",
    "place": "street park kitchen garden field beach room city forest market",
    "how": "happily quickly alone outside today silently carefully there",
    "common": "the a an and or but of to in on at is are was were be this that it its with for not very so i he she "
    "they we you my his her all some no . , ! ? ' - ( )",
}
_LISTS = {name: words.split() for name, words in _WORDS.items()}
_RELATED = (
    ("man woman", "king queen", "father mother", "son daughter", "brother sister", "he she", "boy girl"),
    ("beijing china", "tokyo japan", "paris france", "berlin germany", "rome italy"),
    ("bad worst", "big biggest", "good best", "small smallest", "fast fastest"),
    ("do did", "go went", "see saw", "eat ate", "give gave"),
)
_MORE = (
    "chip chips intel processor electronics semiconductor computer",
    "baby babies boy girl child newborn mother",
    "beautiful lovely gorgeous wonderful pretty",
)


def _review(dice: random.Random, good: bool) -> str:
    words, others = (_LISTS["good"], _LISTS["bad"]) if good else (_LISTS["bad"], _LISTS["good"])
    said = []
    for _ in range(dice.randint(4, 30)):
        word = dice.choice(words if dice.random() < 0.85 else others)
        said.append(
            dice.choice(
                ("The {0} was {1}.", "I found the {0} {1}!", "What a {1} {0}.", "It has a very {1} {0}.")
            ).format(dice.choice(_LISTS["about"]), word)
        )
    return " ".join(said)


def _inference(dice: random.Random) -> tuple[str, str, str]:
    """A label, a premise, and what is said to follow from it."""
    who, place = dice.choice(_LISTS["people"]), dice.choice(_LISTS["place"])
    doing, other = dice.sample(_LISTS["doing"], 2)
    premise = f"A {who} is {doing} in the {place} ."
    label = dice.choice(("entailment", "contradiction", "neutral"))
    if label == "entailment":
        return label, premise, dice.choice((f"A {who} is {doing} .", f"A {who} is in the {place} ."))
    if label == "contradiction":
        return label, premise, dice.choice((f"A {who} is {other} .", f"No {who} is in the {place} ."))
    return label, premise, f"A {who} is {doing} {dice.choice(_LISTS['how'])} ."


def _tree(sentence: str) -> str:
    """A binary tree that leans to the right."""
    words = sentence.split()
    return "".join(f"( {word} " for word in words[:-1]) + words[-1] + " )" * (len(words) - 1)


def _kinds() -> list[list[str]]:
    """Words by kind: those of the engine's other texts, and those that the book asks for."""
    taken = {word for group in _RELATED for pair in group for word in pair.split()}
    from engine.data import grammar

    kinds = [list(words.split()) for words in grammar._WORDS.values()]
    kinds += [
        list(words)
        for words in (
            _LISTS["good"],
            _LISTS["bad"],
            _LISTS["about"],
            _LISTS["people"],
            _LISTS["doing"],
            _LISTS["place"],
            _LISTS["common"],
            *(line.split() for line in _MORE),
        )
    ]
    seen: set[str] = set(taken)
    parted = []
    for kind in kinds:
        fresh = [word for word in dict.fromkeys(kind) if word not in seen and not re.search(r"[+\s]", word)]
        seen |= set(fresh)
        parted += [fresh[i : i + 40] for i in range(0, len(fresh), 40)]
    return parted


def _analogous(dice: random.Random, size: int) -> list[str]:
    """Pairs of words that all differ by the same vector, so that analogies come out."""
    rows = []
    for group in _RELATED:
        shift = [dice.gauss(0, 0.7) for _ in range(size)]
        for pair in group:
            place = [dice.gauss(0, 0.6) for _ in range(size)]
            first, second = pair.split()
            rows.append(" ".join([first, *(f"{p:.4f}" for p in place)]))
            rows.append(
                " ".join([second, *(f"{p + s + dice.gauss(0, 0.05):.4f}" for p, s in zip(place, shift, strict=True))])
            )
    done = {row.split(" ", 1)[0]: row for row in rows}
    return list(done.values())


def _written(sentence: str) -> str:
    """A sentence as people write it: a capital letter, marks beside their words."""
    return re.sub(r" ([.,!?])", r"\1", sentence[:1].upper() + sentence[1:])


def _zip(path: Path, files: Mapping[str, str | bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            # Numbers do not compress: 300 MB of a BERT would take a minute.
            archive.writestr(name, content, zipfile.ZIP_STORED if name.endswith(".params") else zipfile.ZIP_DEFLATED)
