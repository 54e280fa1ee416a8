"""Figures of the engine in a real kernel: shown where the code makes them, each of them once."""

from __future__ import annotations

import re

import pytest

from tutor.kernel.events import StreamWritten, ValueShown

PLOT = "from engine import annotate, plot\n"


def told(kernel, source):
    """What the cell put out, in order: the titles of figures (their labels), and what was printed."""
    run = kernel.run(PLOT + source)
    assert kernel.outcome(run) == "ok", kernel.outputs(run)
    seen = []
    for event in kernel.outputs(run):
        if isinstance(event, ValueShown):
            text = event.data["text/plain"]
            found = [word for word in ("first", "second", "third", "written") if word in text]
            seen.append(("again " if event.replaces else "") + " ".join(found))
        elif isinstance(event, StreamWritten):
            seen.append(event.text.strip())
    return seen


def figure(name):
    return f"plot([1, 2, 3], xlabel={name!r})"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (f"{figure('first')}\nprint('between')\n{figure('second')}", ["first", "between", "second"]),
        (f"{figure('first')}\nx = 1", ["first"]),
        (
            "for name in ('first', 'second'):\n    print(name)\n    plot([1, 2], xlabel=name)",
            ["first"] * 2 + ["second"] * 2,
        ),
        (f"if True:\n    {figure('first')}\nelse:\n    {figure('second')}", ["first"]),
        (f"with open('/dev/null'):\n    {figure('first')}", ["first"]),
        ("def draw(name):\n    plot([1, 2], xlabel=name)\n    print('drawn')\ndraw('first')", ["first", "drawn"]),
        ("def made(name):\n    return plot([1, 2], xlabel=name)\nmade('first')\nx = 1", ["first"]),
        (f"a, b = {figure('first')}, {figure('second')}\na, b", ["first", "second"]),
        ("[plot([1, 2], xlabel=name) for name in ('first', 'second')]", ["first", "second"]),
        ("import engine\nengine.plot([1, 2], xlabel='first')\nNone", ["first"]),
    ],
)
def test_a_figure_that_is_made_anywhere_in_a_cell_is_shown(shared, source, shown):
    assert told(shared, source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (f"kept = {figure('first')}", []),
        (f"kept = {figure('first')}\nkept", ["first"]),
        (f"kept = {figure('first')}\nkept\nkept", ["first"]),
        (f"kept = {figure('first')}\nkept\nx = 1\n(kept, kept)", ["first"]),
        (f"{figure('first')}\nannotate('written', (1, 2))", ["first", "again first written"]),
        (
            f"{figure('first')}\nprint('between')\nannotate('written', (1, 2))\nx = 1",
            ["first", "between", "again first written"],
        ),
        (f"{figure('first')};", []),
        (f"print({figure('first')})\nNone", [None]),
    ],
)
def test_a_figure_is_shown_once_and_in_its_place_when_it_is_written_on(shared, source, shown):
    seen = told(shared, source)
    if shown == [None]:
        assert len(seen) == 1
        assert "first" in seen[0]
    else:
        assert seen == shown


def test_the_value_of_a_cell_is_what_it_was(shared):
    run = shared.run(PLOT + figure("first"))
    (value,) = [event for event in shared.outputs(run) if isinstance(event, ValueShown)]
    assert value.is_result
    assert shared.value(shared.run("print('x')\n(1, 2)")) == "(1, 2)"
    assert shared.value(shared.run("_")) == "(1, 2)"


def test_a_loop_that_shows_nothing_is_not_slowed_down_much(shared):
    """Not timed against a clock: what loops call most is not touched at all."""
    source = "def count():\n    found.append(1)\nfound = []\nfor i in range(3):\n    found.append(i)\nimport dis\n"
    source += "'__d2l' in dis.Bytecode(count).dis()"
    assert shared.value(shared.run(source)) == "False"


def test_an_error_in_a_figures_statement_is_told_as_the_learners(shared):
    run = shared.run(PLOT + "plot([1, 'two'])\nx = 1", cell="drawn")
    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(shared.error(run).traceback))
    assert "Cell [drawn]" in trace
    assert "showing.py" not in trace
    assert "__d2l" not in trace


def test_the_books_plot_twice_in_a_cell_shows_both(kernel):
    source = "from d2l import torch as d2l\nd2l.plot([1, 2, 3], xlabel='first')\nd2l.plot([3, 2, 1], xlabel='second')"
    assert told(kernel, source) == ["first", "second"]
    both = "\n".join(
        f"d2l.plt.subplot(1, 2, {place})\nd2l.plot([1, 2], xlabel={name!r})"
        for place, name in ((1, "first"), (2, "second"))
    )
    assert told(kernel, both) == ["first second"]
    assert told(kernel, "d2l.plot([1, 2], xlabel='third')\nd2l.plt.show()") == ["third"]
