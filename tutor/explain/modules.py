"""Classes of models that miss something."""

from __future__ import annotations

from tutor.explain.rule import rule
from tutor.words import _

MODULES = "builders-guide/parameter-management"

RULES = (
    rule(
        r"before Module\.__init__\(\) call|has no attribute '_(?:backward_hooks|parameters|modules|buffers)'",
        _(
            "The class's __init__ does not call super().__init__() before anything else: nn.Module makes there the "
            "places where parameters and layers are kept. Let it be the first line of __init__."
        ),
        "regression/object-oriented-design",
    ),
    rule(
        r"is missing the required \"forward\" function",
        _("The model has no forward(self, X), or it is spelled or indented otherwise: net(X) calls it."),
        "regression/object-oriented-design",
    ),
    rule(
        r"optimizer got an empty parameter list",
        _(
            "The model has no parameters that PyTorch knows of. Layers in a plain list are not seen: use "
            "nn.ModuleList, nn.Sequential or attributes; a tensor becomes a parameter with nn.Parameter(...). Lazy "
            "layers have theirs after the first call."
        ),
        MODULES,
    ),
    rule(
        r"Error\(s\) in loading state_dict",
        _(
            "The file's parameters are not those of this model: its layers have other names or sizes. Build the model "
            "with the same settings as the one that was saved."
        ),
        MODULES,
    ),
    rule(
        r"Expected more than 1 value per channel when training",
        _(
            "Batch normalisation compares the examples of a batch, and this batch has one. Call net.eval() to predict, "
            "or use a larger batch; drop_last=True drops a short last one."
        ),
        "modern-convolutional/residual-networks",
    ),
    rule(
        r"embed_dim must be divisible by num_heads",
        _("Each head gets an equal part of the features: their number must be a multiple of the number of heads."),
        "attention/multi-head-attention",
    ),
)
