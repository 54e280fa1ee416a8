"""Figures are drawn as wide as a cell's output is, so that no line of them is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from progress_db import Place
from tutor import start
from tutor.widgets.cell_output import INDENT


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 200])
async def test_what_kernels_are_told_fits_under_a_cell(
    make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    app = make_app(start_at=Place("first-steps/tensors", "", 0))
    async with app.run_test(size=(columns, 30)):
        await app.until(lambda: "print" in app.text())
        cell = app.screen.steps.cells["hello"]
        await cell.edit()  # a step has a size once it is touched
        await app.until(lambda: cell.editor.size.width)
        room = {cell.editor.size.width}
        assert start._output_columns() <= min(room) - INDENT
        assert start._output_columns() >= min(min(room) - INDENT - 2, 78)


def test_a_terminal_that_is_too_narrow_gets_figures_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert start._output_columns() == 40
