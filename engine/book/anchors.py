"""Anchor boxes (14.4; Liu et al., 2016): where they stand, what they are to say, what they said."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.book.boxes import box_center_to_corner, box_corner_to_center, box_iou

_SCALE = (10.0, 10.0, 5.0, 5.0)
"""Offsets are divided by their usual spread: 0.1 for places, 0.2 for logarithms of sizes."""


def multibox_prior(data: Tensor, sizes: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Boxes of len(sizes) + len(ratios) - 1 forms at every pixel: (…, h, w) -> (1, h · w · forms, 4), in [0, 1].

    The forms are all sizes with the first ratio, then the first size with the other ratios; width is size · √ratio.
    """
    h, w = data.shape[-2:]
    forms = [(size, ratios[0]) for size in sizes] + [(sizes[0], ratio) for ratio in ratios[1:]]
    shape = torch.tensor([[s * r**0.5 * h / w, s / r**0.5] for s, r in forms], device=data.device)
    y, x = ((torch.arange(n, device=data.device) + 0.5) / n for n in (h, w))
    centers = torch.stack((x.repeat(h), y.repeat_interleave(w)), dim=1)  # (h · w, 2), row by row
    placed = torch.cat((centers[:, None].expand(-1, len(forms), -1), shape.expand(h * w, -1, -1)), dim=2)
    return box_center_to_corner(placed.reshape(-1, 4))[None]


def assign_anchor_to_bbox(
    ground_truth: Tensor, anchors: Tensor, device: torch.device | str, iou_threshold: float = 0.5
) -> Tensor:
    """For each anchor the number of its ground-truth box, or -1: (boxes, 4), (anchors, 4) -> (anchors,).

    Every box gets the anchor that fits it best, the best pairs first; other anchors get the box that they overlap most,
    if by at least `iou_threshold`.
    """
    overlap = box_iou(anchors, ground_truth)
    best, which = overlap.max(dim=1)
    assigned = torch.where(best >= iou_threshold, which, torch.full_like(which, -1)).to(device)
    left = overlap.clone()
    for _ in range(len(ground_truth)):
        anchor, box = divmod(int(left.argmax()), left.shape[1])
        assigned[anchor] = box
        left[anchor], left[:, box] = -1, -1
    return assigned


def offset_boxes(anchors: Tensor, assigned_bb: Tensor, eps: float = 1e-6) -> Tensor:
    """How boxes differ from their anchors: shift by the anchor's size, and log of the ratio of sizes, both scaled."""
    anchor, box = box_corner_to_center(anchors), box_corner_to_center(assigned_bb)
    shift = (box[:, :2] - anchor[:, :2]) / anchor[:, 2:]
    growth = (box[:, 2:] / anchor[:, 2:] + eps).log()
    return torch.cat((shift, growth), dim=1) * shift.new_tensor(_SCALE)


def offset_inverse(anchors: Tensor, offset_preds: Tensor) -> Tensor:
    """The boxes that offsets mean: the inverse of `offset_boxes`."""
    anchor = box_corner_to_center(anchors)
    offsets = offset_preds / offset_preds.new_tensor(_SCALE)
    center = anchor[:, :2] + offsets[:, :2] * anchor[:, 2:]
    return box_center_to_corner(torch.cat((center, anchor[:, 2:] * offsets[:, 2:].exp()), dim=1))


def multibox_target(anchors: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What anchors (1, n, 4) are to say of a minibatch: labels (batch_size, boxes, 5), a class and a box each.

    -> offsets (batch_size, 4 n), a mask of the anchors that have a box (batch_size, 4 n), classes (batch_size, n) with
    0 for background and one more than the label's for the others.
    """
    places = anchors.squeeze(0)
    offsets, masks, classes = [], [], []
    for label in labels:
        assigned = assign_anchor_to_bbox(label[:, 1:], places, places.device)
        has_box = assigned >= 0
        own = label[assigned.clamp(min=0)]  # any box for those that have none: it is masked
        mask = has_box[:, None].float().expand(-1, 4)
        offset = torch.where(has_box[:, None], offset_boxes(places, own[:, 1:]), torch.zeros_like(places))
        offsets.append(offset.reshape(-1))
        masks.append(mask.reshape(-1))
        classes.append(torch.where(has_box, own[:, 0].long() + 1, torch.zeros_like(assigned)))
    return torch.stack(offsets), torch.stack(masks), torch.stack(classes)


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Non-maximum suppression: the numbers of the boxes that stay, the surest first."""
    waiting, kept = scores.argsort(descending=True), []
    while len(waiting):
        first, others = waiting[0], waiting[1:]
        kept.append(first)
        waiting = others[box_iou(boxes[first][None], boxes[others])[0] <= iou_threshold]
    return torch.stack(kept) if kept else scores.new_zeros(0, dtype=torch.long)


def multibox_detection(
    cls_probs: Tensor,
    offset_preds: Tensor,
    anchors: Tensor,
    nms_threshold: float = 0.5,
    pos_threshold: float = 0.009999999,
) -> Tensor:
    """What was found: (batch_size, n, 6), each class, confidence and box; class -1 is background or suppressed.

    cls_probs: (batch_size, classes + 1, n), background first; offset_preds: (batch_size, 4 n); anchors: (1, n, 4).
    """
    found = []
    for probs, offsets in zip(cls_probs, offset_preds, strict=True):
        confidence, kind = probs[1:].max(dim=0)
        boxes = offset_inverse(anchors.squeeze(0), offsets.reshape(-1, 4))
        kept = nms(boxes, confidence, nms_threshold)
        is_kept = torch.zeros_like(kind, dtype=torch.bool).index_fill(0, kept, True)
        order = torch.cat((kept, (~is_kept).nonzero().reshape(-1)))
        is_weak = confidence < pos_threshold
        shown = torch.where(is_kept & ~is_weak, kind, torch.full_like(kind, -1))
        sure = torch.where(is_weak, 1 - confidence, confidence)
        found.append(torch.cat((shown[:, None].to(boxes.dtype), sure[:, None], boxes), dim=1)[order])
    return torch.stack(found)
