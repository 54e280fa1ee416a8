"""Names that are not there: what may have been meant.

Candidates are the names in the traceback's lines of code, Python's own, and those of PyTorch that lessons use: this
side of the house has no torch to ask.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from difflib import get_close_matches

from tutor.explain.rule import Raised, rule
from tutor.words import _

DOCUMENTATION = "preliminaries/documentation"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TENSOR = _words(
    "abs add all any append argmax argmin argsort backward bool bmm cat chunk clamp clone contiguous copy_ cos cpu "
    "cuda cumsum data detach device diag dim dot dtype exp expand fill_ flatten float floor gather grad half "
    "index_select int item log long masked_fill matmul max mean min mm mul mv "
    "ndim norm numel numpy ones permute pow prod "
    "repeat requires_grad reshape round scatter shape sigmoid sign sin size softmax sort split sqrt squeeze stack std "
    "sub sum t T tan tanh to tolist topk transpose triu tril type unbind unsqueeze var view where zero_"
)
TORCH = TENSOR + _words(
    "Tensor arange as_tensor bernoulli bfloat16 empty eye float16 float32 float64 from_numpy full hstack "
    "inference_mode int32 int64 isnan linspace load logspace manual_seed maximum meshgrid minimum multinomial nn "
    "no_grad normal ones_like optim outer rand randint randn randperm relu save tensor utils vstack zeros zeros_like"
)
NN = _words(
    "AdaptiveAvgPool2d AvgPool2d BCELoss BCEWithLogitsLoss BatchNorm1d BatchNorm2d Conv1d Conv2d CrossEntropyLoss "
    "Dropout ELU Embedding Flatten GELU GRU GroupNorm Identity L1Loss LSTM LayerNorm LazyBatchNorm2d LazyConv2d "
    "LazyLinear LeakyReLU Linear MSELoss MaxPool2d Module ModuleDict ModuleList MultiheadAttention NLLLoss Parameter "
    "RNN ReLU Sequential Sigmoid SiLU Softmax Softplus Tanh Transformer Upsample functional init utils"
)
MODULE = _words(
    "add_module apply bias buffers children cpu cuda eval float forward half in_features load_state_dict modules "
    "named_children named_modules named_parameters out_features parameters register_buffer requires_grad_ state_dict "
    "to train training weight zero_grad"
)
_OF_MODULE = {"torch": TORCH, "torch.nn": NN}

_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_CODE = re.compile(r"^\s*(?:-+>)?\s*\d+ (.*)$", re.MULTILINE)


def _near(name: str, candidates: Iterable[str]) -> str:
    """The candidate that is most like `name`; empty if none is."""
    known = {one for one in candidates if one != name}
    same = [one for one in known if one.lower() == name.lower()]
    found = same or get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return found[0] if found else ""


def _name(match: re.Match[str], raised: Raised) -> str:
    code = "\n".join(_CODE.findall(raised.trace))
    words = set(_WORD.findall(code)) | set(dir(builtins)) | set(keyword.kwlist)
    near = _near(match[1], words)
    return _("Nothing is called {name}. Did you mean {near}?").format(name=match[1], near=near) if near else ""


def _of_module(match: re.Match[str], _raised: Raised) -> str:
    near = _near(match[2], _OF_MODULE.get(match[1], ()))
    said = _("{module} has nothing called {name}. Did you mean {module}.{near}?")
    return said.format(module=match[1], name=match[2], near=near) if near else ""


def _of_object(match: re.Match[str], _raised: Raised) -> str:
    near = _near(match[2], TENSOR if match[1] in ("Tensor", "Parameter") else MODULE)
    said = _("A {kind} has nothing called {name}. Did you mean .{near}?")
    return said.format(kind=match[1], name=match[2], near=near) if near else ""


def _keyword(match: re.Match[str], _raised: Raised) -> str:
    said = _("{function} takes no argument {name}: its own are in its help, {function}? in a cell.")
    return said.format(function=match[1].removesuffix(".__init__").rpartition(".")[2], name=match[2])


RULES = (
    rule(r"^NameError: name '(\w+)' is not defined", _name, DOCUMENTATION),
    rule(r"^UnboundLocalError: (?:cannot access )?local variable '(\w+)'", _name, DOCUMENTATION),
    rule(r"^AttributeError: module '([\w.]+)' has no attribute '(\w+)'", _of_module, DOCUMENTATION),
    rule(r"^AttributeError: '(\w+)' object has no attribute '(\w+)'", _of_object, DOCUMENTATION),
    rule(r"^TypeError: ([\w.]+)\(\) got an unexpected keyword argument '(\w+)'", _keyword, DOCUMENTATION),
)
