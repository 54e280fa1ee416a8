"""What a learner has put together so far in a quiz that is answered by choosing, and what keys do to it. No drawing.

Positions are those on the screen, from 0, in the order of `presented`; the answer that comes out has the indexes of the
lesson's file, as `lessons.marking` wants them.
"""

from __future__ import annotations

from lessons.marking import Answer, presented
from lessons.model import ChoiceQuiz, MatchQuiz, OrderQuiz, Quiz


class Answering:
    """One try at a `choice`, `choices`, `order` or `match` quiz."""

    def __init__(self, quiz: ChoiceQuiz | OrderQuiz | MatchQuiz, before: Answer | None = None) -> None:
        self.quiz = quiz
        self.shown = list(presented(quiz))
        """Index in the file of what stands at each position. Of an `order` quiz, it changes as items are moved."""
        self.cursor = 0
        self.chosen: set[int] = set()
        """Positions that are chosen, of a choice."""
        self.matches: dict[int, int] = {}
        """Of a match: left position (which is its index) to position of the right."""
        if before is not None:
            self._take(before)

    @property
    def count(self) -> int:
        """Lines that the cursor may stand on."""
        return len(self.shown)

    @property
    def several(self) -> bool:
        """Whether more than one may be chosen."""
        return isinstance(self.quiz, ChoiceQuiz) and self.quiz.several

    def move_cursor(self, by: int) -> None:
        """Up or down, within the list."""
        self.cursor = max(0, min(self.count - 1, self.cursor + by))

    def move_item(self, by: int) -> None:
        """Take the item under the cursor along, of an `order` quiz."""
        there = self.cursor + by
        if isinstance(self.quiz, OrderQuiz) and 0 <= there < self.count:
            self.shown[self.cursor], self.shown[there] = self.shown[there], self.shown[self.cursor]
            self.cursor = there

    def toggle(self) -> None:
        """Choose what is under the cursor, or not."""
        if isinstance(self.quiz, ChoiceQuiz):
            if self.several:
                self.chosen ^= {self.cursor}
            else:
                self.chosen = {self.cursor}
        elif isinstance(self.quiz, MatchQuiz):
            self.matches[self.cursor] = (self.matches.get(self.cursor, -1) + 1) % self.count

    def press(self, number: int) -> bool:
        """A number from 1 was pressed; whether that completes the answer."""
        position = number - 1
        if not 0 <= position < self.count:
            return False
        if isinstance(self.quiz, MatchQuiz):
            self.matches[self.cursor] = position
            self.move_cursor(1)
            return False
        self.cursor = position
        if isinstance(self.quiz, OrderQuiz):
            return False
        self.toggle()
        return not self.several

    def settle(self) -> None:
        """Enter: of a single choice, what is under the cursor is meant."""
        if isinstance(self.quiz, ChoiceQuiz) and not self.several:
            self.chosen = {self.cursor}

    @property
    def given(self) -> list[int]:
        """For `lessons.marking.read_answer`; too short where something is still missing."""
        if isinstance(self.quiz, ChoiceQuiz):
            return [self.shown[position] for position in sorted(self.chosen)]
        if isinstance(self.quiz, OrderQuiz):
            return list(self.shown)
        return [self.shown[self.matches[left]] for left in range(self.count) if left in self.matches]

    def _take(self, answer: Answer) -> None:
        indexes = [answer] if isinstance(answer, int) else answer if isinstance(answer, list) else []
        if isinstance(self.quiz, OrderQuiz):
            if sorted(indexes) == sorted(self.shown):
                self.shown = list(indexes)
            return
        positions = [self.shown.index(index) for index in indexes if index in self.shown]
        if isinstance(self.quiz, MatchQuiz):
            self.matches = dict(enumerate(positions))
        else:
            self.chosen = set(positions)
            self.cursor = min(positions, default=0)


def is_chosen(quiz: Quiz) -> bool:
    """Whether a quiz is answered by choosing from what it lists, and not by typing."""
    return isinstance(quiz, ChoiceQuiz | OrderQuiz | MatchQuiz)
