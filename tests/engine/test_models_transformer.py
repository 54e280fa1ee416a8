import pytest
import torch
from torch import nn

import engine

D, HEADS, FFN = 16, 4, 24


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def copy_attention(ours, theirs):
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.W_q.weight, ours.W_k.weight, ours.W_v.weight]))
        theirs.in_proj_bias.copy_(torch.cat([ours.W_q.bias, ours.W_k.bias, ours.W_v.bias]))
        theirs.out_proj.load_state_dict(ours.W_o.state_dict())


def test_an_encoder_block_is_pytorchs():
    ours = engine.TransformerEncoderBlock(D, FFN, HEADS, dropout=0.5, use_bias=True).eval()
    theirs = nn.TransformerEncoderLayer(D, HEADS, FFN, batch_first=True).eval()
    X, lens = torch.randn(2, 5, D), torch.tensor([3, 5])
    ours(X, lens)
    copy_attention(ours.attention, theirs.self_attn)
    for mine, other in (
        (ours.ffn.dense1, theirs.linear1),
        (ours.ffn.dense2, theirs.linear2),
        (ours.addnorm1.ln, theirs.norm1),
        (ours.addnorm2.ln, theirs.norm2),
    ):
        other.load_state_dict(mine.state_dict())
    padding = torch.arange(5) >= lens[:, None]
    expected = theirs(X, src_key_padding_mask=padding)
    valid = ~padding
    assert torch.allclose(ours(X, lens)[valid], expected[valid], atol=1e-5)


def test_a_vit_block_is_pytorchs_normalizing_first():
    ours = engine.ViTBlock(D, D, FFN, HEADS, 0.5, use_bias=True).eval()
    theirs = nn.TransformerEncoderLayer(D, HEADS, FFN, activation="gelu", batch_first=True, norm_first=True).eval()
    X = torch.randn(2, 5, D)
    ours(X)
    copy_attention(ours.attention, theirs.self_attn)
    for mine, other in (
        (ours.mlp.dense1, theirs.linear1),
        (ours.mlp.dense2, theirs.linear2),
        (ours.ln1, theirs.norm1),
        (ours.ln2, theirs.norm2),
    ):
        other.load_state_dict(mine.state_dict())
    assert torch.allclose(ours(X), theirs(X), atol=1e-5)


def test_the_encoder_keeps_its_shape_and_its_weights():
    encoder = engine.TransformerEncoder(200, 24, 48, 8, 2, 0.5).eval()
    out = encoder(torch.randint(200, (2, 100)), torch.tensor([3, 2]))
    assert out.shape == (2, 100, 24)
    assert [w.shape for w in encoder.attention_weights] == [(16, 100, 100)] * 2


def decoder():
    return engine.TransformerDecoder(30, D, FFN, HEADS, num_blks=2, dropout=0.0)


def test_the_decoder_does_not_see_the_future_while_training():
    net = decoder().train()
    memory, lens = torch.randn(2, 6, D), torch.tensor([4, 6])
    X = torch.randint(30, (2, 5))
    before, _ = net(X, net.init_state(memory, lens))
    changed = X.clone()
    changed[:, 3:] = 7
    after, _ = net(changed, net.init_state(memory, lens))
    assert torch.allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert not torch.allclose(before[:, 3:], after[:, 3:])


def test_the_decoder_gives_the_same_token_by_token():
    net = decoder()
    memory, lens = torch.randn(2, 6, D), torch.tensor([4, 6])
    X = torch.randint(30, (2, 5))
    net.train()
    at_once, _ = net(X, net.init_state(memory, lens))
    net.eval()
    state, pieces = net.init_state(memory, lens), []
    for t in range(5):
        piece, state = net(X[:, t : t + 1], state)
        pieces.append(piece)
    assert torch.allclose(torch.cat(pieces, 1), at_once, atol=1e-5)


def test_a_picture_becomes_a_sequence_of_its_patches():
    embedding = engine.PatchEmbedding(img_size=8, patch_size=4, num_hiddens=3)
    X = torch.zeros(1, 1, 8, 8)
    X[0, 0, 4:, :4] = 1.0  # the third of four patches
    out = embedding(X)
    assert out.shape == (1, 4, 3)
    assert torch.equal(out[0, 0], out[0, 1])
    assert not torch.equal(out[0, 0], out[0, 2])


def test_vit_classifies_by_its_class_token():
    model = engine.ViT(32, 8, D, FFN, HEADS, 2, 0.1, 0.1, lr=0.1, num_classes=5).eval()
    X = torch.rand(3, 1, 32, 32)
    assert model(X).shape == (3, 5)
    assert model.pos_embedding.shape == (1, 17, D)
    assert not model.cls_token.any()
    model.loss(model(X), torch.tensor([0, 1, 4])).backward()
    assert model.cls_token.grad.abs().sum() > 0
