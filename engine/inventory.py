"""What there is: `models`, `data list|fetch|verify` and `runs list|compare`, for people and (`--json`) programs."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from typing import Any

from engine import catalog, runs
from engine.config import data_home
from engine.data import fetching
from engine.data.sources import SOURCES

FAILED = 1


def add_commands(commands: Any) -> None:
    """Add these commands to a parser."""
    models = commands.add_parser("models", help="list the models")
    models.add_argument("--json", action="store_true")
    models.set_defaults(run=_models)

    data = commands.add_parser("data", help="list, fetch or verify the real data sets")
    actions = data.add_subparsers(required=True, metavar="ACTION")
    for name, run, about, many in (
        ("list", _list_data, "say which data sets there are, and which are in the data folder", None),
        ("fetch", _fetch, "bring data sets into the data folder", "+"),
        ("verify", _verify, "compare the files that are there with their published hashes", "*"),
    ):
        action = actions.add_parser(name, help=about)
        action.set_defaults(run=run)
        action.add_argument("--json", action="store_true") if name != "fetch" else None
        if many:
            action.add_argument("names", nargs=many, metavar="NAME")

    kept = commands.add_parser("runs", help="list or compare what was trained")
    actions = kept.add_subparsers(required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="list the runs, the newest last")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=_list_runs)
    compared = actions.add_parser("compare", help="draw runs over each other")
    compared.add_argument("names", nargs="+", metavar="RUN", help="its number or id, from `runs list`")
    compared.add_argument("--series", help="the curve to draw; without it, a loss that all of them have")
    compared.set_defaults(run=_compare_runs)


def _models(options: argparse.Namespace) -> int:
    names = catalog.models()
    if options.json:
        print(json.dumps([{"name": name, "data": catalog.recipe(name).data} for name in names], indent=2))
    else:
        for name in names:
            print(f"{name:<28}{catalog.recipe(name).data}")
    return 0


def _list_data(options: argparse.Namespace) -> int:
    there = {name: fetching.is_cached(source) for name, source in SOURCES.items()}
    if options.json:
        rows = [
            {"name": name, "title": source.title, "megabytes": source.megabytes, "there": there[name]}
            for name, source in SOURCES.items()
        ]
        print(json.dumps({"folder": str(data_home()), "data": rows}, indent=2))
        return 0
    for name, source in SOURCES.items():
        state = "real" if there[name] else "stand-in"
        print(f"{name:<14}{state:<10}{source.megabytes:>7.1f} MB  {source.title}")
    print(f"in {data_home()}")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    for name in options.names:
        fetching.find(name)  # no name is wrong before the first byte is fetched
    for name in options.names:
        source = fetching.find(name)
        if fetching.is_cached(source):
            print(f"{source.name} is there already.")
            continue
        fetching.fetch(name, progress=fetching.ProgressLine())
        print(f"{source.name} was fetched into {data_home()}.")
    return 0


def _verify(options: argparse.Namespace) -> int:
    names = options.names or [name for name, source in SOURCES.items() if fetching.is_cached(source)]
    found = {fetching.find(name).name: fetching.verify(name) for name in names}
    if options.json:
        print(json.dumps(found, indent=2))
    elif not found:
        print(f"No data set is in {data_home()}.")
    else:
        words = {True: "right", False: "WRONG: delete it and fetch it anew", None: "not there in its published form"}
        for name, files in found.items():
            for path, right in files.items():
                print(f"{name:<14}{path}: {words[right]}")
    return FAILED if any(right is False for files in found.values() for right in files.values()) else 0


def _list_runs(options: argparse.Namespace) -> int:
    kept = runs.kept()
    if options.json:
        print(json.dumps([_as_json(run) for run in kept], indent=2))
        return 0
    if not kept:
        print("No run was recorded yet: `train` makes one.")
    rows = [_as_row(run) for run in kept]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    for number, *words in rows:
        cells = [f"{word:<{width}}" for word, width in zip(words, widths[1:], strict=True)]
        print("  ".join([f"{number:>4}", *cells]).rstrip())
    return 0


def _as_row(run: runs.KeptRun) -> tuple[str, str, str, str, str]:
    begun, done = run.started, run.curves.finished
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(begun.at))
    what = f"{begun.model} on {begun.data}" + (" (stand-in)" if begun.stand_in else "")
    how = f"{done.reason}, {done.seconds:.1f} s" if done else "not finished"
    figures = "  ".join(f"{name} {value:.4g}" for name, value in run.curves.last.items())
    return str(run.number), when, what, how, figures


def _compare_runs(options: argparse.Namespace) -> int:
    from engine.charts import draw
    from engine.curves import Curve

    kept = runs.kept()
    chosen = [runs.find(name, kept) for name in options.names]
    common = [series for series in chosen[0].curves.series if all(series in run.curves.series for run in chosen)]
    wanted = options.series or next((name for name in ("val_loss", "train_loss", *common) if name in common), None)
    if wanted is None or wanted not in common:
        said = ", ".join(common) or "none"
        raise runs.UnknownRun(f"These runs do not all have {wanted or 'a curve in common'}. In common: {said}.")
    curves = []
    for run in chosen:
        series = run.curves.series[wanted]
        curves.append(Curve(f"{run.number} {wanted}", tuple(series.x), tuple(series.y), kind="line"))
    if len(curves) and sys.stdout.isatty():
        width, height = shutil.get_terminal_size()
        print(draw(curves, width - 1, max(6, min(16, height - len(chosen) - 4))))
    _print_differences(chosen, wanted)
    return 0


def _print_differences(chosen: list[runs.KeptRun], wanted: str) -> None:
    """What these runs had in different ways, and where they came to."""
    settings = [dict(run.started.hyperparameters) | {"seed": run.started.seed} for run in chosen]
    names = sorted({name for each in settings for name in each})
    differing = [name for name in names if len({repr(each.get(name)) for each in settings}) > 1]
    for run, each in zip(chosen, settings, strict=True):
        begun = run.started
        told = "  ".join(f"{name}={each.get(name)}" for name in differing)
        value = run.curves.last.get(wanted, float("nan"))
        print(f"{run.number:>4}  {begun.model} on {begun.data}, {begun.device}  {told}  {wanted} {value:.4g}")


def _as_json(run: runs.KeptRun) -> dict[str, Any]:
    begun, done = run.started, run.curves.finished
    return {
        "number": run.number,
        "run": begun.run,
        "at": begun.at,
        "model": begun.model,
        "data": begun.data,
        "stand_in": begun.stand_in,
        "device": begun.device,
        "seed": begun.seed,
        "hyperparameters": dict(begun.hyperparameters),
        "notes": list(begun.notes),
        "reason": done.reason if done else None,
        "seconds": done.seconds if done else None,
        "metrics": {name: value if value - value == 0 else str(value) for name, value in run.curves.last.items()},
    }
