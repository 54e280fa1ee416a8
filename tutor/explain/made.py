"""Which names a cell makes: so that who jumped into the middle of a lesson is told to run what stands above."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=256)
def names_made(source: str) -> frozenset[str]:
    """The names that are there once the cell has run: variables, functions, classes, imports. None of half-written
    code, or of what only another shell understands; of `%` and `!` lines, nothing."""
    lines = ("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        return frozenset(_made(ast.parse("\n".join(lines)).body))
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()


def _made(body: Iterable[ast.stmt]) -> Iterable[str]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                yield alias.asname or alias.name.partition(".")[0]
        else:
            yield from (node.id for node in _outside(statement) if isinstance(node.ctx, ast.Store))
            for part in ("body", "orelse", "finalbody"):
                yield from _made(getattr(statement, part, ()))
            for handler in getattr(statement, "handlers", ()):
                yield from _made(handler.body)


def _outside(statement: ast.stmt) -> Iterable[ast.Name]:
    """The names in the statement itself, but for its blocks and what has a scope of its own."""
    own = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node
        waiting += [
            child for child in ast.iter_child_nodes(node) if not isinstance(child, own | ast.stmt | ast.ExceptHandler)
        ]
