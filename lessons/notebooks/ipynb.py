"""nbformat 4, read by hand: what the app shows needs no schema, and a notebook that breaks it in small things still
opens. Outputs become what the record keeps of a run, so that the same widgets show them.

nbformat 3 is told to be converted. Nothing of the file's is rendered as HTML or run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lessons.notebooks.errors import NotebookClosed
from lessons.notebooks.front_matter import text_of, value
from lessons.notebooks.pieces import PYTHON, Code, Pages, Piece, Text, fenced
from lessons.notebooks.slimming import LEFT_OUT, read_slim

MOST_CELLS = 20_000
MOST_OUTPUT = 256 * 1024
"""Characters of one output that are shown: what is longer is cut, and says so."""
MOST_IMAGE = 4 * 1024 * 1024
"""The same of a picture, in base64: half a picture is none."""

_PICTURE = re.compile(r"image/(?:png|jpeg|gif|webp)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_ATTACHMENT = re.compile(r"""(?P<before>\]\(|\bsrc=["']?)attachment:(?P<name>[^)\s"'>]+)(?P<end>\)?)""")


def read_ipynb(path: Path) -> Pages:
    """The notebook at `path`. Raises `NotebookClosed`."""
    data = _json(read_slim(path), path)
    cells = value(data, "cells")
    if not isinstance(cells, list):
        if isinstance(value(data, "worksheets"), list):
            cause = "it is of nbformat 3; `jupyter nbconvert --to notebook` makes a newer one of it"
            raise NotebookClosed(path, cause)
        raise NotebookClosed(path, "it is JSON, but no notebook: it has no `cells`")
    if len(cells) > MOST_CELLS:
        raise NotebookClosed(path, f"it has {len(cells)} cells; up to {MOST_CELLS} are opened")
    raw = value(data, "metadata")
    metadata: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    language = text_of(metadata, "kernelspec", "language") or text_of(metadata, "language_info", "name") or "python"
    pieces = [piece for number, cell in enumerate(cells, start=1) for piece in _pieces(cell, number, language)]
    return Pages(tuple(pieces), text_of(metadata, "title"), metadata=metadata)


def _json(text: str, path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string")
        cause = "it ends in the middle: its JSON is cut off" if cut else f"its JSON is broken: {error.msg}"
        raise NotebookClosed(path, cause, error.lineno) from error
    except RecursionError as error:
        raise NotebookClosed(path, "its JSON is nested too deep to be a notebook") from error
    if not isinstance(data, dict):
        raise NotebookClosed(path, "it is JSON, but no notebook")
    return data


def _pieces(cell: Any, number: int, language: str) -> Iterator[Piece]:
    """The piece that one cell is. `line` is the number of the cell: a line of the JSON would help nobody."""
    if not isinstance(cell, dict):
        return
    source = _text(cell.get("source"))
    kind = cell.get("cell_type")
    if kind == "code":
        spoken = text_of(cell, "metadata", "language") or text_of(cell, "metadata", "vscode", "languageId") or language
        tags = value(cell, "metadata", "tags")
        yield Code(
            source,
            number,
            _id(cell),
            frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset(),
            spoken,
            tuple(_outputs(cell.get("outputs"))),
        )
        if spoken.lower() not in PYTHON and (shown := "\n".join(_plain_outputs(cell.get("outputs")))):
            yield Text(fenced(shown), number)
    elif kind == "markdown" or kind == "heading":
        markdown = f"{'#' * int(cell['level'])} {source}" if kind == "heading" and _is_level(cell) else source
        if markdown.strip():
            yield Text(_attached(markdown, cell.get("attachments")), number)
    elif source.strip():
        yield Text(fenced(source), number)


def _is_level(cell: Mapping[str, Any]) -> bool:
    return isinstance(cell.get("level"), int) and 1 <= cell["level"] <= 6


def _id(cell: Mapping[str, Any]) -> str:
    found = cell.get("id")
    return found if isinstance(found, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", found) else ""


def _text(source: Any) -> str:
    """nbformat's multi-line string: one string, or a list of them."""
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _attached(markdown: str, attachments: Any) -> str:
    """Pictures that are in the cell itself become part of the text; of one that is too large, its kind is said."""
    known = attachments if isinstance(attachments, dict) else {}

    def said(match: re.Match[str]) -> str:
        before, name, end = match["before"], match["name"], match["end"]
        bundle = known.get(name, known.get(unquote(name)))
        pictures = bundle if isinstance(bundle, dict) else {}
        for mime, found in pictures.items():
            data = _text(found).replace("\n", "")
            if _PICTURE.fullmatch(str(mime)) and len(data) <= MOST_IMAGE and _BASE64.fullmatch(data):
                return f"{before}data:{mime};base64,{data}{end}"
        kinds = ", ".join(map(str, sorted(pictures))) or "missing"
        return f"{before}attachment:{name} '{kinds}')" if end else match[0]

    return _ATTACHMENT.sub(said, markdown)


def _outputs(outputs: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The outputs as the record keeps them: kind and payload."""
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == LEFT_OUT:
            size = f"{int(output.get('bytes', 0)) / 2**20:.0f}"
            yield "stream", {"name": "stderr", "text": f"[{size} MB of output in the file are not shown]\n"}
        elif kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            yield "stream", {"name": name, "text": _cut(_text(output.get("text")))}
        elif kind in ("display_data", "execute_result"):
            data = dict(_bundle(output.get("data")))
            if data:
                yield "value", {"data": data, **({"is_result": True} if kind == "execute_result" else {})}
        elif kind == "error":
            trace = output.get("traceback")
            lines = [_cut(line) for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
            raised = str(output.get("ename") or "Error")
            yield "error", {"name": raised, "value": _cut(str(output.get("evalue") or "")), "traceback": lines[:200]}


def _bundle(data: Any) -> Iterator[tuple[str, Any]]:
    for mime, found in data.items() if isinstance(data, dict) else ():
        if not isinstance(mime, str):
            continue
        if mime.endswith("json"):
            yield mime, json.dumps(found)[:MOST_OUTPUT]
            continue
        text = _text(found)
        if mime.startswith("image/") and len(text) > MOST_IMAGE:
            continue
        yield mime, text if mime.startswith("image/") else _cut(text)


def _plain_outputs(outputs: Any) -> Iterator[str]:
    for kind, payload in _outputs(outputs):
        if kind == "stream":
            yield payload["text"].rstrip("\n")
        elif kind == "value":
            yield payload["data"].get("text/plain", "")
        else:
            yield f"{payload['name']}: {payload['value']}"


def _cut(text: str) -> str:
    if len(text) <= MOST_OUTPUT:
        return text
    half = MOST_OUTPUT // 2
    return f"{text[:half]}\n[{len(text) - MOST_OUTPUT:,} characters are not shown]\n{text[-half:]}"
