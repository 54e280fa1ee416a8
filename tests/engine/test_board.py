"""`ProgressBoard`: a learner's own curves."""

import pytest

from engine import publish
from engine.board import ProgressBoard
from engine.events import MetricPoint, RunFinished, RunStarted


@pytest.fixture
def heard():
    events = []
    publish.use_sink(events.extend)
    yield events
    publish.use_sink(None)


def test_points_are_published_under_one_run_and_kept(heard):
    board = ProgressBoard(xlabel="x", ylabel="sine")
    board.draw(0, 1.0, "sin")
    board.draw(1, 2.0, "cos")
    board.close()
    assert isinstance(heard[0], RunStarted)
    assert heard[0].model == "sine over x"
    assert [(e.series, e.x, e.y) for e in heard if isinstance(e, MetricPoint)] == [("sin", 0.0, 1.0), ("cos", 1.0, 2.0)]
    assert isinstance(heard[-1], RunFinished)
    assert len({event.run for event in heard}) == 1
    assert board.points == {"sin": [(0.0, 1.0)], "cos": [(1.0, 2.0)]}


def test_every_n_points_become_one(heard):
    board = ProgressBoard()
    for i in range(7):
        board.draw(i, 10 * i, "y", every_n=3)
    assert board.points == {"y": [(1.0, 10.0), (4.0, 40.0)]}


def test_after_its_end_a_board_begins_another_chart(heard):
    board = ProgressBoard()
    board.draw(0, 0, "y")
    board.close()
    board.draw(1, 1, "y")
    board.close()
    assert len([event for event in heard if isinstance(event, RunStarted)]) == 2
    assert len({event.run for event in heard}) == 2
