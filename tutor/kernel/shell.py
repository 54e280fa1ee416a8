"""How the kernel names cells and shows errors: by the cell's id, and only the frames that the learner wrote."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import ast
import contextlib
import importlib
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell

from tutor.kernel.showing import Showing

_LIBRARIES = tuple(
    {str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib")}
    | {str(Path(__file__).resolve().parents[2] / room) for room in ("tutor", "engine")}
)


MATPLOTLIB = "module://engine.matplotlib_backend"
"""matplotlib's name for what draws its figures; by name, since few cells need it."""


class CellCompiler(XCachingCompiler):
    """Compiles each run of a cell under a name of its own, so that a traceback finds the source that really ran."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = ""
        """Id of the cell that is about to run."""
        self._labels: dict[str, str] = {}

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """A name for this source, to find it again in `linecache`."""
        label = self.cell or f"{number}"
        name = f"<cell {label}, run {len(self._labels) + 1}>"
        self._labels[name] = label
        return name

    def format_code_name(self, name: str) -> tuple[str, str] | None:
        """What a traceback shows for the name: `Cell [softmax]`."""
        label = self._labels.get(name)
        return None if label is None else ("Cell", f"[{label}]")

    def knows(self, name: str) -> bool:
        """Whether the name is that of a cell."""
        return name in self._labels


class TutorShell(ZMQInteractiveShell):
    """IPython's shell with tracebacks for learners."""

    compile: CellCompiler
    draws_training_events = True
    """Read by `engine.publish`: the tutor draws curves from the events, and needs no picture beside them."""
    _showing: Showing | None = None

    async def run_ast_nodes(
        self, nodelist: list[ast.stmt], cell_name: str, interactivity: str = "last_expr", *args: Any, **kwargs: Any
    ) -> Any:
        """Runs a cell's statements; figures that they make are shown where they make them."""
        self._showing = self._showing or Showing(self)
        self._showing.begin(nodelist, has_value=interactivity != "none")
        return await super().run_ast_nodes(nodelist, cell_name, interactivity, *args, **kwargs)

    def _tee(self, channel: str) -> Any:
        # IPython would keep all that is printed in memory, for a history that nobody asks for.
        return contextlib.nullcontext()

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """`%matplotlib inline` and its like: there is one way to show figures here, and it is on already."""
        matplotlib = importlib.import_module("matplotlib")
        matplotlib.use(MATPLOTLIB)
        return gui, MATPLOTLIB

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        kind, value, traceback = super()._get_exc_info(exc_tuple)
        seen = {id(value)}
        linked = value.__cause__ or value.__context__
        while linked is not None and id(linked) not in seen:
            seen.add(id(linked))
            linked.__traceback__ = self._learners_frames(linked.__traceback__)
            linked = linked.__cause__ or linked.__context__
        if traceback is None:
            return kind, value, traceback
        # IPython cuts the first frame off: it is its own.
        rest = self._learners_frames(traceback.tb_next)
        return kind, value, _linked([traceback], rest)

    def _learners_frames(self, traceback: TracebackType | None) -> TracebackType | None:
        """The frames of cells and of the learner's own files; all, if there is none of these."""
        frames = list(_frames(traceback))
        theirs = [frame for frame in frames if self._is_learners(frame.tb_frame.f_code.co_filename)]
        return _linked(theirs or frames, None)

    def _is_learners(self, name: str) -> bool:
        if self.compile.knows(name):
            return True
        return not name.startswith("<") and not name.startswith(_LIBRARIES) and Path(name).is_file()


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _linked(frames: list[TracebackType], rest: TracebackType | None) -> TracebackType | None:
    # Copies: the exception's own traceback stays whole for `%debug` and for the learner's code.
    for frame in reversed(frames):
        rest = TracebackType(rest, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return rest
