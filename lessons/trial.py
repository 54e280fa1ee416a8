"""Runs a lesson in a real kernel, as a learner would, and says what an author must mend.

It drives `jupyter_client` itself: the check must not lean on the tutor that it vouches for. A first pass goes from the
top with every exercise solved after it was seen to fail; a second pass, in the same kernel with an empty namespace,
leaves every exercise unsolved, since no cell may depend on another exercise's being solved: of the plain cells it runs
those that `dependence` cannot clear of it.
"""

from __future__ import annotations

import ast
import os
import queue
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from lessons.dependence import Runnable, affected
from lessons.findings import Finding, Places
from lessons.marking import AnswerForm, mark
from lessons.model import (
    ChoiceQuiz,
    CodeCell,
    Exercise,
    Lesson,
    NumberQuiz,
    OrderQuiz,
    OutputQuiz,
    Prose,
    Quiz,
    ShapeQuiz,
    TextQuiz,
)

QUICK = "D2L_TUTOR_QUICK"
"""Set to `1` in the check's kernels: the engine then trains for a few steps on little data."""

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class KernelGone(Exception):
    """The kernel died, or a cell did not end in time. Nothing more can be run."""


@dataclass(frozen=True, slots=True)
class CellRaised:
    """What a cell raised."""

    name: str
    value: str
    line: int | None
    """Line inside the cell, from 1, where it is known."""

    def __str__(self) -> str:
        value = " ".join(self.value.split())
        return f"{self.name}: {value[:300]}" if value else self.name


class TrialKernel:
    """One kernel, driven cell by cell. Used from one thread."""

    def __init__(self, manager: Any, client: Any, timeout: float, given_up: Event) -> None:
        self._manager, self._client, self._timeout, self._given_up = manager, client, timeout, given_up

    def run(self, source: str) -> CellRaised | None:
        """Runs a cell; what it raised, if anything. Raises `KernelGone`."""
        return self._raised(self._execute(source, store_history=True))

    def value(self, expression: str) -> object:
        """The value of an expression that makes plain Python data. Raises `ValueError` with what it raised instead."""
        reply = self._execute("", silent=True, user_expressions={"value": expression})
        result = reply["user_expressions"]["value"]
        if result["status"] != "ok":
            raise ValueError(f"{result['ename']}: {result['evalue']}")
        return ast.literal_eval(result["data"]["text/plain"])

    def forget(self) -> None:
        """Empties the namespace; what was imported stays loaded."""
        self._execute("get_ipython().reset(new_session=False)", silent=True)

    def _execute(self, source: str, **how: Any) -> dict[str, Any]:
        # With stop_on_error a kernel refuses what reaches it just after a cell that raised: here the next cell is ours.
        sent = self._client.execute(source, allow_stdin=False, stop_on_error=False, **how)
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                reply = self._client.get_shell_msg(timeout=0.5)
            except queue.Empty:
                if not self._manager.is_alive():
                    raise KernelGone("the kernel died here") from None
                if self._given_up.is_set():
                    raise KernelGone("the check was interrupted here") from None
                if time.monotonic() > deadline:
                    raise KernelGone(f"the cell had not ended after {self._timeout:g} s") from None
                continue
            if reply["parent_header"].get("msg_id") == sent:
                content: dict[str, Any] = reply["content"]
                return content

    def _raised(self, reply: dict[str, Any]) -> CellRaised | None:
        if reply["status"] == "ok":
            return None
        text = _ANSI.sub("", "\n".join(reply.get("traceback", ())))
        lines = re.findall(rf"Cell In\[{reply.get('execution_count')}\], line (\d+)", text)
        return CellRaised(
            reply.get("ename", reply["status"]), reply.get("evalue", ""), int(lines[0]) if lines else None
        )


@contextmanager
def trial_kernel(timeout: float, given_up: Event) -> Iterator[TrialKernel]:
    """A kernel in an empty folder of its own, stopped at the end. Its output goes nowhere."""
    from jupyter_client.manager import KernelManager

    with tempfile.TemporaryDirectory(prefix="d2l-check-") as folder:
        packages = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (packages, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, QUICK: "1", "PYTHONPATH": path, "IPYTHONDIR": folder, "NO_COLOR": "1"}
        # Two kernels on two cores: threads beyond one each only make them wait for each other.
        environment.setdefault("OMP_NUM_THREADS", "1")
        manager = KernelManager(transport="ipc", connection_file=str(Path(folder) / "kernel.json"))
        manager.start_kernel(cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = manager.client()
        try:
            client.start_channels(iopub=False, stdin=False)
            try:
                client.hb_channel.unpause()
                yield TrialKernel(manager, client, timeout, given_up)
            finally:
                client.stop_channels()
        finally:
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()


def try_lesson(lesson: Lesson, places: Places, timeout: float, given_up: Event) -> Iterator[Finding]:
    """Yields what is wrong with the lesson's cells, checks, solutions and `verify`, in the order it was found.

    `timeout` is for one cell, in seconds. Once `given_up` is set, it ends within half a second, and so does its kernel.
    """
    with trial_kernel(timeout, given_up) as kernel:
        try:
            yield from _solved_pass(lesson, places, kernel)
            if again := affected(lesson):
                kernel.forget()
                _unsolved_pass(again, places, kernel)
        except _Stopped as stopped:
            yield stopped.finding


class _Stopped(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def _run(kernel: TrialKernel, source: str, places: Places, line: int) -> CellRaised | None:
    try:
        return kernel.run(source)
    except KernelGone as gone:
        raise _Stopped(places.at(line, f"{gone}; nothing after it was run")) from gone


def _run_plain(kernel: TrialKernel, step: CodeCell, places: Places, when: str) -> None:
    raised = _run(kernel, step.source, places, step.line)
    wanted = "raises-exception" in step.tags
    if raised is not None and not wanted:
        line = places.inside(step.line, raised.line)
        raise _Stopped(places.at(line, f"the cell `{step.id}` raised {raised}{when}; nothing after it was run"))
    if wanted and raised is None:
        raise _Stopped(places.at(step.line, f"the cell `{step.id}` is tagged `raises-exception` and raised nothing"))


def _solved_pass(lesson: Lesson, places: Places, kernel: TrialKernel) -> Iterator[Finding]:
    for step in lesson.steps:
        if isinstance(step, Prose):
            continue
        if isinstance(step, CodeCell):
            _run_plain(kernel, step, places, "")
        elif isinstance(step, Exercise):
            yield from _solve(step, places, kernel)
        elif step.verify is not None:
            yield from _verify(step, places, kernel)


def _unsolved_pass(steps: Sequence[Runnable], places: Places, kernel: TrialKernel) -> None:
    for step in steps:
        if isinstance(step, CodeCell):
            _run_plain(kernel, step, places, " when no exercise above it is solved")
        else:
            # An unfinished exercise may raise: that is the learner's to mend.
            _run(kernel, step.source, places, step.line)


def _solve(step: Exercise, places: Places, kernel: TrialKernel) -> Iterator[Finding]:
    check_line, solution_line = places.part(step.id, "check"), places.part(step.id, "solution")
    _run(kernel, step.source, places, step.line)
    raised = _run(kernel, step.check, places, check_line)
    if raised is None:
        yield places.at(step.line, f"the exercise `{step.id}` passes its check before it is solved")
    elif raised.name != "AssertionError":
        line = places.inside(check_line, raised.line)
        cause = f"before `{step.id}` is solved its check raised {raised}; an assert with a message should come first"
        yield places.at(line, cause)
    elif not raised.value.strip():
        yield places.at(places.inside(check_line, raised.line), "this assert fails without a message for the learner")
    raised = _run(kernel, step.solution, places, solution_line)
    if raised is not None:
        yield places.at(places.inside(solution_line, raised.line), f"the solution of `{step.id}` raised {raised}")
        return
    raised = _run(kernel, step.check, places, check_line)
    if raised is not None:
        line = places.inside(check_line, raised.line)
        yield places.at(line, f"the solution of `{step.id}` does not pass its check: {raised}")


def _verify(quiz: Quiz, places: Places, kernel: TrialKernel) -> Iterator[Finding]:
    line = places.key(quiz.line, "verify")
    if isinstance(quiz, NumberQuiz):
        form = "float(({}))"
    elif isinstance(quiz, ShapeQuiz):
        form = "list(map(int, ({})))"
    elif isinstance(quiz, TextQuiz | OutputQuiz):
        form = "str(({}))"
    else:
        form = "(lambda value: value if isinstance(value, (bool, str)) else list(map(str, value)))(({}))"
    try:
        value = kernel.value(form.format(quiz.verify))
    except KernelGone as gone:
        raise _Stopped(places.at(line, f"{gone}; nothing after it was run")) from gone
    except (ValueError, SyntaxError) as error:
        yield places.at(line, f"`verify` of `{quiz.id}` gave no answer: {' '.join(str(error).split())[:300]}")
        return
    if not _agrees(quiz, value):
        stated = f", and the answer stated is {_stated(quiz)}" if _stated(quiz) else ""
        yield places.at(line, f"`verify` of `{quiz.id}` gives {value!r}{stated}")


def _stated(quiz: Quiz) -> str:
    if isinstance(quiz, NumberQuiz):
        return f"{quiz.answer:g} ± {quiz.tolerance:g}"
    if isinstance(quiz, ShapeQuiz):
        return str(list(quiz.answer))
    if isinstance(quiz, OutputQuiz):
        return repr(quiz.answer)
    return ""


def _agrees(quiz: Quiz, value: object) -> bool:
    """The kinds that are not computed may be verified by a truth, or by the texts of what is right."""
    if isinstance(value, bool):
        return value
    if isinstance(quiz, ChoiceQuiz):
        right = [option.text for option in quiz.options if option.correct]
        return value == right if isinstance(value, list) else [value] == right
    if isinstance(quiz, OrderQuiz):
        return value == list(quiz.items)
    try:
        return mark(quiz, value).correct  # type: ignore[arg-type]
    except AnswerForm:
        return False
