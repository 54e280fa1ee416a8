"""Frozen Lake (17): gymnasium's where it is installed, else the same small world by the engine, and how to show it.

The book's code was written for `gym` before 0.26: there `reset()` returned a state only, `step()` four values, and the
environment had `seed`, `nS`, `nA`, `P`. Both ways that we offer have that face.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import numpy

MAP = ("SFFF", "FHFH", "FFFH", "HFFG")
"""Start, frozen, hole, goal."""
MOVES = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Left, down, right, up: as (rows, columns)."""


class UnknownWorld(ValueError):
    """There is no such environment."""


class FrozenLake:
    """A lake of 4 × 4 fields without slipping; 1 is earned at the goal, and a hole ends it (OpenAI Gym, 2016)."""

    def __init__(self, seed: int = 0) -> None:
        self.desc = numpy.array([list(row) for row in MAP], dtype="S1")
        self.nS, self.nA = 16, 4
        self.P = {state: {action: [self._outcome(state, action)] for action in range(4)} for state in range(16)}
        """(probability, next state, reward, whether it is over) of each state and action."""
        self.action_space = _Actions(seed)
        self.state = 0

    def reset(self) -> int:
        """Begin anew; the state."""
        self.state = 0
        return self.state

    def step(self, action: int) -> tuple[int, float, bool, dict[str, float]]:
        """(state, reward, whether it is over, {}) after an action."""
        probability, self.state, reward, done = self.P[self.state][int(action)][0]
        return self.state, reward, done, {"prob": probability}

    def seed(self, seed: int) -> None:
        """Seed the random actions."""
        self.action_space.seed(seed)

    def close(self) -> None:
        """Nothing is open."""

    def _outcome(self, state: int, action: int) -> tuple[float, int, float, bool]:
        row, column = divmod(state, 4)
        if MAP[row][column] in "HG":
            return 1.0, state, 0.0, True
        down, right = MOVES[action]
        row, column = min(max(row + down, 0), 3), min(max(column + right, 0), 3)
        return 1.0, 4 * row + column, float(MAP[row][column] == "G"), MAP[row][column] in "HG"


class _Actions:
    """Four actions, drawn evenly."""

    n = 4

    def __init__(self, seed: int) -> None:
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Begin the random numbers anew."""
        self.np_random = numpy.random.default_rng(seed)

    def sample(self) -> int:
        """Any action."""
        return int(self.np_random.integers(self.n))


class _OldFace:
    """gymnasium's environment with the face that the book's code knows."""

    def __init__(self, seed: int) -> None:
        gymnasium: Any = importlib.import_module("gymnasium")
        self._env = gymnasium.make("FrozenLake-v1", is_slippery=False)
        inner = self._env.unwrapped
        self.desc, self.P = inner.desc, inner.P
        self.nS, self.nA = inner.observation_space.n, inner.action_space.n
        self.action_space = self._env.action_space
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Seed states and actions."""
        self._env.reset(seed=seed)
        self.action_space.seed(seed)

    def reset(self) -> Any:
        """Begin anew; the state."""
        return self._env.reset()[0]

    def step(self, action: int) -> tuple[Any, float, bool, Any]:
        """(state, reward, whether it is over, facts) after an action."""
        state, reward, terminated, truncated, info = self._env.step(int(action))
        return state, reward, terminated or truncated, info

    def close(self) -> None:
        """Close it."""
        self._env.close()


def frozen_lake(seed: int) -> dict[str, Any]:
    """What the book's algorithms need to know of Frozen Lake: its map, its states and actions, and `mdp`.

    `mdp[state, action]` lists (probability, next state, reward, done); the `…_idx` say which is which.
    """
    env: Any = _OldFace(seed) if importlib.util.find_spec("gymnasium") else FrozenLake(seed)
    indices = {f"{name}_idx": i for i, name in enumerate(("trans_prob", "nextstate", "reward", "done"))}
    mdp = {(state, action): outcomes for state, moves in env.P.items() for action, outcomes in moves.items()}
    return {"desc": env.desc, "num_states": env.nS, "num_actions": env.nA, **indices, "mdp": mdp, "env": env}


def make_env(name: str = "", seed: int = 0) -> dict[str, Any]:
    """The environment of that name: there is `FrozenLake-v1`. Raises `UnknownWorld`."""
    if name != "FrozenLake-v1":
        raise UnknownWorld(f"There is no environment {name!r} here: the book's is 'FrozenLake-v1'.")
    return frozen_lake(seed)


def show_value_function_progress(env_desc: Any, V: Any, pi: Any) -> None:
    """Maps of the values, with arrows for the policy, one for each iteration. V, pi: (iterations, states)."""
    _maps(env_desc, {k: (V[k], pi[k]) for k in range(min(16, len(V)))})


def show_Q_function_progress(env_desc: Any, V_all: Any, pi_all: Any) -> None:  # noqa: N802
    """The same for a tenth of very many iterations, and the last."""
    last = len(V_all) - 1
    chosen = [*range(0, last + 1, max(1, len(V_all) // 10)), last]
    _maps(env_desc, {k: (V_all[k], pi_all[k]) for k in chosen})


def _maps(env_desc: Any, shown: Mapping[int, tuple[Any, Any]]) -> None:
    from matplotlib import pyplot as plt

    side = 4
    rows = -(-len(shown) // side)
    _, grid = plt.subplots(rows, side, figsize=(15, 3.75 * rows), squeeze=False)
    for ax in grid.reshape(-1):
        ax.set_axis_off()
    for ax, (k, (values, policy)) in zip(grid.reshape(-1), shown.items(), strict=False):
        ax.imshow(numpy.asarray(values).reshape(env_desc.shape), cmap="bone")
        ax.set_title(f"Step = {k + 1}")
        for (row, column), field in numpy.ndenumerate(env_desc):
            letter = field.decode()
            ax.text(column, row, letter, ha="center", va="center", color={"H": "y", "G": "w"}.get(letter, "g"))
            if letter not in "HG":
                down, right = MOVES[int(numpy.asarray(policy).reshape(env_desc.shape)[row, column])]
                ax.arrow(column, row, right / 4, down / 4, color="r", head_width=0.2, head_length=0.15)
    plt.show()
