"""Reads YAML as nodes that know their line, so that every error in a lesson names the line it is on.

Scalars are taken as they are written: `book: 11.10` stays `11.10` and an option `text: yes` stays `yes`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lessons.errors import LessonFormatError

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML without libyaml reads the same, only slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_KINDS = {"MappingNode": "a mapping", "SequenceNode": "a list", "ScalarNode": "text"}


class Fields:
    """The keys of one YAML mapping, each taken once; what is left over is an error. `line` is that of the file."""

    def __init__(self, node: yaml.Node | None, path: Path, first_line: int, what: str) -> None:
        self.path, self.first_line, self.what = path, first_line, what
        self.line = self.line_of(node) if node is not None else first_line
        if not isinstance(node, yaml.MappingNode):
            raise self.error(f"{what} must be a mapping of `key: value` lines", node)
        self._nodes: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.error(f"{what}: a key must be a word", key)
            if key.value in self._nodes:
                raise self.error(f"{what}: `{key.value}` is given twice", key)
            self._nodes[key.value] = (key, value)

    def line_of(self, node: yaml.Node) -> int:
        """The line of `node` in the file."""
        return self.first_line + int(node.start_mark.line)

    def error(self, cause: str, node: yaml.Node | None = None) -> LessonFormatError:
        """An error at `node`, or at the mapping."""
        return LessonFormatError(self.path, self.line if node is None else self.line_of(node), cause)

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def take(self, key: str) -> yaml.Node:
        """The value of `key`, which must be there."""
        if key not in self._nodes:
            raise self.error(f"{self.what} has no `{key}`")
        return self._nodes.pop(key)[1]

    def text(self, key: str, default: str | None = None) -> str:
        """The text of `key`, stripped; `default` where it is missing, unless that is `None`."""
        if default is not None and key not in self._nodes:
            return default
        return self.scalar(self.take(key), key)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The list of texts of `key`."""
        if default is not None and key not in self._nodes:
            return default
        return tuple(self.scalar(item, key) for item in self.items(key))

    def items(self, key: str) -> list[yaml.Node]:
        """The nodes in the list of `key`."""
        node = self.take(key)
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(f"{self.what}: `{key}` must be a list, and is {_KINDS[type(node).__name__]}", node)
        return list(node.value)

    def scalar(self, node: yaml.Node, key: str) -> str:
        """The text of one node."""
        if not isinstance(node, yaml.ScalarNode):
            kind = _KINDS[type(node).__name__]
            raise self.error(f"{self.what}: `{key}` must be text, and is {kind} (quote it?)", node)
        return str(node.value).strip()

    def nothing_left(self, known: str) -> None:
        """Raises where a key was not taken; `known` says which there are."""
        for key, (node, _) in self._nodes.items():
            raise self.error(f"{self.what} has no key `{key}` (it has {known})", node)


def compose(text: str, path: Path, first_line: int) -> yaml.Node | None:
    """The YAML of `text`, whose first line is `first_line` of the file. Raises `LessonFormatError`."""
    return _read(text, path, first_line, lambda loader: loader.get_single_node())  # type: ignore[no-any-return]


def construct(text: str, path: Path, first_line: int) -> Any:
    """The plain value of the YAML of `text`."""
    return _read(text, path, first_line, lambda loader: loader.get_single_data())


def _read(text: str, path: Path, first_line: int, take: Any) -> Any:
    loader = None
    try:
        loader = _Loader(text)
        return take(loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise LessonFormatError(path, line, f"not valid YAML: {_cause(error)}") from error
    except yaml.YAMLError as error:
        raise LessonFormatError(path, first_line, f"not valid YAML: {' '.join(str(error).split())}") from error
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:  # a bad date, a bad `!!int` …
        raise LessonFormatError(path, first_line, f"not valid YAML: {error}") from error
    finally:
        if loader is not None:
            loader.dispose()


def _cause(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "unreadable"
    if "mapping values are not allowed" in problem:
        return "a `: ` inside plain text (quote the text, or write it under `>`)"
    return problem
