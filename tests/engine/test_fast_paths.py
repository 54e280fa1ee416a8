"""The quick ways of `engine.fast`: they compute what the model computes, and keep away from what they do not know."""

import copy

import pytest
import torch
from torch import nn

import engine
from engine import fast
from engine.config import TrainSettings
from engine.events import MetricPoint
from engine.fast import dropping
from engine.loaders import TensorLoader
from engine.train import Trainer, train

VOCAB, T, B, STEPS = 11, 6, 8, 12


@pytest.fixture(autouse=True)
def double():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class Fixed(engine.DataModule):
    """Minibatches in a fixed order."""

    def __init__(self, *tensors, batch_size=B):
        super().__init__()
        self.batch_size, self.tensors = batch_size, tensors

    def get_dataloader(self, train):
        return TensorLoader(self.tensors, self.batch_size, shuffle=False) if train else None


def numbers():
    return Fixed(torch.randn(STEPS * B, 3), torch.randn(STEPS * B, 1))


def pictures():
    return Fixed(torch.rand(STEPS * B, 1, 16, 16), torch.randint(10, (STEPS * B,)))


def tokens():
    return Fixed(torch.randint(VOCAB, (STEPS * B, T)), torch.randint(VOCAB, (STEPS * B, T)))


def sentences(ragged=True):
    """Sentences of all lengths, some with no label at all, and padding between the labels too."""
    n = STEPS * B
    source, target, label = (torch.randint(1, VOCAB, (n, T)) for _ in range(3))
    lengths = torch.randint(1, T + 3, (n,))  # longer than the sentence, too
    if ragged:
        label[torch.arange(T) >= torch.randint(T + 1, (n, 1))] = 0
        label[::5, 1] = 0
    return Fixed(source, target, lengths, label)


def recurrent(layer, *sizes):
    return lambda: engine.RNNLM(getattr(engine, layer)(VOCAB, 8, *sizes), VOCAB, lr=1.0)


def translator(attends, dropout=0.0):
    if attends:
        sizes = {"num_hiddens": 8, "ffn_num_hiddens": 12, "num_heads": 2, "num_blks": 2, "dropout": dropout}
        parts = engine.TransformerEncoder(VOCAB, **sizes), engine.TransformerDecoder(VOCAB, **sizes)
    else:
        parts = engine.Seq2SeqEncoder(VOCAB, 6, 8, 2, dropout), engine.Seq2SeqDecoder(VOCAB, 6, 8, 2, dropout)
    return engine.Seq2Seq(*parts, tgt_pad=0, lr=0.005)


def vit(dropout=0.0):
    return engine.ViT(16, 8, 16, 32, 2, 2, dropout, dropout, lr=0.1)


BY_HAND = {
    "LinearRegressionScratch": (lambda: engine.LinearRegressionScratch(3, lr=0.03), numbers),
    "LinearRegression": (lambda: engine.LinearRegression(lr=0.03), numbers),
}
STEPPED = {
    "ResNet": (lambda: engine.ResNet(((2, 64), (1, 6)), lr=0.1), pictures),
    "ViT": (vit, pictures),
    "RNN": (recurrent("RNN"), tokens),
    "GRU": (recurrent("GRU"), tokens),
    "DeepGRU": (recurrent("GRU", 2), tokens),
    "Seq2Seq": (lambda: translator(False), sentences),
    "Transformer": (lambda: translator(True), sentences),
}
ALL = {**BY_HAND, **STEPPED}


def prepared(name):
    """A model that knows its sizes, and its data."""
    make, data_of = ALL[name]
    return sized(make(), data_of())


def sized(model, data):
    with torch.no_grad():
        model(*next(iter(data.train_dataloader()))[:-1])
    return model, data


def gradients(model, step, batch):
    """The loss of a step and the gradients that it leaves, copied."""
    for parameter in model.parameters():
        parameter.grad = None
    loss = step(batch)
    if loss.requires_grad:
        loss.backward()
    return loss.detach(), [parameter.grad for parameter in model.parameters()]


def quick_step(model):
    return fast.step_by_hand(model) or fast.step_of(model)


def settings(**changed):
    return TrainSettings(1, **{"device": "cpu", "precision": "float64", "scale": False, "checkpoint": False, **changed})


@pytest.mark.parametrize("name", ALL)
def test_a_quick_step_leaves_the_gradients_of_the_model(name):
    model, data = prepared(name)
    quick = quick_step(model)
    for batch in data.train_dataloader():
        found, mine = gradients(model, quick, batch)
        expected, theirs = gradients(model, model.training_step, batch)
        assert found.item() == pytest.approx(expected.item(), rel=0, abs=1e-12)
        for one, other in zip(mine, theirs, strict=True):
            assert torch.allclose(one, torch.zeros_like(one) if other is None else other, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", ALL)
def test_a_run_takes_the_quick_way_and_its_curve_is_that_of_the_model(name, monkeypatch):
    model, data = prepared(name)
    model.plot_train_per_epoch = STEPS
    twin = copy.deepcopy(model)
    taken = []
    which = "step_by_hand" if name in BY_HAND else "step_of"
    find = getattr(fast, which)

    def spied(model):
        step = find(model)
        return lambda batch: taken.append(1) or step(batch)

    monkeypatch.setattr(fast, which, spied)
    quick = [event.y for event in train(model, data, settings()) if isinstance(event, MetricPoint)]
    assert len(taken) == STEPS
    monkeypatch.setattr(fast, which, lambda model: None)
    plain = [event.y for event in train(twin, data, settings()) if isinstance(event, MetricPoint)]
    assert quick == pytest.approx(plain, rel=0, abs=1e-9)
    for mine, theirs in zip(model.state_dict().values(), twin.state_dict().values(), strict=True):
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-9)  # running means and variances too


@pytest.mark.parametrize("name", ALL)
def test_in_single_precision_only_rounding_differs(name):
    torch.set_default_dtype(torch.float32)
    model, data = prepared(name)
    for batch in data.train_dataloader():
        found, mine = gradients(model, quick_step(model), batch)
        expected, theirs = gradients(model, model.training_step, batch)
        assert found.item() == pytest.approx(expected.item(), rel=1e-4, abs=1e-6)
        for one, other in zip(mine, theirs, strict=True):
            assert one is not None
            assert torch.allclose(one, torch.zeros_like(one) if other is None else other, rtol=1e-3, atol=1e-5)


# -- what is not known is left to the model ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_a_subclass_is_run_itself(name):
    model, _ = prepared(name)
    model.__class__ = type("Mine", (type(model),), {})
    assert quick_step(model) is None


def test_a_forward_that_a_learner_wrote_is_what_is_trained():
    class Doubled(engine.LinearRegressionScratch):
        def forward(self, X):
            return 2 * super().forward(X)

    model, data = Doubled(3, lr=0.01), numbers()
    twin = copy.deepcopy(model)
    list(train(model, data, settings()))
    for X, y in data.train_dataloader():
        loss = ((2 * (X @ twin.w + twin.b) - y) ** 2 / 2).mean()
        grads = torch.autograd.grad(loss, [twin.w, twin.b])
        with torch.no_grad():
            twin.w -= 0.01 * grads[0]
            twin.b -= 0.01 * grads[1]
    assert torch.allclose(model.w, twin.w, rtol=0, atol=1e-12)


def own_method(model):
    model.loss = lambda *args: torch.zeros((), requires_grad=True)


def own_layer(model):
    class Mine(nn.Dropout):
        pass

    model.extra = Mine(0.5)


def listener(model):
    list(model.modules())[-1].register_forward_hook(lambda *args: None)


def listener_in_front(model):
    model.register_forward_pre_hook(lambda *args: None)


@pytest.mark.parametrize("change", [own_method, own_layer, listener, listener_in_front])
@pytest.mark.parametrize("name", ALL)
def test_a_model_that_somebody_changed_is_run_itself(name, change):
    model, _ = prepared(name)
    assert quick_step(model) is not None
    change(model)
    assert quick_step(model) is None


def test_a_method_that_was_added_to_the_class_counts_as_changed(monkeypatch):
    model, _ = prepared("ViT")
    monkeypatch.setattr(engine.ViT, "forward", lambda self, X: X)
    assert quick_step(model) is None


def test_a_hook_of_the_whole_process_counts_too():
    model, _ = prepared("ViT")
    handle = nn.modules.module.register_module_forward_hook(lambda *args: None)
    try:
        assert quick_step(model) is None
    finally:
        handle.remove()
    assert quick_step(model) is not None


@pytest.mark.parametrize("name", BY_HAND)
def test_weights_that_do_not_learn_or_are_listened_to_need_the_backward_pass(name):
    model, _ = prepared(name)
    first = next(model.parameters())
    handle = first.register_hook(lambda grad: grad)
    assert quick_step(model) is None
    handle.remove()
    first.requires_grad_(False)
    assert quick_step(model) is None


def test_layers_that_do_not_know_their_size_are_left_alone_and_then_hurried():
    assert fast.step_of(vit()) is None
    assert fast.step_by_hand(engine.LinearRegression(lr=0.1)) is None


@pytest.mark.parametrize("layer", ["LSTM", "BiGRU"])
def test_layers_that_are_not_known_run_as_they_are(layer):
    model, _ = sized(recurrent(layer)(), tokens())
    assert fast.step_of(model) is None


def regrouped(model):
    model.net.b2[1].bn2 = nn.GroupNorm(2, 64)


def renamed_stem(model):
    model.net[0][3] = nn.AvgPool2d(3, 2, 1)


def lengthened(model):
    model.net.append(nn.Identity())


def replaced(model):
    model.net = nn.Linear(256, 10)


def flattened(model):
    model.net.b2 = nn.Conv2d(64, 64, 3, padding=1)


@pytest.mark.parametrize("change", [regrouped, renamed_stem, lengthened, replaced, flattened])
def test_a_residual_network_with_other_layers_runs_as_it_is(change):
    model, _ = prepared("ResNet")
    change(model)
    assert fast.step_of(model) is None


def frozen(norm):
    norm.eval()


def averaged(norm):
    norm.momentum = None


@pytest.mark.parametrize("change", [frozen, averaged])
def test_batch_normalization_of_another_kind_needs_the_bias(change):
    model, data = prepared("ResNet")
    for norm in (module for module in model.modules() if isinstance(module, nn.BatchNorm2d)):
        change(norm)
    twin, batch = copy.deepcopy(model), next(iter(data.train_dataloader()))
    found, mine = gradients(model, fast.step_of(model), batch)
    expected, theirs = gradients(twin, twin.training_step, batch)
    assert found.item() == pytest.approx(expected.item(), rel=0, abs=1e-12)
    assert all(torch.allclose(one, other, rtol=0, atol=1e-11) for one, other in zip(mine, theirs, strict=True))
    for one, other in zip(model.buffers(), twin.buffers(), strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("blocks", [[], [nn.Identity()]])
def test_a_vision_transformer_with_other_blocks_runs_as_it_is(blocks):
    model, _ = prepared("ViT")
    model.blks = nn.Sequential(*blocks)
    assert fast.step_of(model) is None


def test_a_decoder_that_is_not_known_runs_as_it_is():
    parts = engine.Seq2SeqEncoder(VOCAB, 6, 8, 2), engine.Seq2SeqAttentionDecoder(VOCAB, 6, 8, 2)
    model, _ = sized(engine.Seq2Seq(*parts, tgt_pad=0, lr=0.005), sentences())
    assert fast.step_of(model) is None


@pytest.mark.parametrize("y_shape", [(B,), (1, B)])
def test_labels_of_another_shape_are_broadcast_as_by_the_model(y_shape):
    model, _ = prepared("LinearRegression")
    batch = torch.randn(B, 3), torch.randn(y_shape)
    assert fast.step_by_hand(model)(batch) is None
    data = Fixed(torch.randn(STEPS * B, 3), torch.randn(STEPS * B))
    twin = copy.deepcopy(model)
    with pytest.warns(UserWarning, match="target size"):
        list(train(model, data, settings()))
    for X, y in data.train_dataloader():
        loss = ((twin(X) - y) ** 2).mean()  # of every prediction with every label
        weight, bias = torch.autograd.grad(loss, [twin.net.weight, twin.net.bias])
        with torch.no_grad():
            twin.net.weight -= 0.03 * weight
            twin.net.bias -= 0.03 * bias
    assert torch.allclose(model.net.weight, twin.net.weight, rtol=0, atol=1e-12)


@pytest.mark.parametrize("attends", [False, True])
@pytest.mark.parametrize("change", ["no length", "no label"])
def test_a_strange_minibatch_is_left_to_the_model(attends, change):
    model, data = sized(translator(attends), sentences())
    source, target, lengths, label = next(iter(data.train_dataloader()))
    if change == "no length":
        lengths = torch.zeros_like(lengths)  # all keys count alike then, the padding too
    else:
        label = torch.zeros_like(label)
    batch = source, target, lengths, label
    found, mine = gradients(model, fast.step_of(model), batch)
    expected, theirs = gradients(model, model.training_step, batch)
    assert found.item() == pytest.approx(expected.item(), rel=0, abs=1e-12, nan_ok=True)
    pairs = [(one, other) for one, other in zip(mine, theirs, strict=True) if other is not None]
    assert all(torch.allclose(one, other, rtol=0, atol=1e-11, equal_nan=True) for one, other in pairs)


def test_other_precisions_and_compiled_models_stay_as_they_were(monkeypatch):
    monkeypatch.setattr(fast, "step_of", lambda model: pytest.fail("asked for a quick step"))
    torch.set_default_dtype(torch.float32)
    for changed in ({"precision": "bf16"}, {"compile": True}):
        model, data = prepared("ViT")
        monkeypatch.setattr(type(model), "compile", lambda self: None)
        list(train(model, data, settings(**{"precision": "float32", **changed})))


@pytest.mark.parametrize("cut", [1, 7])
@pytest.mark.parametrize("name", ["ViT", "Seq2Seq", "Transformer"])
def test_a_run_with_dropout_goes_on_with_the_same_curve(tmp_path, name, cut, monkeypatch):
    monkeypatch.setattr(dropping, "FEWEST", 1)
    make = {"ViT": lambda: vit(0.2)}.get(name, lambda: translator(name == "Transformer", 0.2))
    data = ALL[name][1]()

    def fitted(file, resume=False, **limits):
        torch.manual_seed(1)
        one = Trainer(2, device="cpu", precision="float64", display=False, checkpoint=tmp_path / file, seed=5, **limits)
        one.fit(make(), data, resume=resume)
        return one.history

    whole = fitted("whole.pt")
    fitted("cut.pt", max_steps=cut)
    assert fitted("cut.pt", resume=True) == whole


def test_what_looked_at_what_is_kept_as_by_the_model():
    model, data = prepared("Transformer")
    batch = next(iter(data.train_dataloader()))
    lengths, label = batch[2].clamp(max=T), batch[3]
    kept = []
    for step in (fast.step_of(model), model.training_step):
        step(batch)
        parts = [model.encoder.attention_weights, *model.decoder.attention_weights]  # each of all blocks
        kept.append([blocks[0].detach().unflatten(0, (B, 2)) for blocks in parts])  # by sentence and head
    quick, plain = kept
    extents = [max((i + 1 for i, token in enumerate(row) if token), default=0) for row in label.tolist()]
    for row, (read, written) in enumerate(zip(lengths.tolist(), extents, strict=True)):
        for (queries, keys), mine, theirs in zip(
            [(read, read), (written, written), (written, read)], quick, plain, strict=True
        ):
            assert torch.allclose(mine[row, :, :queries, :keys], theirs[row, :, :queries, :keys], rtol=0, atol=1e-12)
