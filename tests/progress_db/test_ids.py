from __future__ import annotations

import threading
import time
import uuid

import pytest

from progress_db import ids, new_id


def test_an_id_is_a_uuid_of_version_7_with_the_time_in_it() -> None:
    before = time.time()
    made = new_id()
    assert uuid.UUID(made).version == 7
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert str(uuid.UUID(made)) == made
    assert before - 0.01 <= ids.seconds_of(made) <= time.time() + 1


def test_ids_sort_as_they_were_made_and_never_repeat() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_threads_never_make_the_same_id() -> None:
    made: list[list[str]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda own=own: own.extend(new_id() for _ in range(3000))) for own in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(own == sorted(own) for own in made)
    assert len({one for own in made for one in own}) == 12_000


def test_an_id_can_be_asked_to_come_after_one_of_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)
    with monkeypatch.context() as future:
        future.setattr("time.time_ns", lambda: 4_000_000_000 * 10**9)
        later = new_id()
    monkeypatch.setattr(ids, "_last", 0)
    assert new_id() < later < new_id(after=later)


@pytest.mark.parametrize("text", ["", "nonsense", str(uuid.UUID(int=5, version=4))])
def test_what_is_no_such_id_has_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a UUIDv7"):
        ids.seconds_of(text)
