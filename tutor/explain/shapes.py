"""Shapes that do not fit: products, layers, convolutions, broadcasting, reshaping, labels."""

from __future__ import annotations

import re
from math import prod

from tutor.explain.rule import Raised, rule
from tutor.words import _

ALGEBRA = "preliminaries/linear-algebra"
TENSORS = "preliminaries/data-manipulation"
CONVOLUTION = "convolutional/lenet"
SOFTMAX = "classification/softmax-concise"
TOKENS = "recurrent/rnn-scratch"


def _shape(text: str) -> str:
    """`2x3` and `[2, 3]` as (2, 3)."""
    sizes = re.findall(r"\d+", text)
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def _product(match: re.Match[str], _raised: Raised) -> str:
    rows, inner, height, columns = (int(match[number]) for number in range(1, 5))
    left, right = f"({rows}, {inner})", f"({height}, {columns})"
    said = _(
        "A matrix product of {left} and {right}: the {inner} columns of the left one must be as many as the {height} "
        "rows of the right one, and are not."
    ).format(left=left, right=right, inner=inner, height=height)
    if columns == inner:
        fits = _("The transpose of the right one fits: A @ B.T, with shape {shape}.")
        return f"{said} {fits.format(shape=_of(rows, height))}"
    if rows == height:
        fits = _("The transpose of the left one fits: A.T @ B, with shape {shape}.")
        return f"{said} {fits.format(shape=_of(inner, columns))}"
    if rows * inner % height == 0:
        hint = _(
            "A layer that expects {height} inputs got {inner}. If these are images, flatten them first: "
            "X.reshape(-1, {height}), or nn.Flatten() before the layer, makes ({examples}, {height}) of them."
        )
        return f"{said} {hint.format(height=height, inner=inner, examples=rows * inner // height)}"
    return f"{said} {_('A layer that expects {height} inputs got {inner}.').format(height=height, inner=inner)}"


def _of(*sizes: int) -> str:
    return f"({', '.join(map(str, sizes))})"


def _vector(match: re.Match[str], _raised: Raised) -> str:
    said = _("The matrix has shape {matrix} and the vector {vector}: its length must be the number of columns.")
    return said.format(matrix=_shape(match[1]), vector=_shape(match[2]))


def _batches(match: re.Match[str], _raised: Raised) -> str:
    said = _(
        "A product of batches of matrices: the second one must begin with {expected}, for its number of examples and "
        "of rows, and begins with {got}."
    )
    return said.format(expected=_shape(match[1]), got=_shape(match[2]))


def _channels(match: re.Match[str], _raised: Raised) -> str:
    weight, given, expected, got = _shape(match[1]), _shape(match[2]), match[3], match[4]
    said = _(
        "A convolution with weights of shape {weight} expects {expected} channels, and its input of shape {given} has "
        "{got}: the channels come second, (examples, channels, height, width)."
    ).format(weight=weight, given=given, expected=expected, got=got)
    sizes = re.findall(r"\d+", match[2])
    if sizes and sizes[-1] == expected:
        return f"{said} {_('They seem to be last here: X.permute(0, 3, 1, 2) brings them forward.')}"
    cure = _("Give the layer in_channels={got}, or the input {expected} channels.")
    return f"{said} {cure.format(got=got, expected=expected)}"


def _conv_dims(match: re.Match[str], _raised: Raised) -> str:
    count = len(re.findall(r"\d+", match[2]))
    said = _("A convolution wants (examples, channels, height, width), and got the {count} axes of {shape}.").format(
        count=count, shape=_shape(match[2])
    )
    if count < 3:
        return f"{said} {_('X.unsqueeze(0) adds an axis of size 1 in front; twice, for one picture of one channel.')}"
    return said


def _too_small(match: re.Match[str], _raised: Raised) -> str:
    said = _(
        "The kernel of {kernel} is larger than its input, which is {given} here, padding included: too many layers "
        "before it have made the picture smaller. Use padding, a smaller kernel, fewer pooling layers or larger "
        "pictures."
    )
    return said.format(kernel=_shape(match[2]), given=_shape(match[1]))


def _pooled_away(match: re.Match[str], _raised: Raised) -> str:
    said = _(
        "After this layer nothing would be left of an input of {given} (channels, height, width): the output would be "
        "{made}. Use fewer pooling layers, or larger pictures."
    )
    return said.format(given=_shape(match[1]), made=_shape(match[2]))


def _broadcast(match: re.Match[str], _raised: Raised) -> str:
    said = _(
        "Two tensors of {one} and {other} elements along axis {axis}: in arithmetic, sizes must be equal, or one of "
        "them 1. Compare both .shape, counted from the right; if an axis is missing, unsqueeze(axis) adds one."
    )
    return said.format(one=match[1], other=match[2], axis=match[3])


def _reshape(match: re.Match[str], _raised: Raised) -> str:
    sizes = [int(size) for size in re.findall(r"-?\d+", match[1])]
    if -1 in sizes:
        known = prod(size for size in sizes if size != -1)
        said = _("A tensor of {size} elements cannot be divided into rows of {known}, as {shape} asks.")
        return said.format(size=match[2], known=known, shape=f"({', '.join(map(str, sizes))})")
    said = _("The shape {shape} has {wanted} elements, and the tensor {size}: reshaping keeps every element.")
    return said.format(shape=_of(*sizes), wanted=prod(sizes), size=match[2])


def _joined(match: re.Match[str], _raised: Raised) -> str:
    said = _("Tensors that are joined along axis {axis} must agree in all others: {one} and {other} do not.")
    return said.format(axis=match[1], one=match[2], other=match[3])


def _stacked(match: re.Match[str], _raised: Raised) -> str:
    said = _(
        "Tensors that are stacked must have the same shape; the first has {one}, and number {number} has {other}. "
        "Sequences of different lengths are padded first."
    )
    return said.format(one=_shape(match[1]), number=match[3], other=_shape(match[2]))


def _features(match: re.Match[str], _raised: Raised) -> str:
    return _(
        "The recurrent layer expects {expected} features for each step, and got {got}: see its input_size."
    ).format(expected=match[1], got=match[2])


def _axis(match: re.Match[str], _raised: Raised) -> str:
    low, high, got = (int(match[number]) for number in (1, 2, 3))
    said = _("There is no axis {got}: the tensor has {count}, numbered from {low} to {high}.")
    told = said.format(got=got, count=high + 1, low=low, high=high)
    return f"{told} {_('unsqueeze(axis) adds one, for example for a batch of one example.')}"


def _index(match: re.Match[str], _raised: Raised) -> str:
    said = _("Axis {axis} has {size} elements, numbered from 0 to {last}: there is no {index}.")
    return said.format(axis=match[2], size=match[3], last=int(match[3]) - 1, index=match[1])


def _batch_sizes(match: re.Match[str], _raised: Raised) -> str:
    said = _("{outputs} predictions and {labels} labels: each example needs one of each.")
    return said.format(outputs=match[1], labels=match[2])


def _class(match: re.Match[str], _raised: Raised) -> str:
    said = _(
        "A label is {label}, and there are too few outputs for it: classes are numbered from 0, so {needed} outputs "
        "are needed at least. Check num_outputs, and that the labels begin at 0."
    )
    return said.format(label=match[1], needed=int(match[1]) + 1)


RULES = (
    rule(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)", _product, ALGEBRA),
    rule(r"size mismatch, got input \(\d+\), mat \((\d+x\d+)\), vec \((\d+)\)", _vector, ALGEBRA),
    rule(
        r"inconsistent tensor size, expected tensor (\[\d+\]) and src (\[\d+\])",
        lambda match, _raised: _(
            "A dot product of vectors of shapes {one} and {other}: they must be equally long."
        ).format(one=_shape(match[1]), other=_shape(match[2])),
        ALGEBRA,
    ),
    rule(r"first two dimensions of batch2 tensor to be: (\[[\d, ]+\]) but got: (\[[\d, ]+\])", _batches, ALGEBRA),
    rule(
        r"weight of size (\[[\d, ]+\]), expected input(\[[\d, ]+\]) to have (\d+) channels, but got (\d+) channels",
        _channels,
        CONVOLUTION,
    ),
    rule(r"input to (conv\w+), but got input of size: (\[[\d, ]+\])", _conv_dims, CONVOLUTION),
    rule(r"padded input size per channel: \(([\d x]+)\)\. Kernel size: \(([\d x]+)\)", _too_small, CONVOLUTION),
    rule(r"Given input size: \(([\dx]+)\)\. Calculated output size: \(([-\dx]+)\)", _pooled_away, CONVOLUTION),
    rule(r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\).*dimension (\d+)", _broadcast, TENSORS),
    rule(r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", _reshape, TENSORS),
    rule(
        r"view size is not compatible with input tensor's size and stride",
        _(
            "After a transpose, permute or slice the elements no longer lie in the order of their indices, and view "
            "cannot give them another shape without a copy. Use reshape(...), or contiguous() before view(...)."
        ),
        TENSORS,
    ),
    rule(r"except in dimension (\d+)\. Expected size (\d+) but got size (\d+)", _joined, TENSORS),
    rule(
        r"stack expects each tensor to be equal size, but got (\[[\d, ]*\]).*and (\[[\d, ]*\]) at entry (\d+)",
        _stacked,
        TENSORS,
    ),
    rule(r"equal to input_size\. Expected (\d+), got (\d+)", _features, TOKENS),
    rule(
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)", _axis, TENSORS
    ),
    rule(
        r"expected (\d)D(?: or (\d)D)? input \(got (\d)D input\)",
        lambda match, _raised: _(
            "This layer expects {expected} axes and got {got}: the first is the batch. unsqueeze(0) makes a batch of "
            "one example."
        ).format(expected=match[1], got=match[3]),
        "modern-convolutional/residual-networks",
    ),
    rule(r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)", _index, TENSORS),
    rule(r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)", _batch_sizes, SOFTMAX),
    rule(r"IndexError: Target (\d+) is out of bounds", _class, SOFTMAX),
    rule(
        r"0D or 1D target tensor expected, multi-target not supported",
        _(
            "The labels have two axes; cross-entropy wants one class number for each example, with one axis. "
            "y.squeeze(1) or y.reshape(-1) takes the axis of size 1 away."
        ),
        SOFTMAX,
    ),
    rule(
        r"IndexError: index out of range in self|Class values must be smaller than num_classes",
        _(
            "An index is not smaller than the number of rows of the embedding (or of classes): they are numbered from "
            "0. Compare X.max() with num_embeddings, and X.min() with 0; a vocabulary that grew after the model was "
            "made does this."
        ),
        TOKENS,
    ),
    rule(
        r"running_mean should contain (\d+) elements not (\d+)",
        lambda match, _raised: _(
            "Batch normalisation was made for {made} channels, and its input has {got}: the second axis."
        ).format(made=match[2], got=match[1]),
        "modern-convolutional/residual-networks",
    ),
)
