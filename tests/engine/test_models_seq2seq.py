import math

import pytest
import torch
from torch.nn import functional

import engine


@pytest.fixture(autouse=True)
def data_home(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))
    torch.manual_seed(0)


def build(data, decoder="Seq2SeqDecoder", lr=0.01):
    sizes = {"embed_size": 32, "num_hiddens": 32, "num_layers": 1, "dropout": 0.0}
    encoder = engine.Seq2SeqEncoder(len(data.src_vocab), **sizes)
    decoder = getattr(engine, decoder)(len(data.tgt_vocab), **sizes)
    return engine.Seq2Seq(encoder, decoder, tgt_pad=data.tgt_vocab["<pad>"], lr=lr)


def test_a_minibatch_of_pairs_has_the_book_s_parts():
    data = engine.MTFraEng(batch_size=3)
    src, tgt, lengths, label = next(iter(data.train_dataloader()))
    assert data.stand_in
    assert [part.shape for part in (src, tgt, lengths, label)] == [(3, 9), (3, 9), (3,), (3, 9)]
    assert torch.equal(tgt[:, 1:], label[:, :-1])
    assert (tgt[:, 0] == data.tgt_vocab["<bos>"]).all()
    for row, length in zip(src, lengths, strict=True):
        assert row[length - 1] == data.src_vocab["<eos>"] or length == 9
        assert (row[length:] == data.src_vocab["<pad>"]).all()
    assert (len(data.arrays[0]), len(data.train_dataloader())) == (640, 171)


def test_sentences_of_one_s_own_are_numbered():
    data = engine.MTFraEng(batch_size=3)
    src, tgt, lengths, _ = data.build(["I am tired.", "go ."], ["je suis fatigué .", "va !"])
    assert data.src_vocab.to_tokens(src[0])[:5] == ["i", "am", "tired", ".", "<eos>"]
    assert lengths.tolist() == [5, 3]
    assert data.tgt_vocab.to_tokens(tgt[1])[0] == "<bos>"


def test_the_real_file_is_read_where_it_is_cached(tmp_path):
    (tmp_path / "fra-eng").mkdir()
    lines = ["Go.\tVa !\tCC-BY 2.0", "Hi, you.\tSalut, toi.\tCC", "Hi.\tSalut\u202f!\tCC"]
    (tmp_path / "fra-eng/fra.txt").write_text("\n".join(lines), encoding="utf-8")
    data = engine.MTFraEng(batch_size=1, num_train=2, num_val=1)
    assert not data.stand_in
    assert data.src == [["go", "."], ["hi", ",", "you", "."], ["hi", "."]]
    assert data.tgt[2] == ["salut", "!"]


@pytest.mark.parametrize("decoder", ["Seq2SeqDecoder", "Seq2SeqAttentionDecoder"])
def test_shapes_and_that_padding_does_not_count(decoder):
    data = engine.MTFraEng(batch_size=4)
    model = build(data, decoder)
    batch = next(iter(data.train_dataloader()))
    logits, label = model(*batch[:-1]), batch[-1]
    assert logits.shape == (4, 9, len(data.tgt_vocab))
    words = label != data.tgt_vocab["<pad>"]
    expected = functional.cross_entropy(logits[words], label[words])
    assert torch.isclose(model.loss(logits, label), expected)


def test_attention_does_not_look_at_padding():
    data = engine.MTFraEng(batch_size=4)
    model = build(data, "Seq2SeqAttentionDecoder").eval()
    batch = next(iter(data.train_dataloader()))
    _, weights = model.predict_step(batch, "cpu", 5, save_attention_weights=True)
    for row, length in enumerate(batch[2]):
        assert all((step[0][row, :, length:] == 0).all() for step in weights)


def test_it_learns_to_translate():
    data = engine.MTFraEng(batch_size=64, num_train=64, num_val=16)
    model = build(data)
    engine.Trainer(max_epochs=120, gradient_clip_val=1, display=False, scale=False).fit(model, data)
    picked = [i for i in range(64) if "<unk>" not in data.tgt_vocab.to_tokens(data.arrays[3][i])][:6]
    batch = tuple(part[picked] for part in data.arrays)
    predicted, _ = model.predict_step(batch, "cpu", data.num_steps)
    scores = []
    for row, i in zip(predicted, picked, strict=True):
        said = " ".join(data.tgt_vocab.to_tokens(row)).split(" <eos>")[0]
        scores.append(engine.bleu(said, " ".join(data.tgt[i]), k=2))
    assert sum(scores) / len(scores) > 0.7

    best = engine.beam_search(model, batch[0][:1], batch[2][:1], data.tgt_vocab, data.num_steps, k=3)
    greedy = engine.beam_search(model, batch[0][:1], batch[2][:1], data.tgt_vocab, data.num_steps, k=1)
    assert [score for _, score in best] == sorted((score for _, score in best), reverse=True)
    assert best[0][1] >= greedy[0][1] - 1e-6
    assert " ".join(greedy[0][0]) == " ".join(data.tgt_vocab.to_tokens(predicted[0])).split(" <eos>")[0]


def test_bleu_is_one_for_the_same_and_less_for_shorter():
    assert engine.bleu("il est calme .", "il est calme .", k=2) == 1
    assert engine.bleu("", "il est calme .", k=2) == 0
    # p1 = 1, p2 = 1, brevity exp(1 - 6/3)
    assert math.isclose(engine.bleu("A B C", "A B C D E F", k=2), math.exp(-1))
    # p1 = 4/5, p2 = 3/4, as in the paper's spirit: 0.8^(1/2) * 0.75^(1/4)
    assert math.isclose(engine.bleu("A B B C D", "A B C D E F", k=2), math.exp(1 - 6 / 5) * 0.8**0.5 * 0.75**0.25)


def test_gpt_does_not_see_the_future_and_learns_a_text():
    data = engine.TextData("abcdefgh" * 40, batch_size=64, num_steps=8, num_train=192, num_val=64)
    model = engine.GPT(len(data.vocab), 8, num_hiddens=16, num_heads=2, num_blks=1, dropout=0.0, lr=0.02)
    X = data.X[:2]
    changed = X.clone()
    changed[:, 5:] = 1
    assert torch.allclose(model(X)[:, :5], model(changed)[:, :5], atol=1e-6)
    engine.Trainer(max_epochs=20, display=False, scale=False).fit(model, data)
    assert model.predict("abc", 10, data.vocab) == "abcdefghabcde"


def test_bert_sees_both_sides_and_asks_only_for_what_it_hid():
    model = engine.BERT(vocab_size=12, num_steps=8, mask=11, num_hiddens=16, num_heads=2).eval()
    X = torch.randint(0, 10, (2, 8))
    changed = X.clone()
    changed[:, 7] = 10
    assert not torch.allclose(model(X)[:, 0], model(changed)[:, 0])
    assert model(X, torch.tensor([4, 8])).shape == (2, 8, 12)
    seen = []
    model.loss = lambda logits, labels: seen.append((logits.shape, labels.shape)) or logits.sum()
    model.masked_loss(X)
    [(logits, labels)] = seen
    assert 2 <= labels[0] < 16
    assert logits == (labels[0], 12)
