"""Where a tensor is, what its numbers are, and how many fit."""

from __future__ import annotations

import re

from tutor.explain.rule import Raised, rule
from tutor.words import _

MODULES = "builders-guide/parameter-management"
DATA = "preliminaries/data-preprocessing"
SOFTMAX = "classification/softmax-concise"

_CALLED = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "long int": "int64",
    "int": "int32",
}
_CALLED |= {"unsigned char": "uint8", "byte": "uint8", "bool": "bool", "bfloat16": "bfloat16", "short": "int16"}


def _dtype(name: str) -> str:
    name = re.sub(r"(?:torch\.)?(?:cuda\.)?(\w+?)Tensor", r"\1", name.strip())
    return _CALLED.get(name.strip().lower(), name)


def _dtypes(match: re.Match[str], _raised: Raised) -> str:
    one, other = _dtype(match[1]), _dtype(match[2])
    said = _("{one} meets {other}: both must have the same kind of numbers.").format(one=one, other=other)
    if "float64" in (one, other):
        return f"{said} {_('NumPy and pandas make float64; x.float() makes it float32, as weights are.')}"
    return f"{said} {_('x.float() turns whole numbers into float32; labels of classes stay int64.')}"


def _devices(match: re.Match[str], _raised: Raised) -> str:
    said = _(
        "One tensor is on {one} and another on {other}. Move both to one device: X = X.to(device), and "
        "net.to(device) for a model; tensors that you make yourself take device=X.device."
    )
    return said.format(one=match[1].rstrip("!,."), other=match[2].rstrip("!,."))


def _out_of_memory(match: re.Match[str], raised: Raised) -> str:
    wanted = re.search(r"Tried to allocate ([\d.]+ \w+)", raised.value)
    free = re.search(r"of which ([\d.]+ \w+) is free", raised.value)
    what = _("{size} more were asked for").format(size=wanted[1]) if wanted else _("More was asked for")
    left = _("{size} were free").format(size=free[1]) if free else _("there is no room")
    said = _(
        "The GPU's memory is full: {what}, and {left}. A smaller batch_size helps most; then torch.no_grad() for what "
        "only predicts, keeping loss.item() instead of the loss itself, or a restart of kernels that hold memory."
    )
    return said.format(what=what, left=left)


RULES = (
    rule(r"CUDA out of memory|OutOfMemoryError:|MPS backend out of memory", _out_of_memory, MODULES),
    rule(r"found at least two devices, (\S+?),? and (\S+?)!", _devices, MODULES),
    rule(r"Tensor on device (\S+) is not on the expected device (\S+?)!", _devices, MODULES),
    rule(
        r"Found no NVIDIA driver|Torch not compiled with CUDA enabled|No CUDA GPUs are available",
        _(
            "There is no GPU that PyTorch can use here. Leave the device out, or ask for it: device = 'cuda' if "
            "torch.cuda.is_available() else 'cpu'."
        ),
        MODULES,
    ),
    rule(r"expected m1 and m2 to have the same dtype, but got: ([\w ]+) != ([\w ]+)", _dtypes, DATA),
    rule(r"must have the same dtype, but got (\w+) and (\w+)", _dtypes, DATA),
    rule(r"Input type \(([\w. ]+)\) and (?:bias|weight) type \(([\w. ]+)\) should be the same", _dtypes, DATA),
    rule(
        r"expected target dtype to be Long or Byte, but got (\w+)|expected scalar type Long but found (\w+)",
        lambda match, _raised: _(
            "The labels are {got}, and cross-entropy wants class numbers, which are int64: y.long()."
        ).format(got=_dtype(match[1] or match[2])),
        SOFTMAX,
    ),
    rule(r"expected scalar type (\w+) but found (\w+)", _dtypes, DATA),
    rule(
        r"argument #1 'indices' to have one of the following scalar types: Long, Int; but got (\S+) instead",
        lambda match, _raised: _(
            "An embedding looks rows up by number, and got {got}: indices are int64, x.long()."
        ).format(got=_dtype(match[1])),
        "recurrent/rnn-scratch",
    ),
    rule(
        r"could not infer output dtype.*Got: (\w+)",
        lambda match, _raised: _("The mean of whole numbers ({got}) would be none: x.float().mean().").format(
            got=_dtype(match[1])
        ),
        "preliminaries/linear-algebra",
    ),
    rule(
        r"Boolean value of Tensor with more than one value is ambiguous",
        _("An `if` wants one yes or no, and the tensor has several: use .all() or .any()."),
        "preliminaries/data-manipulation",
    ),
    rule(
        r"a Tensor with (\d+) elements cannot be converted to Scalar",
        lambda match, _raised: _("item() and float() want one number, and this tensor has {count}.").format(
            count=match[1]
        ),
        "preliminaries/data-manipulation",
    ),
)
