"""Figures of the engine are shown where the code makes them, and not only as a cell's last expression.

A call of `plot(…)` in the middle of a cell, in a loop or in a function is a statement whose value nobody takes: it is
shown, as the figures of matplotlib are. What is given a name is the learner's to show. A figure that was shown and is
written on is shown again in its place; none is shown twice. No torch.
"""

from __future__ import annotations

import ast
import builtins
from typing import Any

from engine.terminal import Figure

STATEMENT, LAST = "__d2l_statement__", "__d2l_last__"
"""Names under which cells find what shows: among the builtins, so that no reset and no name of theirs hides it."""

_SHOWABLE = (ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.ListComp)
_QUICK = frozenset(
    ("add", "append", "backward", "clear", "extend", "insert", "pop", "print", "remove", "reset", "seed", "sleep")
) | {"sort", "step", "update", "write", "zero_grad"}
"""What loops call very often, and never makes a figure."""
_MAKERS = frozenset(("annotate", "plot", "summary", "trace"))
MOST = 100
"""Figures of one cell that are remembered, to be shown in their place when they are written on."""


class Showing:
    """What the running cell has shown of its own."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._shown: dict[int, tuple[Figure, str, dict[str, Any]]] = {}
        """By the figure's id: itself, the id of its display, and what was shown."""
        setattr(builtins, STATEMENT, self.statement)
        setattr(builtins, LAST, self.last)

    def begin(self, statements: list[ast.stmt], *, has_value: bool) -> list[ast.stmt]:
        """The statements of a cell that is about to run; `has_value`: its last expression will be shown."""
        self._shown.clear()
        seen = _Statements()
        last = statements[-1] if has_value and statements else None
        for statement in statements:
            if statement is not last:
                seen.visit(statement)
            elif isinstance(statement, ast.Expr):
                _hand_over(statement, LAST)
            else:
                seen.visit(statement)
        return statements

    def statement(self, value: Any) -> None:
        """The value of an expression that is a statement of its own."""
        for figure in _figures(value):
            self._show(figure)

    def last(self, value: Any) -> Any:
        """The value of the last expression: what the cell still is to show of it."""
        figures = _figures(value)
        if not figures or (value is figures[0] and id(value) not in self._shown):
            return value
        if not self._shell.displayhook.quiet():
            for figure in figures:
                self._show(figure)
        return None

    def _show(self, figure: Figure) -> None:
        data, metadata = self._shell.display_formatter.format(figure)
        known = self._shown.get(id(figure))
        if known is not None and known[2] == data:
            return
        name = f"figure-{id(figure):x}-{self._shell.execution_count}" if known is None else known[1]
        self._shown[id(figure)] = (figure, name, data)
        if len(self._shown) > MOST:
            del self._shown[next(iter(self._shown))]
        self._shell.display_pub.publish(data, metadata, transient={"display_id": name}, update=known is not None)


def _figures(value: Any) -> list[Figure]:
    """The figure, or those of a tuple or a list of nothing else."""
    if isinstance(value, Figure):
        return [value]
    if type(value) in (tuple, list) and value and all(isinstance(each, Figure) for each in value):
        return list(value)
    return []


class _Statements(ast.NodeTransformer):
    """Hands over the values of expressions that are statements."""

    def __init__(self) -> None:
        self._functions = 0

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        if isinstance(node.value, _SHOWABLE):
            called = _called(node.value)
            if (called not in _QUICK) if not self._functions else _makes_figures(called):
                _hand_over(node, STATEMENT)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._visit_function(node)

    def _visit_function(self, node: ast.AST) -> ast.AST:
        # In a function only what is known to make figures: models that are compiled stay as they were written.
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1
        return node


def _called(node: ast.expr) -> str:
    """The last part of the name that is called: `plot` of `engine.plot(x)`."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _makes_figures(name: str) -> bool:
    return name in _MAKERS or name.startswith("show_")


def _hand_over(statement: ast.Expr, to: str) -> None:
    call = ast.Call(ast.Name(to, ast.Load()), [statement.value], [])
    ast.copy_location(call, statement.value)
    ast.copy_location(call.func, statement.value)
    statement.value = call
