"""Whole models against torchvision's and torch.nn's: copied weights give the same output.

Where the book departs, the test says so and switches the departure off, on whichever side it can be.
"""

import pytest
import torch
from torch import nn
from torchvision.models import resnet18
from torchvision.models.resnet import Bottleneck
from torchvision.models.vision_transformer import VisionTransformer

import engine

D, HEADS, FFN = 16, 4, 24


@pytest.fixture(autouse=True)
def in_float64():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def copy_convolution(mine, other):
    """torchvision's convolutions before a batch normalization have no bias: the book's idle ones become 0."""
    mine.weight.data.copy_(other.weight.data)
    mine.bias.data.zero_()


def copy_attention(ours, theirs):
    """Departure: the book's projections have no biases unless `bias=True`; torch's then are 0."""
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.W_q.weight, ours.W_k.weight, ours.W_v.weight]))
        theirs.out_proj.weight.copy_(ours.W_o.weight)
        theirs.in_proj_bias.zero_()
        theirs.out_proj.bias.zero_()
        if ours.W_q.bias is not None:
            theirs.in_proj_bias.copy_(torch.cat([ours.W_q.bias, ours.W_k.bias, ours.W_v.bias]))
            theirs.out_proj.bias.copy_(ours.W_o.bias)


def test_resnet_18_is_torchvision_s():
    """Departures: biases in the convolutions (0 here), no normalization in the shortcuts (taken out there)."""
    ours, theirs = engine.ResNet18(num_classes=7), resnet18(num_classes=7)
    X = torch.rand(2, 3, 64, 64)
    ours(X)
    copy_convolution(ours.net[0][0], theirs.conv1)
    ours.net[0][1].load_state_dict(theirs.bn1.state_dict())
    for i in range(1, 5):
        for mine, other in zip(ours.net[i], getattr(theirs, f"layer{i}"), strict=True):
            for name in ("conv1", "conv2"):
                copy_convolution(getattr(mine, name), getattr(other, name))
            for name in ("bn1", "bn2"):
                getattr(mine, name).load_state_dict(getattr(other, name).state_dict())
            if other.downsample is not None:
                copy_convolution(mine.conv3, other.downsample[0])
                other.downsample[1] = nn.Identity()
    ours.net[5][2].load_state_dict(theirs.fc.state_dict())
    for mode in (True, False):
        assert torch.allclose(ours.train(mode)(X), theirs.train(mode)(X), atol=1e-9)


@pytest.mark.parametrize("strides", [1, 2])
def test_a_resnext_block_is_torchvision_s_bottleneck(strides):
    """torchvision names the number of groups, the book their width; torchvision's block is 4 times wider outside."""
    shortcut = nn.Sequential(nn.Conv2d(64, 64, 1, strides, bias=False), nn.BatchNorm2d(64)) if strides > 1 else None
    theirs = Bottleneck(64, 16, strides, shortcut, groups=4, base_width=32)  # inside: 16 · 32 / 64 · 4 = 32 channels
    ours = engine.ResNeXtBlock(64, groups=8, bot_mul=0.5, use_1x1conv=strides > 1, strides=strides)
    X = torch.randn(3, 64, 8, 8)
    ours(X)
    for i in (1, 2, 3):
        copy_convolution(getattr(ours, f"conv{i}"), getattr(theirs, f"conv{i}"))
        getattr(ours, f"bn{i}").load_state_dict(getattr(theirs, f"bn{i}").state_dict())
    if shortcut is not None:
        copy_convolution(ours.conv4, shortcut[0])
        ours.bn4.load_state_dict(shortcut[1].state_dict())
    assert ours.conv2.groups == theirs.conv2.groups == 4
    assert torch.allclose(ours(X), theirs(X), atol=1e-9)


def test_vit_is_torchvision_s():
    """Departures: no biases in the attention (`use_bias=True` here), LayerNorm's epsilon (torchvision's 1e-6)."""
    theirs = VisionTransformer(32, 8, 2, HEADS, D, FFN, num_classes=5).eval()
    ours = engine.ViT(32, 8, D, FFN, HEADS, 2, 0.1, 0.1, use_bias=True, num_classes=5).eval()
    X = torch.rand(3, 3, 32, 32)
    ours(X)
    theirs.load_state_dict({k: torch.randn_like(v) * 0.2 + v for k, v in theirs.state_dict().items()})  # no zeros
    with torch.no_grad():
        ours.patch_embedding.conv.load_state_dict(theirs.conv_proj.state_dict())
        ours.cls_token.copy_(theirs.class_token)
        ours.pos_embedding.copy_(theirs.encoder.pos_embedding)
        for blk, layer in zip(ours.blks, theirs.encoder.layers, strict=True):
            attention, other = blk.attention, layer.self_attention
            for i, name in enumerate(("W_q", "W_k", "W_v")):
                getattr(attention, name).weight.copy_(other.in_proj_weight.chunk(3)[i])
                getattr(attention, name).bias.copy_(other.in_proj_bias.chunk(3)[i])
            attention.W_o.load_state_dict(other.out_proj.state_dict())
            blk.mlp.dense1.load_state_dict(layer.mlp[0].state_dict())
            blk.mlp.dense2.load_state_dict(layer.mlp[3].state_dict())
            blk.ln1.load_state_dict(layer.ln_1.state_dict())
            blk.ln2.load_state_dict(layer.ln_2.state_dict())
        ours.head[0].load_state_dict(theirs.encoder.ln.state_dict())
        ours.head[1].load_state_dict(theirs.heads.head.state_dict())
    for module in ours.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = 1e-6
    assert torch.allclose(ours(X), theirs(X), atol=1e-9)


@pytest.mark.parametrize("use_bias", [True, False])
def test_the_encoder_is_pytorch_s(use_bias):
    ours = engine.TransformerEncoder(30, D, FFN, HEADS, 2, 0.1, use_bias).eval()
    layer = nn.TransformerEncoderLayer(D, HEADS, FFN, batch_first=True)
    theirs = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    X, lens = torch.randint(30, (2, 5)), torch.tensor([3, 5])
    made = ours(X, lens)
    for mine, other in zip(ours.blks, theirs.layers, strict=True):
        copy_attention(mine.attention, other.self_attn)
        other.linear1.load_state_dict(mine.ffn.dense1.state_dict())
        other.linear2.load_state_dict(mine.ffn.dense2.state_dict())
        other.norm1.load_state_dict(mine.addnorm1.ln.state_dict())
        other.norm2.load_state_dict(mine.addnorm2.ln.state_dict())
    embedded = ours.pos_encoding(ours.embedding(X) * D**0.5)
    padding = torch.arange(5) >= lens[:, None]
    expected = theirs(embedded, src_key_padding_mask=padding)
    assert torch.allclose(made[~padding], expected[~padding], atol=1e-9)


def test_a_decoder_block_is_pytorch_s():
    """Departure: the book's decoder block takes no `use_bias`; torch's biases are 0."""
    ours = engine.models.transformer.TransformerDecoderBlock(D, FFN, HEADS, 0.0, i=0).train()
    theirs = nn.TransformerDecoderLayer(D, HEADS, FFN, dropout=0.0, batch_first=True).train()
    X, memory, lens = torch.randn(2, 5, D), torch.randn(2, 6, D), torch.tensor([4, 6])
    made, _ = ours(X, [memory, lens, [None]])
    copy_attention(ours.attention1, theirs.self_attn)
    copy_attention(ours.attention2, theirs.multihead_attn)
    theirs.linear1.load_state_dict(ours.ffn.dense1.state_dict())
    theirs.linear2.load_state_dict(ours.ffn.dense2.state_dict())
    for i in (1, 2, 3):
        getattr(theirs, f"norm{i}").load_state_dict(getattr(ours, f"addnorm{i}").ln.state_dict())
    future = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
    padding = torch.arange(6) >= lens[:, None]
    assert torch.allclose(made, theirs(X, memory, future, memory_key_padding_mask=padding), atol=1e-9)


def as_torch(rnns):
    """The weights of networks from scratch under the names of `nn.RNN`, whose second bias is 0."""
    state = {}
    for ending, rnn in rnns.items():
        state |= {
            f"weight_ih_{ending}": rnn.W_xh.T,
            f"weight_hh_{ending}": rnn.W_hh.T,
            f"bias_ih_{ending}": rnn.b_h,
            f"bias_hh_{ending}": torch.zeros_like(rnn.b_h),
        }
    return state


def test_stacked_networks_are_pytorch_s():
    ours, theirs = engine.StackedRNNScratch(9, 5, 2, sigma=0.5), nn.RNN(9, 5, num_layers=2)
    theirs.load_state_dict(as_torch({"l0": ours.rnns[0], "l1": ours.rnns[1]}))
    X = torch.randn(6, 4, 9)
    (outputs, states), (expected, last) = ours(X), theirs(X)
    assert torch.allclose(torch.stack(list(outputs)), expected, atol=1e-12)
    assert torch.allclose(torch.stack(states), last, atol=1e-12)


def test_networks_in_both_directions_are_pytorch_s():
    ours, theirs = engine.BiRNNScratch(9, 5, sigma=0.5), nn.RNN(9, 5, bidirectional=True)
    theirs.load_state_dict(as_torch({"l0": ours.f_rnn, "l0_reverse": ours.b_rnn}))
    X = torch.randn(6, 4, 9)
    (outputs, states), (expected, last) = ours(X), theirs(X)
    assert torch.allclose(torch.stack(outputs), expected, atol=1e-12)
    assert torch.allclose(torch.stack(states), last, atol=1e-12)


def test_gru_by_hand_is_pytorch_s_cell_but_for_the_place_of_the_reset_gate():
    """Departure: `nn.GRU` multiplies by the reset gate after W_hh, the paper and the book before: moved here."""
    ours, theirs = engine.GRUScratch(9, 5, sigma=0.5), nn.GRU(9, 5)
    order = "rzh"
    theirs.load_state_dict(
        {
            "weight_ih_l0": torch.cat([getattr(ours, f"W_x{gate}").T for gate in order]),
            "weight_hh_l0": torch.cat([getattr(ours, f"W_h{gate}").T for gate in order]),
            "bias_ih_l0": torch.cat([getattr(ours, f"b_{gate}") for gate in order]),
            "bias_hh_l0": torch.zeros(15),
        }
    )
    X, H = torch.randn(1, 4, 9), torch.randn(4, 5)
    R = torch.sigmoid(X[0] @ ours.W_xr + H @ ours.W_hr + ours.b_r)
    moved = R * (H @ ours.W_hh) - (R * H) @ ours.W_hh  # what torch's candidate has more than the book's
    Z = torch.sigmoid(X[0] @ ours.W_xz + H @ ours.W_hz + ours.b_z)
    candidate = torch.tanh(X[0] @ ours.W_xh + (R * H) @ ours.W_hh + ours.b_h + moved)
    assert torch.allclose(theirs(X, H[None])[1][0], Z * H + (1 - Z) * candidate, atol=1e-12)
    assert not torch.allclose(ours(X, H)[1], theirs(X, H[None])[1][0], atol=1e-3)
