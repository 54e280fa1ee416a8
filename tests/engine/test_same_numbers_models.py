"""Every model that can be trained: the engine computes what a plain loop does, to 1e-9 over 20 steps of float64.

The loop is written out here: loss, gradients, clipping and the optimizer's formula. It shares the model's layers with
the engine and nothing else; for networks from scratch it feeds one-hot vectors, where the engine looks tokens up.
"""

import copy
import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

import engine
from engine import catalog
from engine.config import TrainSettings
from engine.events import MetricPoint
from engine.loaders import TensorLoader
from engine.train import train

STEPS, VOCAB, T = 20, 11, 6


@pytest.fixture(autouse=True)
def double(monkeypatch):
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class Fixed(engine.DataModule):
    """Minibatches in a fixed order."""

    def __init__(self, batch_size, *tensors):
        super().__init__()
        self.batch_size, self.tensors = batch_size, tensors

    def get_dataloader(self, train):
        return TensorLoader(self.tensors, self.batch_size, shuffle=False) if train else None


def numbers(inputs):
    n = STEPS * 8
    return Fixed(8, torch.randn(n, inputs), torch.randn(n, 1))


def pictures(side, batch_size=4):
    n = STEPS * batch_size
    return Fixed(batch_size, torch.rand(n, 1, side, side), torch.randint(10, (n,)))


def tokens():
    n = STEPS * 4
    return Fixed(4, torch.randint(VOCAB, (n, T)), torch.randint(VOCAB, (n, T)))


def sentences():
    n = STEPS * 4
    lengths = torch.randint(1, T + 1, (n,))
    source, target, label = (torch.randint(1, VOCAB, (n, T)) for _ in range(3))
    label[:, -2:] = 0  # padding, which the loss must leave out
    return Fixed(4, source, target, lengths, label)


def translator(encoder, decoder):
    return engine.Seq2Seq(encoder, decoder, tgt_pad=0, lr=0.005)


def recurrent(name, *more):
    return lambda: engine.RNNLM(getattr(engine, name)(VOCAB, 8, *more), VOCAB, lr=1.0)


def by_hand(name, *more):
    def make():
        net = getattr(engine, name)(VOCAB, 8, *more)
        net.sigma, net.num_hiddens = 0.3, getattr(net, "num_hiddens", 8)
        model = engine.RNNLMScratch(net, VOCAB, lr=1.0)
        for parameter in model.parameters():
            nn.init.normal_(parameter, std=0.3)  # so that a mistake shows
        return model

    return make


SIZES = {"num_hiddens": 8, "num_heads": 2, "num_blks": 2, "dropout": 0.0}
MODELS = {
    "LinearRegressionScratch": (lambda: engine.LinearRegressionScratch(3, lr=0.03), lambda: numbers(3)),
    "LinearRegression": (lambda: engine.LinearRegression(lr=0.03), lambda: numbers(3)),
    "WeightDecayScratch": (lambda: engine.WeightDecayScratch(3, lambd=3, lr=0.01), lambda: numbers(3)),
    "WeightDecay": (lambda: engine.WeightDecay(wd=3, lr=0.01), lambda: numbers(3)),
    "SoftmaxRegressionScratch": (lambda: engine.SoftmaxRegressionScratch(64, 10, lr=0.1), lambda: pictures(8)),
    "SoftmaxRegression": (lambda: engine.SoftmaxRegression(10, lr=0.1), lambda: pictures(8)),
    "MLPScratch": (lambda: engine.MLPScratch(64, 10, 16, lr=0.1, sigma=0.3), lambda: pictures(8)),
    "MLP": (lambda: engine.MLP(10, 16, lr=0.1), lambda: pictures(8)),
    "DropoutMLPScratch": (lambda: engine.DropoutMLPScratch(10, 16, 12, 0.0, 0.0, lr=0.1), lambda: pictures(8)),
    "DropoutMLP": (lambda: engine.DropoutMLP(10, 16, 12, 0.0, 0.0, lr=0.1), lambda: pictures(8)),
    "TiedMLP": (lambda: engine.TiedMLP(10, 16, lr=0.1), lambda: pictures(8)),
    "LeNet": (lambda: engine.LeNet(lr=0.1), lambda: pictures(28)),
    "BNLeNetScratch": (lambda: engine.BNLeNetScratch(lr=0.1), lambda: pictures(28)),
    "BNLeNet": (lambda: engine.BNLeNet(lr=0.1), lambda: pictures(28)),
    "AlexNet": (lambda: engine.AlexNet(lr=0.01), lambda: pictures(80, 2)),
    "VGG11": (lambda: engine.VGG(((1, 4), (1, 8), (2, 8)), lr=0.01), lambda: pictures(16, 2)),
    "NiN": (lambda: engine.NiN(lr=0.05), lambda: pictures(80, 2)),
    "GoogLeNet": (lambda: engine.GoogLeNet(lr=0.01), lambda: pictures(32, 2)),
    "ResNet18": (lambda: engine.ResNet(((1, 64), (1, 16)), lr=0.01), lambda: pictures(24)),
    "ResNeXt": (lambda: engine.AnyNet(((1, 16, 4, 0.5),), 8, lr=0.05), lambda: pictures(24)),
    "DenseNet": (lambda: engine.DenseNet(64, 8, (2, 2), lr=0.01), lambda: pictures(24)),
    "RegNetX32": (lambda: engine.RegNetX32(lr=0.001), lambda: pictures(32)),
    "RNNScratch": (by_hand("RNNScratch"), tokens),
    "LSTMScratch": (by_hand("LSTMScratch"), tokens),
    "GRUScratch": (by_hand("GRUScratch"), tokens),
    "StackedRNNScratch": (by_hand("StackedRNNScratch", 2), tokens),
    "BiRNNScratch": (by_hand("BiRNNScratch"), tokens),
    "RNN": (recurrent("RNN"), tokens),
    "LSTM": (recurrent("LSTM"), tokens),
    "GRU": (recurrent("GRU"), tokens),
    "DeepGRU": (recurrent("GRU", 2), tokens),
    "BiGRU": (recurrent("BiGRU"), tokens),
    "Seq2Seq": (
        lambda: translator(engine.Seq2SeqEncoder(VOCAB, 6, 8, 2), engine.Seq2SeqDecoder(VOCAB, 6, 8, 2)),
        sentences,
    ),
    "Bahdanau": (
        lambda: translator(engine.Seq2SeqEncoder(VOCAB, 6, 8, 2), engine.Seq2SeqAttentionDecoder(VOCAB, 6, 8, 2)),
        sentences,
    ),
    "Transformer": (
        lambda: translator(
            engine.TransformerEncoder(VOCAB, ffn_num_hiddens=12, **SIZES),
            engine.TransformerDecoder(VOCAB, ffn_num_hiddens=12, **SIZES),
        ),
        sentences,
    ),
    "ViT": (lambda: engine.ViT(16, 8, 16, 32, 2, 2, 0.0, 0.0, lr=0.1), lambda: pictures(16)),
    "GPT": (lambda: engine.GPT(VOCAB, T, **SIZES), tokens),
    "BERT": (lambda: engine.BERT(VOCAB, T, mask=0, **SIZES), tokens),
}


def test_every_model_of_the_catalog_is_here():
    assert set(catalog.models()) <= set(MODELS)


def loss_of(model, batch):
    """The loss, by the longest way."""
    if isinstance(model, engine.BERT):
        return model.masked_loss(batch[0])
    if type(model) is engine.RNNLMScratch:
        one_hot = functional.one_hot(batch[0].T, VOCAB).double()
        return functional.cross_entropy(model.output_layer(model.rnn(one_hot)[0]).flatten(0, 1), batch[1].flatten())
    return model.loss(model(*batch[:-1]), batch[-1])


def plain_loop(model, data, clip):
    """Twenty steps, written out: gradient descent, or what Adam and AdamW do."""
    parameters = list(model.parameters())
    adam = isinstance(model, engine.Seq2Seq | engine.GPT | engine.BERT)
    shrink = 0.01 if isinstance(model, engine.GPT | engine.BERT) else 0.0  # AdamW's default
    first, second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    losses = []
    model.train()
    for step, batch in enumerate(itertools.islice(data.train_dataloader(), STEPS), 1):
        loss = loss_of(model, batch)
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        if clip and (norm := math.sqrt(sum(float((g**2).sum()) for g in gradients if g is not None))) > clip:
            gradients = [g if g is None else g * (clip / norm) for g in gradients]
        with torch.no_grad():
            for p, g, m, v in zip(parameters, gradients, first, second, strict=True):
                if g is None:
                    continue
                if adam:
                    p.mul_(1 - model.lr * shrink)
                    m.mul_(0.9).add_(g, alpha=0.1)
                    v.mul_(0.999).add_(g * g, alpha=0.001)
                    p.sub_(model.lr / (1 - 0.9**step) * m / ((v / (1 - 0.999**step)).sqrt() + 1e-8))
                elif isinstance(model, engine.WeightDecay) and p is model.net.weight:
                    p.sub_(g + model.wd * p, alpha=model.lr)
                else:
                    p.sub_(g, alpha=model.lr)
        losses.append(loss.item())
    return losses


def prepared(name):
    """A model whose layers know their sizes, its twin, and the data of both."""
    make, data_of = MODELS[name]
    data, model = data_of(), make()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, nn.LazyLinear) and module.out_features == 4096:
            module.out_features = 64  # AlexNet's and VGG's: nearly all of their 47 million parameters
    with torch.no_grad():
        model.eval()(*next(iter(data.train_dataloader()))[:-1])
    model.plot_train_per_epoch = STEPS
    return model.double(), copy.deepcopy(model).double(), data


@pytest.mark.parametrize("name", MODELS)
def test_engine_and_plain_loop_agree(name):
    model, twin, data = prepared(name)
    clip = 0.5 if isinstance(model, engine.RNNLMScratch | engine.Seq2Seq) else 0.0
    settings = TrainSettings(
        1, gradient_clip_val=clip, device="cpu", precision="float64", scale=False, checkpoint=False, seed=7
    )
    points = [event for event in train(model, data, settings) if isinstance(event, MetricPoint)]
    torch.manual_seed(7)  # BERT draws what it hides
    expected = plain_loop(twin, data, clip)
    assert len({round(loss, 6) for loss in expected}) > 1
    losses = [math.log(point.y) if point.series == "train_ppl" else point.y for point in points]
    assert losses == pytest.approx(expected, rel=0, abs=1e-9)
    theirs = twin.state_dict()
    for key, mine in model.state_dict().items():  # parameters, and the statistics of batch normalization
        assert torch.allclose(mine, theirs[key], rtol=0, atol=1e-9), key


@pytest.mark.parametrize("name", ["RNNScratch", "BNLeNet", "Transformer"])
def test_a_step_too_few_is_noticed(name):
    """That the comparison above can fail."""
    model, twin, data = prepared(name)
    settings = TrainSettings(1, max_steps=STEPS - 1, device="cpu", precision="float64", checkpoint=False)
    list(train(model, data, settings))
    plain_loop(twin, data, 0)
    theirs = twin.state_dict()
    assert any(not torch.allclose(mine, theirs[key], rtol=0, atol=1e-9) for key, mine in model.state_dict().items())


@pytest.mark.parametrize("name", ["LeNet", "BNLeNet", "ResNet18", "GoogLeNet"])
def test_channels_last_is_the_same_training_in_another_order_of_memory(name):
    model, twin, data = prepared(name)
    settings = TrainSettings(1, device="cpu", precision="float64", channels_last=True, checkpoint=False)
    layouts = []
    step = model.training_step
    model.training_step = lambda batch: (
        layouts.append(is_last(batch[0]) and is_last(first_kernel(model))) or step(batch)
    )
    events = list(train(model, data, settings))
    assert "channels last" in events[0].notes
    assert not layouts[0]  # a lazy layer must find its size first
    assert all(layouts[1:])
    expected = plain_loop(twin, data, 0)
    losses = [event.y for event in events if isinstance(event, MetricPoint)]
    assert losses == pytest.approx(expected, rel=0, abs=1e-8)  # sums in another order, and BN divides by small ones
    assert all(weight.is_contiguous() for weight in model.parameters())


def first_kernel(model):
    return next(weight for weight in model.parameters() if weight.dim() == 4 and min(weight.shape) > 1)


def is_last(tensor):
    return tensor.is_contiguous(memory_format=torch.channels_last)
