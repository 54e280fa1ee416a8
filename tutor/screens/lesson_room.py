"""What is asked where a lesson gets no kernel because as many run as there may be: end the one that is idle longest?"""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

from textual.app import App

from lessons.catalog import Course
from tutor.census import Work
from tutor.messages import KernelUnreachable
from tutor.room import NoRoom
from tutor.screens.confirm import ConfirmScreen
from tutor.words import _


def brief(message: KernelUnreachable) -> str:
    """What fits into the status bar."""
    if isinstance(message.error, NoRoom):
        return _("{count} kernels run already: run a cell to choose.").format(count=len(message.error.found))
    return message.reason


async def ask_for_room(app: App[Any], error: Exception | None) -> bool:
    """Whether there is room now: the learner let a kernel go, and it has ended."""
    if not isinstance(error, NoRoom):
        return False
    question = _("{count} kernels run already, which is the limit").format(count=len(error.found))
    if error.idle is None:
        names = ", ".join(f"“{_title(app, one.lesson)}”" for one in error.found)
        detail = _("All of them are at work: {names}. Run this again when one is done, or stop one there with i i.")
        screen = ConfirmScreen(question, detail=detail.format(names=names), yes="", no=_("Do not run"))
        await app.push_screen_wait(screen)
        return False
    detail = " ".join(
        (
            _("The one of “{title}” is idle {since}.").format(
                title=_title(app, error.idle.lesson), since=_since(error.idle.since or error.idle.started)
            ),
            _("End it, and run this? Its variables are lost; its outputs and drafts are kept."),
            _("({count} more are at work.)").format(count=len(busy)) if (busy := _busy(error)) else "",
        )
    ).strip()
    if not await app.push_screen_wait(ConfirmScreen(question, detail=detail, yes=_("End it"), no=_("Do not run"))):
        return False
    await asyncio.to_thread(error.make_room)
    return True


def _busy(error: NoRoom) -> list[str]:
    return [one.lesson for one in error.found if one.work is not Work.IDLE]


def _since(moment: float) -> str:
    minutes = int((time.time() - moment) / 60)
    clock = time.strftime("%H:%M" if minutes < 12 * 60 else "%Y-%m-%d %H:%M", time.localtime(moment))
    if minutes < 1:
        return _("for less than a minute")
    return _("since {clock} ({minutes} min)").format(clock=clock, minutes=minutes)


def _title(app: App[Any], lesson: str) -> str:
    try:
        return cast(Course, getattr(app, "course")).entry(lesson).title  # noqa: B009  the app, as far as this knows it
    except (AttributeError, KeyError):
        return lesson
