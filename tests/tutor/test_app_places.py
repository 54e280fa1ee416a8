"""Where files live, what is remembered of the app itself, and the words for a device."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tutor import paths
from tutor.device_words import device_words
from tutor.glyphs import ASCII, FULL, glyphs
from tutor.settings import Settings
from tutor.standing import Mark


def test_one_variable_puts_everything_under_one_roof(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("D2L_TUTOR_HOME", str(tmp_path / "here"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "not-here"))
    for path in (paths.record_path(), paths.settings_path(), paths.log_path()):
        assert path.parent == tmp_path / "here"


def test_xdg_directories_hold_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("D2L_TUTOR_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert paths.record_path() == tmp_path / "data" / "d2l-tutor" / "progress.db"
    assert paths.log_path() == tmp_path / "state" / "d2l-tutor" / "tutor.log"
    assert paths.settings_path() == tmp_path / "config" / "d2l-tutor" / "settings.json"


def test_a_relative_xdg_directory_is_ignored_as_the_specification_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("D2L_TUTOR_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setattr("sys.platform", "linux")
    assert paths.data_home() == tmp_path / ".local" / "share" / "d2l-tutor"


def test_a_path_is_shown_from_the_home_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.shown(tmp_path / "a" / "b") == "~/a/b"
    assert paths.shown(Path("/elsewhere/b")) == "/elsewhere/b"


def test_settings_are_kept(tmp_path: Path) -> None:
    Settings("d2l-light").save(tmp_path / "new" / "settings.json")
    assert Settings.load(tmp_path / "new" / "settings.json").theme == "d2l-light"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"theme": 3}', '{"other": 1}', "\xff"])
def test_settings_that_make_no_sense_are_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text, "latin-1")
    assert Settings.load(path) == Settings()


def test_settings_that_cannot_be_read_are_the_defaults(tmp_path: Path) -> None:
    assert Settings.load(tmp_path / "none.json") == Settings()
    path = tmp_path / "directory"
    path.mkdir(mode=stat.S_IRWXU)
    assert Settings.load(path) == Settings()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (None, "looking for a device …"),
        (
            {"kind": "cuda", "name": "NVIDIA H200", "memory_free": 139 << 30, "memory_total": 140 << 30},
            "NVIDIA H200, 139 GiB free of 140",
        ),
        ({"kind": "cpu", "name": "CPU", "label": "CPU, 2 cores"}, "CPU, 2 cores"),
        ({"kind": "cpu", "cores": 1}, "CPU, 1 core"),
        ({"kind": "cpu", "cores": 8}, "CPU, 8 cores"),
        ({"kind": "mps", "name": "Apple M4", "memory_free": None, "memory_total": None}, "Apple M4"),
        ({}, "unknown device"),
    ],
)
def test_a_device_in_words(facts: dict[str, object] | None, words: str) -> None:
    assert device_words(facts) == words


def test_marks_differ_in_shape_in_both_sets() -> None:
    for known in (FULL, ASCII):
        assert len({known.mark(mark) for mark in Mark}) == len(Mark)


def test_ascii_is_asked_for_or_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert glyphs() is FULL
    for name, value in (("D2L_TUTOR_ASCII", "1"), ("TERM", "linux")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            glyphs.cache_clear()
            assert glyphs() is ASCII
    glyphs.cache_clear()


def test_ascii_signs_are_ascii() -> None:
    assert all(getattr(ASCII, name).isascii() for name in ASCII.__slots__)
