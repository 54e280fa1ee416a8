"""Which rows of a data set are to learn from, and which to validate with: the first ones, and what comes after them."""

from __future__ import annotations


def rows(train: bool, num_train: int, num_val: int | None = None) -> slice:
    """The first `num_train` rows if `train`, else the `num_val` after them (None: all that are left)."""
    if train:
        return slice(num_train)
    return slice(num_train, None if num_val is None else num_train + num_val)
