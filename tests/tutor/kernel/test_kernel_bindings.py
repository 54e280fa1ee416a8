"""An exercise's cell in a real kernel: it runs without what its earlier versions left, and harms no other cell."""

from __future__ import annotations

import pytest


def exercise(kernel, source):
    return kernel.outcome(kernel.run(source, cell="exercise", afresh=True))


def cell(kernel, source, name="other"):
    assert kernel.outcome(kernel.run(source, cell=name)) == "ok"


def known(kernel, expression):
    """The value that a check would see, or the name of the error."""
    run = kernel.run(
        f"try:\n    got = repr({expression})\nexcept NameError:\n    got = 'NameError'\nprint(got)", cell="look"
    )
    assert kernel.outcome(run) == "ok"
    return kernel.text(run).strip()


@pytest.fixture
def fresh(shared):
    """The kernel that the tests of this file share, without the names of the test before."""
    yield shared
    shared.run("%reset -f")


def test_what_an_earlier_version_bound_is_gone(fresh):
    exercise(fresh, "import math\ndef double(x):\n    return 2 * x\ntwo = double(1)")
    assert known(fresh, "double(2)") == "4"
    exercise(fresh, "def twice(x):\n    return 2 * x")
    assert [known(fresh, name) for name in ("double(2)", "two", "math.pi", "twice(2)")] == ["NameError"] * 3 + ["4"]


def test_a_version_cannot_use_what_only_an_earlier_one_bound(fresh):
    exercise(fresh, "def half(x):\n    return x / 2\nhalves = [half(x) for x in range(3)]")
    assert exercise(fresh, "halves = [half(x) for x in range(3)]") == "error"


def test_names_of_other_cells_stay(fresh):
    cell(fresh, "x = 1\nimport math")
    exercise(fresh, "y = x + 1")
    cell(fresh, "z = y + 1")
    exercise(fresh, "pass")
    assert [known(fresh, name) for name in ("x", "z", "y", "math.pi > 3")] == ["1", "3", "NameError", "True"]


def test_a_name_that_another_cell_has_bound_since_is_that_cells(fresh):
    exercise(fresh, "y = 2")
    cell(fresh, "y = 3")
    exercise(fresh, "pass")
    assert known(fresh, "y") == "3"


@pytest.mark.parametrize(
    ("theirs", "ours", "look"),
    [
        ("def f():\n    return 'theirs'", "def f():\n    return 'ours'", "f()"),
        ("f = 'theirs'", "f = 'ours'", "f"),
        ("f = ['theirs'] * 3", "f = 'ours'", "f[0]"),
        ("f = 'theirs'", "for f in ('x', 'ours'):\n    pass", "f"),
    ],
    ids=["function", "value", "list", "loop"],
)
def test_what_it_took_the_place_of_is_there_again(fresh, theirs, ours, look):
    cell(fresh, theirs)
    exercise(fresh, ours)
    assert "theirs" not in known(fresh, look)
    exercise(fresh, "x = 1")
    assert "theirs" in known(fresh, look)
    exercise(fresh, ours)  # and the same again: what it replaced is still theirs
    exercise(fresh, ours.replace("ours", "ours too"))
    exercise(fresh, "x = 1")
    assert "theirs" in known(fresh, look)


def test_a_cell_that_counts_on_counts_from_what_the_other_cell_said(fresh):
    cell(fresh, "n = 1")
    for _ in range(3):
        exercise(fresh, "n = n + 1")
    assert known(fresh, "n") == "2"


def test_what_is_large_is_not_kept_and_stays_as_it_is(fresh):
    cell(fresh, "big = list(range(10_000))\nclass Net:\n    pass\nnet = Net()")
    exercise(fresh, "big = 'ours'\nnet = 'ours'")
    exercise(fresh, "x = 1")
    assert [known(fresh, "big"), known(fresh, "net")] == ["'ours'", "'ours'"]
    exercise(fresh, "big = 'again'")
    exercise(fresh, "x = 1")
    assert known(fresh, "big") == "'again'"


@pytest.mark.parametrize("broken", ["def double(x:", "helper = 1\n1 / 0", "raise KeyboardInterrupt"])
def test_a_version_that_fails_costs_no_name(fresh, broken):
    exercise(fresh, "def double(x):\n    return 2 * x")
    assert exercise(fresh, broken) != "ok"
    assert known(fresh, "double(2)") == "4"
    exercise(fresh, "x = 1")
    assert [known(fresh, "double(2)"), known(fresh, "helper")] == ["NameError", "NameError"]


def test_what_a_check_binds_is_nobodys_loss(fresh):
    cell(fresh, "got = 'theirs'")
    exercise(fresh, "def double(x):\n    return 2 * x")
    fresh.run("got = double(2)\nmore = double(3)\nassert got == 4", cell="exercise", silent=True)
    exercise(fresh, "x = 1")
    assert known(fresh, "got") == "4"  # the check bound it: it is not the exercise's to take away


def test_other_cells_keep_what_their_earlier_versions_bound(fresh):
    cell(fresh, "a = 1", "plain")
    cell(fresh, "b = 2", "plain")
    assert known(fresh, "a") == "1"
