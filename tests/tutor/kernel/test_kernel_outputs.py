"""What a cell puts out arrives, in order and whole."""

from __future__ import annotations

import pytest

from engine.events import MIME, MetricPoint, encode
from tutor.kernel.events import (
    CellFinished,
    CellStarted,
    InputRequested,
    OutputCleared,
    StreamWritten,
    TrainingReported,
    ValueShown,
)


def test_a_run_starts_puts_out_in_order_and_finishes(shared):
    run = shared.run("import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')\n1 + 1")
    events = shared.of(run)
    assert isinstance(events[0], CellStarted)
    assert isinstance(events[-1], CellFinished)
    assert events[-1].outcome == "ok"
    assert events[-1].seconds > 0
    assert shared.text(run) == "a\nc\n"
    assert shared.text(run, "stderr") == "b\n"
    assert shared.value(run) == "2"


def test_runs_queued_before_the_kernel_is_up_run_in_order(kernel):
    runs = [kernel.start(f"print({number})") for number in range(5)]
    kernel.finished(runs[-1])
    ends = [event.run for event in kernel.events if isinstance(event, CellFinished)]
    assert ends == runs
    assert [kernel.text(run) for run in runs] == ["0\n", "1\n", "2\n", "3\n", "4\n"]


def test_carriage_returns_and_escapes_pass_unchanged(shared):
    run = shared.run(r"print('10%\r20%\r\x1b[31mred\x1b[0m', end='')")
    assert shared.text(run) == "10%\r20%\r\x1b[31mred\x1b[0m"


def test_text_comes_while_the_cell_still_runs(shared):
    run = shared.start("print('early')\nname = input()")
    shared.wait_for_text(run, "early")
    shared.until(lambda event: isinstance(event, InputRequested) and event.run == run)
    shared.session.answer_input("")
    shared.finished(run)


def test_a_display_can_be_replaced_by_its_id(shared):
    run = shared.run("from IPython.display import display\nh = display('one', display_id='d')\nh.update('two')")
    shown = [event for event in shared.of(run) if isinstance(event, ValueShown)]
    assert [(s.data["text/plain"], s.display_id, s.replaces) for s in shown] == [
        ("'one'", "d", False),
        ("'two'", "d", True),
    ]


@pytest.mark.parametrize("wait", [True, False])
def test_clear_output_is_told(shared, wait):
    run = shared.run(f"from IPython.display import clear_output\nclear_output(wait={wait})")
    assert shared.outputs(run) == [OutputCleared(run, wait=wait)]


def test_a_data_frame_is_text_and_html(shared):
    run = shared.run("import pandas\npandas.DataFrame({'x': [1, 2]})")
    (shown,) = shared.outputs(run)
    assert "<table" in shown.data["text/html"]
    assert "x" in shown.data["text/plain"]


def test_training_events_are_decoded(shared):
    points = (MetricPoint("r", "train_loss", 0.0, 2.3), MetricPoint("r", "train_loss", 0.5, float("inf")))
    payload = encode(points)
    run = shared.run(
        "from IPython.display import publish_display_data\n"
        f"publish_display_data({{{MIME!r}: {payload!r}, 'text/plain': 'loss'}})"
    )
    assert shared.outputs(run) == [TrainingReported(run, points)]


def test_training_events_of_a_newer_engine_are_shown_as_text(shared):
    run = shared.run(
        "from IPython.display import publish_display_data\n"
        f"publish_display_data({{{MIME!r}: {{'v': 99}}, 'text/plain': 'loss'}})"
    )
    (shown,) = shared.outputs(run)
    assert isinstance(shown, ValueShown)
    assert shown.data["text/plain"] == "loss"


def test_a_silent_run_shows_no_value_but_is_followed(shared):
    run = shared.run("print('checked')\n42", silent=True)
    assert isinstance(shared.of(run)[0], CellStarted)
    assert [type(output) for output in shared.outputs(run)] == [StreamWritten]


def test_a_failed_check_tells_its_message(shared):
    run = shared.run("assert 1 == 2, 'y_hat has the wrong shape'", silent=True)
    assert shared.outcome(run) == "error"
    assert shared.error(run).name == "AssertionError"
    assert shared.error(run).value == "y_hat has the wrong shape"


def test_text_of_c_code_and_children_belongs_to_the_cell(shared):
    run = shared.run("import os, subprocess\nos.write(1, b'from C\\n')\nos.system('echo from a child')")
    assert sorted(shared.text(run).splitlines()) == ["from C", "from a child"]
    again = shared.run("_ = subprocess.run(['echo', 'redirected'], stdout=__import__('sys').stdout)")
    assert shared.text(again) == "redirected\n"


def test_input_is_asked_and_answered(shared):
    run = shared.start("name = input('Who? ')\nprint('Hello', name)")
    asked = shared.until(lambda event: isinstance(event, InputRequested) and event.run == run)
    assert asked == InputRequested(run, "Who? ")
    shared.session.answer_input("Ada")
    shared.finished(run)
    assert shared.text(run) == "Who? Ada\nHello Ada\n"  # as a terminal shows it


def test_a_password_is_marked_as_one(shared):
    run = shared.start("import getpass\nsecret = getpass.getpass()")
    asked = shared.until(lambda event: isinstance(event, InputRequested) and event.run == run)
    assert asked.password
    shared.session.answer_input("x")
    assert shared.outcome(run) == "ok"
    assert shared.text(run) == "•\n"


def test_top_level_await_works(shared):
    run = shared.run("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')")
    assert shared.text(run) == "awaited\n"


def test_a_thread_that_outlives_its_cell_still_writes(shared):
    run = shared.run(
        "import threading\n"
        "go = threading.Event()\n"
        "threading.Thread(target=lambda: (go.wait(), print('late')), daemon=True).start()"
    )
    releasing = shared.run("go.set()")
    # The end of a cell may fall between the word and its line end: then they come apart.
    shared.until(lambda _event: "late\n" in shared.text(run) + shared.text(releasing))


def test_a_flood_is_complete_ordered_and_comes_in_few_events(shared):
    before = shared.batches
    run = shared.run("for i in range(100_000): print(i)")
    assert shared.text(run) == "".join(f"{i}\n" for i in range(100_000))
    events = [event for event in shared.of(run) if isinstance(event, StreamWritten)]
    assert len(events) < 1000
    assert shared.batches - before < 1000
