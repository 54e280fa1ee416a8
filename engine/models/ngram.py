"""Language models that count (9.2, 9.3): a token depends on the n - 1 before it, and on nothing else. No torch."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

from engine.data.vocabulary import ngrams


class NGramModel:
    """A Markov model of order n - 1, smoothed towards the next shorter one (9.3.1, as Wood et al., 2011, do it).

    P(x | context) = (n(context, x) + ε P(x | shorter context)) / (n(context) + ε), and without a context
    P(x) = (n(x) + ε / m) / (n + ε), m being the number of known tokens, `<unk>` for all others among them.
    """

    def __init__(self, n: int, epsilon: float = 1.0) -> None:
        if n < 1 or epsilon <= 0:
            raise ValueError(f"n is {n} and epsilon {epsilon}: n is at least 1, and epsilon greater than 0.")
        self.n = n
        self.epsilon = epsilon
        self.counts: list[Counter[tuple[str, ...]]] = []
        """How often each run of 1, 2, …, n tokens was seen."""
        self.followed: list[Counter[tuple[str, ...]]] = []
        """How often a context of 0, 1, …, n - 1 tokens was seen with a token after it."""
        self.tokens: list[str] = []

    def fit(self, tokens: Sequence[str]) -> NGramModel:
        """Count the tokens of a text; what was counted before is forgotten."""
        self.counts = [ngrams(tokens, size) for size in range(1, self.n + 1)]
        self.followed = []
        for counts in self.counts:
            contexts: Counter[tuple[str, ...]] = Counter()
            for run, count in counts.items():
                contexts[run[:-1]] += count
            self.followed.append(contexts)
        self.tokens = sorted({"<unk>", *tokens})
        return self

    def probability(self, token: str, context: Sequence[str] = ()) -> float:
        """P(token | the last n - 1 tokens of context)."""
        p, seen = 1 / len(self.tokens), tuple(context)
        for size in range(min(self.n - 1, len(seen)) + 1):
            before = seen[len(seen) - size :]
            run, times = self.counts[size][(*before, token)], self.followed[size][before]
            p = (run + self.epsilon * p) / (times + self.epsilon)
        return p

    def perplexity(self, tokens: Sequence[str]) -> float:
        """exp of the mean surprise at each token of a text (9.3.2); 1: it was all foreseen."""
        if not tokens:
            raise ValueError("the text is empty: nothing can surprise.")
        known = set(self.tokens)
        words = [token if token in known else "<unk>" for token in tokens]
        lost = [math.log(self.probability(word, words[max(0, i - self.n + 1) : i])) for i, word in enumerate(words)]
        return math.exp(-math.fsum(lost) / len(lost))

    def sample(self, prefix: Sequence[str], num_preds: int, seed: int | None = None) -> list[str]:
        """Go on from `prefix` by `num_preds` tokens, each drawn by its probability."""
        choices, said = random.Random(seed), list(prefix)
        known = [token for token in self.tokens if token != "<unk>"]
        for _ in range(num_preds):
            said += choices.choices(known, [self.probability(token, said) for token in known])
        return said
