"""The book's own setting of each model: data, sizes, learning rate, epochs. What `train lenet` means."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.config import EngineError


class UnknownName(EngineError, KeyError):
    """There is no model, data set or setting of that name; the message names near ones."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the book trains a model."""

    model: str
    data: str
    max_epochs: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the model."""
    data_settings: Mapping[str, Any] = field(default_factory=dict)
    clip: float = 0.0
    parts: tuple[str, ...] = ()
    """What the model is built around: a recurrent layer, or an encoder and a decoder."""


_LINEAR = {"w": [2.0, -3.4], "b": 4.2}
_WIDE = {"w": [0.01] * 200, "b": 0.05, "num_train": 20, "num_val": 100, "batch_size": 5}
_CLOTHES = {"batch_size": 256}
_MIDDLE = {"batch_size": 128, "resize": (96, 96)}
_LARGE = {"batch_size": 128, "resize": (224, 224)}
_VGG = ((1, 16), (1, 32), (2, 64), (2, 128), (2, 128))
_VIT = {
    "img_size": 96,
    "patch_size": 16,
    "num_hiddens": 512,
    "mlp_num_hiddens": 2048,
    "num_heads": 8,
    "num_blks": 2,
    "emb_dropout": 0.1,
    "blk_dropout": 0.1,
    "lr": 0.1,
}
_NOVEL = {"batch_size": 1024, "num_steps": 32}
_DEEP = {"num_hiddens": 32, "num_layers": 2, "lr": 2.0}
_PAIRS = {"batch_size": 128}
_TRANSLATOR = {"embed_size": 256, "num_hiddens": 256, "num_layers": 2, "dropout": 0.2, "lr": 0.005}
_TRANSFORMER = {
    "num_hiddens": 256,
    "ffn_num_hiddens": 64,
    "num_heads": 4,
    "num_blks": 2,
    "dropout": 0.2,
    "lr": 0.001,
}
_MLP = {"num_outputs": 10, "num_hiddens": 256, "lr": 0.1}
_DROPOUT = {
    "num_outputs": 10,
    "num_hiddens_1": 256,
    "num_hiddens_2": 256,
    "dropout_1": 0.5,
    "dropout_2": 0.5,
    "lr": 0.1,
}

_RECIPES = {
    "LinearRegressionScratch": Recipe(
        "LinearRegressionScratch", "synthetic", 3, {"num_inputs": 2, "lr": 0.03}, _LINEAR
    ),
    "LinearRegression": Recipe("LinearRegression", "synthetic", 3, {"lr": 0.03}, _LINEAR),
    "WeightDecayScratch": Recipe(
        "WeightDecayScratch", "synthetic", 10, {"num_inputs": 200, "lambd": 3, "lr": 0.01}, _WIDE
    ),
    "WeightDecay": Recipe("WeightDecay", "synthetic", 10, {"wd": 3, "lr": 0.01}, _WIDE),
    "SoftmaxRegressionScratch": Recipe(
        "SoftmaxRegressionScratch", "FashionMNIST", 10, {"num_inputs": 784, "num_outputs": 10, "lr": 0.1}, _CLOTHES
    ),
    "SoftmaxRegression": Recipe("SoftmaxRegression", "FashionMNIST", 10, {"num_outputs": 10, "lr": 0.1}, _CLOTHES),
    "MLPScratch": Recipe("MLPScratch", "FashionMNIST", 10, {"num_inputs": 784, **_MLP}, _CLOTHES),
    "MLP": Recipe("MLP", "FashionMNIST", 10, _MLP, _CLOTHES),
    "DropoutMLPScratch": Recipe("DropoutMLPScratch", "FashionMNIST", 10, _DROPOUT, _CLOTHES),
    "DropoutMLP": Recipe("DropoutMLP", "FashionMNIST", 10, _DROPOUT, _CLOTHES),
    "TiedMLP": Recipe("TiedMLP", "FashionMNIST", 10, _MLP, _CLOTHES),
    "LeNet": Recipe("LeNet", "FashionMNIST", 10, {"lr": 0.1}, {"batch_size": 128}),
    "BNLeNetScratch": Recipe("BNLeNetScratch", "FashionMNIST", 10, {"lr": 0.1}, {"batch_size": 128}),
    "BNLeNet": Recipe("BNLeNet", "FashionMNIST", 10, {"lr": 0.1}, {"batch_size": 128}),
    "AlexNet": Recipe("AlexNet", "FashionMNIST", 10, {"lr": 0.01}, _LARGE),
    "VGG11": Recipe("VGG", "FashionMNIST", 10, {"arch": _VGG, "lr": 0.01}, _LARGE),
    "NiN": Recipe("NiN", "FashionMNIST", 10, {"lr": 0.05}, _LARGE),
    "GoogLeNet": Recipe("GoogLeNet", "FashionMNIST", 10, {"lr": 0.01}, _MIDDLE),
    "ResNet18": Recipe("ResNet18", "FashionMNIST", 10, {"lr": 0.01}, _MIDDLE),
    "DenseNet": Recipe("DenseNet", "FashionMNIST", 10, {"lr": 0.01}, _MIDDLE),
    "RegNetX32": Recipe("RegNetX32", "FashionMNIST", 10, {"lr": 0.05}, _MIDDLE),
    "RNNScratch": Recipe(
        "RNNLMScratch", "TimeMachine", 100, {"num_hiddens": 32, "lr": 1.0}, _NOVEL, clip=1.0, parts=("RNNScratch",)
    ),
    "RNN": Recipe("RNNLM", "TimeMachine", 100, {"num_hiddens": 32, "lr": 1.0}, _NOVEL, clip=1.0, parts=("RNN",)),
    "LSTMScratch": Recipe(
        "RNNLMScratch", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, parts=("LSTMScratch",)
    ),
    "LSTM": Recipe("RNNLM", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, parts=("LSTM",)),
    "GRUScratch": Recipe(
        "RNNLMScratch", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, parts=("GRUScratch",)
    ),
    "GRU": Recipe("RNNLM", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, parts=("GRU",)),
    "StackedRNNScratch": Recipe(
        "RNNLMScratch", "TimeMachine", 100, _DEEP, _NOVEL, clip=1.0, parts=("StackedRNNScratch",)
    ),
    "DeepGRU": Recipe("RNNLM", "TimeMachine", 100, _DEEP, _NOVEL, clip=1.0, parts=("GRU",)),
    "Seq2Seq": Recipe(
        "Seq2Seq", "MTFraEng", 30, _TRANSLATOR, _PAIRS, clip=1.0, parts=("Seq2SeqEncoder", "Seq2SeqDecoder")
    ),
    "Bahdanau": Recipe(
        "Seq2Seq", "MTFraEng", 30, _TRANSLATOR, _PAIRS, clip=1.0, parts=("Seq2SeqEncoder", "Seq2SeqAttentionDecoder")
    ),
    "Transformer": Recipe(
        "Seq2Seq", "MTFraEng", 30, _TRANSFORMER, _PAIRS, clip=1.0, parts=("TransformerEncoder", "TransformerDecoder")
    ),
    "ViT": Recipe("ViT", "FashionMNIST", 10, _VIT, _MIDDLE),
    "GPT": Recipe("GPT", "TimeMachine", 10, {}, {"batch_size": 128, "num_steps": 32}, clip=1.0),
    "BERT": Recipe("BERT", "TimeMachine", 10, {}, {"batch_size": 128, "num_steps": 32}, clip=1.0),
}

_DATA = {
    "synthetic": ("SyntheticRegressionData", "numbers"),
    "KaggleHouse": ("KaggleHouse", "numbers"),
    "Airfoil": ("Airfoil", "numbers"),
    "SyntheticSequence": ("SyntheticSequence", "numbers"),
    "FashionMNIST": ("FashionMNIST", "pictures"),
    "MNIST": ("MNIST", "pictures"),
    "CIFAR10": ("CIFAR10", "pictures"),
    "TimeMachine": ("TimeMachine", "text"),
    "MTFraEng": ("MTFraEng", "sentences in two languages"),
}
"""Data sets by name: their classes, and what they hold."""


def models() -> list[str]:
    """Names of all models that the engine has, in the order of the book."""
    return list(_RECIPES)


def recipe(name: str) -> Recipe:
    """The recipe of a model, whatever the spelling of its name. Raises `UnknownName`."""
    return _RECIPES[_find(name, models(), "model")]


def build(recipe: Recipe, data_name: str | None, settings: Mapping[str, Any]) -> tuple[Any, Any]:
    """Data and model of a recipe, with some settings changed: each goes to whichever of the parts has it.

    Raises `UnknownName` for a setting that none of them has, and for data that such a model cannot learn from.
    """
    from engine import assembly

    name = _data_name(recipe, data_name)
    engine = importlib.import_module("engine")
    data_class = getattr(engine, _DATA[name][0])
    classes = [getattr(engine, part) for part in (recipe.model, *recipe.parts)]
    takes = [assembly.arguments(each) for each in (*classes, data_class)]
    if unknown := [key for key in settings if not any(key in names for names in takes)]:
        raise UnknownName(f"{recipe.model} has no setting {unknown[0]!r}. {_known(set().union(*takes))}")
    own = recipe.data_settings if name == recipe.data else {}
    shared = {key: value for key, value in recipe.data_settings.items() if key in takes[-1] and key in _SHARED}
    data_settings = {**shared, **own, **{key: value for key, value in settings.items() if key in takes[-1]}}
    data = assembly.data(data_class, data_settings)
    wanted = {**recipe.settings, **{key: value for key, value in settings.items() if key not in takes[-1]}}
    return data, assembly.model(classes, data, wanted, frozenset(settings))


_SHARED = ("resize", "num_steps")
"""Settings of a recipe's data that other data take over; a batch size goes by the data."""


def _data_name(recipe: Recipe, wanted: str | None) -> str:
    name = _find(wanted or recipe.data, list(_DATA), "data set")
    kind, needed = _DATA[name][1], _DATA[recipe.data][1]
    if kind != needed:
        fitting = [each for each, (_, held) in _DATA.items() if held == needed]
        raise UnknownName(f"{recipe.model} learns from {needed}, and {name} has {kind}. {_known(fitting)}")
    return name


def _find(name: str, known: list[str], kind: str) -> str:
    plain = {_plain(each): each for each in known}
    if (found := plain.get(_plain(name))) is not None:
        return found
    near = [plain[match] for match in difflib.get_close_matches(_plain(name), plain, n=3, cutoff=0.5)]
    raise UnknownName(
        f"There is no {kind} {name!r}. " + (f"Did you mean {', '.join(near)}?" if near else _known(known))
    )


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _known(names: Any) -> str:
    return f"There are: {', '.join(sorted(names))}."
