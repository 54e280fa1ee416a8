"""The book's `save_hyperparameters` (3.2.1), without looking into the caller's frame.

Every `__init__` of a subclass is wrapped once, when the class is made: its arguments lie on a stack while it runs, and
`save_hyperparameters` takes the topmost.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_calls = threading.local()


class HyperParameters:
    """A class whose `__init__` can keep its arguments as attributes, with `save_hyperparameters()`."""

    hparams: Mapping[str, Any]
    """What was saved, by name, over all classes of the object."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            keep_arguments(cls)

    def save_hyperparameters(self, ignore: Iterable[str] = ()) -> None:
        """Keep the arguments of the running `__init__` as attributes and in `hparams`, except those in `ignore`.

        Raises `RuntimeError` outside of an `__init__`.
        """
        call = next((c for c in reversed(_stack()) if c[0] is self), None)
        if call is None:
            raise RuntimeError(
                "save_hyperparameters() was called outside of __init__: call it there, once the arguments are in."
            )
        ignored = set(ignore)
        saved = {name: value for name, value in call[1].items() if name not in ignored and not name.startswith("_")}
        self.hparams = {**getattr(self, "hparams", {}), **saved}
        for name, value in saved.items():
            setattr(self, name, value)


def keep_arguments(cls: type[Any]) -> None:
    """Wrap `cls.__init__` so that its arguments can be saved while it runs."""
    init = cls.__dict__["__init__"]
    if getattr(init, "keeps_arguments", False):
        return
    signature = inspect.signature(init)

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        try:
            bound = signature.bind(self, *args, **kwargs)
        except TypeError:
            init(self, *args, **kwargs)  # raises the error that Python would have raised, with its name
            raise
        bound.apply_defaults()
        stack = _stack()
        given = list(bound.arguments.items())[1:]  # without the object itself, whatever its name
        stack.append((self, dict(given)))
        try:
            init(self, *args, **kwargs)
        finally:
            stack.pop()

    __init__.keeps_arguments = True  # type: ignore[attr-defined]
    cls.__init__ = __init__


def add_to_class(Class: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as a method of a class that exists already, so that a notebook can build it cell by cell."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(Class, function.__name__, function)
        if function.__name__ == "__init__" and issubclass(Class, HyperParameters):
            keep_arguments(Class)
        return function

    return add


def _stack() -> list[tuple[Any, dict[str, Any]]]:
    stack: list[tuple[Any, dict[str, Any]]] | None = getattr(_calls, "stack", None)
    if stack is None:
        stack = _calls.stack = []
    return stack
