"""How a command ends: one exit code for each kind of ending, and a sentence instead of a traceback. Standard library
only.

0 all is well; 1 what was run found or met an error; 2 wrong usage, or no terminal to draw on; 3 the course cannot be
read; 4 no such lesson or term; 5 the record cannot be used; 6 the kernel cannot be used; 70 an error of our own; 130
interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

OK = 0
FAILED = 1
USAGE = 2
NO_COURSE = 3
NO_SUCH_LESSON = 4
NO_RECORD = 5
NO_KERNEL = 6
OWN_ERROR = 70
INTERRUPTED = 130


class Cut(Exception):
    """A command was cut short from outside. No OSError or KeyboardInterrupt: typer and Rich end those their own way."""


class ReaderGone(Cut):
    """Nobody reads what is printed any more: `| head` has seen enough."""


class Interrupted(Cut):
    """The learner pressed Ctrl+C."""


@dataclass(slots=True)
class End:
    """How it ended."""

    code: int = OK


@contextmanager
def tidy() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the body, so that what it started ends too; the exit code is 128 and the signal."""

    def unwind(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = {
        number: signal.signal(number, unwind)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL  # nohup has SIGHUP ignored
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def spoken() -> Iterator[End]:
    """Run the body; what it raises becomes a sentence on stderr and an exit code."""
    end = End()
    try:
        yield end
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        # Python would try to flush once more at the end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, Interrupted):
        end.code = INTERRUPTED
    except Exception as error:
        end.code, sentence = _ending(error)
        print(sentence, file=sys.stderr)


def _ending(error: Exception) -> tuple[int, str]:
    # These modules are loaded already, if they raised; if not, importing them is nothing to a command that failed.
    from lessons.catalog import UnknownLesson
    from lessons.errors import LessonFormatError
    from lessons.glossary import UnknownTerm
    from progress_db.errors import RecordError
    from tutor import endings
    from tutor.kernel.errors import KernelError

    vocabulary: tuple[tuple[type[Exception], int], ...] = (
        (UnknownLesson, NO_SUCH_LESSON),
        (UnknownTerm, NO_SUCH_LESSON),
        (LessonFormatError, NO_COURSE),
        (RecordError, NO_RECORD),
        (KernelError, NO_KERNEL),
    )
    for kind, code in vocabulary:
        if isinstance(error, kind):
            return code, str(error)
    return OWN_ERROR, endings.report(error)
