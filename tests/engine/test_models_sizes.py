"""How many parameters each model has in the book's setting, and how those that the book initializes itself begin.

The models are built on torch's meta device: shapes without memory, so that VGG's 129 million cost nothing.
"""

import re

import pytest
import torch
from torch import nn

import engine
from engine import catalog
from engine.models.building import CenteredLayer, FixedHiddenMLP, MyLinear, MySequential, NestMLP

V = 28  # characters of The Time Machine
SRC, TGT = 194, 214  # words of the first 512 English-French pairs
TRANSLATOR = {"embed_size": 256, "num_hiddens": 256, "num_layers": 2}
TRANSFORMER = {"num_hiddens": 256, "ffn_num_hiddens": 64, "num_heads": 4, "num_blks": 2, "dropout": 0.2}


def pictures(side):
    return (torch.zeros(2, 1, side, side, device="meta"),)


def words(lengths=False):
    X = torch.zeros(2, 9, dtype=torch.long, device="meta")
    return (X, X, torch.ones(2, dtype=torch.long, device="meta")) if lengths else (X,)


def numbers(n):
    return (torch.zeros(2, n, device="meta"),)


def language_model(name, *more):
    kind = engine.RNNLMScratch if "Scratch" in name else engine.RNNLM
    return lambda: kind(getattr(engine, name)(V, 32, *more), V)


def translator(decoder):
    return lambda: engine.Seq2Seq(engine.Seq2SeqEncoder(SRC, **TRANSLATOR), decoder(TGT, **TRANSLATOR), 0, 0.005)


def gru(inputs, h):
    """What a layer of `nn.GRU` has: two biases, where the book's own has one."""
    return 3 * h * (inputs + h + 2)


def attention(h, bias=False):
    return 4 * (h * h + bias * h)


def dense(inputs, outputs):
    return (inputs + 1) * outputs


ENCODER = SRC * 256 + 2 * gru(256, 256)
DECODER = TGT * 256 + gru(512, 256) + gru(256, 256) + dense(256, TGT)
BLOCK = attention(256) + dense(256, 64) + dense(64, 256) + 2 * 512
BLOCK_DECODING = BLOCK + attention(256) + 512
VIT_BLOCK = attention(512) + dense(512, 2048) + dense(2048, 512) + 2 * 1024
GPT = (V + 32) * 64 + 2 * (attention(64, bias=True) + dense(64, 256) + dense(256, 64) + 2 * 128) + 128
SIZES = {
    "LinearRegressionScratch": (lambda: engine.LinearRegressionScratch(2, 0.03), numbers(2), 3),
    "LinearRegression": (lambda: engine.LinearRegression(0.03), numbers(2), 3),
    "WeightDecayScratch": (lambda: engine.WeightDecayScratch(200, 3, 0.01), numbers(200), 201),
    "WeightDecay": (lambda: engine.WeightDecay(3, 0.01), numbers(200), 201),
    "SoftmaxRegressionScratch": (lambda: engine.SoftmaxRegressionScratch(784, 10, 0.1), pictures(28), 7_850),
    "SoftmaxRegression": (lambda: engine.SoftmaxRegression(10, 0.1), pictures(28), 7_850),
    "MLPScratch": (lambda: engine.MLPScratch(784, 10, 256, 0.1), pictures(28), 203_530),
    "MLP": (lambda: engine.MLP(10, 256, 0.1), pictures(28), 203_530),
    "DropoutMLPScratch": (lambda: engine.DropoutMLPScratch(10, 256, 256, 0.5, 0.5, 0.1), pictures(28), 269_322),
    "DropoutMLP": (lambda: engine.DropoutMLP(10, 256, 256, 0.5, 0.5, 0.1), pictures(28), 269_322),
    "TiedMLP": (
        lambda: engine.TiedMLP(10, 256),
        pictures(28),
        dense(784, 256) + dense(256, 256) + dense(256, 10),  # the shared layer once
    ),
    "LeNet": (engine.LeNet, pictures(28), 61_706),
    "BNLeNetScratch": (engine.BNLeNetScratch, pictures(28), 44_878),
    "BNLeNet": (engine.BNLeNet, pictures(28), 44_878),
    "AlexNet": (engine.AlexNet, pictures(224), 46_764_746),
    "VGG11": (
        lambda: engine.VGG(((1, 64), (1, 128), (2, 256), (2, 512), (2, 512))),
        pictures(224),
        128_806_154,  # torchvision's vgg11 for 10 classes, less 2 · 64 · 9 for the two colours
    ),
    "NiN": (engine.NiN, pictures(224), 1_992_166),
    "GoogLeNet": (engine.GoogLeNet, pictures(96), 5_977_530),
    "ResNet18": (engine.ResNet18, pictures(96), 11_178_378),
    "DenseNet": (engine.DenseNet, pictures(96), 758_226),
    "RegNetX32": (engine.RegNetX32, pictures(96), 179_290),
    "RNNScratch": (language_model("RNNScratch"), words(), 32 * (V + 32 + 1) + dense(32, V)),
    "LSTMScratch": (language_model("LSTMScratch"), words(), 4 * 32 * (V + 32 + 1) + dense(32, V)),
    "GRUScratch": (language_model("GRUScratch"), words(), 3 * 32 * (V + 32 + 1) + dense(32, V)),
    "StackedRNNScratch": (
        language_model("StackedRNNScratch", 2),
        words(),
        32 * (V + 32 + 1) + 32 * (32 + 32 + 1) + dense(32, V),
    ),
    "BiRNNScratch": (language_model("BiRNNScratch"), words(), 2 * 32 * (V + 32 + 1) + dense(64, V)),
    "RNN": (language_model("RNN"), words(), 32 * (V + 32 + 2) + dense(32, V)),
    "LSTM": (language_model("LSTM"), words(), 4 * 32 * (V + 32 + 2) + dense(32, V)),
    "GRU": (language_model("GRU"), words(), gru(V, 32) + dense(32, V)),
    "DeepGRU": (language_model("GRU", 2), words(), gru(V, 32) + gru(32, 32) + dense(32, V)),
    "BiGRU": (language_model("BiGRU"), words(), 2 * gru(V, 32) + dense(64, V)),
    "Seq2Seq": (translator(engine.Seq2SeqDecoder), words(lengths=True), ENCODER + DECODER),
    "Bahdanau": (
        translator(engine.Seq2SeqAttentionDecoder),
        words(lengths=True),
        ENCODER + DECODER + 256 * (256 + 256 + 1),
    ),
    "Transformer": (
        lambda: engine.Seq2Seq(
            engine.TransformerEncoder(SRC, **TRANSFORMER), engine.TransformerDecoder(TGT, **TRANSFORMER), 0, 0.001
        ),
        words(lengths=True),
        (SRC + TGT) * 256 + 2 * BLOCK + 2 * BLOCK_DECODING + dense(256, TGT),
    ),
    "ViT": (
        lambda: engine.ViT(96, 16, 512, 2048, 8, 2, 0.1, 0.1),
        pictures(96),
        dense(256, 512) + 512 + 37 * 512 + 2 * VIT_BLOCK + 1024 + dense(512, 10),
    ),
    "GPT": (lambda: engine.GPT(V, 32), words(), GPT),
    "BERT": (lambda: engine.BERT(V, 32, mask=0), words(), GPT),
}


def count(make, X):
    with torch.device("meta"):
        model = make().eval()
        model(*X)
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("name", SIZES)
def test_parameters(name):
    make, X, expected = SIZES[name]
    assert count(make, X) == expected


def test_every_model_of_the_catalog_is_counted():
    assert set(catalog.models()) <= set(SIZES)


@pytest.mark.parametrize(
    "name", ["AlexNet", "LeNet", "GoogLeNet", "ResNet18", "DenseNet", "NiN", "RegNetX32", "BNLeNet", "VGG", "ViT"]
)
def test_the_docstring_says_the_number_that_is_true(name):
    said = {int(number.replace(",", "")) for number in re.findall(r"\d{1,3}(?:,\d{3})+", getattr(engine, name).__doc__)}
    make, X, _ = SIZES[{"VGG": "VGG11"}.get(name, name)]
    assert count(make, X) in said


@pytest.mark.parametrize(
    ("make", "weights"),
    [
        (lambda: engine.LinearRegressionScratch(5000, 0.1), "w"),
        (lambda: engine.SoftmaxRegressionScratch(784, 10, 0.1), "W"),
        (lambda: engine.MLPScratch(784, 10, 256, 0.1), "W1 W2"),
        (lambda: engine.RNNScratch(60, 60), "W_xh W_hh"),
        (lambda: engine.LSTMScratch(60, 60), "W_xi W_hi W_xf W_hf W_xo W_ho W_xc W_hc"),
        (lambda: engine.GRUScratch(60, 60), "W_xz W_hz W_xr W_hr W_xh W_hh"),
        (lambda: engine.RNNLMScratch(engine.RNNScratch(60, 60), 60), "W_hq"),
    ],
)
def test_weights_from_scratch_are_normal_with_a_deviation_of_a_hundredth_and_biases_zero(make, weights):
    torch.manual_seed(0)
    model = make()
    for name in weights.split():
        weight = getattr(model, name)
        assert weight.std().item() == pytest.approx(0.01, rel=0.06)
        assert abs(weight.mean().item()) < 0.001
    biases = [p for name, p in model.named_parameters() if name.split(".")[-1].startswith("b")]
    assert biases
    assert not any(bias.any() for bias in biases)


@pytest.mark.parametrize("make", [engine.AlexNet, engine.NiN, engine.GoogLeNet, engine.ResNet18, engine.RegNetX32])
def test_convolutional_networks_begin_with_xavier_s_weights(make):
    torch.manual_seed(0)
    model = make(num_classes=4).eval()
    with torch.no_grad():
        model(torch.zeros(1, 1, 96, 96))
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(module.weight)
            bound = (6 / (fan_in + fan_out)) ** 0.5
            largest = module.weight.abs().max().item()
            assert 0.7 * bound < largest <= bound * 1.0001


# -- layers and blocks of one's own (chapter 6) ----------------------------------------------------------------------


def test_a_container_by_hand_does_what_pytorch_s_does():
    torch.manual_seed(0)
    layers = [nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 2)]
    ours, theirs, X = MySequential(*layers), nn.Sequential(*layers), torch.randn(3, 5)
    assert torch.equal(ours(X), theirs(X))
    assert ours.state_dict().keys() == theirs.state_dict().keys()


def test_a_forward_pass_may_loop_and_hold_constants():
    torch.manual_seed(0)
    net, X = FixedHiddenMLP(), torch.randn(4, 20)
    out = net(X)
    assert out.shape == ()
    assert sum(p.numel() for p in net.parameters()) == 420
    constant = net.rand_weight.clone()
    hidden = net.linear(torch.relu(net.linear(X) @ constant + 1))
    while hidden.abs().sum() > 1:
        hidden = hidden / 2
    assert torch.allclose(out, hidden.sum())
    out.backward()
    torch.optim.SGD(net.parameters(), lr=1.0).step()
    assert torch.equal(net.rand_weight, constant)


def test_modules_nest():
    net = nn.Sequential(NestMLP(), nn.LazyLinear(20), FixedHiddenMLP())
    assert net(torch.randn(2, 20)).shape == ()


def test_a_layer_without_parameters_centres():
    net = nn.Sequential(nn.LazyLinear(128), CenteredLayer())
    assert abs(net(torch.rand(4, 8)).mean().item()) < 1e-6
    assert CenteredLayer()(torch.tensor([1.0, 2, 3, 4, 5])).tolist() == [-2, -1, 0, 1, 2]


def test_a_dense_layer_by_hand_is_pytorch_s_with_relu():
    torch.manual_seed(0)
    ours, theirs, X = MyLinear(5, 3), nn.Linear(5, 3), torch.randn(400, 5)
    theirs.load_state_dict({"weight": ours.weight.T, "bias": ours.bias})
    assert torch.allclose(ours(X), torch.relu(theirs(X)), atol=1e-6)
    assert (ours(X) == 0).any()
    assert MyLinear(200, 200).weight.std().item() == pytest.approx(1.0, rel=0.05)


def test_tied_layers_are_one_tensor_and_its_gradient_the_sum_of_both_places():
    torch.manual_seed(0)
    model, X, y = engine.TiedMLP(3, 8).double(), torch.randn(6, 5).double(), torch.arange(6) % 3
    model(X)
    first, second = model.net[3], model.net[5]
    assert first is second
    model.loss(model(X), y).backward()
    apart = [first.weight.detach().clone().requires_grad_() for _ in range(2)]
    H = torch.relu(model.net[1](X))
    for W in apart:
        H = torch.relu(H @ W.T + first.bias)
    one, other = torch.autograd.grad(model.loss(model.net[7](H), y), apart)
    assert torch.allclose(first.weight.grad, one + other, atol=1e-12)
    assert one.abs().sum() > 0
    assert other.abs().sum() > 0
