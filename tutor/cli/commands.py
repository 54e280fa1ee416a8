"""The commands and their options. Each one imports what it needs when it is called; what it does is in a file of its
own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tutor.cli import exits
from tutor.cli.groups import AsJson, kernels, progress
from tutor.words import _

HELP = _("Learn deep learning in a terminal: lessons, live training curves, and a record of what you understood.")
EXAMPLES = (
    ("d2l-tutor", _("go on where you were")),
    ("d2l-tutor open softmax-regression", _("open a lesson; `open 4.1` opens the same one")),
    ("d2l-tutor train lenet --max-epochs 3", _("train with a live chart")),
    ("d2l-tutor glossary softmax", _("what a term means, in a sentence; by its English or 中文 name")),
    ("d2l-tutor kernels", _("what runs, also what you left running; `kernels attach` goes there")),
    ("d2l-tutor list --json", _("every lesson and its state, for a program")),
    ("ssh gpu d2l-tutor progress export | d2l-tutor progress import", _("bring two machines together")),
)
EXIT_CODES = _(
    "Exit codes: 0 all is well, 1 what was run met an error, 2 wrong usage or no terminal, "
    "3 the course cannot be read, 4 no such lesson or term, 5 the record cannot be used, "
    "6 the kernel cannot be used, 70 an error of our own, 130 interrupted."
)


class TextProfile(StrEnum):
    """What text may be made of: the names of `tutor.text_profile`."""

    FULL = "full"
    PLAIN = "plain"
    ASCII = "ascii"


class ExportFormat(StrEnum):
    """What a lesson can be written as."""

    IPYNB = "ipynb"
    MD = "md"
    PY = "py"
    HTML = "html"


class Commands(TyperGroup):
    """Hands what cuts a command short to `exits`: typer would say "Aborted", and end a closed pipe as a failure."""

    def invoke(self, ctx: Any) -> Any:  # typer brings a click of its own, or uses the other: no type fits both
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise exits.ReaderGone from error
        except KeyboardInterrupt as error:
            raise exits.Interrupted from error


app = typer.Typer(
    name="d2l-tutor",
    cls=Commands,
    help=f"{HELP}\n\n{_('Without a command it opens where you were.')}",
    epilog="\n\n".join([f"[bold]{command}[/bold]  {about}" for command, about in EXAMPLES] + [EXIT_CODES]),
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(kernels, name="kernels")
app.add_typer(progress, name="progress")

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def run(words: list[str]) -> int:
    """Run a command; its exit code. Errors of our vocabulary are raised; wrong usage is said here."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # without Unicode: \u2192, and no traceback
    try:
        app(words, prog_name="d2l-tutor")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else exits.OK if ending.code is None else exits.FAILED
    return exits.OK


def _lesson_names(incomplete: str) -> Iterator[tuple[str, str]]:
    """For the shell's completion: ids, with their titles."""
    from lessons.catalog import load_course

    for entry in load_course().entries():
        if incomplete in entry.id:
            yield entry.id, entry.title


def _term_names(incomplete: str) -> Iterator[tuple[str, str]]:
    """For the shell's completion: terms, with their 中文 names."""
    from lessons.glossary import load_glossary

    for term in load_glossary():
        if incomplete.casefold() in f"{term.name} {term.zh}".casefold():
            yield term.name, term.zh


LessonName = Annotated[
    str,
    typer.Argument(
        metavar="LESSON",
        help=_("An id or the end of one, a section of the book (4.1), or a title."),
        autocompletion=_lesson_names,
    ),
]
LessonOrPath = Annotated[
    str,
    typer.Argument(
        metavar="LESSON|PATH",
        help=_("An id or the end of one, a section of the book (4.1), a title; or a notebook: .ipynb, .md, .py."),
        autocompletion=_lesson_names,
    ),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        from tutor.cli.version import version

        print(f"d2l-tutor {version()}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def resume(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_print_version, is_eager=True, help=_("Print the version."))
    ] = False,
    calm: Annotated[bool, typer.Option("--calm", help=_("Redraw nothing more often than once a second."))] = False,
    low_bandwidth: Annotated[
        bool, typer.Option("--low-bandwidth", help=_("Calm, no pictures in pixels, and a meter of the bytes."))
    ] = False,
) -> None:
    """Open where the learner was, if no command is named."""
    if calm or low_bandwidth:
        from tutor import pace

        pace.choose("low-bandwidth" if low_bandwidth else "calm")
    if context.invoked_subcommand is None:
        from tutor.cli.opening import open_app

        raise typer.Exit(open_app())


@app.command("open", help=_("Open a lesson, at a step of it if `#step` follows its name; or a notebook, or a folder."))
def open_lesson(lesson: LessonOrPath) -> None:
    """Open a lesson."""
    from tutor.cli.opening import open_app

    raise typer.Exit(open_app(lesson))


@app.command("home", help=_("Open the course, not the last lesson."))
def home() -> None:
    """Open the course."""
    from tutor.cli.opening import open_app

    raise typer.Exit(open_app(resume=False))


@app.command("run", help=_("Run a lesson's cells, or a notebook's, without the app. Exit code 1 if one fails."))
def run_lesson(
    lesson: LessonOrPath,
    solutions: Annotated[
        bool, typer.Option("--solutions", help=_("Run each exercise's solution, and fail if its check does."))
    ] = False,
    mine: Annotated[
        bool, typer.Option("--mine", help=_("Run your own versions of the cells, and fail if a check does."))
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help=_("Cut every training to a few seconds."))] = False,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE.ipynb", help=_("Write the notebook with its new outputs there.")),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", help=_("Longest time for one cell of a notebook."))
    ] = None,
) -> None:
    """Run a lesson, or a notebook, in a kernel of its own."""
    from tutor.cli.naming import path_or_lesson

    if (path := path_or_lesson(lesson)) is not None:
        from tutor.cli.running_path import run_path

        raise typer.Exit(run_path(path, to=to, timeout=timeout, quick=quick))
    from tutor.cli.running import run_lesson

    if to is not None or timeout is not None:
        raise typer.BadParameter(_("--to and --timeout go with a notebook's path."))
    raise typer.Exit(run_lesson(lesson, solutions=solutions, mine=mine, quick=quick))


@app.command("export", help=_("Write a lesson or a notebook as you left it: your versions, outputs and charts."))
def export(
    lesson: LessonOrPath,
    to: Annotated[ExportFormat, typer.Option("--to", help=_("The format."))] = ExportFormat.IPYNB,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help=_("Where to (default: its name, here)."))
    ] = None,
) -> None:
    """Export a lesson or a notebook."""
    from tutor.cli.exporting import export
    from tutor.cli.naming import path_or_lesson

    raise typer.Exit(export(lesson, path_or_lesson(lesson), to.value, output))


@app.command("read", help=_("Print a lesson's text, through a pager on a terminal."))
def read(
    lesson: LessonName,
    pager: Annotated[bool, typer.Option(help=_("Use a pager (from $PAGER) on a terminal."))] = True,
    text: Annotated[
        TextProfile | None,
        typer.Option(help=_("Characters to use: all, no mathematical letters, or ASCII."), envvar="D2L_TUTOR_TEXT"),
    ] = None,
) -> None:
    """Print a lesson."""
    from tutor.cli.reading import print_lesson

    print_lesson(lesson, pager=pager, text=text.value if text else None)


@app.command("list", help=_("List the lessons and how far each one is."))
def list_lessons(as_json: AsJson = False) -> None:
    """List the lessons."""
    from tutor.cli.listing import print_list

    print_list(as_json=as_json)


@app.command(
    "glossary",
    help=_(
        "Explain a term of the course, by its English or 中文 name or the beginning of one; without a term, list all. "
        "Exit code 4 if there is no such term."
    ),
)
def glossary(
    term: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TERM", help=_("A term, such as `learning rate` or `学习率`."), autocompletion=_term_names
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain a term, or list all."""
    from tutor.cli.glossary import print_glossary, print_terms

    if term:
        print_terms(" ".join(term), as_json=as_json)
    else:
        print_glossary(as_json=as_json)


@app.command("status", help=_("Say how far you are in the whole course, and where you were last."))
def status(as_json: AsJson = False) -> None:
    """Say how far the learner is."""
    from tutor.cli.listing import print_status

    print_status(as_json=as_json)


@app.command(
    "train",
    help=_("Train a model of the book with a live chart, in a process of its own."),
    context_settings=PASSED_ON,
    add_help_option=False,
)
def train(context: typer.Context) -> None:
    """Train a model: all that follows is the engine's to read, `--help` too."""
    from tutor.cli.handing_over import become

    become("engine", ["train", *context.args])


@app.command(
    "models",
    help=_("List the models that `train` knows, and the data that each learns from."),
    context_settings=PASSED_ON,
    add_help_option=False,
)
def models(context: typer.Context) -> None:
    """List the models: the engine does."""
    from tutor.cli.handing_over import become

    become("engine", ["models", *context.args])


@app.command(
    "data",
    help=_("List, fetch or verify the real data sets: `data list`, `data fetch mnist`, `data verify`."),
    context_settings=PASSED_ON,
    add_help_option=False,
)
def data(context: typer.Context) -> None:
    """See to the data sets: the engine does."""
    from tutor.cli.handing_over import become

    become("engine", ["data", *context.args])


@app.command(
    "runs",
    help=_("List or compare what `train` has trained: `runs list`, `runs compare 1 2`."),
    context_settings=PASSED_ON,
    add_help_option=False,
)
def runs(context: typer.Context) -> None:
    """Look at former runs: the engine does."""
    from tutor.cli.handing_over import become

    become("engine", ["runs", *context.args])


@app.command(
    "check",
    help=_("Prove what lessons state: every cell, exercise, solution and quiz. For those who write lessons."),
    context_settings=PASSED_ON,
    add_help_option=False,
)
def check(context: typer.Context) -> None:
    """Check lessons: all that follows is the check's to read."""
    from tutor.cli.handing_over import become

    become("lessons", ["check", *context.args])


@app.command("doctor", help=_("Look at device, PyTorch, kernel, terminal, disk and record."))
def doctor(as_json: AsJson = False) -> None:
    """Look at this machine; exit code 1 if something is wrong."""
    from tutor.cli.doctor import examine

    with exits.tidy():
        raise typer.Exit(examine(as_json=as_json))
