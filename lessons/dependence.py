"""Which cells of a lesson could depend on an exercise's being solved. Nothing is run here.

The check runs those a second time with nothing solved. A training cell that no exercise has anything to do with would
only cost its time again, so names decide: a cell is affected if it mentions what an exercise, its check or its solution
binds or may have changed, directly or through other cells. Where that cannot be read (a cell with a magic), all are.
"""

from __future__ import annotations

import ast
import symtable
from dataclasses import dataclass
from typing import TypeAlias

from lessons.model import CodeCell, Exercise, Lesson

Runnable: TypeAlias = CodeCell | Exercise

_CHANGING = frozenset(("add_to_class", "setattr"))


@dataclass(frozen=True, slots=True)
class _Names:
    """Global names of one source."""

    read: frozenset[str]
    bound: frozenset[str]
    imported: frozenset[str]
    changed: frozenset[str]
    """Names whose object is changed in place, as syntax shows: `name.x = …`, `name[0] = …`, `add_to_class(name)`."""


def affected(lesson: Lesson) -> tuple[Runnable, ...]:
    """The exercises and cells to run, in order, to see whether a plain cell needs a solution; empty: none does."""
    steps = [step for step in lesson.steps if isinstance(step, CodeCell | Exercise)]
    try:
        names = {step.id: _names_of(step) for step in steps}
    except SyntaxError:
        return tuple(steps)
    imported = frozenset().union(*(found.imported for found in names.values())) if names else frozenset()
    own = frozenset().union(*(found.bound for found in names.values())) - imported if names else frozenset()
    touched: set[str] = set()
    wanted: set[str] = set()
    for step in steps:
        found = names[step.id]
        if isinstance(step, Exercise):
            touched |= (found.bound | found.read) & own | found.changed
        elif (found.read | found.bound) & touched:
            touched |= found.bound & own
            wanted.add(step.id)
    if not wanted:
        return ()
    needed: set[str] = set()
    for step in reversed(steps):
        found = names[step.id]
        mentions = (found.read & own) | found.bound | found.changed
        if step.id in wanted or mentions & needed:
            wanted.add(step.id)
            needed |= found.read | found.bound
    return tuple(step for step in steps if step.id in wanted)


def _names_of(step: Runnable) -> _Names:
    if isinstance(step, CodeCell):
        return _names(step.source)
    parts = [_names(source) for source in (step.source, step.check, step.solution)]
    return _Names(
        frozenset().union(*(part.read for part in parts)),
        frozenset().union(*(part.bound for part in parts)),
        frozenset().union(*(part.imported for part in parts)),
        frozenset().union(*(part.changed for part in parts)),
    )


def _names(source: str) -> _Names:
    read: set[str] = set()
    bound: set[str] = set()
    imported: set[str] = set()
    tables = [symtable.symtable(source, "cell", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if not (top or symbol.is_global()):
                continue
            name = symbol.get_name()
            if symbol.is_referenced():
                read.add(name)
            if symbol.is_assigned() or symbol.is_imported():
                bound.add(name)
            if symbol.is_imported():
                imported.add(name)
    return _Names(frozenset(read), frozenset(bound), frozenset(imported), frozenset(_changed(source)))


def _changed(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            value: ast.expr = node
            while isinstance(value, ast.Attribute | ast.Subscript):
                value = value.value
            if isinstance(value, ast.Name):
                found.add(value.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CHANGING:
            found |= {argument.id for argument in node.args if isinstance(argument, ast.Name)}
    return found
