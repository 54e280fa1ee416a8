"""The book's own package, timed: `d2l` 1.0.3 in an interpreter of its own, asked line by line. Not a test.

    python train_peer.py FOLDER < {"name": "LeNet", "steps": 40, "warm": 10, "clip": 0, "settings": {…}}

FOLDER holds the data in the form in which `d2l` reads them (`train_data.write`). A model that the package has is the
package's; of the others it gets the layers of the engine, and all else (loader, loop, loss, chart switched off) is its
own: those are marked `own: false`. What training does not need and need not be installed is a stub here.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import types
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", message="This DataLoader will create 4 worker processes")

for name, attributes in {
    "requests": ["get"],
    "gym": [],
    "scipy": [],
    "scipy.spatial": ["distance_matrix"],
    "IPython": ["display"],
    "matplotlib_inline": ["backend_inline"],
}.items():
    try:
        __import__(name)
    except ImportError:
        stub = types.ModuleType(name)
        vars(stub).update(dict.fromkeys(attributes))
        sys.modules[name] = stub

import torch  # noqa: E402
from d2l import torch as d2l  # noqa: E402
from torch import nn  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import engine  # noqa: E402

FOLDER = Path(sys.argv[1])
d2l.TimeMachine._download = lambda self: (FOLDER / "timemachine.txt").read_text()
d2l.MTFraEng._download = lambda self: (FOLDER / "fra.txt").read_text()


def classifier(net, lr):
    """The package's classifier around some layers."""
    model = d2l.LeNet(lr)
    model.net = net
    return model


def language_model(rnn, layer, lr):
    """The package's language model around a layer of torch."""
    rnn.rnn = layer
    return d2l.RNNLM(rnn, vocab_size=28, lr=lr)


def scratch_softmax():
    model = classifier(engine.SoftmaxRegressionScratch(784, 10, 0.1), 0.1)
    model.loss = lambda Y_hat, Y: engine.cross_entropy(Y_hat, Y)
    return model


def images(settings):
    data = object.__new__(d2l.FashionMNIST)
    d2l.DataModule.__init__(data, root=str(FOLDER))  # num_workers=4, as always in the book
    size = tuple(settings.get("resize", (28, 28)))
    steps = d2l.transforms.Compose([d2l.transforms.Resize(size), d2l.transforms.ToTensor()])
    data.batch_size, data.resize = settings["batch_size"], size
    data.train = d2l.torchvision.datasets.FashionMNIST(root=str(FOLDER), train=True, transform=steps)
    return data


def novel(settings):
    return d2l.TimeMachine(**settings)


def translator(data, encoder, decoder, lr):
    return d2l.Seq2Seq(encoder, decoder, tgt_pad=data.tgt_vocab["<pad>"], lr=lr)


SIZES = {"embed_size": 256, "num_hiddens": 256, "num_layers": 2, "dropout": 0.2}
HEADS = {"num_hiddens": 256, "ffn_num_hiddens": 64, "num_heads": 4, "num_blks": 2, "dropout": 0.2}


def seq2seq(data):
    encoder = d2l.Seq2SeqEncoder(len(data.src_vocab), **SIZES)
    return translator(data, encoder, engine.Seq2SeqDecoder(len(data.tgt_vocab), **SIZES), 0.005)


def bahdanau(data):
    encoder = d2l.Seq2SeqEncoder(len(data.src_vocab), **SIZES)
    return translator(data, encoder, engine.Seq2SeqAttentionDecoder(len(data.tgt_vocab), **SIZES), 0.005)


def transformer(data):
    encoder = d2l.TransformerEncoder(len(data.src_vocab), **HEADS)
    return translator(data, encoder, engine.TransformerDecoder(len(data.tgt_vocab), **HEADS), 0.001)


def vit():
    return engine.ViT(96, 16, 512, 2048, 8, 2, 0.1, 0.1)


def synthetic(settings):
    return d2l.SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2)


def pairs(settings):
    return d2l.MTFraEng(batch_size=settings["batch_size"])


MODELS = {
    "LinearRegressionScratch": (synthetic, lambda data: d2l.LinearRegressionScratch(2, lr=0.03), True),
    "LinearRegression": (synthetic, lambda data: d2l.LinearRegression(lr=0.03), True),
    "SoftmaxRegressionScratch": (images, lambda data: scratch_softmax(), False),
    "SoftmaxRegression": (images, lambda data: d2l.SoftmaxRegression(10, lr=0.1), True),
    "MLP": (images, lambda data: classifier(engine.MLP(10, 256, 0.1).net, 0.1), False),
    "LeNet": (images, lambda data: d2l.LeNet(lr=0.1), True),
    "BNLeNet": (images, lambda data: classifier(engine.BNLeNet().net, 0.1), False),
    "AlexNet": (images, lambda data: classifier(engine.AlexNet().net, 0.01), False),
    "ResNet18": (images, lambda data: classifier(engine.ResNet18().net, 0.01), False),
    "ViT": (images, lambda data: classifier(vit(), 0.1), False),
    "RNNScratch": (novel, lambda data: d2l.RNNLMScratch(d2l.RNNScratch(28, 32), vocab_size=28, lr=1), True),
    "RNN": (novel, lambda data: d2l.RNNLM(d2l.RNN(28, 32), vocab_size=28, lr=1), True),
    "LSTMScratch": (novel, lambda data: d2l.RNNLMScratch(engine.LSTMScratch(28, 32), vocab_size=28, lr=4), False),
    "LSTM": (novel, lambda data: language_model(d2l.RNN(28, 32), nn.LSTM(28, 32), 4), True),
    "GRU": (novel, lambda data: d2l.RNNLM(d2l.GRU(28, 32, num_layers=1), vocab_size=28, lr=4), True),
    "Seq2Seq": (pairs, seq2seq, False),
    "Bahdanau": (pairs, bahdanau, False),
    "Transformer": (pairs, transformer, False),
}
"""The data, the model, and whether the model is the package's own."""


class Enough(Exception):
    """All steps were timed."""


class Endless:
    """The package's loader, begun anew as long as steps are missing; it says the length of one pass."""

    def __init__(self, loader):
        self.loader = loader

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        while True:
            yield from self.loader


def seconds_a_step(name, steps, warm, clip, settings, cpu=False):
    """The time of `steps` steps behind the first `warm`, in the package's Trainer. `cpu`: that of this process."""
    clock = time.process_time if cpu else time.perf_counter
    data_of, model_of, _ = MODELS[name]
    data = data_of(settings)
    model = model_of(data)
    model.board.display = False
    loader = Endless(data.train_dataloader())
    data.train_dataloader, data.val_dataloader = lambda: loader, lambda: None
    step, times = model.training_step, []

    def timed(batch):
        done = trainer.train_batch_idx
        if done == warm or done == warm + steps:
            times.append(clock())
        if len(times) == 2:
            raise Enough
        return step(batch)

    model.training_step = timed
    trainer = d2l.Trainer(max_epochs=1, gradient_clip_val=clip)
    with contextlib.suppress(Enough):
        trainer.fit(model, data)
    return (times[1] - times[0]) / steps


print(json.dumps({"models": {name: own for name, (_, _, own) in MODELS.items()}}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    with contextlib.redirect_stdout(sys.stderr):
        took = seconds_a_step(**asked)
    print(json.dumps(took), flush=True)
