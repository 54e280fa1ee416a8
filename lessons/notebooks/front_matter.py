"""The YAML that may stand before a notebook's text. What cannot be read as YAML is text, not an error.

It is read with PyYAML's safe loader: no object is made of it. Aliases, which grow a few bytes into gigabytes, are not
followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_MOST = 65536


def split(text: str) -> tuple[Mapping[str, Any], str, int]:
    """The front matter, the text behind it, and the line on which that begins."""
    if not text.startswith("---\n"):
        return {}, text, 1
    end = _CLOSE.search(text, 4)
    if end is None:
        return {}, text, 1
    found = mapping(text[4 : end.start()])
    if found is None:
        return {}, text, 1
    rest = text[end.end() + 1 :]
    return found, rest, 1 + text.count("\n", 0, end.end() + 1)


def mapping(source: str) -> Mapping[str, Any] | None:
    """The mapping that this YAML is; None if it is none."""
    import yaml

    if len(source) > _MOST or not source.strip():
        return None if source.strip() else {}
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(source)):
            return None
        found = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date that there is not
        return None
    return found if isinstance(found, dict) else None


def value(metadata: Mapping[str, Any], *names: str) -> Any:
    """What is found under these names, one inside the other; None if there is nothing."""
    found: Any = metadata
    for name in names:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def text_of(metadata: Mapping[str, Any], *names: str) -> str:
    """The same as one line of text; empty if there is none."""
    found = value(metadata, *names)
    return " ".join(found.split()) if isinstance(found, str) else ""
