"""Old garbage is looked for while nobody waits, and in the end in any case."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator

import pytest

from tutor import garbage


class Knot:
    """Garbage, once nobody else holds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def old() -> Iterator[weakref.ref[Knot]]:
    """A knot that has grown old before it was let go."""
    thresholds = gc.get_threshold()
    garbage.begin()
    gc.collect()
    knot = Knot()
    gc.collect(0)
    gc.collect(1)
    it = weakref.ref(knot)
    del knot
    yield it
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def collect_young(times: int) -> None:
    for _ in range(times):
        gc.collect(1)


def test_it_waits_until_nobody_does(old: weakref.ref[Knot], monkeypatch: pytest.MonkeyPatch) -> None:
    collect_young(garbage.WORTH)
    garbage.touched()
    assert not garbage.collect_if_due()
    assert old() is not None
    later = time.monotonic() + garbage.IDLE + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert garbage.collect_if_due()
    assert old() is None
    assert not garbage.collect_if_due()  # there is nothing new


def test_it_does_not_wait_for_ever(old: weakref.ref[Knot]) -> None:
    collect_young(garbage.LATEST)
    garbage.touched()
    assert garbage.collect_if_due()
    assert old() is None
