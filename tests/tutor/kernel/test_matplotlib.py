"""matplotlib in a real kernel: figures are shown as text and as PNG, once each."""

import base64

import pytest

from tutor.kernel.events import ValueShown


def shown(kernel, source):
    run = kernel.run(source)
    assert kernel.outcome(run) == "ok", kernel.outputs(run)
    return [event for event in kernel.outputs(run) if isinstance(event, ValueShown)]


DRAW = "import matplotlib.pyplot as plt\nplt.plot([0, 1, 2], [0, 1, 4])\nplt.title('a parabola')\n"


@pytest.mark.parametrize("end", ["plt.show()", "None"], ids=["show", "end of the cell"])
def test_a_figure_is_shown_as_text_and_as_a_picture(kernel, end):
    (value,) = shown(kernel, DRAW + end)
    assert "a parabola" in value.data["text/plain"]
    assert "⠤" in value.data["text/plain"] or "⡠" in value.data["text/plain"]
    assert base64.b64decode(value.data["image/png"]).startswith(b"\x89PNG")


def test_two_calls_of_show_show_two_figures(kernel):
    values = shown(kernel, DRAW + "plt.show()\nplt.plot([1, 0])\nplt.title('a second')\nplt.show()")
    assert ["a parabola" in values[0].data["text/plain"], "a second" in values[1].data["text/plain"]] == [True, True]


def test_a_figure_as_the_last_value_is_shown_once(kernel):
    (value,) = shown(kernel, DRAW + "plt.gcf()")
    assert value.is_result
    assert "a parabola" in value.data["text/plain"]


@pytest.mark.parametrize("magic", ["%matplotlib inline", "%matplotlib"])
def test_the_magic_of_notebooks_changes_nothing(kernel, magic):
    values = shown(kernel, f"{magic}\n{DRAW}plt.show()")
    assert "a parabola" in values[-1].data["text/plain"]
    assert len(values) == 1


def test_a_kernel_that_draws_nothing_does_not_import_matplotlib(kernel):
    (value,) = shown(kernel, "import sys\n'matplotlib' in sys.modules")
    assert value.data["text/plain"] == "False"
