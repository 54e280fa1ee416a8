"""Completions and signatures: asks the kernel; the editor offers what it says, if the learner is still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.widgets.completion_list import CompletionList
from tutor.words import _

if TYPE_CHECKING:
    from tutor.kernel.session import KernelSession
    from tutor.widgets.cell_editor import CellEditor


async def complete(session: KernelSession, editor: CellEditor, code: str, cursor: int) -> None:
    """A completion at `cursor`; behind a bracket or a comma, the signature of what is called."""
    if code[cursor - 1 : cursor] in ("(", ",", "["):
        words = await session.inspect(code, _called(code, cursor))
        if editor.is_attached and editor.text == code:
            editor.show_completions(CompletionList(words=words or _("Nothing is known of it yet: run the cell first.")))
        return
    found = await session.complete(code, cursor)
    if editor.is_attached and editor.text == code:
        if found.matches:
            editor.offer(found.matches, found.start, found.end)
        else:
            editor.show_completions(CompletionList(words=_("No completion here.")))


def _called(code: str, cursor: int) -> int:
    """The end of the name before the bracket that is open at `cursor`."""
    depth = 0
    for position in range(cursor - 1, -1, -1):
        if code[position] in ")]":
            depth += 1
        elif code[position] in "([":
            if depth == 0:
                return position
            depth -= 1
    return cursor
