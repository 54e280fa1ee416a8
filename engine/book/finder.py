"""Finds the book's packages where none are installed: `d2l`, `d2l.torch`, `d2lbook.tab`, `gym`. No torch here."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

FRAMEWORKS = ("mxnet", "jax", "tensorflow")


class OtherFramework(ImportError):
    """The book's code for another framework was asked for: the engine is PyTorch's."""


class BookFinder(MetaPathFinder):
    """Asked last, when no other finder knows the name."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        """A spec for a module of the book's, else None. `path`, `target`: as Python's import system has them."""
        if fullname == "gym":
            if importlib.util.find_spec("gymnasium") is None:
                return None
            return ModuleSpec(fullname, _Gym())
        fill = _MODULES.get(fullname)
        if fill is None and fullname.partition(".")[0] == "d2l" and fullname.partition(".")[2] in FRAMEWORKS:
            return ModuleSpec(fullname, _Refused())
        return None if fill is None else ModuleSpec(fullname, _Filled(fill), is_package=fullname in ("d2l", "d2lbook"))


class _Filled(Loader):
    """Gives an empty module its names from one of the engine's."""

    def __init__(self, home: str) -> None:
        self.home = home

    def exec_module(self, module: ModuleType) -> None:
        if not self.home:
            return
        home = importlib.import_module(self.home)
        for name in ("__getattr__", "__dir__", "__all__", "__doc__", *getattr(home, "GIVEN", ())):
            setattr(module, name, getattr(home, name))
        if module.__name__ == "d2l.torch":
            importlib.import_module("engine.book.libraries").install()


class _Refused(Loader):
    """Says why there is no such module."""

    def exec_module(self, module: ModuleType) -> None:
        framework = module.__name__.partition(".")[2]
        raise OtherFramework(
            f"d2l.{framework} is not there: this engine runs the book's PyTorch code. "
            "Write `from d2l import torch as d2l`, or install the package d2l.",
            name=module.__name__,
        )


class _Gym(Loader):
    """The old name of gymnasium."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return importlib.import_module("gymnasium")

    def exec_module(self, module: ModuleType) -> None:
        sys.modules["gym"] = module


_MODULES = {
    "d2l": "",
    "d2l.torch": "engine.book.names",
    "d2lbook": "",
    "d2lbook.tab": "engine.book.tab",
}
"""Modules of the book's, and those of ours that their names come from."""
