"""Bounding boxes (14.3, 14.4): two ways to write them, how they overlap, and how to show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def box_corner_to_center(boxes: Tensor) -> Tensor:
    """(n, 4) boxes from left, upper, right, lower to center x, center y, width, height."""
    low, high = boxes[:, :2], boxes[:, 2:4]
    return torch.cat(((low + high) / 2, high - low), dim=1)


def box_center_to_corner(boxes: Tensor) -> Tensor:
    """(n, 4) boxes from center x, center y, width, height to left, upper, right, lower."""
    center, half = boxes[:, :2], boxes[:, 2:4] / 2
    return torch.cat((center - half, center + half), dim=1)


def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Intersection over union of every pair: (n, 4) and (m, 4) corners -> (n, m)."""
    first, second = boxes1[:, None], boxes2[None]
    sides = torch.minimum(first[..., 2:], second[..., 2:]) - torch.maximum(first[..., :2], second[..., :2])
    shared = sides.clamp(min=0).prod(dim=-1)
    return shared / (_area(first) + _area(second) - shared)


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).prod(dim=-1)


def bbox_to_rect(bbox: Any, color: Any) -> Any:
    """A box as matplotlib's rectangle, only its outline."""
    from matplotlib.patches import Rectangle

    left, upper, right, lower = (float(value) for value in bbox)
    return Rectangle((left, upper), right - left, lower - upper, fill=False, edgecolor=color, linewidth=2)


def show_bboxes(axes: Any, bboxes: Any, labels: Any = None, colors: Any = None) -> None:
    """Draw boxes on axes, each with its label if there is one; the colours take turns."""
    names, palette = _listed(labels), _listed(colors) or list("bgrmc")
    for i, bbox in enumerate(bboxes):
        color = palette[i % len(palette)]
        rect = bbox_to_rect(bbox.detach().cpu() if isinstance(bbox, Tensor) else bbox, color)
        axes.add_patch(rect)
        if i < len(names):
            ink = "k" if color == "w" else "w"
            frame = {"facecolor": color, "lw": 0}
            axes.text(*rect.get_xy(), names[i], va="center", ha="center", fontsize=9, color=ink, bbox=frame)


def _listed(values: Any) -> Sequence[Any]:
    if values is None:
        return []
    return values if isinstance(values, list | tuple) else [values]
