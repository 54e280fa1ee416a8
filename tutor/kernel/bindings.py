"""Which cell bound which name, so that an exercise's cell can run as if its earlier versions had never been.

A check that passes on a definition which the learner has since renamed or removed says nothing. So what an exercise's
cell bound is forgotten before it runs again: names that it brought go, and definitions and small values of other cells
that it had put others in the place of are there again. If the new version fails, what it did not bind itself is put
back: a typo costs the cells below nothing. Names that another cell has bound since are that cell's. No torch.
"""

from __future__ import annotations

import re
import symtable
import types
from typing import Any

_LIGHT: tuple[type, ...] = (type(None), bool, int, float, complex, str, bytes, range, type, types.ModuleType)
_LIGHT = (*_LIGHT, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_SMALL = 1_000_000
"""Bytes of a tensor or an array that is kept for an exercise: what is larger stays as the exercise left it."""
_FEW = 1000
"""The same for what a list holds."""
_HEAVY = object()
_OF_IPYTHON = re.compile(r"_+|_i+|_i?\d+|_[iod]h|_exit_code|In|Out|__\w+__")


class Bindings:
    """The names in a namespace, and the cells that bound them. Told of each run, before and after it."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._names = namespace
        self._owners: dict[str, str] = {}
        self._replaced: dict[str, dict[str, Any]] = {}
        """By cell: what a name of another cell stood for until this cell bound it; `_HEAVY`: it was not kept."""
        self._cell = ""
        self._afresh = self._is_check = False
        self._before: dict[str, int] = {}
        self._forgotten: dict[str, Any] = {}
        self._in_place: dict[str, Any] = {}

    def begin(self, cell: str, source: str, *, afresh: bool, is_check: bool) -> None:
        """A run of `source` is about to begin; `afresh`: without what earlier runs of that cell bound."""
        self._cell, self._afresh, self._is_check = cell, afresh, is_check
        if afresh:
            self._forget()
        self._before = {name: id(value) for name, value in self._names.items()}
        assigned = _assigned(source) if afresh else set()
        self._in_place = {name: self._names[name] for name in assigned if name in self._names}

    def end(self, *, well: bool) -> None:
        """It is over, and ended `well` or not."""
        bound = {name for name, value in self._names.items() if self._before.get(name) != id(value)}
        for name in bound:
            if not _OF_IPYTHON.fullmatch(name) and not (self._is_check and name in self._before):
                self._take(name)
        for name in self._forgotten.keys() - bound:
            if not well:
                self._names[name] = self._forgotten[name]
            else:
                del self._owners[name]
                self._replaced.get(self._cell, {}).pop(name, None)
        self._before, self._forgotten, self._in_place = {}, {}, {}

    def _take(self, name: str) -> None:
        """The name is this cell's from now on."""
        was_heavy = self._replaced.get(self._cell, {}).get(name) is _HEAVY
        for replaced in self._replaced.values():
            replaced.pop(name, None)
        if self._afresh and name in self._before:
            value = self._in_place.get(name, _HEAVY)
            self._replaced.setdefault(self._cell, {})[name] = value if not was_heavy and _is_light(value) else _HEAVY
        self._owners[name] = self._cell

    def _forget(self) -> None:
        replaced = self._replaced.get(self._cell, {})
        for name in [name for name, owner in self._owners.items() if owner == self._cell and name in self._names]:
            if replaced.get(name) is not _HEAVY:
                self._forgotten[name] = self._names[name]
                if name in replaced:
                    self._names[name] = replaced[name]
                else:
                    del self._names[name]


def _assigned(source: str) -> set[str]:
    """Names that the source binds at its top level; none of a source with magics: what that replaces is not kept."""
    try:
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError):
        return set()
    return {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}


def _is_light(value: Any, depth: int = 2) -> bool:
    """Whether keeping it costs next to nothing."""
    if isinstance(value, tuple | list | dict | set):
        parts = value.values() if isinstance(value, dict) else value
        return depth > 0 and len(value) <= _FEW and all(_is_light(each, depth - 1) for each in parts)
    if type(value).__module__ in ("torch", "numpy"):
        return bool(getattr(value, "nbytes", 0) <= _SMALL)
    return isinstance(value, _LIGHT)
