"""What autograd refuses."""

from __future__ import annotations

from tutor.explain.rule import rule
from tutor.words import _

AUTOGRAD = "preliminaries/automatic-differentiation"

RULES = (
    rule(
        r"leaf Variable that requires grad is being used in an in-place operation",
        _(
            "A parameter was changed in place (-=, +=, [...] =) while its history is recorded: its gradient could no "
            "longer be told. Change it inside `with torch.no_grad():`, as an optimiser does."
        ),
        AUTOGRAD,
    ),
    rule(
        r"backward through the graph a second time",
        _(
            "The graph of this value is gone since its first backward(). Compute the loss again before each backward; "
            "what is carried from one step to the next (a hidden state) is cut off with .detach()."
        ),
        AUTOGRAD,
    ),
    rule(
        r"has been modified by an inplace operation",
        _(
            "A value that backward() still needs was changed in place after it was computed. Write y = y + 1, not "
            "y += 1, or change a copy: y.clone()."
        ),
        AUTOGRAD,
    ),
    rule(
        r"does not require grad and does not have a grad_fn",
        _(
            "Nothing in this value's history asks for a gradient. Was it computed under torch.no_grad(), cut off with "
            "detach() or item(), or is requires_grad=True missing?"
        ),
        AUTOGRAD,
    ),
    rule(
        r"grad can be implicitly created only for scalar outputs",
        _("backward() starts from one number, and this is a tensor of several: take its sum() or mean() first."),
        AUTOGRAD,
    ),
    rule(
        r"Can't call numpy\(\) on Tensor that requires grad",
        _("A NumPy array has no history to record. Cut it off first: x.detach().numpy()."),
        AUTOGRAD,
    ),
    rule(
        r"only Tensors of floating point dtype can require gradients",
        _("Whole numbers have no gradient. Make the tensor one of floats: torch.tensor([1., 2.]), or x.float()."),
        AUTOGRAD,
    ),
    rule(
        r"'NoneType' object has no attribute '(zero_|data|norm|add_|mul_)'",
        _(
            "A gradient is None until the first backward() that reaches it. Was requires_grad=True set, backward() "
            "called, and is the tensor a leaf (made, not computed)?"
        ),
        AUTOGRAD,
    ),
    rule(
        r"'NoneType' object has no attribute 'backward'",
        _(
            "What was to be the loss is None: a function that ends without `return` gives None. Does training_step (or "
            "the loss) return its value?"
        ),
        "regression/object-oriented-design",
    ),
    rule(
        r"returned nan values in its|found invalid values:\s*(?:tensor\()?[^a-z]*nan"
        r"|(?i:loss (?:is|became) (?:nan|not finite))|(?i:cannot convert float nan to integer)",
        _(
            "A value is nan (not a number): a division 0/0, the logarithm of 0, or numbers that grew without bound. "
            "Look for the first step with a nan: a smaller learning rate, gradient clipping, a loss that takes logits, "
            "or log(x + eps) are the usual cures."
        ),
        "perceptrons/stability-and-initialization",
    ),
)
