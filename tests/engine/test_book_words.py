"""The book's words: vocabularies, translation, skip-gram, BERT, reviews; and its lake, its kernel, its plots."""

import random

import numpy
import pytest
import torch
from torch import nn

from engine.book import (
    adversarial,
    bert,
    bert_data,
    gaussian,
    inference,
    older_translating,
    plots,
    reinforcement,
    sentiment,
    word_vectors,
)
from engine.book.datasets import MTFraEng, TimeMachine, Vocab


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    random.seed(1)
    torch.manual_seed(1)


def test_vocab_takes_lists_in_lists():
    vocab = Vocab([["a", "b"], ["b"]], reserved_tokens=["<pad>"])
    assert vocab[[["a"], ["b", "zzz"]]] == [[vocab["a"]], [vocab["b"], vocab.unk]]
    assert vocab.to_tokens(vocab[["a", "<pad>"]]) == ["a", "<pad>"]
    assert vocab.token_freqs[0] == ("b", 2)
    assert len(Vocab()) == 1


def test_time_machine_is_one_token_late():
    data = TimeMachine(batch_size=4, num_steps=8)
    X, Y = next(iter(data.train_dataloader()))
    assert (X.shape, Y.shape) == ((4, 8), (4, 8))
    assert torch.equal(X[:, 1:], Y[:, :-1])
    assert len(data.vocab) == 28
    corpus, vocab = data.build("Time, Time!")
    assert vocab.to_tokens(corpus) == list("time time ")
    assert data.stand_in


def test_translation_data_have_the_books_form():
    data = MTFraEng(batch_size=3)
    src, tgt, lengths, label = next(iter(data.train_dataloader()))
    assert src.shape == tgt.shape == label.shape == (3, 9)
    assert torch.equal(tgt[:, 1:], label[:, :-1])
    assert (tgt[:, 0] == data.tgt_vocab["<bos>"]).all()
    assert torch.equal(lengths, (src != data.src_vocab["<pad>"]).sum(1))
    built = data.build(["hi ."], ["salut ."])
    assert data.src_vocab.to_tokens(built[0][0])[2] == "<eos>"


def test_older_translation_data():
    loader, src_vocab, tgt_vocab = older_translating.load_data_nmt(batch_size=2, num_steps=6, num_examples=50)
    X, X_len, Y, Y_len = next(iter(loader))
    assert X.shape == Y.shape == (2, 6)
    assert (Y[torch.arange(2), Y_len - 1] == tgt_vocab["<eos>"]).all() or (Y_len == 6).any()
    assert src_vocab["<pad>"] != src_vocab["<eos>"]
    assert X_len.max() <= 6


def test_padding_is_masked_in_the_loss():
    loss = older_translating.MaskedSoftmaxCELoss()
    each = loss(torch.ones(3, 4, 10), torch.ones((3, 4), dtype=torch.long), torch.tensor([4, 2, 0]))
    assert each.tolist() == pytest.approx([2.3026, 1.1513, 0.0], abs=1e-4)
    X = torch.ones(2, 3)
    assert older_translating.sequence_mask(X, torch.tensor([1, 2])).tolist() == [[1, 0, 0], [1, 1, 0]]


def test_lines_are_cut_or_filled():
    assert older_translating.truncate_pad([1, 2, 3], 2, 0) == [1, 2]
    assert older_translating.truncate_pad([1], 3, 0) == [1, 0, 0]
    assert older_translating.tokenize(["ab c"], "char") == [["a", "b", " ", "c"]]
    with pytest.raises(ValueError, match="'syllable'"):
        older_translating.tokenize(["a"], "syllable")


def test_windows_do_not_hold_their_center():
    line = list(range(10))
    centers, contexts = word_vectors.get_centers_and_contexts([line, [99]], 3)
    assert centers == line
    for center, context in zip(centers, contexts, strict=True):
        assert center not in context
        assert 1 <= len(context) <= 6
        assert max(abs(center - other) for other in context) <= 3


def test_frequent_words_are_thinned_and_unknown_ones_dropped():
    sentences = [["the"] * 2000 + ["rare"] * 10 + ["once"]] * 3
    vocab = Vocab(sentences, min_freq=10)
    kept, counter = word_vectors.subsample(sentences, vocab)
    assert counter == {"the": 6000, "rare": 30}
    assert sum(line.count("the") for line in kept) < 600
    assert not any("once" in line for line in kept)


def test_noise_is_never_context():
    vocab = Vocab([["a", "b", "c", "d"]])
    counter = dict.fromkeys(vocab.idx_to_token, 1)
    noise = word_vectors.get_negatives([[1, 2], [3]], vocab, counter, 5)
    assert [len(words) for words in noise] == [10, 5]
    assert not set(noise[0]) & {1, 2}
    assert 0 not in noise[0]


def test_weights_decide_what_is_drawn():
    generator = word_vectors.RandomGenerator([2, 0, 6])
    drawn = [generator.draw() for _ in range(12_000)]
    assert set(drawn) == {1, 3}
    assert 0.7 < drawn.count(3) / len(drawn) < 0.8


def test_a_minibatch_of_skip_grams_is_padded():
    centers, words, masks, labels = word_vectors.batchify([(1, [2, 2], [3, 3, 3, 3]), (1, [2, 2, 2], [3, 3])])
    assert centers.tolist() == [[1], [1]]
    assert words.tolist() == [[2, 2, 3, 3, 3, 3], [2, 2, 2, 3, 3, 0]]
    assert masks.tolist() == [[1] * 6, [1] * 5 + [0]]
    assert labels.tolist() == [[1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]


def test_skip_gram_data_come_with_their_vocabulary():
    loader, vocab = word_vectors.load_data_ptb(4, 3, 5)
    centers, words, masks, labels = next(iter(loader))
    assert centers.shape == (4, 1)
    assert words.shape == masks.shape == labels.shape
    assert int(words.max()) < len(vocab)


def test_bert_marks_its_pairs():
    assert bert.get_tokens_and_segments(["a"], ["b", "c"]) == (
        ["<cls>", "a", "<sep>", "b", "c", "<sep>"],
        [0, 0, 0, 1, 1, 1],
    )
    assert bert.get_tokens_and_segments(["a"]) == (["<cls>", "a", "<sep>"], [0, 0, 0])


def test_bert_has_the_books_shapes_and_parameter_names():
    net = bert.BERTModel(100, 16, 32, 2, 2, 0.1)
    tokens = torch.randint(0, 100, (2, 8))
    encoded, masked, follows = net(
        tokens, torch.zeros_like(tokens), torch.tensor([5.0, 8.0]), torch.tensor([[1, 5], [0, 2]])
    )
    assert (encoded.shape, masked.shape, follows.shape) == ((2, 8, 16), (2, 2, 100), (2, 2))
    assert net(tokens, torch.zeros_like(tokens))[1] is None
    wanted = {"encoder.pos_embedding", "encoder.blks.1.attention.W_q.bias", "hidden.0.weight", "mlm.mlp.3.bias"}
    assert wanted <= set(net.state_dict())
    encoder = bert.BERTEncoder(100, 16, 32, 2, 2, 0.1)
    assert encoder(tokens, torch.zeros_like(tokens), None).shape == (2, 8, 16)


def test_masked_places_that_are_padding_do_not_count():
    def net(tokens, segments, lengths, places):
        return None, torch.zeros(1, 2, 4), torch.zeros(1, 2)

    scores = torch.tensor([[1, 3]]), torch.tensor([[1.0, 0.0]])
    mlm_l, nsp_l, total = bert._get_batch_loss_bert(
        net, nn.CrossEntropyLoss(), 4, None, None, torch.tensor([2.0]), None, scores[1], scores[0], torch.tensor([1])
    )
    assert float(mlm_l) == pytest.approx(numpy.log(4), abs=1e-5)
    assert float(total) == pytest.approx(numpy.log(4) + numpy.log(2), abs=1e-5)
    assert nsp_l.dim() == 0


def test_most_hidden_tokens_become_the_mask():
    vocab = Vocab([list("abcdef")], reserved_tokens=["<mask>", "<cls>", "<sep>", "<pad>"])
    tokens = ["<cls>", *("abcdef" * 60), "<sep>"]
    hidden, places, answers = bert_data._get_mlm_data_from_tokens(tokens, vocab)
    assert len(places) == round(0.15 * len(tokens))
    assert places == sorted(places)
    assert [tokens[place] for place in places] == vocab.to_tokens(answers)
    assert 0.6 < sum(hidden[place] == vocab["<mask>"] for place in places) / len(places) < 0.95
    assert all(hidden[i] == vocab[token] for i, token in enumerate(tokens) if i not in places)


def test_wiki_minibatches_have_seven_parts():
    loader, vocab = bert_data.load_data_wiki(4, 64)
    tokens, segments, lengths, places, weights, answers, is_next = next(iter(loader))
    assert tokens.shape == segments.shape == (4, 64)
    assert places.shape == weights.shape == answers.shape == (4, 10)
    assert lengths.shape == is_next.shape == (4,)
    assert (tokens[:, 0] == vocab["<cls>"]).all()
    assert set(is_next.tolist()) <= {0, 1}


def test_reviews_and_their_verdicts():
    train, _, vocab = sentiment.load_data_imdb(4, num_steps=20)
    X, y = next(iter(train))
    assert (X.shape, y.shape) == ((4, 20), (4,))
    assert vocab["<pad>"] != vocab.unk

    class ByFirstWord(nn.Module):
        def __init__(self):
            super().__init__()
            self.scores = nn.Embedding.from_pretrained(
                torch.eye(2)[(torch.arange(len(vocab)) == vocab["great"]).long()]
            )

        def forward(self, X):
            return self.scores(X[:, 0])

    assert sentiment.predict_sentiment(ByFirstWord(), vocab, "great film") == "positive"
    assert sentiment.predict_sentiment(ByFirstWord(), vocab, "bad film") == "negative"


def test_inferences_without_their_brackets():
    train, test, vocab = inference.load_data_snli(100, 10)
    (premises, hypotheses), labels = next(iter(train))
    assert premises.shape == hypotheses.shape == (4, 10)  # a quick run
    assert set(labels.tolist()) <= {0, 1, 2}
    assert vocab["("] == vocab.unk
    assert len(test) > 0


def test_the_lake_is_the_books():
    info = reinforcement.make_env("FrozenLake-v1", seed=8)
    assert (info["num_states"], info["num_actions"]) == (16, 4)
    assert info["desc"][3, 3] == b"G"
    outcome = info["mdp"][14, 2][0]
    assert outcome[info["nextstate_idx"]] == 15
    assert outcome[info["reward_idx"]] == 1.0
    assert outcome[info["done_idx"]]
    env = info["env"]
    env.reset()
    state, reward, done, _ = env.step(1)
    assert (state, reward, done) == (4, 0.0, False)
    assert env.step(2)[::2] == (5, True)
    with pytest.raises(reinforcement.UnknownWorld, match="CartPole"):
        reinforcement.make_env("CartPole-v1")


def test_the_rbf_kernel_is_symmetric_and_one_at_home():
    x = numpy.linspace(0, 5, 6)
    kernel = gaussian.rbfkernel(x, x, ls=2.0)
    assert numpy.allclose(numpy.diag(kernel), 1)
    assert kernel[0, 1] == pytest.approx(numpy.exp(-1 / 4))
    assert gaussian.distance_matrix([[0, 0]], [[3, 4]]).tolist() == [[5.0]]


def test_each_player_moves_only_itself():
    net_D, net_G = nn.Linear(2, 1), nn.Linear(2, 2)
    loss = nn.BCEWithLogitsLoss()
    before = net_D.weight.clone(), net_G.weight.clone()
    X, Z = torch.randn(8, 2), torch.randn(8, 2)
    adversarial.update_D(X, Z, net_D, net_G, loss, torch.optim.SGD(net_D.parameters(), 0.1))
    assert not torch.equal(net_D.weight, before[0])
    assert torch.equal(net_G.weight, before[1])
    judged = net_D.weight.clone()
    adversarial.update_G(Z, net_D, net_G, loss, torch.optim.SGD(net_G.parameters(), 0.1))
    assert torch.equal(net_D.weight, judged)
    assert not torch.equal(net_G.weight, before[1])


class TestPlots:
    @pytest.fixture(autouse=True)
    def agg(self):
        import matplotlib

        matplotlib.use("agg")
        yield
        plots.plt.close("all")

    def test_lines_of_every_form(self):
        x = torch.arange(0, 3, 0.5)
        plots.plot(x, [x**2, 2 * x], "x", "f(x)", legend=["f", "tangent"], xlim=[0, 2])
        axes = plots.plt.gca()
        assert [line.get_ydata().tolist() for line in axes.lines] == [(x**2).tolist(), (2 * x).tolist()]
        assert axes.get_xlim() == (0, 2)
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["f", "tangent"]
        plots.plot([1.0, 4.0, 9.0], yscale="log")
        assert axes.lines[0].get_xdata().tolist() == [0, 1, 2]
        plots.plot([[1, 2], [1, 2, 3]], [[3, 4], [5, 6, 7]])
        assert [len(line.get_xdata()) for line in axes.lines] == [2, 3]
        plots.plot([torch.tensor(1.0), torch.tensor(2.0)])
        assert axes.lines[0].get_ydata().tolist() == [1, 2]

    def test_pictures_come_back_as_axes(self):
        axes = plots.show_images(torch.rand(5, 4, 4), 2, 3, titles=list("abcde"))
        assert len(axes) == 6
        assert axes[4].get_title() == "e"

    def test_heat_maps_share_their_scale(self):
        plots.show_heatmaps(torch.arange(8.0).reshape(1, 2, 2, 2), "keys", "queries", titles=["1", "2"])
        images = [axes.images[0] for axes in plots.plt.gcf().axes[:2]]
        assert {image.get_clim() for image in images} == {(0.0, 7.0)}

    def test_a_path_over_contours(self):
        plots.show_trace_2d(lambda x1, x2: 0.1 * x1**2 + 2 * x2**2, [(-5, -2), (-4, -1), (torch.tensor(-3.0), 0)])
        assert plots.plt.gca().lines[0].get_xdata().tolist() == [-5, -4, -3]

    def test_progress_of_values(self):
        lake = reinforcement.frozen_lake(0)["desc"]
        reinforcement.show_value_function_progress(lake, numpy.zeros((3, 16)), numpy.zeros((3, 16)))
        reinforcement.show_Q_function_progress(lake, numpy.zeros((5, 16)), numpy.zeros((5, 16)))
        assert plots.plt.gcf().axes
