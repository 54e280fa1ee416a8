"""What `d2l-tutor train NAME` can train: each model with the data and the settings of the book. No torch here.

An entry names classes by their public names; they are imported when a model is made. `--set lr=0.05` changes one of
`model`, `data` or `max_epochs`.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.config import EngineError


class UnknownModel(EngineError, KeyError):
    """No model has this name; the message says which are near."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownSetting(EngineError, KeyError):
    """A model has no such setting; the message says which it has."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train one model as the book does."""

    name: str
    title: str
    section: str
    """Of the book."""
    model: str
    """Public name of the class."""
    settings: Mapping[str, Any]
    """Its arguments."""
    data: str
    data_settings: Mapping[str, Any]
    max_epochs: int = 10
    gradient_clip_val: float = 0.0
    network: str | None = None
    """For language models: the recurrent network inside, made of the vocabulary's size and `network_settings`."""
    network_settings: Mapping[str, Any] = field(default_factory=dict)

    def changed(self, **changes: Any) -> Recipe:
        """The recipe with some settings changed, wherever they belong. Raises `UnknownSetting`."""
        own = {"max_epochs", "gradient_clip_val"}
        parts: dict[str, dict[str, Any]] = {
            "settings": dict(self.settings),
            "network_settings": dict(self.network_settings),
            "data_settings": dict(self.data_settings),
        }
        direct: dict[str, Any] = {}
        for key, value in changes.items():
            home = next((part for part in parts.values() if key in part), None)
            if key in own:
                direct[key] = value
            elif home is not None:
                home[key] = value
            else:
                known = sorted({*own, *(name for part in parts.values() for name in part)})
                raise UnknownSetting(f"{self.name} has no setting {key!r}. It has: {', '.join(known)}.")
        settings: dict[str, Any] = {**parts, **direct}
        return replace(self, **settings)

    def make(self) -> tuple[Any, Any]:
        """The model and its data, fresh. Imports torch."""
        data = _named("engine.data", self.data)(**_tensors(self.data_settings))
        make_model = _named("engine.models", self.model)
        if self.network is None:
            return make_model(**self.settings), data
        size = len(data.vocab)
        network = _named("engine.models", self.network)(size, **self.network_settings)
        return make_model(network, vocab_size=size, **self.settings), data


def find(name: str) -> Recipe:
    """The recipe called `name`, whatever the case. Raises `UnknownModel`."""
    plain = name.casefold().replace("_", "-")
    if plain in RECIPES:
        return RECIPES[plain]
    near = difflib.get_close_matches(plain, RECIPES, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UnknownModel(f"There is no model {name!r} to train.{hint} There are: {', '.join(RECIPES)}.")


def _named(package: str, name: str) -> Any:
    return getattr(importlib.import_module(package), name)


def _tensors(settings: Mapping[str, Any]) -> dict[str, Any]:
    import torch

    return {key: torch.tensor(value) if isinstance(value, list) else value for key, value in settings.items()}


def _pictures(name: str, title: str, section: str, model: str, settings: dict[str, Any], **data: Any) -> Recipe:
    return Recipe(name, title, section, model, settings, "FashionMNIST", data)


def _language(name: str, title: str, section: str, model: str, network: str, lr: float, epochs: int) -> Recipe:
    data = {"batch_size": 1024, "num_steps": 32}
    hiddens = {"num_hiddens": 32}
    return Recipe(name, title, section, model, {"lr": lr}, "TimeMachine", data, epochs, 1.0, network, hiddens)


_LINEAR_DATA = {"w": [2.0, -3.4], "b": 4.2}

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "linear-scratch", "Linear regression from scratch", "3.4", "LinearRegressionScratch",
            {"num_inputs": 2, "lr": 0.03}, "SyntheticRegressionData", _LINEAR_DATA, max_epochs=3,
        ),
        Recipe(
            "linear", "Linear regression", "3.5", "LinearRegression",
            {"lr": 0.03}, "SyntheticRegressionData", _LINEAR_DATA, max_epochs=3,
        ),
        _pictures("softmax-scratch", "Softmax regression from scratch", "4.4", "SoftmaxRegressionScratch",
                  {"num_inputs": 784, "num_outputs": 10, "lr": 0.1}, batch_size=256),
        _pictures("softmax", "Softmax regression", "4.5", "SoftmaxRegression",
                  {"num_outputs": 10, "lr": 0.1}, batch_size=256),
        _pictures("mlp-scratch", "Multilayer perceptron from scratch", "5.2", "MLPScratch",
                  {"num_inputs": 784, "num_outputs": 10, "num_hiddens": 256, "lr": 0.1}, batch_size=256),
        _pictures("mlp", "Multilayer perceptron", "5.2", "MLP",
                  {"num_outputs": 10, "num_hiddens": 256, "lr": 0.1}, batch_size=256),
        _pictures("dropout-mlp", "Multilayer perceptron with dropout", "5.6", "DropoutMLP",
                  {"num_outputs": 10, "num_hiddens_1": 256, "num_hiddens_2": 256, "dropout_1": 0.5, "dropout_2": 0.5,
                   "lr": 0.1}, batch_size=256),
        _pictures("lenet", "LeNet", "7.6", "LeNet", {"lr": 0.1}, batch_size=128),
        _pictures("bn-lenet", "LeNet with batch normalization", "8.5", "BNLeNet", {"lr": 0.1}, batch_size=128),
        _pictures("resnet18", "ResNet-18", "8.6", "ResNet18", {"lr": 0.01}, batch_size=128, resize=(96, 96)),
        _language("rnn-scratch", "Recurrent language model from scratch", "9.5", "RNNLMScratch", "RNNScratch", 1, 100),
        _language("rnn", "Recurrent language model", "9.6", "RNNLM", "RNN", 1, 100),
        _language("lstm-scratch", "LSTM language model from scratch", "10.1", "RNNLMScratch", "LSTMScratch", 4, 50),
        _language("lstm", "LSTM language model", "10.1", "RNNLM", "LSTM", 4, 50),
        _language("gru-scratch", "GRU language model from scratch", "10.2", "RNNLMScratch", "GRUScratch", 4, 50),
        _language("gru", "GRU language model", "10.2", "RNNLM", "GRU", 4, 50),
    )
}  # fmt: skip
"""Every recipe by its name, in the book's order."""
