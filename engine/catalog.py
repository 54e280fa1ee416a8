"""The book's own setting of each model: data, sizes, learning rate, epochs. What `train lenet` means."""

from __future__ import annotations

import difflib
import importlib
import inspect
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
    cell: str | None = None
    """The recurrent layer that a language model is built around."""


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
        "RNNLMScratch", "TimeMachine", 100, {"num_hiddens": 32, "lr": 1.0}, _NOVEL, clip=1.0, cell="RNNScratch"
    ),
    "RNN": Recipe("RNNLM", "TimeMachine", 100, {"num_hiddens": 32, "lr": 1.0}, _NOVEL, clip=1.0, cell="RNN"),
    "LSTMScratch": Recipe(
        "RNNLMScratch", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, cell="LSTMScratch"
    ),
    "LSTM": Recipe("RNNLM", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, cell="LSTM"),
    "GRUScratch": Recipe(
        "RNNLMScratch", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, cell="GRUScratch"
    ),
    "GRU": Recipe("RNNLM", "TimeMachine", 50, {"num_hiddens": 32, "lr": 4.0}, _NOVEL, clip=1.0, cell="GRU"),
    "ViT": Recipe("ViT", "FashionMNIST", 10, _VIT, _MIDDLE),
}

_DATA = {"synthetic": "SyntheticRegressionData", "FashionMNIST": "FashionMNIST", "TimeMachine": "TimeMachine"}


def models() -> list[str]:
    """Names of all models that the engine has, in the order of the book."""
    engine = importlib.import_module("engine")
    return [name for name, recipe in _RECIPES.items() if {recipe.model, recipe.cell or name} <= set(engine.__all__)]


def recipe(name: str) -> Recipe:
    """The recipe of a model, whatever the spelling of its name. Raises `UnknownName`."""
    return _RECIPES[_find(name, models(), "model")]


def build(recipe: Recipe, data_name: str | None, settings: Mapping[str, Any]) -> tuple[Any, Any]:
    """Data and model of a recipe, with some settings changed: each goes to whichever of the two has it."""
    engine = importlib.import_module("engine")
    data_class = getattr(engine, _DATA[_find(data_name or recipe.data, list(_DATA), "data set")])
    parts = [getattr(engine, name) for name in (recipe.model, recipe.cell) if name]
    takes = [set(inspect.signature(part).parameters) for part in (*parts, data_class)]
    if unknown := [name for name in settings if not any(name in names for names in takes)]:
        raise UnknownName(f"{recipe.model} has no setting {unknown[0]!r}. {_known(set().union(*takes))}")
    data_settings = dict(recipe.data_settings) if data_name is None or data_name == recipe.data else {}
    data_settings |= {name: value for name, value in settings.items() if name in takes[-1]}
    if "w" in data_settings:
        data_settings["w"] = importlib.import_module("torch").tensor(data_settings["w"])
    data = data_class(**data_settings)
    wanted = {**recipe.settings, **{name: value for name, value in settings.items() if name not in takes[-1]}}
    if recipe.cell is None:
        return data, parts[0](**wanted)
    size = len(data.vocab)
    cell = parts[1](num_inputs=size, **{name: value for name, value in wanted.items() if name in takes[1]})
    own = {name: value for name, value in wanted.items() if name in takes[0]}
    return data, parts[0](cell, vocab_size=size, **own)


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
