"""`python -m engine`: train a model of the book in a terminal, list what there is, say which device would be used."""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args

from engine import catalog, inventory, runs
from engine.config import EngineError, Precision
from engine.data.fetching import UnknownDataSet

USAGE_ERROR, FAILED, INTERRUPTED = 2, 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(words)
    options.words = words
    try:
        code: int = options.run(options)
        return code
    except (catalog.UnknownName, UnknownDataSet, runs.UnknownRun) as error:
        if os.environ.get("RANK", "0") != "0":
            return 0  # of several processes all have read the same words: the first says so
        print(f"error: {error}", file=sys.stderr)
        return USAGE_ERROR
    except EngineError as error:
        who = f" in process {os.environ['RANK']}" if "RANK" in os.environ else ""
        print(f"error{who}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a reader such as `head` has seen enough
        return 0


def _parser() -> argparse.ArgumentParser:
    called = os.environ.get("D2L_TUTOR_PROGRAM", "python -m engine")  # the tutor hands its commands over
    parser = argparse.ArgumentParser(prog=called, description="Train the models of the book in a terminal.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a model and draw its curves", epilog=_EXAMPLES)
    train.formatter_class = argparse.RawDescriptionHelpFormatter
    train.add_argument("model", help="its name in any spelling: lenet, resnet18, rnn, …; see `models`")
    train.add_argument("--data", help="a data set; without it, the one that the book uses")
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of model or data")
    train.add_argument("--max-epochs", type=_positive, help="epochs; without it, what the book uses")
    train.add_argument("--max-time", type=float, metavar="SECONDS", help="stop at the first batch after so long")
    train.add_argument("--device", help="cpu, cuda, cuda:1, mps, xpu; without it, the best that is there")
    train.add_argument("--max-steps", type=_positive, help="stop after so many minibatches")
    train.add_argument("--precision", choices=get_args(Precision), default="float32", help="of the numbers")
    train.add_argument("--compile", action="store_true", help="run the model through torch.compile")
    train.add_argument("--channels-last", action="store_true", help="pictures pixel by pixel in memory (NHWC)")
    train.add_argument("--processes", type=_positive, default=1, help="train in so many processes (torchrun)")
    train.add_argument("--resume", action="store_true", help="go on with a run that was cut short")
    train.add_argument("--checkpoint", metavar="FILE", help="keep the run there; without it, in a folder of our own")
    train.add_argument("--seed", type=int, help="make the run repeatable")
    train.add_argument("--clip", type=float, help="largest norm of the gradients")
    train.add_argument("--full", action="store_true", help="the book's full setting, on a CPU too")
    train.add_argument("--out", metavar="FILE", help="save the trained weights (.safetensors, or .pt)")
    train.set_defaults(run=_train)

    inventory.add_commands(commands)
    device = commands.add_parser("device", help="say which device would train, and why")
    device.add_argument("--json", action="store_true")
    device.set_defaults(run=_device)
    return parser


_EXAMPLES = """examples:
  %(prog)s lenet
  %(prog)s mlp --set lr=0.5 --set num_hiddens=64 --max-epochs 3
  %(prog)s resnet18 --device cuda:1 --out resnet18.safetensors"""


def _train(options: argparse.Namespace) -> int:
    recipe = catalog.recipe(options.model)
    settings = dict(_setting(text) for text in options.set)
    if options.out:
        from engine import saving

        saving.check(options.out)  # before the run, not after an hour of it
    if options.processes > 1 and "WORLD_SIZE" not in os.environ:
        _become_many(options.processes, options.words)
    from engine import distributed

    device = distributed.join() or options.device
    try:
        seed = distributed.shared_seed(options.seed)
        if seed is not None:
            importlib.import_module("torch").manual_seed(seed)  # data that are made up, and initial weights
        data, model = catalog.build(recipe, options.data, settings)
        return _fit(options, recipe, data, model, seed, device)
    finally:
        distributed.leave()


def _fit(
    options: argparse.Namespace, recipe: catalog.Recipe, data: Any, model: Any, seed: int | None, device: str | None
) -> int:
    from engine import distributed, train

    first = distributed.is_first()
    trainer = train.Trainer(
        options.max_epochs or recipe.max_epochs,
        gradient_clip_val=recipe.clip if options.clip is None else options.clip,
        max_time=options.max_time,
        max_steps=options.max_steps,
        seed=seed,
        device=device,
        precision=options.precision,
        compile=options.compile,
        channels_last=options.channels_last,
        scale=not options.full,
        checkpoint=options.checkpoint or True,
        display=first,
    )
    with runs.recorded() if first else contextlib.nullcontext():
        trainer.fit(model, data, resume=options.resume)
    if options.out and first:
        from engine import saving

        saving.save(model, options.out)
        print(f"saved {options.out}")
    return 0


def _become_many(processes: int, words: Sequence[str]) -> NoReturn:
    """Run the same command in so many processes that train together. Does not return."""
    from engine import device, distributed

    root = str(Path(__file__).resolve().parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))}
    env["PYTHONSAFEPATH"] = "1"  # or a `torch.py` in the working directory would be imported
    env.setdefault("OMP_NUM_THREADS", str(max(1, device.num_cores() // processes)))
    line = distributed.command(processes, words)
    sys.stdout.flush()
    os.execve(line[0], line, env)


def _device(options: argparse.Namespace) -> int:
    from engine.device import facts

    found = facts()
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print(f"{found['label']}\n{found['why']}")
        for said in filter(None, (found["neighbours"], found["problem"], found["torchvision_problem"])):
            print(said)
    return 0 if found["problem"] is None else FAILED


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise catalog.UnknownName(f"--set {text}: write it as name=value, for example --set lr=0.05")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
