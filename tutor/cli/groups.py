"""The commands that come in groups: `kernels …` and `progress …`. What each does is in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tutor.words import _

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]

progress = typer.Typer(
    help=_("Check, back up or restore what you did, or move it from one machine to another."),
    rich_markup_mode="rich",
    no_args_is_help=True,
)
kernels = typer.Typer(
    help=_("Look at the kernels that run, also those that were left running; attach to one, or stop it."),
    rich_markup_mode="rich",
)


def _running_lessons(incomplete: str) -> Iterator[tuple[str, str]]:
    """For the shell's completion: lessons that have a kernel, with what it does."""
    from tutor.census import Census, keeping
    from tutor.kernel_words import kernel_words

    for kernel in Census(keeping()).now():
        if incomplete in kernel.lesson:
            yield kernel.lesson, kernel_words(kernel)


def _kernel_argument(help: str) -> typer.models.ArgumentInfo:
    found: typer.models.ArgumentInfo = typer.Argument(metavar="NAME", help=help, autocompletion=_running_lessons)
    return found


NAMED = _("A lesson, by any of its names, or the id of a kernel.")


@kernels.callback(invoke_without_command=True)
def kernels_alone(context: typer.Context, as_json: AsJson = False) -> None:
    """List them, if nothing else is asked."""
    if context.invoked_subcommand is None:
        kernels_list(as_json=as_json)


@kernels.command("list", help=_("List the kernels: lesson, what it does since when, device memory, last output."))
def kernels_list(as_json: AsJson = False) -> None:
    """List the kernels."""
    from tutor.cli.kernels import print_kernels

    print_kernels(as_json=as_json)


@kernels.command("attach", help=_("Open the lesson of a kernel that runs. Exit code 6 if there is none."))
def kernels_attach(
    name: Annotated[str | None, _kernel_argument(_("May be left out where only one runs."))] = None,
) -> None:
    """Open the app there."""
    from tutor.cli.kernels import attach

    raise typer.Exit(attach(name))


@kernels.command("stop", help=_("Stop kernels. What they put out is kept; their variables are not."))
def kernels_stop(
    names: Annotated[list[str] | None, _kernel_argument(NAMED)] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Stop all of them."))] = False,
) -> None:
    """Stop some or all."""
    from tutor.cli.kernels import stop

    if bool(names) == everything:
        raise typer.BadParameter(_("Name the kernels to stop, or say --all."))
    raise typer.Exit(stop(names or []))


@kernels.command("logs", help=_("Print what a kernel put out, from its journal, and what went to its own log."))
def kernels_logs(
    name: Annotated[str, _kernel_argument(NAMED)],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help=_("Go on as more comes, until the kernel ends."))
    ] = False,
) -> None:
    """Print a kernel's journal and log."""
    from tutor.cli.kernel_log import print_log

    print_log(name, follow=follow)


@progress.command("check", help=_("Say whether the record is whole, and how much is in it."))
def progress_check(as_json: AsJson = False) -> None:
    """Check the record."""
    from tutor.cli.record import check_record

    raise typer.Exit(check_record(as_json=as_json))


@progress.command("backup", help=_("Make a backup now, and prove that it is good."))
def progress_backup(
    file: Annotated[Path | None, typer.Argument(help=_("Where to; without it, among the others."))] = None,
) -> None:
    """Back the record up."""
    from tutor.cli.record import back_up_record

    raise typer.Exit(back_up_record(file))


@progress.command(
    "restore",
    help=_("Put the newest good backup in the place of the record, which is kept beside it under another name."),
)
def progress_restore(
    file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help=_("A copy to take instead of the newest backup."))
    ] = None,
) -> None:
    """Restore the record."""
    from tutor.cli.record import restore_record

    raise typer.Exit(restore_record(file))


@progress.command("export", help=_("Write all of the record as JSON lines, to a file or to standard output."))
def progress_export(
    file: Annotated[Path | None, typer.Argument(help=_("Where to; without it, standard output."))] = None,
) -> None:
    """Export the record."""
    from tutor.cli.record import export_record

    export_record(file)


@progress.command("import", help=_("Take in what `export` wrote, without loss or duplicates."))
def progress_import(
    file: Annotated[Path | None, typer.Argument(help=_("Where from; without it, standard input."))] = None,
) -> None:
    """Import into the record."""
    from tutor.cli.record import import_record

    raise typer.Exit(import_record(file))
