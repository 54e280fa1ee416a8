"""Files of the same form as the book's data sets, made by the engine where the real ones cannot be had. No torch here.

`MAKERS[name](path)` writes the file that is called `name` to `path`. The pictures come from `picture_stand_ins`, the
texts from `text_stand_ins`; both are imported when they are needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

Maker = Callable[[Path], None]


def _made_by(module: str, function: str, *args: object) -> Maker:
    def make(path: Path) -> None:
        getattr(importlib.import_module(f"engine.book.{module}"), function)(path, *args)

    return make


_text, _pictures, _tables = (partial(_made_by, f"{kind}_stand_ins") for kind in ("text", "picture", "table"))
MAKERS: dict[str, Maker] = {
    "airfoil_self_noise.dat": _tables("airfoil"),
    "kaggle_house_pred_train.csv": _tables("houses", 0),
    "kaggle_house_pred_test.csv": _tables("houses", 1),
    "timemachine.txt": _text("novel"),
    "fra-eng.zip": _text("sentence_pairs"),
    "ptb.zip": _text("newspaper"),
    "wikitext-2-v1.zip": _text("encyclopedia"),
    "aclImdb_v1.tar.gz": _text("reviews"),
    "snli_1.0.zip": _text("entailments"),
    "glove.6B.50d.zip": _text("word_vectors", "glove.6B.50d", 50),
    "glove.6B.100d.zip": _text("word_vectors", "glove.6B.100d", 100),
    "glove.42B.300d.zip": _text("word_vectors", "glove.42B.300d", 300),
    "wiki.en.zip": _text("word_vectors", "wiki.en", 300),
    "bert.base.torch.zip": _text("bert", "bert.base.torch", 768, 3072, 12, 12),
    "bert.small.torch.zip": _text("bert", "bert.small.torch", 256, 512, 4, 2),
    "hotdog.zip": _pictures("hotdogs"),
    "banana-detection.zip": _pictures("bananas"),
    "VOCtrainval_11-May-2012.tar": _pictures("segmented"),
    "kaggle_cifar10_tiny.zip": _pictures("tiny_cifar"),
    "kaggle_dog_tiny.zip": _pictures("tiny_dogs"),
    "pokemon.zip": _pictures("creatures"),
}
"""By the name of the file, as in the address that the book gives."""
