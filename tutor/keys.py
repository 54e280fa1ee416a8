"""Every key of the app, in one table.

The bindings of the screens (`tutor.bindings`), the help screen and the README's table (`python -m tutor.keys`) are all
made from `KEYS`, so that what is said and what happens cannot differ. No Textual here: the CLI prints this table too.
Nothing essential lies on a key that tmux, screen or ssh eat (`Ctrl+B`, `Shift+Enter`): those are second ways only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tutor.words import _


class Context(StrEnum):
    """Where a key means something. The value is the heading in the help."""

    ANYWHERE = "anywhere"
    HOME = "home"
    LESSON = "lesson"
    CELL = "cell editor"
    QUIZ = "quiz"
    VALUES = "values"
    CONTENTS = "contents"
    FULL_VIEW = "full view"
    FORMULAS = "formulas"
    LINKS = "links"
    RUNS = "runs"
    VERSIONS = "versions"

    @property
    def heading(self) -> str:
        """The heading in the learner's language."""
        return {
            Context.ANYWHERE: _("Anywhere"),
            Context.HOME: _("Course"),
            Context.LESSON: _("Lesson"),
            Context.CELL: _("While editing a cell"),
            Context.QUIZ: _("While answering a quiz"),
            Context.VALUES: _("While turning a cell's values"),
            Context.CONTENTS: _("In the contents of a lesson"),
            Context.FULL_VIEW: _("A chart, picture, table or formula on the full screen"),
            Context.FORMULAS: _("In the list of formulas"),
            Context.LINKS: _("In the list of links"),
            Context.RUNS: _("In the list of training runs"),
            Context.VERSIONS: _("In the versions of a cell"),
        }[self]


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that keys can do in one context."""

    action: str
    """Textual action without its `action_`: `run_advance`; `app.…` where the app does it, whichever screen is open."""
    keys: tuple[str, ...]
    """Textual's names of the keys. Of a chord: the one key that is pressed twice."""
    label: str
    """How the keys are written for people: `Ctrl+R`."""
    description: str
    context: Context
    priority: bool = False
    """Whether it works although the focused widget would take the key."""
    chord: bool = False
    """Whether the key has to be pressed twice: what it does would hurt by accident."""
    shown: bool = False
    """Whether a footer shows it."""
    bound: bool = True
    """False where Textual itself (a TextArea, its app) handles the key, and the table only tells of it."""


def _anywhere(
    action: str, keys: str, label: str, description: str, *, priority: bool = False, bound: bool = True
) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.ANYWHERE, priority, bound=bound)


def _home(action: str, keys: str, label: str, description: str, *, shown: bool = False) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.HOME, shown=shown)


def _lesson(
    action: str,
    keys: str,
    label: str,
    description: str,
    *,
    priority: bool = False,
    chord: bool = False,
    shown: bool = False,
) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.LESSON, priority, chord, shown)


def _cell(action: str, keys: str, label: str, description: str, *, bound: bool = True) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.CELL, priority=bound, bound=bound)


def _values(action: str, keys: str, label: str, description: str) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.VALUES)


def _contents(action: str, keys: str, label: str, description: str) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.CONTENTS)


def _full_view(action: str, keys: str, label: str, description: str) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.FULL_VIEW)


def _formulas(action: str, keys: str, label: str, description: str) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.FORMULAS)


def _links(action: str, keys: str, label: str, description: str) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.LINKS)


def _runs(action: str, keys: str, label: str, description: str) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.RUNS)


def _versions(action: str, keys: str, label: str, description: str) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.VERSIONS)


def _quiz(action: str, keys: str, label: str, description: str, *, bound: bool = True) -> Key:
    return Key(action, tuple(keys.split()), label, description, Context.QUIZ, bound=bound)


KEYS: tuple[Key, ...] = (
    # Anywhere: the app's own.
    _anywhere("help", "question_mark f1", "? or F1", _("what the keys do here")),
    _anywhere("search", "slash", "/", _("search the course")),
    _anywhere("runs", "R", "R", _("training runs: all that was trained, to look at and compare")),
    _anywhere("command_palette", "ctrl+p", "Ctrl+P", _("all commands, lessons and themes"), priority=True),
    _anywhere("repaint", "ctrl+l", "Ctrl+L", _("draw the screen again"), priority=True),
    _anywhere("quit", "ctrl+q", "Ctrl+Q", _("quit; everything is kept"), priority=True),
    _anywhere("suspend_process", "ctrl+z", "Ctrl+Z", _("suspend; `fg` brings it back"), bound=False),
    # Home.
    _home("open", "enter", "Enter", _("open the lesson"), shown=True),
    _home("continue", "c", "c", _("continue where you left off"), shown=True),
    _home("down", "j down", "j or ↓", _("next line")),
    _home("up", "k up", "k or ↑", _("line before")),
    _home("first", "g home", "g", _("to the top")),
    _home("last", "G end", "G", _("to the bottom")),
    _home("page_down", "pagedown space", "PgDn or Space", _("a page down")),
    _home("page_up", "pageup b", "PgUp or b", _("a page up")),
    _home("app.quit", "q", "q", _("quit"), shown=True),
    # Lesson, command mode: moving.
    _lesson("down", "j down", "j or ↓", _("down; from step to step where all is in sight")),
    _lesson("up", "k up", "k or ↑", _("up")),
    _lesson("first", "g home", "g", _("to the top")),
    _lesson("last", "G end", "G", _("to the end")),
    _lesson("page_down", "pagedown space", "PgDn or Space", _("a page down")),
    _lesson("page_up", "pageup b", "PgUp or b", _("a page up")),
    _lesson("next_lesson", "n", "n", _("next lesson")),
    _lesson("previous_lesson", "p", "p", _("lesson before")),
    _lesson("contents", "t", "t", _("contents of the lesson")),
    _lesson("app.show_course", "q", "q", _("back to the course")),
    # Lesson: cells. Priority, because an editor or a list would take the key first.
    _lesson("edit", "enter", "Enter", _("edit the cell, or answer the quiz"), shown=True),
    _lesson(
        "run_advance",
        "ctrl+r shift+enter",
        "Ctrl+R",
        _("run and go on (also Shift+Enter)"),
        priority=True,
        shown=True,
    ),
    _lesson("run", "ctrl+e f5 ctrl+enter", "Ctrl+E or F5", _("run and stay (also Ctrl+Enter)"), priority=True),
    _lesson("run", "r", "r", _("run the cell")),
    _lesson("run_above", "a", "a", _("run all cells above")),
    _lesson("run_all", "A", "A", _("run all cells")),
    _lesson("interrupt", "i", "i i", _("interrupt; training stops at the next batch"), chord=True),
    _lesson("go_on", "C", "C", _("go on with a training that was cut short, from its checkpoint")),
    _lesson("restart", "0", "0 0", _("restart the kernel"), chord=True),
    _lesson("values", "v", "v", _("turn the cell's values (learning rate, …)")),
    _lesson("full_view", "f", "f", _("chart, picture, table or formula on the full screen")),
    _lesson("log_axis", "l", "l", _("logarithmic axis of the chart, or not")),
    _lesson("apart", "m", "m", _("loss and accuracy in charts of their own, or in one")),
    _lesson("formulas", "dollar_sign", "$", _("the TeX of the formulas in sight, to copy")),
    _lesson("links", "o", "o", _("the links in sight, to copy")),
    _lesson("line_numbers", "number_sign", "#", _("numbers at the lines of code, or not")),
    _lesson("hint", "h", "h", _("next hint, mildest first")),
    _lesson("hint_back", "H", "H", _("hint before")),
    _lesson("solution", "s", "s", _("show the solution")),
    _lesson("reset", "x", "x", _("reset the cell to the author's version")),
    _lesson("undo_reset", "u", "u", _("undo the reset")),
    _lesson("versions", "V", "V", _("versions of the cell: what you wrote and ran, on any machine")),
    _lesson("external_editor", "e", "e", _("edit the cell in $EDITOR")),
    _lesson("copy", "y", "y", _("copy the cell")),
    # In the editor of a cell.
    _cell("leave_editor", "escape", "Esc", _("leave the editor")),
    _cell("complete", "tab", "Tab", _("complete, or show the signature; indent at the start of a line")),
    _cell("outdent", "shift+tab", "Shift+Tab", _("indent less")),
    _cell("undo", "ctrl+z", "Ctrl+Z", _("undo"), bound=False),
    _cell("redo", "ctrl+y", "Ctrl+Y", _("redo"), bound=False),
    _cell("select_all", "f7", "F7", _("select all"), bound=False),
    _cell("copy", "ctrl+c", "Ctrl+C", _("copy what is selected"), bound=False),
    _cell("cut", "ctrl+x", "Ctrl+X", _("cut it, or the line"), bound=False),
    _cell("paste", "ctrl+v", "Ctrl+V", _("paste"), bound=False),
    # In a quiz.
    _quiz("choose_down", "j down", "j or ↓", _("next option")),
    _quiz("choose_up", "k up", "k or ↑", _("option before")),
    _quiz("toggle_choice", "space", "Space", _("choose; where several are right, choose or not")),
    _quiz("choose", "1 2 3 4 5 6 7 8 9", "1 … 9", _("choose by number"), bound=False),
    _quiz("move_down", "J shift+down", "J", _("move the item down, where the order is asked for")),
    _quiz("move_up", "K shift+up", "K", _("move the item up")),
    _quiz("give_answer", "enter", "Enter", _("answer")),
    _quiz("answer_again", "r", "r", _("answer again (the first answer counts)")),
    _quiz("leave_quiz", "escape", "Esc", _("leave the quiz")),
    # In the values under a cell.
    _values("turn_down", "h left minus", "h or ←", _("less")),
    _values("turn_up", "l right plus", "l or →", _("more")),
    _values("value_down", "j down", "j or ↓", _("next value")),
    _values("value_up", "k up", "k or ↑", _("value before")),
    _values("leave_values", "escape v enter", "Esc", _("back to the cell")),
    # In the contents of a lesson.
    _contents("contents_down", "j down", "j or ↓", _("next line")),
    _contents("contents_up", "k up", "k or ↑", _("line before")),
    _contents("choose_step", "enter space", "Enter", _("go there")),
    _contents("leave_contents", "escape", "Esc", _("back to the lesson")),
    # On the full screen.
    _full_view("across(1)", "right", "→", _("next value of the curves; or to the right")),
    _full_view("across(-1)", "left", "←", _("value before; or to the left")),
    _full_view("leap(1)", "pagedown space", "PgDn or Space", _("a tenth of the curve on; or a page down")),
    _full_view("leap(-1)", "pageup b", "PgUp or b", _("a tenth back; or a page up")),
    _full_view("leap(2)", "end G", "End", _("to the end")),
    _full_view("leap(-2)", "home g", "Home", _("to the beginning")),
    _full_view("line(1)", "j down", "j or ↓", _("a line down")),
    _full_view("line(-1)", "k up", "k or ↑", _("a line up")),
    _full_view("log_axis", "l", "l", _("logarithmic axis, or not")),
    _full_view("smooth", "s", "s", _("smoothed curves, or the points as they are")),
    _full_view("apart", "m", "m", _("loss and accuracy in charts of their own, or in one")),
    _full_view("exhibit(1)", "tab n", "Tab", _("the next one, where the step has several")),
    _full_view("exhibit(-1)", "shift+tab p", "Shift+Tab", _("the one before")),
    _full_view("copy_view", "y", "y", _("copy the values, or the TeX")),
    _full_view("leave_view", "escape q f", "Esc", _("back")),
    # In the list of formulas.
    _formulas("formula(1)", "j down", "j or ↓", _("next formula")),
    _formulas("formula(-1)", "k up", "k or ↑", _("formula before")),
    _formulas("copy_formula", "y enter", "y or Enter", _("copy its TeX")),
    _formulas("leave_formulas", "escape dollar_sign q", "Esc", _("back to the lesson")),
    # In the list of links.
    _links("link(1)", "j down", "j or ↓", _("next link")),
    _links("link(-1)", "k up", "k or ↑", _("link before")),
    _links("copy_link", "y enter", "y or Enter", _("copy its address")),
    _links("leave_links", "escape o q", "Esc", _("back to the lesson")),
    # In the list of training runs.
    _runs("run(1)", "j down", "j or ↓", _("next run")),
    _runs("run(-1)", "k up", "k or ↑", _("run before")),
    _runs("leap(-2)", "g home", "g", _("to the newest")),
    _runs("leap(2)", "G end", "G", _("to the oldest")),
    _runs("leap(1)", "pagedown", "PgDn", _("a page down")),
    _runs("leap(-1)", "pageup b", "PgUp or b", _("a page up")),
    _runs("mark", "space", "Space", _("mark the run, or not; marked runs are compared")),
    _runs("look", "enter", "Enter", _("its curves on the full screen; those of all marked runs, one over the other")),
    _runs("open_cell", "o", "o", _("open the cell that trained it")),
    _runs("copy_settings", "y", "y", _("copy its settings")),
    _runs("leave_runs", "escape q R", "Esc", _("take all marks away; then back")),
    # In the versions of a cell.
    _versions("version(1)", "j down", "j or ↓", _("the version before that one")),
    _versions("version(-1)", "k up", "k or ↑", _("the version after it")),
    _versions("page(1)", "pagedown space", "PgDn or Space", _("its text: a page down")),
    _versions("page(-1)", "pageup b", "PgUp or b", _("a page up")),
    _versions("take_version", "enter", "Enter", _("put it back into the cell")),
    _versions("copy_version", "y", "y", _("copy it")),
    _versions("leave_versions", "escape V q", "Esc", _("back to the lesson")),
)


def keys_of(context: Context, keys: Iterable[Key] = KEYS) -> tuple[Key, ...]:
    """The keys of one context, in the order of the table."""
    return tuple(key for key in keys if key.context is context)


def key_of(action: str, context: Context) -> Key:
    """The first key of that action, for a line that says what to press. Raises `KeyError`."""
    for key in keys_of(context):
        if key.action == action:
            return key
    raise KeyError(f"{action} in {context.value}")


def markdown_table() -> str:
    """The keys as Markdown, one table a context: what the README holds."""
    return "\n".join(_markdown_lines())


def _markdown_lines() -> Iterator[str]:
    for context in Context:
        yield f"**{context.heading}**"
        yield ""
        yield "| key | what it does |"
        yield "|---|---|"
        for key in keys_of(context):
            yield f"| {_as_code(key.label)} | {key.description} |"
        yield ""


def _as_code(label: str) -> str:
    """`? or F1` with each key in backticks."""
    return " or ".join(f"`{part}`" for part in label.split(" or "))


if __name__ == "__main__":
    print(markdown_table(), end="")
