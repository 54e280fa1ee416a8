"""Every public name of the book's `d2l.torch`, and where it lives here. Loaded on first use: no torch in this file."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "engine": "HyperParameters Classifier Module add_to_class SGD LinearRegression LinearRegressionScratch "
    "SoftmaxRegression LeNet Residual ResNeXtBlock RNNScratch RNNLMScratch RNN RNNLM GRU corr2d init_cnn bleu "
    "masked_softmax DotProductAttention AdditiveAttention MultiHeadAttention PositionalEncoding PositionWiseFFN "
    "AddNorm TransformerEncoderBlock init_seq2seq Timer",
    "engine.book.attributes": "cpu gpu num_gpus try_gpu try_all_gpus check_len check_shape abs arange argmax astype "
    "batch_matmul concat cos cosh exp expand_dims eye float32 int32 int64 linspace log matmul meshgrid nn_Module "
    "normal numpy ones ones_like rand randn reduce_mean reduce_sum repeat reshape sigmoid sin sinh size stack swapaxes "
    "tanh tensor to transpose zeros zeros_like",
    "engine.book.plots": "use_svg_display set_figsize set_axes plot annotate show_images show_heatmaps "
    "show_list_len_pair_hist show_trace_2d",
    "engine.book.training": "Trainer ProgressBoard Animator",
    "engine.book.datasets": "DataModule SyntheticRegressionData FashionMNIST TimeMachine MTFraEng Vocab",
    "engine.book.translating": "Encoder Decoder AttentionDecoder EncoderDecoder Seq2SeqEncoder Seq2Seq "
    "TransformerEncoder",
    "engine.book.hub": "DATA_HUB DATA_URL download extract download_extract",
    "engine.book.loops": "Accumulator accuracy evaluate_accuracy_gpu evaluate_loss get_dataloader_workers "
    "get_fashion_mnist_labels grad_clipping linreg load_array load_data_fashion_mnist sgd squared_loss synthetic_data "
    "train_ch6",
    "engine.book.older_translating": "MaskedSoftmaxCELoss build_array_nmt load_data_nmt predict_seq2seq "
    "preprocess_nmt read_data_nmt sequence_mask tokenize tokenize_nmt train_seq2seq truncate_pad",
    "engine.book.optimization": "train_2d get_data_ch11 train_ch11 train_concise_ch11",
    "engine.book.performance": "Benchmark split_batch resnet18 train_batch_ch13 train_ch13",
    "engine.book.boxes": "box_corner_to_center box_center_to_corner bbox_to_rect show_bboxes box_iou",
    "engine.book.anchors": "multibox_prior assign_anchor_to_bbox offset_boxes multibox_target offset_inverse nms "
    "multibox_detection",
    "engine.book.detection": "read_data_bananas BananasDataset load_data_bananas",
    "engine.book.segmentation": "VOC_CLASSES VOC_COLORMAP VOCSegDataset load_data_voc read_voc_images "
    "voc_colormap2label voc_label_indices voc_rand_crop",
    "engine.book.competitions": "read_csv_labels copyfile reorg_train_valid reorg_test",
    "engine.book.word_vectors": "RandomGenerator batchify get_centers_and_contexts get_negatives load_data_ptb "
    "read_ptb subsample TokenEmbedding",
    "engine.book.bert": "BERTEncoder BERTModel MaskLM NextSentencePred get_tokens_and_segments _get_batch_loss_bert",
    "engine.book.bert_data": "load_data_wiki _WikiTextDataset _read_wiki _get_next_sentence "
    "_get_nsp_data_from_paragraph _replace_mlm_tokens _get_mlm_data_from_tokens _pad_bert_inputs",
    "engine.book.sentiment": "load_data_imdb predict_sentiment read_imdb",
    "engine.book.inference": "SNLIDataset load_data_snli predict_snli read_snli",
    "engine.book.tuning": "HPOTrainer HPOSearcher RandomSearcher HPOScheduler BasicScheduler HPOTuner "
    "SuccessiveHalvingScheduler hpo_objective_lenet",
    "engine.book.gaussian": "rbfkernel distance_matrix",
    "engine.book.adversarial": "update_D update_G",
    "engine.book.reinforcement": "frozen_lake make_env show_Q_function_progress show_value_function_progress",
}
_LIBRARIES = {
    "np": "numpy",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "plt": "matplotlib.pyplot",
    "pd": "pandas",
    "data": "torch.utils.data",
    "transforms": "torchvision.transforms",
    "display": "IPython.display",
    "Image": "PIL.Image",
    "backend_inline": "matplotlib_inline.backend_inline",
}
_SAME = "torch torchvision collections hashlib inspect math os random re requests shutil sys tarfile time zipfile"
_LIBRARIES |= {name: name for name in _SAME.split()}
"""Libraries that the book reaches through `d2l`: `d2l.plt`, `d2l.Image`, …"""

HOMES = {name: module for module, names in _HOMES.items() for name in names.split()}
GIVEN = ("defaultdict",)
"""Names that are simply there."""

from collections import defaultdict as defaultdict  # noqa: E402

__all__ = sorted([name for name in {*HOMES, *_LIBRARIES, *GIVEN} if not name.startswith("_")])


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(importlib.import_module(HOMES[name]), name)
    if name in _LIBRARIES:
        return importlib.import_module(_LIBRARIES[name])
    if name == "d2l":
        return importlib.import_module("d2l.torch")
    raise AttributeError(f"module 'd2l.torch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *GIVEN]
