"""Names that a cell makes."""

from __future__ import annotations

import pytest

from tutor.explain.made import names_made
from tutor.kernel.events import ErrorRaised
from tutor.widgets.advice import advice


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1\ny, (z, *rest) = 1, (2, 3)", "x y z rest"),
        ("def f(a):\n    inner = a\nclass C:\n    member = 1", "f C"),
        ("import torch.nn\nimport numpy as np\nfrom engine import train as fit, Trainer", "torch np fit Trainer"),
        ("for i in range(3):\n    total = i\nelse:\n    over = True", "i total over"),
        ("with open('f') as file:\n    text = file.read()", "file text"),
        ("try:\n    a = 1\nexcept ValueError:\n    b = 2\nfinally:\n    c = 3", "a b c"),
        ("if (n := 3) > 2:\n    big = [k for k in range(n)]", "n big"),
        ("%matplotlib inline\nlr: float = 0.1\nx += 1", "lr x"),
        ("d['key'] = 1\nobject.attribute = 2", ""),
        ("def half(", ""),
    ],
)
def test_the_names_that_are_there_once_a_cell_has_run(source: str, names: str) -> None:
    assert names_made(source) == set(names.split())


def test_a_name_from_above_is_no_slip_of_the_pen() -> None:
    error = ErrorRaised("r", "NameError", "name 'net' is not defined", ("----> 1 net(X)", "next"))
    assert advice(error, lambda name: name == "net") == ("A cell above makes net: press a, which runs all cells above.")
    assert advice(error, lambda name: False).endswith(
        "If net is made in a cell above, run that first: a runs all cells above."
    )
