"""The vision Transformer (11.8; Dosovitskiy et al., 2021): a picture as a sequence of patches."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.models.attention import MultiHeadAttention
from engine.module import Classifier


class PatchEmbedding(nn.Module):
    """One vector for each patch (11.8.2): (n, c, img_size, img_size) -> (n, num_patches, num_hiddens)."""

    def __init__(
        self, img_size: int | tuple[int, int] = 96, patch_size: int | tuple[int, int] = 16, num_hiddens: int = 512
    ) -> None:
        super().__init__()
        height, width = _pair(img_size)
        patch_height, patch_width = _pair(patch_size)
        self.num_patches = (height // patch_height) * (width // patch_width)
        self.conv = nn.LazyConv2d(num_hiddens, kernel_size=_pair(patch_size), stride=_pair(patch_size))

    def forward(self, X: Tensor) -> Tensor:
        """A convolution that takes a patch a step, its maps as a sequence."""
        embedded: Tensor = self.conv(X).flatten(2).transpose(1, 2)
        return embedded


class ViTMLP(nn.Module):
    """The dense network of a block, with GELU (11.8.3): (b, n, any) -> (b, n, mlp_num_outputs)."""

    def __init__(self, mlp_num_hiddens: int, mlp_num_outputs: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.dense1, self.dense2 = nn.LazyLinear(mlp_num_hiddens), nn.LazyLinear(mlp_num_outputs)
        self.dropout1, self.dropout2 = nn.Dropout(dropout), nn.Dropout(dropout)
        self.gelu = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        """x: (b, n, any) -> (b, n, mlp_num_outputs)."""
        out: Tensor = self.dropout2(self.dense2(self.dropout1(self.gelu(self.dense1(x)))))
        return out


class ViTBlock(nn.Module):
    """An encoder block that normalizes first: X + attention(LN(X)), then X + MLP(LN(X)) (11.8.3). Shapes kept."""

    def __init__(
        self,
        num_hiddens: int,
        norm_shape: int,
        mlp_num_hiddens: int,
        num_heads: int,
        dropout: float,
        use_bias: bool = False,
    ) -> None:
        super().__init__()
        self.ln1 = nn.LayerNorm(norm_shape)
        self.attention = MultiHeadAttention(num_hiddens, num_heads, dropout, use_bias)
        self.ln2 = nn.LayerNorm(norm_shape)
        self.mlp = ViTMLP(mlp_num_hiddens, num_hiddens, dropout)

    def forward(self, X: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        """X: (b, n, num_hiddens)."""
        normed = self.ln1(X)
        X = X + self.attention(normed, normed, normed, valid_lens)
        out: Tensor = X + self.mlp(self.ln2(X))
        return out


class ViT(Classifier):
    """Patches and a class token through num_blks blocks; the class token answers (11.8.4).

    (n, c, img_size, img_size) -> (n, 1 + num_patches, num_hiddens) -> (n, num_classes). 6,457,866 parameters in the
    book's setting: grey pictures of 96 × 96 in patches of 16, 512 hidden numbers, 2,048 inside, 2 blocks, 10 classes.
    Positions start as N(0, 1), the class token at 0. The paper's attention has biases: `use_bias=True`.
    """

    emb_dropout: float

    def __init__(
        self,
        img_size: int,
        patch_size: int,
        num_hiddens: int,
        mlp_num_hiddens: int,
        num_heads: int,
        num_blks: int,
        emb_dropout: float,
        blk_dropout: float,
        lr: float = 0.1,
        use_bias: bool = False,
        num_classes: int = 10,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.patch_embedding = PatchEmbedding(img_size, patch_size, num_hiddens)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, num_hiddens))
        num_steps = self.patch_embedding.num_patches + 1  # the class token too
        self.pos_embedding = nn.Parameter(torch.randn(1, num_steps, num_hiddens))
        self.dropout = nn.Dropout(emb_dropout)
        self.blks = nn.Sequential(
            *(
                ViTBlock(num_hiddens, num_hiddens, mlp_num_hiddens, num_heads, blk_dropout, use_bias)
                for _ in range(num_blks)
            )
        )
        self.head = nn.Sequential(nn.LayerNorm(num_hiddens), nn.Linear(num_hiddens, num_classes))

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, c, img_size, img_size) -> logits (n, num_classes)."""
        X = self.patch_embedding(X)
        X = torch.cat((self.cls_token.expand(X.shape[0], -1, -1), X), 1)
        X = self.blks(self.dropout(X + self.pos_embedding))
        logits: Tensor = self.head(X[:, 0])
        return logits


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])
