"""A model's table and the drawing of its flow: what they say is what ran, for every model of the engine."""

import inspect
import re

import pytest
import torch
from torch import nn

import engine
import engine.models

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
TOKENS = torch.randint(0, 20, (2, 9), generator=torch.Generator().manual_seed(0))
LENGTHS = torch.tensor([5, 9])
RECURRENT = {"embed_size": 16, "num_hiddens": 16, "num_layers": 2, "dropout": 0.1}
TRANSFORMER = {"num_hiddens": 16, "ffn_num_hiddens": 32, "num_heads": 4, "num_blks": 2, "dropout": 0.1}


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("D2L_TUTOR_TEXT", raising=False)
    torch.manual_seed(0)


def language_model(model, cell):
    return engine_model(model)(getattr(engine, cell)(20, 16), 20), TOKENS


def engine_model(name):
    return getattr(engine, name)


def translator(kind):
    if kind == "TransformerDecoder":
        encoder, decoder = engine.TransformerEncoder(20, **TRANSFORMER), engine.TransformerDecoder(20, **TRANSFORMER)
    else:
        encoder, decoder = engine.Seq2SeqEncoder(20, **RECURRENT), getattr(engine, kind)(20, **RECURRENT)
    return engine.Seq2Seq(encoder, decoder, tgt_pad=0, lr=0.1), (TOKENS, TOKENS, LENGTHS)


CLOTHES = (2, 1, 28, 28)
MIDDLE = (1, 1, 96, 96)
MODELS = {
    "LinearRegressionScratch": lambda: (engine.LinearRegressionScratch(2, 0.1), (3, 2)),
    "LinearRegression": lambda: (engine.LinearRegression(0.1), (3, 2)),
    "WeightDecayScratch": lambda: (engine.WeightDecayScratch(2, 3, 0.1), (3, 2)),
    "WeightDecay": lambda: (engine.WeightDecay(3, 0.1), (3, 2)),
    "SoftmaxRegressionScratch": lambda: (engine.SoftmaxRegressionScratch(784, 10, 0.1), CLOTHES),
    "SoftmaxRegression": lambda: (engine.SoftmaxRegression(10, 0.1), CLOTHES),
    "MLPScratch": lambda: (engine.MLPScratch(784, 10, 256, 0.1), CLOTHES),
    "MLP": lambda: (engine.MLP(10, 256, 0.1), CLOTHES),
    "DropoutMLPScratch": lambda: (engine.DropoutMLPScratch(10, 64, 32, 0.5, 0.5, 0.1), CLOTHES),
    "DropoutMLP": lambda: (engine.DropoutMLP(10, 64, 32, 0.5, 0.5, 0.1), CLOTHES),
    "TiedMLP": lambda: (engine.TiedMLP(10, 64), CLOTHES),
    "LeNet": lambda: (engine.LeNet(), CLOTHES),
    "BNLeNet": lambda: (engine.BNLeNet(), CLOTHES),
    "BNLeNetScratch": lambda: (engine.BNLeNetScratch(), CLOTHES),
    "AlexNet": lambda: (engine.AlexNet(), (1, 1, 224, 224)),
    "VGG": lambda: (engine.VGG(((1, 4), (1, 8), (2, 8), (2, 8), (2, 8))), (1, 1, 64, 64)),
    "NiN": lambda: (engine.NiN(), (1, 1, 96, 96)),
    "GoogLeNet": lambda: (engine.GoogLeNet(), MIDDLE),
    "DenseNet": lambda: (engine.DenseNet(), MIDDLE),
    "AnyNet": lambda: (engine.AnyNet(((1, 32, 16, 1),), 32), MIDDLE),
    "RegNetX32": lambda: (engine.RegNetX32(), MIDDLE),
    "ResNet": lambda: (engine.ResNet(((1, 64), (2, 32))), MIDDLE),
    "ResNet18": lambda: (engine.ResNet18(), MIDDLE),
    "RNNScratch": lambda: (engine.RNNScratch(8, 16), (6, 2, 8)),
    "RNN": lambda: (engine.RNN(8, 16), (6, 2, 8)),
    "RNNLMScratch": lambda: language_model("RNNLMScratch", "RNNScratch"),
    "RNNLM": lambda: language_model("RNNLM", "RNN"),
    "LSTMScratch": lambda: (engine.LSTMScratch(8, 16), (6, 2, 8)),
    "LSTM": lambda: (engine.LSTM(8, 16), (6, 2, 8)),
    "GRUScratch": lambda: (engine.GRUScratch(8, 16), (6, 2, 8)),
    "GRU": lambda: (engine.GRU(8, 16), (6, 2, 8)),
    "StackedRNNScratch": lambda: (engine.StackedRNNScratch(8, 16, 2), (6, 2, 8)),
    "BiRNNScratch": lambda: (engine.BiRNNScratch(8, 16), (6, 2, 8)),
    "BiGRU": lambda: (engine.BiGRU(8, 16), (6, 2, 8)),
    "EncoderDecoder": lambda: translator("Seq2SeqDecoder"),
    "Seq2Seq": lambda: translator("Seq2SeqAttentionDecoder"),
    "Transformer": lambda: translator("TransformerDecoder"),
    "ViT": lambda: (engine.ViT(32, 8, 16, 32, 4, 2, 0.1, 0.1, lr=0.1), (1, 3, 32, 32)),
    "MultiHeadAttention": lambda: (engine.MultiHeadAttention(16, 4, 0.1), (torch.rand(2, 5, 16),) * 3 + (LENGTHS,)),
    "GPT": lambda: (engine.GPT(20, 9, 16, 4, 2), TOKENS),
    "BERT": lambda: (engine.BERT(20, 9, 16, 4, 2), TOKENS),
}


@pytest.fixture(params=MODELS)
def model_and_input(request):
    return MODELS[request.param]()


def lines(figure):
    return ESCAPE.sub("", str(figure)).splitlines()


def test_every_model_is_in_this_test():
    exported = {name: getattr(engine, name) for name in engine.models.NAMES}
    whole = {name for name, each in exported.items() if inspect.isclass(each) and issubclass(each, engine.Module)}
    assert whole <= set(MODELS)


def test_every_model_is_drawn_in_eighty_columns_and_ends_in_its_output(model_and_input):
    model, X = model_and_input
    drawn = lines(engine.trace(model, X))
    assert max(map(len, drawn)) <= 80
    assert len(drawn) <= 75
    is_shape = all(isinstance(size, int) for size in X) if isinstance(X, tuple) else False
    inputs = (torch.rand(X),) if is_shape else X if isinstance(X, tuple) else (X,)
    with torch.no_grad():
        output = model.eval()(*inputs)
    output = output[0] if isinstance(output, tuple | list) else output
    output = output[-1] if isinstance(output, list) else output
    assert any(str(tuple(output.shape)) in line for line in drawn[-4:])


def test_every_model_has_a_table_whose_sum_is_its_parameters(model_and_input):
    model, X = model_and_input
    table = lines(engine.summary(model, X))
    assert max(map(len, table)) <= 80
    counted = [int(line.split()[-1].replace(",", "")) for line in table[1:-2] if re.search(r"\)? +[\d,]+$", line)]
    assert sum(counted) == sum(weight.numel() for weight in model.parameters())
    assert table[-1].startswith(f"{sum(counted):,} parameters")


RESIDUAL = """\
●    input  (1, 4, 6, 6)
├─●  Conv2d 3×3 conv1  (1, 8, 3, 3)
│ ●  BatchNorm2d · relu bn1  (1, 8, 3, 3)
│ ●  Conv2d 3×3 conv2  (1, 8, 3, 3)
│ ●  BatchNorm2d bn2  (1, 8, 3, 3)
● │  Conv2d 1×1 /2 conv3  (1, 8, 3, 3)
●─╯  + · relu  (1, 8, 3, 3)"""


def squeezed(figure):
    """Lines with the shape moved to two spaces behind the text."""
    return [re.sub(r"  +(?=\()", "  ", line) for line in lines(figure)]


def test_a_residual_block_is_a_fork_and_a_join():
    drawn = squeezed(engine.trace(engine.models.resnet.Residual(8, use_1x1conv=True, strides=2), (1, 4, 6, 6)))
    assert (
        "\n".join(drawn).replace(" /2  conv1", " conv1").replace("  conv", " conv").replace("  bn", " bn") == RESIDUAL
    )


def test_branches_meet_in_a_concatenation():
    drawn = squeezed(engine.trace(engine.models.branching_cnn.Inception(2, (2, 3), (2, 4), 5), (1, 3, 8, 8)))
    assert drawn[-1] == "●─┴─┴─╯  cat  (1, 14, 8, 8)"
    assert [line[:7] for line in drawn[1:5]] == ["├─●    ", "├─│─●  ", "│ │ ●  ", "├─│─│─●"]


def test_a_block_like_one_above_is_one_line():
    drawn = lines(engine.trace(engine.ResNet18(), MIDDLE))
    assert any("Residual, as net.b2.0  net.b2.1" in line for line in drawn)
    assert not any("as net.b2.0  net.b3.0" in line for line in drawn), "that one has a convolution on its way around"
    assert len(lines(engine.trace(engine.ResNet18(), MIDDLE, folded=False))) > 2 * len(drawn)


def test_a_value_that_is_not_used_is_not_drawn():
    class Wasteful(nn.Module):
        def forward(self, X):
            torch.exp(X)
            return torch.sin(X)

    assert [line.split()[1] for line in lines(engine.trace(Wasteful(), (2, 3)))] == ["input", "sin"]


def test_dropout_that_does_nothing_is_told_from_what_it_got():
    class Around(nn.Module):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.5)

        def forward(self, X):
            return X + self.dropout(X)

    assert [line[:3] for line in lines(engine.trace(Around(), (2, 3)))] == ["●  ", "├─●", "●─╯"]


def test_a_loop_is_said_once():
    drawn = lines(engine.trace(*translator("Seq2SeqAttentionDecoder")))
    assert any("9 times: AdditiveAttention, GRU 2 layers" in line for line in drawn)


def test_the_model_is_left_as_it_was():
    model = engine.BNLeNet()
    model(torch.rand(CLOTHES))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.net[1].eval()
    engine.trace(model, CLOTHES)
    engine.summary(model, CLOTHES)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert model.training
    assert not model.net[1].training
    assert not any(module._forward_hooks for module in model.modules())


def test_a_failing_model_loses_its_hooks_and_says_why():
    model = engine.LinearRegression(0.1)
    model(torch.rand(3, 2))
    with pytest.raises(RuntimeError):
        engine.trace(model, (3, 5))
    assert not model.net._forward_hooks
    assert model.training


def test_only_ascii_where_it_is_asked_for(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    assert str(engine.trace(engine.ResNet18(), MIDDLE)).isascii()
    assert str(engine.summary(engine.ResNet18(), MIDDLE)).isascii()


def test_colours_change_no_character(monkeypatch):
    model = engine.LeNet()
    plain = lines(engine.trace(model, CLOTHES))
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[" in str(engine.trace(model, CLOTHES))
    assert lines(engine.trace(model, CLOTHES)) == plain
