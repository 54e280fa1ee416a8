"""A loss that is no longer finite, or has exploded: what was seen, what it looks like, which section explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from torch import nn

from engine.ledger import Recorded

EXPLODED = 1e3
"""A loss so many times its first value has exploded."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong with a run."""

    step: int
    cause: str
    advice: str
    fatal: bool
    """Whether nothing can be learned any more."""


@dataclass(slots=True)
class Watch:
    """Looks at the training values as they arrive."""

    model: nn.Module
    lr: float | None
    clipped: bool
    _first: dict[str, float] = field(default_factory=dict)
    _before: dict[str, float] = field(default_factory=dict)
    _warned: bool = False

    def look(self, arrived: list[Recorded]) -> Finding | None:
        """The first thing that is wrong, if any. An explosion is told once."""
        for key, step, value in ((item.key, item.step, item.value) for item in arrived):
            if not math.isfinite(value):
                return self._not_finite(key, step, value)
            first = self._first.setdefault(key, value)
            self._before[key] = value
            if key == "loss" and not self._warned and abs(value) > EXPLODED * max(abs(first), 1.0):
                self._warned = True
                cause = f"The training loss grew from {first:.3g} to {value:.3g} by step {step + 1}."
                return Finding(step, cause, self._advice(grew=True), fatal=False)
        return None

    def _not_finite(self, key: str, step: int, value: float) -> Finding:
        before = self._before.get(key)
        seen = f"train_{key} became {value} at step {step + 1}"
        cause = f"{seen}." if before is None else f"{seen}; the value before it was {before:.3g}."
        grew = before is not None and abs(before) > 3 * max(abs(self._first[key]), 1e-3)
        return Finding(step, cause, self._advice(grew), fatal=True)

    def _advice(self, grew: bool) -> str:
        rate = f"the learning rate ({self.lr:g})" if self.lr is not None else "the learning rate"
        if _is_recurrent(self.model) and not self.clipped:
            return (
                "Gradients that flow back through many steps explode: give the Trainer gradient_clip_val=1 "
                f"(section 9.5), or lower {rate}."
            )
        if grew or (self.lr is not None and self.lr >= 1):
            return f"It looks as if {rate} is too large: try a tenth of it. Sections 5.4 and 12.3 explain why."
        return (
            "It broke all at once, as a log(0), a 0/0 or an exp of a large number does: use a loss that takes logits "
            f"(section 4.5). If there is none, lower {rate} (section 12.3)."
        )


def _is_recurrent(model: nn.Module) -> bool:
    names = " ".join(type(module).__name__ for module in model.modules())
    return any(kind in names for kind in ("RNN", "LSTM", "GRU"))
