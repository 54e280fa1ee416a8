"""Knobs in a cell: found, turned in place, and left alone where the learner made them something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.knobs import KnobError, carried, differ_in_values_only, faults, knobs, turn
from lessons.model import Knob

CELL = """\
import math
lr = 0.1  #@param {type: "slider", min: 0.001, max: 10, log: true}
name: str = "a#b"  # @param {type:"string"}
optimizer = "sgd" #@param ["sgd", "adam"]
depth = 2 #@param [1, 2, 3] {type:"raw"}
epochs = 5  #@param {type: "integer"}
shuffle = True  #@param {type: "boolean"}
rate = 1e-3  #@param {type: "number"}
plain = 3
"""


def knob(name: str) -> Knob:
    return {found.name: found for found in knobs(CELL)}[name]


def test_the_knobs_of_a_cell():
    assert [(found.name, found.line, found.kind, found.value) for found in knobs(CELL)] == [
        ("lr", 1, "slider", 0.1),
        ("name", 2, "text", "a#b"),
        ("optimizer", 3, "choice", "sgd"),
        ("depth", 4, "choice", 2),
        ("epochs", 5, "integer", 5),
        ("shuffle", 6, "switch", True),
        ("rate", 7, "number", 0.001),
    ]
    lr = knob("lr")
    assert (lr.minimum, lr.maximum, lr.log) == (0.001, 10.0, True)
    assert knob("optimizer").options == ("sgd", "adam")
    assert faults(CELL) == ()


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("lr", 3, 'lr = 3.0  #@param {type: "slider", min: 0.001, max: 10, log: true}'),
        ("name", "it's", 'name: str = "it\'s"  # @param {type:"string"}'),
        ("optimizer", "adam", 'optimizer = \'adam\' #@param ["sgd", "adam"]'),
        ("depth", "3", 'depth = 3 #@param [1, 2, 3] {type:"raw"}'),
        ("epochs", 7.0, 'epochs = 7  #@param {type: "integer"}'),
        ("shuffle", False, 'shuffle = False  #@param {type: "boolean"}'),
    ],
)
def test_turning_a_knob_changes_its_line_only(name, value, line):
    turned = turn(CELL, knob(name), value)
    changed = [(was, now) for was, now in zip(CELL.split("\n"), turned.split("\n"), strict=True) if was != now]
    assert [now for _, now in changed] == [line]


def test_a_knob_is_found_again_by_name():
    moved = "# a line more\n" + CELL
    assert "lr = 0.5 " in turn(moved, knob("lr"), 0.5)
    with pytest.raises(KnobError, match="no longer a knob"):
        turn("lr = 0.1", knob("lr"), 0.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [("lr", "fast"), ("lr", float("inf")), ("epochs", 1.5), ("shuffle", "yes"), ("optimizer", "lbfgs")],
)
def test_a_value_that_a_knob_does_not_take(name, value):
    with pytest.raises(KnobError, match=name):
        turn(CELL, knob(name), value)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('lr = 2 ** 3  #@param {type: "number"}', "written out"),
        ("    lr = 1  #@param", "not indented"),
        ('lr = 1  #@param {type: "slider", min: 2}', "needs `min`"),
        ('lr = 1  #@param {type: "slider", min: 0, max: 1, log: true}', "above zero"),
        ('lr = 1  #@param {type: "slider", min: low, max: 1}', "must be numbers"),
        ('lr = 1  #@param {type: "dial"}', "unknown type"),
        ("lr = 'a'  #@param {type: \"number\"}", "does not fit"),
        ("lr = 'a'  #@param ['b']", "not one of its options"),
        ("lr = [1]  #@param", "a number, a text"),
    ],
)
def test_an_unfinished_knob_is_none_and_an_author_is_told(line, cause):
    assert knobs(line) == ()
    ((number, found),) = faults("\n" + line)
    assert number == 1
    assert cause in found


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_turned_is_what_is_read(value):
    (again, *_) = knobs(turn(CELL, knob("lr"), value))
    assert again.value == value


@given(st.text(max_size=80))
def test_any_source_has_knobs_or_none(text):
    for found in knobs(f"{text}\nx = {text}  #@param {text}"):
        assert found.name


def test_sources_that_differ_in_values_only_are_told_from_others() -> None:
    turned = CELL.replace("lr = 0.1 ", "lr = 0.5 ").replace('"sgd" #', '"adam" #')
    assert differ_in_values_only(turned, CELL)
    assert differ_in_values_only(CELL, CELL)
    for edited in ("plain = 3", "max: 10", "import math", "\n"):
        assert not differ_in_values_only(turned.replace(edited, edited + "0", 1), CELL), edited


def test_what_was_turned_is_carried_to_a_new_source_and_nothing_else() -> None:
    turned = CELL.replace("lr = 0.1 ", "lr = 0.5 ").replace('"sgd" #', '"adam" #').replace("epochs = 5 ", "epochs = 7 ")
    new = CELL.replace("plain = 3", "plain = 4").replace("1e-3", "1e-4").replace('["sgd", "adam"]', '["sgd", "lion"]')
    new = new.replace("epochs", "max_epochs")
    assert carried(turned, CELL, new) == new.replace("lr = 0.1 ", "lr = 0.5 ")
