import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from engine import TextData, TimeMachine, Vocab
from engine.data.grammar import story
from engine.data.text import TextUnreadable
from engine.data.vocabulary import normalize, tokenize

SHARED = Path(__file__).parents[2].parent / "shared/data"
has_novel = pytest.mark.skipif(not (SHARED / "timemachine.txt").is_file(), reason="the real novel is not here")


@pytest.fixture(autouse=True)
def data_home(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    return tmp_path


def test_a_text_is_reduced_to_letters_and_single_spaces():
    assert normalize("The Time-Machine,\n by H. G. Wells [1898]") == "the time machine by h g wells "
    assert tokenize("a bc", "char") == ["a", " ", "b", "c"]
    assert tokenize("a bc", "word") == ["a", "bc"]
    with pytest.raises(ValueError, match="'char' or 'word'"):
        tokenize("a", "syllable")


def test_a_vocabulary_goes_there_and_back_and_knows_what_it_does_not_know():
    vocab = Vocab([["b", "a"], ["a", "c"]], min_freq=2, reserved_tokens=["<pad>"])
    assert vocab.idx_to_token == ["<pad>", "<unk>", "a"]
    assert vocab[["a", "b"]] == [2, vocab.unk]
    assert vocab["a"] == 2
    assert vocab.to_tokens(torch.tensor([2, 1])) == ["a", "<unk>"]
    assert vocab.to_tokens(0) == "<pad>"
    assert dict(vocab.token_freqs) == {"a": 2, "b": 1, "c": 1}
    assert len(vocab) == 3


def test_y_is_x_one_token_later_and_windows_are_neighbours():
    data = TextData("abcdefghij" * 10, batch_size=4, num_steps=5, num_train=20, num_val=10)
    X, Y = next(iter(data.val_dataloader()))
    assert (X.shape, X.dtype) == ((4, 5), torch.int64)
    assert torch.equal(X[:, 1:], Y[:, :-1])
    assert torch.equal(X[1:, :-1], X[:-1, 1:])
    assert "".join(data.vocab.to_tokens(X[0])) == "abcdefghij"[20 % 10 :][:5]


def test_all_of_the_training_windows_are_seen_once_in_an_epoch():
    data = TextData("the quick brown fox " * 20, batch_size=8, num_steps=6, num_train=50, num_val=20)
    seen = torch.cat([X for X, _ in data.train_dataloader()])
    assert len(seen) == 50
    assert Counter(map(tuple, seen.tolist())) == Counter(map(tuple, data.X[:50].tolist()))


def test_a_short_text_gives_what_it_has_and_a_tiny_one_says_so():
    data = TextData("abcdefghij" * 3, batch_size=4, num_steps=5, num_train=100, num_val=50)
    assert data.num_train + data.num_val == 25
    with pytest.raises(TextUnreadable, match="too few"):
        TextData("abc", batch_size=4, num_steps=5)


def test_a_file_can_be_read_by_words(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("One fish, two fish. " * 30)
    data = TextData(path, batch_size=2, num_steps=3, num_train=10, num_val=5, unit="word")
    assert set(data.vocab.idx_to_token) == {"<unk>", "one", "two", "fish"}
    with pytest.raises(TextUnreadable, match="could not be read"):
        TextData(tmp_path / "missing.txt", batch_size=2, num_steps=3)


def test_without_the_novel_a_stand_in_text_is_used_and_named(monkeypatch):
    data = TimeMachine(batch_size=32, num_steps=16)
    assert data.stand_in
    assert any("stand-in" in note for note in data.notes)
    assert len(data.vocab) == 28
    assert len(data.corpus) > 150_000
    assert next(iter(data.train_dataloader()))[0].shape == (32, 16)


def test_the_stand_in_text_is_always_the_same_and_rich_enough_to_learn_from():
    assert story(5000) == story.__wrapped__(5000)
    assert story(5000) != story(5000, seed=1)
    text = normalize(story())
    words = text.split()
    assert len(set(words)) > 400
    pairs, letters = Counter(pairwise(text)), Counter(text)
    bigram = math.exp(-sum(n * math.log(n / letters[a]) for (a, _), n in pairs.items()) / len(text))
    assert 6 < bigram < 14  # letters alone tell something, and leave much to be learned


@has_novel
def test_the_real_novel_has_the_book_s_counts(data_home):
    (data_home / "timemachine.txt").write_bytes((SHARED / "timemachine.txt").read_bytes())
    data = TimeMachine(batch_size=1024, num_steps=32)
    assert not data.stand_in
    assert data.notes == ()
    assert (len(data.corpus), len(data.vocab)) == (173_428, 28)
    assert (data.num_train, data.num_val) == (10_000, 5000)
    assert "".join(data.vocab.to_tokens(data.corpus[:16])) == "the time machine"
