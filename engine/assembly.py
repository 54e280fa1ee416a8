"""Puts a model together for the data that it is to learn from: what the data decide need not be set."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch


def arguments(kind: type[Any]) -> frozenset[str]:
    """Names of what `kind` is made of."""
    return frozenset(inspect.signature(kind).parameters)


def data(kind: type[Any], settings: Mapping[str, Any]) -> Any:
    """A data set with these settings; lists of numbers become tensors where the book's are."""
    ready = {key: torch.tensor(value) if key == "w" else value for key, value in settings.items()}
    if "w" in arguments(kind):
        ready = {"w": torch.tensor([2.0, -3.4]), "b": 4.2, **ready}
    return kind(**ready)


def model(kinds: Sequence[type[Any]], data: Any, settings: Mapping[str, Any], chosen: frozenset[str]) -> Any:
    """A model of `kinds[0]`, built around parts of the other kinds: each gets those of `settings` that it takes.

    What the data decide (the vocabulary, the number of inputs) is added, unless it is among the `chosen` names.
    """
    known = _decided(data, arguments(kinds[0]) | arguments(kinds[-1]))
    sizes = {key: value for key, value in known.items() if key not in chosen}
    if len(kinds) == 3:
        encoder = _made(kinds[1], {**settings, **sizes, "vocab_size": len(data.src_vocab)})
        decoder = _made(kinds[2], {**settings, **sizes, "vocab_size": len(data.tgt_vocab)})
        return _made(kinds[0], {**settings, "tgt_pad": data.tgt_vocab["<pad>"]}, encoder, decoder)
    parts = [_made(kind, {**settings, **sizes}) for kind in kinds[1:]]
    return _made(kinds[0], {**settings, **sizes}, *parts)


def _made(kind: type[Any], settings: Mapping[str, Any], *parts: Any) -> Any:
    names = arguments(kind)
    return kind(*parts, **{key: value for key, value in settings.items() if key in names})


def _decided(data: Any, names: frozenset[str]) -> dict[str, Any]:
    """What the data say about the sizes of a model that has arguments of these names."""
    if (vocab := getattr(data, "vocab", None)) is not None:
        return {
            "vocab_size": len(vocab),
            "num_inputs": len(vocab),
            "num_steps": data.num_steps,
            "mask": vocab.unk,  # characters of the text itself are all known: <unk> is free to hide them
        }
    if "num_inputs" not in names or hasattr(data, "src_vocab"):
        return {}
    X = next(iter(data.train_dataloader()))[0]
    return {"num_inputs": X[0].numel()}
