"""What Ctrl+P offers in a lesson: everything that its keys do, by name."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tutor.keys import Context, Key, keys_of

MOVES = frozenset({"down", "up", "page_down", "page_up"})
"""What nobody looks for by name."""


class CellCommands(Provider):
    """One command for each thing that a key of the lesson does."""

    async def discover(self) -> Hits:
        """Before anything is typed: all of them, as in the table of keys."""
        for key in self._keys():
            yield DiscoveryHit(_name(key), partial(self.screen.run_action, key.action), help=key.label)

    async def search(self, query: str) -> Hits:
        """What may be meant by `query`."""
        matcher = self.matcher(query)
        for key in self._keys():
            score = matcher.match(_name(key))
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(_name(key)),
                    partial(self.screen.run_action, key.action),
                    help=key.label,
                )

    def _keys(self) -> list[Key]:
        unique = {key.action: key for key in reversed(keys_of(Context.LESSON)) if key.action not in MOVES}
        return list(reversed(unique.values()))


def _name(key: Key) -> str:
    return key.description[:1].upper() + key.description[1:]
