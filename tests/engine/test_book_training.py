"""The book's way to train: its `Trainer`, with the parts that its sections write anew, and its own loops."""

import pytest
import torch
from torch import nn

import engine
from engine.book import libraries, loops, optimization, performance, quickness, translating, tuning
from engine.book.datasets import DataModule, SyntheticRegressionData
from engine.book.training import Animator, ProgressBoard, Trainer


@pytest.fixture
def data():
    torch.manual_seed(1)
    return SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2, num_train=200, num_val=50)


@pytest.fixture
def own_trainer():
    """A class that a learner may write on without spoiling the engine's."""

    class Own(Trainer):
        pass

    return Own


def test_fit_finds_the_law_and_leaves_the_books_numbers(data):
    model, trainer = engine.LinearRegressionScratch(2, lr=0.3), Trainer(max_epochs=5)
    trainer.fit(model, data)
    assert torch.allclose(model.w.detach().reshape(-1), data.w, atol=0.05)
    assert (trainer.train_batch_idx, trainer.num_train_batches, trainer.num_val_batches) == (35, 7, 2)
    assert model.board is trainer.board
    assert model.board.data["val_loss"][-1].y < 0.01
    assert model.board.data["val_loss"][-1].x == 5


def test_what_was_set_on_the_board_before_stays(data):
    model = engine.LinearRegression(lr=0.03)
    model.board.yscale, model.board.display = "log", False
    board = model.board
    Trainer(max_epochs=1).fit(model, data)
    assert model.board is board
    assert board.yscale == "log"
    assert board.points["train_loss"]


def test_a_learners_fit_epoch_is_the_loop(own_trainer, data):
    seen = []

    @engine.add_to_class(own_trainer)
    def fit_epoch(self):
        seen.append(self.epoch)
        for batch in self.train_dataloader:
            loss = self.model.training_step(self.prepare_batch(batch))
            self.optim.zero_grad()
            loss.backward()
            self.optim.step()
            self.train_batch_idx += 1

    model, trainer = engine.LinearRegressionScratch(2, lr=0.3), own_trainer(max_epochs=4)
    trainer.fit(model, data)
    assert seen == [0, 1, 2, 3]
    assert trainer.train_batch_idx == 28
    assert torch.allclose(model.w.detach().reshape(-1), data.w, atol=0.1)
    losses = model.board.data["train_loss"]
    assert losses[-1].y < losses[0].y
    assert 0 < losses[-1].x <= 4


def test_a_trainer_whose_init_was_written_anew(own_trainer, data):
    @engine.add_to_class(own_trainer)
    def __init__(self, max_epochs, num_gpus=0, gradient_clip_val=0):  # noqa: N807
        self.save_hyperparameters()
        self.gpus = []

    model, trainer = engine.LinearRegression(lr=0.1), own_trainer(max_epochs=3)
    trainer.fit(model, data)
    assert trainer.num_train_batches == 7
    assert model.board.data["val_loss"][-1].x == 3


def test_the_books_own_hand_loop_agrees_with_the_engines(own_trainer):
    def trained(kind):
        torch.manual_seed(3)
        data = SyntheticRegressionData(torch.tensor([1.0, 2.0]), 0.5, num_train=64, num_val=32)
        model = engine.LinearRegressionScratch(2, lr=0.05)
        torch.manual_seed(4)
        kind(max_epochs=2, gradient_clip_val=0.5).fit(model, data)
        return model.w.detach()

    own_trainer.prepare_model = lambda self, model: Trainer.prepare_model(self, model)
    assert torch.allclose(trained(own_trainer), trained(Trainer), atol=1e-6)


def test_a_model_that_is_not_the_engines(data):
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Linear(2, 1)
            self.losses = []

        def training_step(self, batch):
            loss = nn.functional.mse_loss(self.net(batch[0]), batch[1])
            self.losses.append(float(loss.detach()))
            return loss

        def validation_step(self, batch):
            pass

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    model = Plain()
    Trainer(max_epochs=3).fit(model, data)
    assert model.losses[-1] < model.losses[0]


def test_hpo_error_counts_examples_and_not_minibatches():
    class Half(engine.Classifier):
        def __init__(self):
            super().__init__()
            self.lr = 0.0
            self.w = nn.Parameter(torch.zeros(1))

        def forward(self, X):
            return torch.stack((torch.ones(len(X)), torch.zeros(len(X))), 1) + self.w

    class Labels(DataModule):
        batch_size = 4

        def get_dataloader(self, train):
            y = torch.tensor([1, 1, 1, 1, 0])
            return self.get_tensorloader((torch.zeros(5, 1), y), train=False)

    trainer = tuning.HPOTrainer(max_epochs=1)
    trainer.fit(Half(), Labels())
    assert float(trainer.validation_error()) == pytest.approx(0.8)


def test_successive_halving_promotes_the_best_and_fills_every_rung():
    class Counting(tuning.HPOSearcher):
        def __init__(self):
            self.made = 0

        def sample_configuration(self):
            self.made += 1
            return {"x": self.made}

    scheduler = tuning.SuccessiveHalvingScheduler(Counting(), eta=3, r_min=1, r_max=243)
    assert scheduler.K == 5
    scheduler = tuning.SuccessiveHalvingScheduler(Counting(), eta=2, r_min=2, r_max=10)
    assert scheduler.rung_levels == [2, 4, 8, 10]
    tried = []

    def objective(x, max_epochs):
        tried.append((max_epochs, x))
        return 1.0 / x

    tuner = tuning.HPOTuner(scheduler, objective)
    tuner.run(15)
    assert sorted(x for epochs, x in tried if epochs == 4) == [5, 6, 7, 8]
    assert sorted(x for epochs, x in tried if epochs == 8) == [7, 8]
    assert [x for epochs, x in tried if epochs == 10] == [8]
    assert tuner.incumbent["x"] == 8
    assert tuner.incumbent_trajectory == sorted(tuner.incumbent_trajectory, reverse=True)


def test_random_searcher_begins_with_the_initial_configuration():
    class Two:
        def rvs(self):
            return 2

    searcher = tuning.RandomSearcher({"a": Two()}, {"a": 1})
    assert [searcher.sample_configuration()["a"] for _ in range(3)] == [1, 2, 2]


def test_animator_keeps_a_curve_for_each_name():
    animator = Animator(xlabel="epoch", legend=["a", "b"])
    animator.add(1, (0.5, None))
    animator.add(2, (0.25, 1.0))
    assert animator.board.points == {"a": [(1.0, 0.5), (2.0, 0.25)], "b": [(2.0, 1.0)]}
    assert animator.Y == [[0.5, 0.25], [1.0]]


def test_progress_board_that_is_not_to_be_shown(capsys):
    board = ProgressBoard("x", display=False)
    for x in range(4):
        board.draw(x, x * x, "square", every_n=2)
    assert board.data["square"] == [(0.5, 0.5), (2.5, 6.5)]
    assert capsys.readouterr().out == ""


def test_train_2d_walks_down(capsys):
    path = optimization.train_2d(lambda a, b, s, t: (a * 0.5, b * 0.5, s, t), steps=3)
    assert path == [(-5, -2), (-2.5, -1), (-1.25, -0.5), (-0.625, -0.25)]
    assert "after 3 steps at (-0.625000, -0.250000)" in capsys.readouterr().out


def test_train_ch11_lowers_the_loss_both_ways():
    torch.manual_seed(0)
    X = torch.randn(600, 5)
    y = X @ torch.tensor([1.0, -1.0, 0.5, 0.0, 2.0])
    loader = loops.load_array((X, y), 30)

    def step(params, states, hyperparams):
        loops.sgd(params, hyperparams["lr"], 1)

    times, losses = optimization.train_ch11(step, None, {"lr": 0.1}, loader, 5, num_epochs=2)
    assert len(times) == len(losses)
    assert losses[-1] < 0.1 * losses[0]
    assert times == sorted(times)
    optimization.train_concise_ch11(torch.optim.SGD, {"lr": 0.05}, loader, num_epochs=1)


def test_a_count_and_a_share_are_not_mixed_up():
    y_hat, y = torch.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]), torch.tensor([1, 1, 1])
    assert loops.accuracy(y_hat, y) == 2.0
    net = nn.Sequential(nn.Identity())
    net.register_parameter("w", nn.Parameter(torch.zeros(1)))
    assert loops.evaluate_accuracy_gpu(net, [(y_hat, y)]) == pytest.approx(2 / 3)


def test_evaluate_loss_is_a_mean_over_values():
    assert (
        loops.evaluate_loss(lambda X: X, [(torch.tensor([[1.0], [3.0]]), torch.tensor([0.0, 0.0]))], loops.squared_loss)
        == 2.5
    )


def test_grad_clipping_scales_the_whole_gradient():
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.grad = torch.tensor([[3.0, 4.0]])
    loops.grad_clipping(layer, 1.0)
    assert layer.weight.grad.norm() == pytest.approx(1.0, abs=1e-5)


def test_train_ch6_and_ch13_learn(capsys):
    torch.manual_seed(0)
    X = torch.randn(64, 1, 4, 4)
    y = (X.mean((1, 2, 3)) > 0).long()
    loader = loops.load_array((X, y), 16)
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    loops.train_ch6(net, loader, loader, 20, 0.5, torch.device("cpu"))
    assert loops.evaluate_accuracy_gpu(net, loader) > 0.8
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    performance.train_ch13(
        net, loader, loader, nn.CrossEntropyLoss(reduction="none"), optimizer, 2, [torch.device("cpu")]
    )
    said = capsys.readouterr().out
    assert said.count("in the test") == 2
    assert "examples a second on [device(type='cpu')]" in said


def test_resnet18_has_the_books_size():
    net = performance.resnet18(10, 3)
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert sum(p.numel() for p in net.parameters()) == 11_178_378 - 64 * 49 + 64 * 27


def test_the_loss_of_seq2seq_does_not_count_padding():
    model = translating.Seq2Seq(translating.Encoder(), translating.Decoder(), tgt_pad=0, lr=0.1)
    Y_hat = torch.randn(1, 4, 3)
    Y = torch.tensor([[1, 2, 0, 0]])
    wanted = nn.functional.cross_entropy(Y_hat[0, :2], Y[0, :2])
    assert model.loss(Y_hat, Y) == pytest.approx(float(wanted), abs=1e-6)


def test_what_is_not_written_yet_is_named():
    with pytest.raises(NotImplementedError, match="Decoder has no init_state"):
        translating.Decoder().init_state(None)
    with pytest.raises(NotImplementedError, match="AttentionDecoder has no attention_weights"):
        _ = translating.AttentionDecoder().attention_weights


class TestQuick:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch):
        monkeypatch.setenv("D2L_TUTOR_QUICK", "1")

    def test_loaders_are_short_and_epochs_one(self):
        loader = loops.load_array((torch.zeros(1000, 1), torch.zeros(1000)), 10)
        assert len(loader) == len(list(loader)) == quickness.EXAMPLES // 10
        assert loader.batch_size == 10
        assert quickness.epochs(10) == 1

    def test_the_trainers_minibatches_are_narrow(self, data):
        sizes = []

        class Watching(engine.LinearRegression):
            def training_step(self, batch):
                sizes.append(len(batch[0]))
                return super().training_step(batch)

        Trainer(max_epochs=1).fit(Watching(lr=0.1), data)
        assert set(sizes) <= {quickness.ROWS}

    def test_a_learners_loop_is_short_too(self, own_trainer, data):
        own_trainer.prepare_data = lambda self, data: Trainer.prepare_data(self, data)
        trainer = own_trainer(max_epochs=9)
        trainer.fit(engine.LinearRegression(lr=0.1), data)
        assert trainer.train_batch_idx == quickness.BATCHES


def test_in_full_nothing_is_shortened():
    loader = loops.load_array((torch.zeros(100, 1), torch.zeros(100)), 10)
    assert len(list(loader)) == 10
    assert quickness.epochs(7) == 7


def test_a_learners_own_loader_is_short_in_a_quick_run_only(monkeypatch):
    from torch.utils.data import DataLoader, TensorDataset

    libraries.install()
    pictures = TensorDataset(torch.arange(1000))
    assert len(DataLoader(pictures, batch_size=100)) == 10
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    loader = DataLoader(pictures, 100, shuffle=True)
    assert [len(X) for (X,) in loader] == [quickness.ROWS] * quickness.BATCHES
    assert loader.dataset.tensors[0] is pictures.tensors[0]


def test_animators_figure_has_room_for_the_callers():
    import matplotlib

    matplotlib.use("agg")
    animator = Animator(legend=["a"], nrows=2, figsize=(5, 5))
    animator.fig.subplots_adjust(hspace=0.3)
    animator.axes[1].scatter([1, 2], [3, 4])
    animator.add(1, 2.0)
    animator.add(2, 3.0)
    assert animator.axes[0].lines[0].get_xydata().tolist() == [[1, 2], [2, 3]]
    assert len(animator.axes[1].collections) == 1
    matplotlib.pyplot.close(animator.fig)
