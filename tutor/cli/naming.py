"""Whether a command was given a lesson's name or a path."""

from __future__ import annotations

from pathlib import Path

from tutor.named import path_named


def path_or_lesson(name: str) -> Path | None:
    """The path that `name` means; None if it is for the course to find."""
    from lessons.catalog import UnknownLesson, load_course

    def is_lesson(asked: str) -> bool:
        try:
            load_course().find(asked)
        except UnknownLesson:
            return False
        return True

    return path_named(name, is_lesson)
