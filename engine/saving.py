"""Weights in a file: `.safetensors`, which holds nothing but numbers, or PyTorch's `.pt`."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import torch
from torch import nn

from engine.config import EngineError

_CODES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


class SavingError(EngineError):
    """The weights cannot be written there."""


def check(path: str | Path) -> None:
    """Raise `SavingError` if `save` could not write to `path`."""
    target = Path(path)
    if target.suffix not in (".safetensors", ".pt", ".pth"):
        raise SavingError(f"{target.name}: end it in .safetensors or .pt, so that the form is known.")
    folder = target.absolute().parent
    if not folder.is_dir():
        raise SavingError(f"There is no folder {folder}: make it first.")
    if target.is_dir() or not os.access(folder, os.W_OK):
        raise SavingError(f"{target} cannot be written.")


def save(model: nn.Module, path: str | Path) -> None:
    """Write the weights of `model`. A file that is there is replaced at once or not at all."""
    check(path)
    target = Path(path)
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    partial = target.with_name(f".{target.name}.partial")
    try:
        if target.suffix == ".safetensors":
            partial.write_bytes(_safetensors(weights))
        else:
            torch.save(weights, partial)
        partial.replace(target)
    except OSError as error:
        raise SavingError(f"{target} could not be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _safetensors(weights: dict[str, torch.Tensor]) -> bytes:
    """The format: the length of the header in 8 bytes, the header as JSON, all numbers one after another."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    chunks: list[bytes] = []
    offset = 0
    for name, tensor in weights.items():
        chunk = tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
        header[name] = {
            "dtype": _CODES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(chunk)],
        }
        chunks.append(chunk)
        offset += len(chunk)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, *chunks])
