"""The models of the book, one file a family, each to be read in one screen. Names are loaded on first use."""

from __future__ import annotations

import importlib
from typing import Any

_FAMILIES = {
    "linear": "LinearRegressionScratch LinearRegression WeightDecayScratch WeightDecay l2_penalty SGD",
    "softmax_regression": "softmax cross_entropy SoftmaxRegressionScratch SoftmaxRegression",
    "mlp": "relu MLPScratch MLP dropout_layer DropoutMLPScratch DropoutMLP",
    "building": "MySequential FixedHiddenMLP NestMLP CenteredLayer MyLinear TiedMLP",
    "cnn": "init_cnn corr2d Conv2D pool2d LeNet",
    "normalization": "batch_norm BatchNorm BNLeNet BNLeNetScratch",
    "modern_cnn": "AlexNet vgg_block VGG nin_block NiN",
    "branching_cnn": "Inception GoogLeNet DenseBlock transition_block DenseNet",
    "anynet": "AnyNet RegNetX32",
    "resnet": "Residual ResNet ResNet18 ResNeXtBlock",
    "ngram": "NGramModel",
    "rnn": "RNNScratch RNN RNNLMScratch RNNLM sampling",
    "gated": "LSTMScratch LSTM GRUScratch GRU StackedRNNScratch BiRNNScratch BiGRU",
    "kernel_regression": "nadaraya_watson gaussian boxcar constant epanechikov",
    "attention": "masked_softmax DotProductAttention AdditiveAttention MultiHeadAttention PositionalEncoding",
    "transformer": "PositionWiseFFN AddNorm TransformerEncoderBlock TransformerEncoder TransformerDecoderBlock "
    "TransformerDecoder",
    "seq2seq": "Seq2SeqEncoder Seq2SeqDecoder Seq2SeqAttentionDecoder EncoderDecoder Seq2Seq init_seq2seq beam_search "
    "bleu",
    "gpt": "GPT BERT",
    "vit": "PatchEmbedding ViTMLP ViTBlock ViT",
}
NAMES = {name: family for family, names in _FAMILIES.items() for name in names.split()}
"""Public names, and the modules of this package that they live in."""

__all__ = sorted(NAMES)


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{NAMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *NAMES})
