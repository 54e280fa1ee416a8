"""An error points at the learner's own line, and aborts what was queued behind it."""

from __future__ import annotations

import re

from tutor.kernel.events import CellFinished, KernelState

FAILS_ONCE_ONE_WAITS = """\
import time
while not get_ipython().kernel.session.outbox.standing()["queued"]:
    time.sleep(0.01)
1 / 0
"""


def _plain(error) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))


def test_a_traceback_names_the_cell_and_the_line(shared):
    run = shared.run("x = 1\ny = x / 0\n", cell="softmax")
    error = shared.error(run)
    assert (error.name, error.value) == ("ZeroDivisionError", "division by zero")
    assert "Cell [softmax], line 2" in _plain(error)
    assert "----> 2 y = x / 0" in _plain(error)
    assert shared.outcome(run) == "error"


def test_frames_of_libraries_are_left_out(shared):
    run = shared.run("import json\ndef read(text):\n    return json.loads(text)\nread('{')", cell="parse")
    text = _plain(shared.error(run))
    assert "Cell [parse], line 4" in text
    assert "Cell [parse], line 3, in read" in text
    assert "json/decoder" not in text
    assert "JSONDecodeError" in text


def test_a_function_of_an_earlier_run_is_shown_as_it_was_then(shared):
    shared.run("def f():\n    raise ValueError('first')", cell="define")
    shared.run("\n\n\npass", cell="define")
    run = shared.run("f()", cell="call")
    assert "raise ValueError('first')" in _plain(shared.error(run))


def test_a_syntax_error_points_at_the_place(shared):
    run = shared.run("x = 1\ny = (2\n", cell="typo")
    assert shared.error(run).name == "SyntaxError"
    assert "Cell [typo], line 2" in _plain(shared.error(run))


def test_chained_errors_keep_both_causes(shared):
    source = "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('no a') from e"
    text = _plain(shared.error(shared.run(source, cell="chain")))
    assert "KeyError" in text
    assert "ValueError: no a" in text


def test_an_error_aborts_what_is_queued_and_nothing_later(shared):
    failing = shared.start(FAILS_ONCE_ONE_WAITS)
    queued = shared.start("print('never')")
    assert shared.outcome(failing) == "error"
    assert shared.outcome(queued) == "aborted"
    assert shared.outputs(queued) == []
    ends = [e.run for e in shared.events if isinstance(e, CellFinished) and e.run in (failing, queued)]
    assert ends == [failing, queued]
    assert shared.outcome(shared.start("print('again')")) == "ok"


def test_a_run_sent_on_the_news_of_an_error_is_not_aborted(shared):
    for _ in range(20):
        shared.run("1 / 0")
        assert shared.outcome(shared.start("2 / 1")) == "ok"


def test_sys_exit_ends_the_cell_and_not_the_kernel(shared):
    run = shared.run("import sys\nsys.exit(3)")
    assert shared.error(run).name == "SystemExit"
    assert shared.session.state is KernelState.IDLE
    assert shared.value(shared.run("'alive'")) == "'alive'"
