"""A lesson as Markdown, with the pictures of its outputs beside it; and as a script."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from lessons.notebooks.writing import Shown, as_markdown, as_script
from tutor.exporting.kept import Kept
from tutor.exporting.outputs import as_nbformat
from tutor.widgets.terminal_text import plain

PICTURES = (("image/svg+xml", "svg"), ("image/png", "png"), ("image/jpeg", "jpg"))


def markdown(kept: Kept, folder: str) -> tuple[str, Mapping[str, bytes]]:
    """The text, and the files that it shows, by their names below `folder`."""
    files: dict[str, bytes] = {}
    outputs = {step: [_shown(one, files, folder) for one in as_nbformat(found)] for step, found in kept.outputs.items()}
    return as_markdown(kept.lesson, kept.sources, outputs), files


def script(kept: Kept) -> str:
    """jupytext's percent format: without outputs."""
    return as_script(kept.lesson, kept.sources)


def _shown(output: Mapping[str, Any], files: dict[str, bytes], folder: str) -> Shown:
    data = output.get("data", {})
    for mime, suffix in PICTURES:
        if (picture := picture_bytes(data, mime)) is not None:
            name = f"output-{len(files) + 1}.{suffix}"
            files[name] = picture
            return Shown(_one_line(data.get("text/plain", "")), f"{folder}/{name}")
    return Shown(text_of(output))


def picture_bytes(data: Mapping[str, Any], mime: str) -> bytes | None:
    """The picture of that type in a bundle; None where there is none."""
    found = data.get(mime)
    if not isinstance(found, str):
        return None
    if mime == "image/svg+xml":
        return found.encode("utf-8", "replace")
    try:
        return base64.b64decode(found, validate=False)
    except (binascii.Error, ValueError):
        return None


def text_of(output: Mapping[str, Any]) -> str:
    """What an output of nbformat says, without escape sequences."""
    if output["output_type"] == "error":
        trace: Sequence[str] = output.get("traceback") or [f"{output['ename']}: {output['evalue']}"]
        return clean("\n".join(trace))
    if output["output_type"] == "stream":
        return clean(output["text"])
    return clean(output.get("data", {}).get("text/plain", ""))


def clean(text: str) -> str:
    """Lines without escape sequences and other control characters."""
    return "\n".join(plain(line) for line in text.rstrip("\n").split("\n"))


def _one_line(text: str) -> str:
    return " ".join(clean(text).split()).replace("[", "(").replace("]", ")")[:300]
