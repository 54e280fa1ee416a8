import gzip
from pathlib import Path

import numpy
import pytest
import torch

import engine
from engine import FashionMNIST
from engine.data import clothing, images, real, stand_ins

SHARED = Path(__file__).parents[2].parent / "shared/data"


class SmallFashionMNIST(FashionMNIST):
    sizes = (600, 200)


@pytest.fixture(autouse=True)
def data_home(tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path))

    def refuse(*args, **kwargs):
        raise AssertionError("the network was touched")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    return tmp_path


def write_idx(path: Path, array: numpy.ndarray, *, packed: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    body = header + array.astype(numpy.uint8).tobytes()
    path.write_bytes(gzip.compress(body) if packed else body)


def put_real_files(root: Path, n: int = 6) -> torch.Tensor:
    pictures = numpy.random.default_rng(0).integers(0, 256, (n, 28, 28))
    for part in ("train", "t10k"):
        write_idx(root / f"FashionMNIST/raw/{part}-images-idx3-ubyte.gz", pictures)
        write_idx(root / f"FashionMNIST/raw/{part}-labels-idx1-ubyte", numpy.arange(n) % 10, packed=False)
    return torch.from_numpy(pictures.astype(numpy.uint8))


def test_without_the_real_files_a_stand_in_of_the_same_form_is_used_and_named():
    data = SmallFashionMNIST(batch_size=50)
    X, y = next(iter(data.train_dataloader()))
    assert data.stand_in
    assert any("stand-in" in note for note in data.notes)
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((50, 1, 28, 28), torch.float32, (50,), torch.int64)
    assert X.min() >= 0
    assert X.max() <= 1
    assert (len(data.train), len(data.val), len(data.train_dataloader())) == (600, 200, 12)
    assert data.train[0][0].shape == (1, 28, 28)
    assert data.text_labels([0, 9]) == ["t-shirt", "ankle boot"]


def test_real_files_are_read_where_they_are_cached(data_home):
    pictures = put_real_files(data_home)
    data = FashionMNIST(batch_size=4)
    X, y = next(iter(data.val_dataloader()))
    assert not data.stand_in
    assert data.notes == ()
    assert torch.equal(X[:, 0], pictures[:4].float() / 255)
    assert y.tolist() == [0, 1, 2, 3]


def test_an_incomplete_copy_of_the_real_files_does_not_count(data_home):
    put_real_files(data_home)
    (data_home / "FashionMNIST/raw/t10k-labels-idx1-ubyte").unlink()
    assert FashionMNIST().stand_in


CUT_SHORT = gzip.compress(b"\0\0\x08\x03" + bytes(20))[:-9]


@pytest.mark.parametrize("content", [b"", b"<html>403</html>", CUT_SHORT], ids=["empty", "error page", "cut short"])
def test_a_damaged_real_file_says_what_to_do(data_home, content):
    put_real_files(data_home)
    (data_home / "FashionMNIST/raw/train-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(real.DataDamaged, match=r"train-images-idx3-ubyte.*delete it and fetch"):
        FashionMNIST().train


def test_the_numbers_are_those_of_torchvision():
    from torchvision.transforms import ToTensor

    stack = clothing.draw(8, 5, seed=1)
    expected = torch.stack([ToTensor()(picture.numpy()) for picture in stack])
    assert torch.equal(images.to_floats(stack[:, None]), expected)


@pytest.mark.parametrize("size", [(32, 32), (96, 96), (14, 14)])
def test_resizing_gives_what_pillow_gives_up_to_one_grey_level(size):
    from torchvision.transforms import functional

    stack = clothing.draw(9, 6, seed=1)
    pillow = [functional.resize(functional.to_pil_image(picture), list(size)) for picture in stack]
    expected = torch.stack([functional.to_tensor(picture) for picture in pillow])
    assert (images.to_floats(stack[:, None], size) - expected).abs().max() <= 1.01 / 255


def test_fewer_examples_on_request():
    data = SmallFashionMNIST(batch_size=32, resize=(32, 32), num_train=100, num_val=40)
    assert (len(data.train), len(data.val)) == (100, 40)
    assert next(iter(data.val_dataloader()))[0].shape == (32, 1, 32, 32)


def test_a_stand_in_is_cached_and_a_damaged_cache_is_made_again(data_home):
    first = SmallFashionMNIST().train.images
    [cache] = (data_home / "stand-ins").glob("*-600.pt")
    before = cache.stat().st_mtime_ns
    assert torch.equal(SmallFashionMNIST().train.images, first)
    assert cache.stat().st_mtime_ns == before
    cache.write_bytes(cache.read_bytes()[:1000])
    assert torch.equal(SmallFashionMNIST().train.images, first)
    assert cache.stat().st_size > 600 * 784


def test_a_data_folder_that_cannot_be_written_costs_only_the_cache(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path / "file"))
    assert len(SmallFashionMNIST().val) == 200


def test_a_shared_folder_that_is_read_only_is_left_alone(data_home, tmp_path, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_HOME", str(tmp_path / "own"))
    monkeypatch.setattr("os.access", lambda path, mode: path != data_home)
    assert len(SmallFashionMNIST().val) == 200
    assert not (data_home / "stand-ins").exists()
    assert list((tmp_path / "own/cache/stand-ins").glob("*.pt"))


def test_stand_ins_are_the_same_for_the_same_seed_and_balanced():
    first, labels = stand_ins.assemble(clothing.draw, 10, 200, seed=4)
    again, _ = stand_ins.assemble(clothing.draw, 10, 200, seed=4)
    other, _ = stand_ins.assemble(clothing.draw, 10, 200, seed=5)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert labels.bincount().tolist() == [20] * 10
    assert labels[:20].unique().numel() > 4  # in random order


def test_training_and_validation_pictures_differ():
    data = SmallFashionMNIST()
    seen = {picture.numpy().tobytes() for picture in data.train.images}
    assert not any(picture.numpy().tobytes() in seen for picture in data.val.images)


def test_a_batch_can_be_looked_at(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    data = SmallFashionMNIST(batch_size=8)
    images_, labels = next(iter(data.val_dataloader()))
    shown = str(data.visualize((images_, labels), ncols=2))
    assert data.text_labels(labels[:1])[0] in shown


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data are not here")
def test_the_real_digits_are_read():
    digits = real.read_idx(SHARED / "t10k-images-idx3-ubyte")
    labels = real.read_idx(SHARED / "t10k-labels-idx1-ubyte")
    assert digits.shape == (10_000, 28, 28)
    assert labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.slow
def test_the_stand_in_ranks_models_as_the_real_pictures_do():
    """A small convolutional network must clearly beat softmax regression, which must clearly beat guessing."""
    torch.manual_seed(0)
    X, y = stand_ins.assemble(clothing.draw, 10, 12_000, seed=1)
    X_val, y_val = stand_ins.assemble(clothing.draw, 10, 3000, seed=2)
    X, X_val = images.to_floats(X), images.to_floats(X_val)

    def accuracy(net: torch.nn.Module, lr: float, epochs: int) -> float:
        optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
        for _ in range(epochs):
            for batch in torch.randperm(len(X)).split(128):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(net(X[batch]), y[batch]).backward()
                optimizer.step()
        with torch.no_grad():
            return (net(X_val).argmax(1) == y_val).float().mean().item()

    nn = torch.nn
    softmax = accuracy(nn.Sequential(nn.Flatten(), nn.LazyLinear(10)), 0.02, 6)
    cnn = nn.Sequential(
        nn.LazyConv2d(12, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.LazyConv2d(24, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(10),
    )  # fmt: skip
    assert 0.65 < softmax < 0.86
    assert accuracy(cnn, 0.05, 5) > softmax + 0.04


@pytest.mark.parametrize(("name", "shape"), [("MNIST", (1, 28, 28)), ("CIFAR10", (3, 32, 32))])
def test_the_other_data_sets_have_stand_ins_too(name, shape, monkeypatch):
    kind = getattr(engine, name)
    monkeypatch.setattr(kind, "sizes", (100, 50))
    data = kind(batch_size=20)
    X, y = next(iter(data.train_dataloader()))
    assert data.stand_in
    assert data.name == name
    assert X.shape == (20, *shape)
    assert 0.05 < X.std() < 0.5
    assert data.train.labels.bincount().tolist() == [10] * 10
    assert len(data.text_labels(y)) == 20


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data are not here")
def test_lenet_reads_real_digits():
    digits = real.read_idx(SHARED / "t10k-images-idx3-ubyte")[:, None]
    labels = real.read_idx(SHARED / "t10k-labels-idx1-ubyte").long()
    torch.manual_seed(0)
    mixed = torch.randperm(len(digits))
    digits, labels = digits[mixed], labels[mixed]
    train, val = images.Pictures(digits[:8000], labels[:8000]), images.Pictures(digits[8000:], labels[8000:])
    model = engine.LeNet(lr=0.1)
    for i in (1, 4, 8, 10):  # sigmoids would stay on their plateau for many epochs of so few pictures
        model.net[i] = torch.nn.ReLU()
    trainer = engine.Trainer(max_epochs=12, display=False, scale=False)
    trainer.fit(model, engine.ImageData(train, val, batch_size=32))
    assert trainer.history["val_acc"][-1][1] >= 0.97
