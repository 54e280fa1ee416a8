"""Makes a recorded forward pass short enough to read: loops, repeated blocks, long sums become a step each. No torch.

Folding joins steps that follow each other, so whatever flows in and out of them stays true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from engine.rails import Row

if TYPE_CHECKING:
    from engine.flow import Call, Flow, Step

LONGEST_SUM = 10
"""Functions in a row that are still shown one by one."""
LOOP = 3
"""Calls of one layer in one module that make a loop."""


def fold(flow: Flow, views: set[str]) -> None:
    """Shorten the flow in place. `views`: functions that only arrange the same numbers anew."""
    _loops(flow)
    _long_sums(flow)
    _repeated_blocks(flow)
    _chains(flow, views)


def rows(flow: Flow) -> list[Row]:
    """The lines of the drawing: steps, and headings for the modules that they are in."""
    drawn: list[Row] = []
    open_calls: list[Call] = []
    sizes = Counter(call.number for step in flow.steps.values() for call in step.inside)
    for number, step in flow.steps.items():
        inside = [call for call in step.inside[1:] if not call.is_container and sizes[call.number] > 1]
        shared = 0
        while shared < min(len(inside), len(open_calls)) and inside[shared] is open_calls[shared]:
            shared += 1
        for depth, call in enumerate(inside[shared:], start=shared):
            drawn.append(Row(call.kind, _relative(call.path, inside[:depth]), depth=depth))
        open_calls = inside
        shapes = str(step.shapes[-1] if len(step.shapes) == 1 else step.shapes[0] if step.shapes else "")
        more = f" +{len(step.shapes) - 1}" if len(step.shapes) > 1 else ""
        label = " · ".join(step.names)
        note = _relative(step.path, inside)
        drawn.append(Row(label, note, shapes + more, len(inside), number, step.inputs))
    return drawn


def _relative(path: str, inside: Sequence[Call]) -> str:
    around = f"{inside[-1].path}." if inside and inside[-1].path else ""
    return path.removeprefix(around)


def _join(flow: Flow, members: Sequence[int], names: list[str], path: str, inside: tuple[Call, ...]) -> None:
    """Make one step of some that follow each other."""
    within = set(members)
    last = max(within)
    used_outside = [
        value for number, step in flow.steps.items() if number not in within for value in step.inputs if value in within
    ]
    leaving = sorted({*used_outside, *(value for value in flow.outputs if value in within)}) or [last]
    joined = flow.steps[leaving[-1]]
    inputs = [value for number in members for value in flow.steps[number].inputs if value not in within]
    joined.names, joined.path, joined.inside = names, path, inside
    joined.inputs, joined.is_layer = tuple(dict.fromkeys(inputs)), False
    flow.steps = {number: step for number, step in flow.steps.items() if number not in within} | {last: joined}
    flow.steps = dict(sorted(flow.steps.items()))
    for step in flow.steps.values():
        step.inputs = tuple(dict.fromkeys(last if value in within else value for value in step.inputs))
    flow.outputs = tuple(dict.fromkeys(last if value in within else value for value in flow.outputs))


def _loops(flow: Flow) -> None:
    """Layers and blocks that one module calls again and again, for each step of a sequence."""
    for call in [None, *_calls(flow)]:
        runs: dict[object, set[int]] = {}
        steps_of: dict[object, list[int]] = {}
        for number, step in flow.steps.items():
            if call is not None and call not in step.inside:
                continue
            deeper = step.inside[step.inside.index(call) + 1 :] if call is not None else step.inside
            if deeper or step.is_layer:
                child = deeper[0].path if deeper else step.module
                runs.setdefault(child, set()).add(deeper[0].number if deeper else number)
                steps_of.setdefault(child, []).append(number)
        turning = [child for child, each in runs.items() if len(each) >= LOOP]
        if turning:
            _one_turn(flow, [steps_of[child] for child in turning], max(len(runs[child]) for child in turning), call)


def _one_turn(flow: Flow, members: Sequence[Sequence[int]], times: int, call: Call | None) -> None:
    first, last = min(map(min, members)), max(map(max, members))
    around = flow.steps[first].inside
    around = around[: around.index(call) + 1] if call is not None else ()
    kinds = []
    for numbers in members:
        step = flow.steps[numbers[0]]
        kinds.append(step.inside[len(around)].kind if len(step.inside) > len(around) else step.names[0])
    body = [number for number in flow.steps if first <= number <= last]
    _join(flow, body, [f"{times} times: {', '.join(dict.fromkeys(kinds))}"], "", around)


def _long_sums(flow: Flow) -> None:
    """Functions in one module, many in a row."""

    def place(number: int) -> tuple[bool, int]:
        step = flow.steps[number]
        is_function = not step.is_layer and bool(step.inputs)
        return is_function, step.inside[-1].number if step.inside else 0

    for (is_function, _), group in [(key, list(group)) for key, group in groupby(list(flow.steps), place)]:
        if is_function and len(group) > LONGEST_SUM:
            names = _summed(Counter(flow.steps[number].names[0] for number in group))
            _join(flow, group, [names], "", flow.steps[group[0]].inside)


def _summed(counts: Counter[str]) -> str:
    """`16 times: @ W_xh, @ W_hh, 2 +, tanh`, and what happened less often before it."""
    times = Counter(counts.values()).most_common(1)[0][0]
    if times < LOOP:
        return ", ".join(name if count == 1 else f"{count} {name}" for name, count in counts.items())
    often = {name: round(count / times) for name, count in counts.items()}  # a first turn may lack something
    once = [name for name, turns in often.items() if not turns]
    each = [f"{turns} {name}" if turns > 1 else name for name, turns in often.items() if turns]
    return ", ".join([*once, f"{times} times: {', '.join(each)}"])


def _repeated_blocks(flow: Flow) -> None:
    """A block that is built and wired like one above is drawn as one step that says so."""
    seen: dict[object, str] = {}
    for call in _calls(flow):
        members = [number for number, step in flow.steps.items() if call in step.inside]
        if len(members) < 3 or call.path == "":
            continue
        signature = (call.kind, _wiring(flow, members, call))
        if signature in seen:
            around = flow.steps[members[0]].inside
            _join(flow, members, [f"{call.kind}, as {seen[signature]}"], call.path, around[: around.index(call)])
        else:
            seen[signature] = call.path


def _calls(flow: Flow) -> list[Call]:
    """Modules around steps, in the order in which they were called: the outer ones first."""
    found = {call.number: call for step in flow.steps.values() for call in step.inside}
    return [found[number] for number in sorted(found)]


def _wiring(flow: Flow, members: Sequence[int], call: Call) -> tuple[object, ...]:
    order = {number: place for place, number in enumerate(members)}
    outside: dict[int, int] = {}
    described = []
    for number in members:
        step = flow.steps[number]
        sources = [order.get(value, -1 - outside.setdefault(value, len(outside))) for value in step.inputs]
        inner = tuple(each.kind for each in step.inside[step.inside.index(call) + 1 :])
        described.append((tuple(step.names), tuple(sources), inner))
    return tuple(described)


def _chains(flow: Flow, views: set[str]) -> None:
    """What a function does to a value that nobody else needs is said on the line of that value."""
    uses = Counter(value for step in flow.steps.values() for value in step.inputs)
    uses.update(flow.outputs)
    for number in list(flow.steps):
        step = flow.steps[number]
        if step.is_layer or len(step.inputs) != 1 or step.path:
            continue
        source = flow.steps[step.inputs[0]]
        is_alone = uses[step.inputs[0]] == 1 and source.inputs and source.inside == step.inside
        if is_alone and (source.shapes == step.shapes or _are_views(source, step, views)):
            first = step.inputs[0]
            _join(flow, [first, number], _shortened([*source.names, *step.names]), source.path, source.inside)


def _shortened(names: list[str]) -> list[str]:
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]


def _are_views(source: Step, step: Step, views: set[str]) -> bool:
    is_view: Callable[[str], bool] = views.__contains__
    return not source.is_layer and all(map(is_view, source.names)) and all(map(is_view, step.names))
