"""The spaces between neighbours in a row, as TeX has them by class of atom, in whole cells. Both back ends ask here."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.math.tree import Node, Symbol, kind_of

_BEFORE_SIGN = frozenset({"bin", "op", "fun", "rel", "open", "punct", "sign"})
_AFTER_SIGN = frozenset({"rel", "close", "punct"})
_CLOSED = frozenset({"ord", "word", "close", "inner", "fence", "text"})
_OPENED = frozenset({"ord", "word", "inner", "text", "sign"})


def kinds_in_row(items: Sequence[Node], before: str = "") -> list[str]:
    """Each item's class, after something of class `before`; a + or − with nothing to join is a `sign`."""
    kinds = [kind_of(item) for item in items]
    for place, kind in enumerate(kinds):
        if kind == "space":
            continue
        if kind == "bin" and (not before or before in _BEFORE_SIGN):
            item = items[place]
            kinds[place] = "sign" if isinstance(item, Symbol) and item.text in "+−±∓¬" else "ord"
        elif before == "bin" and kind in _AFTER_SIGN:
            _last_bin_to_ord(kinds, place)
        before = kinds[place]
    return kinds


def _last_bin_to_ord(kinds: list[str], end: int) -> None:
    for place in range(end - 1, -1, -1):
        if kinds[place] == "bin":
            kinds[place] = "ord"
            return


def gap(before: str, after: str, tight: bool) -> int:
    """Cells between neighbours of these classes. `tight` is inside scripts and limits."""
    if not before or before == "open" or after == "close":
        return 0
    if before == "text" or after == "text":
        return 0
    if after == "fun" or after == "op":
        if tight:
            return 1 if before in ("fun", "op") else 0
        return 0 if before in ("sign",) else 1
    if before == "fun":
        return 1 if after in _OPENED else 0 if tight or after not in ("rel", "bin") else 1
    if before == "op" and (after in _OPENED or after in ("fence", "open")):
        return 0 if tight else 1
    if tight or after == "punct":
        return 0
    if before == "punct":
        return 1
    if before == "rel" or after == "rel":
        return 0 if before == after else 1
    return 1 if before == "bin" or after == "bin" else 0


def words_touch(left: str, right: str, before: str, after: str) -> bool:
    """Whether two neighbours would run together into one word: `rank` and `A`."""
    if not left or not right or not (left[-1].isalnum() and right[0].isalnum()):
        return False
    return bool({"word", "text", "fun"} & {before, after}) or "_" in left or "^" in left


def with_explicit(wanted: int | None, space: int) -> int:
    """The gap where explicit spaces of `wanted` cells stand too; a negative one closes it."""
    if wanted is None:
        return space
    return 0 if wanted < 0 else max(space, wanted)
