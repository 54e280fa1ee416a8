"""Boxes, anchors, segmentation and picture data of the book, by their definitions."""

import pytest
import torch

from engine.book import anchors, boxes, competitions, detection, hub, segmentation

CORNERS = torch.tensor([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0], [5.0, 5.0, 6.0, 7.0]])


@pytest.fixture
def offline(monkeypatch, tmp_path):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")


def test_the_two_ways_to_write_a_box_are_inverse():
    centers = boxes.box_corner_to_center(CORNERS)
    assert centers[2].tolist() == [5.5, 6.0, 1.0, 2.0]
    assert torch.equal(boxes.box_center_to_corner(centers), CORNERS)


def test_intersection_over_union():
    overlap = boxes.box_iou(CORNERS, CORNERS)
    assert overlap[0, 1] == pytest.approx(1 / 7)
    assert overlap[0, 2] == 0
    assert torch.equal(overlap.diagonal(), torch.ones(3))


def test_anchors_stand_at_every_pixel_in_every_form():
    placed = anchors.multibox_prior(torch.zeros(1, 3, 2, 4), sizes=[0.5, 0.25], ratios=[1, 2])
    assert placed.shape == (1, 2 * 4 * 3, 4)
    centers = boxes.box_corner_to_center(placed[0]).reshape(2, 4, 3, 4)
    assert centers[1, 2, 0, :2].tolist() == [2.5 / 4, 1.5 / 2]
    width, height = centers[0, 0, 2, 2:]
    assert width * 4 / (height * 2) == pytest.approx(2.0)  # the ratio, in pixels


def test_every_box_gets_its_best_anchor():
    truth = torch.tensor([[0.0, 0.0, 0.2, 0.2], [0.6, 0.6, 1.0, 1.0]])
    placed = torch.tensor([[0.0, 0.0, 0.5, 0.5], [0.6, 0.6, 1.0, 0.9], [0.61, 0.6, 1.0, 1.0], [0.3, 0.3, 0.4, 0.4]])
    assert anchors.assign_anchor_to_bbox(truth, placed, "cpu").tolist() == [0, 1, 1, -1]


def test_offsets_are_undone():
    placed = torch.tensor([[0.1, 0.2, 0.3, 0.5], [0.4, 0.4, 0.9, 0.8]])
    truth = torch.tensor([[0.15, 0.2, 0.4, 0.6], [0.3, 0.5, 0.8, 0.9]])
    offsets = anchors.offset_boxes(placed, truth)
    assert torch.allclose(anchors.offset_inverse(placed, offsets), truth, atol=1e-4)
    assert offsets[0, 0] == pytest.approx(10 * 0.075 / 0.2, rel=1e-4)


def test_targets_mask_the_background():
    placed = torch.tensor([[[0.0, 0.0, 0.2, 0.2], [0.5, 0.5, 0.9, 0.9]]])
    labels = torch.tensor([[[1.0, 0.5, 0.5, 1.0, 1.0]]])
    offset, mask, classes = anchors.multibox_target(placed, labels)
    assert classes.tolist() == [[0, 2]]
    assert mask.tolist() == [[0, 0, 0, 0, 1, 1, 1, 1]]
    assert offset[0, :4].tolist() == [0, 0, 0, 0]
    assert offset.shape == (1, 8)


def test_suppression_keeps_the_surest_of_those_that_overlap():
    close = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.9], [2.0, 2.0, 3.0, 3.0]])
    assert anchors.nms(close, torch.tensor([0.8, 0.9, 0.1]), 0.5).tolist() == [1, 2]


def test_detection_says_what_is_left():
    placed = torch.tensor([[[0.1, 0.1, 0.5, 0.5], [0.1, 0.1, 0.5, 0.52], [0.6, 0.6, 0.9, 0.9]]])
    probs = torch.tensor([[[0.1, 0.2, 0.3], [0.9, 0.8, 0.1], [0.0, 0.0, 0.6]]])
    found = anchors.multibox_detection(probs, torch.zeros(1, 12), placed)
    assert found.shape == (1, 3, 6)
    assert found[0, :, 0].tolist() == [0, 1, -1]
    assert found[0, 0, 1:].tolist() == pytest.approx([0.9, 0.1, 0.1, 0.5, 0.5])


def test_vocs_colours_and_classes_belong_together():
    assert segmentation.VOC_COLORMAP[1] == [128, 0, 0]
    assert segmentation.VOC_COLORMAP[12] == [64, 0, 128]
    assert segmentation.VOC_COLORMAP[20] == [0, 64, 128]
    colours = torch.tensor(segmentation.VOC_COLORMAP).T.reshape(3, 3, 7)
    classes = segmentation.voc_label_indices(colours, segmentation.voc_colormap2label())
    assert classes.reshape(-1).tolist() == list(range(21))


def test_bananas_have_boxes_around_them(offline):
    images, labels = detection.read_data_bananas(is_train=False)
    assert images[0].shape == (3, 256, 256)
    assert labels.shape == (len(images), 1, 5)
    for image, (_, left, upper, right, lower) in zip(images[:5], (labels[:5, 0] * 256).int().tolist(), strict=True):
        yellow = (image[0] > 230) & (image[1] > 200) & (image[2] < 70)
        assert yellow[upper:lower, left:right].any()
        assert 0 <= left < right <= 256
    train, _ = detection.load_data_bananas(4)
    X, Y = next(iter(train))
    assert (X.shape, Y.shape) == ((4, 3, 256, 256), (4, 1, 5))


def test_segmented_pictures_are_cropped_with_their_labels(offline):
    folder = hub.download_extract("voc2012", "VOCdevkit/VOC2012")
    data = segmentation.VOCSegDataset(False, (320, 480), folder)
    X, Y = data[0]
    assert (X.shape, Y.shape) == ((3, 320, 480), (320, 480))
    assert len(data) == 40
    assert len(segmentation.VOCSegDataset(False, (375, 495), folder)) < 40
    kinds = {int(kind) for i in range(10) for kind in data[i][1].unique()}
    assert 0 in kinds
    assert len(kinds) > 3


def test_files_are_sorted_by_class(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "9.png").touch()
    rows = [(str(i), "ab"[i % 2]) for i in range(10)]
    for name, _ in rows:
        (tmp_path / "train" / f"{name}.png").touch()
    (tmp_path / "labels.csv").write_text("id,label\n" + "".join(f"{name},{label}\n" for name, label in rows))
    labels = competitions.read_csv_labels(str(tmp_path / "labels.csv"))
    assert labels == dict(rows)
    assert competitions.reorg_train_valid(str(tmp_path), labels, 0.2) == 1
    competitions.reorg_test(str(tmp_path))
    sorted_into = tmp_path / "train_valid_test"
    counts = {
        part: len(list((sorted_into / part).rglob("*.png"))) for part in ("train", "valid", "train_valid", "test")
    }
    assert counts == {"train": 8, "valid": 2, "train_valid": 10, "test": 1}
    assert (sorted_into / "test" / "unknown" / "9.png").exists()


def test_torchvisions_downloads_are_drawn_where_there_is_no_network(offline, tmp_path, capsys):
    from engine.book import libraries

    libraries.install()
    import torchvision

    pictures = torchvision.datasets.FashionMNIST(str(tmp_path), train=True, download=True)
    assert pictures.data.shape[1:] == (28, 28)
    assert set(pictures.targets.tolist()) == set(range(10))
    colours = torchvision.datasets.CIFAR10(str(tmp_path), train=False, download=True)
    assert colours.data.shape[1:] == (32, 32, 3)
    assert colours.classes[0] == "airplane"
    again = torchvision.datasets.CIFAR10(str(tmp_path), train=False, download=True)
    assert (again.data == colours.data).all()
    assert capsys.readouterr().out.count("stand-in") == 2


def test_the_small_stand_in_of_a_quick_run_gives_way_to_a_whole_one(offline, tmp_path, monkeypatch):
    from engine.book import libraries

    libraries.install()
    import torchvision

    def length():
        return len(torchvision.datasets.FashionMNIST(str(tmp_path), train=False, download=True))

    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    assert length() == 2000
    monkeypatch.delenv("D2L_TUTOR_QUICK")
    assert length() == 10_000
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    assert length() == 10_000


def test_pretrained_weights_are_random_where_there_is_no_network(offline, monkeypatch, tmp_path, capsys):
    from engine.book import libraries

    libraries.install()
    import torchvision

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    net = torchvision.models.squeezenet1_1(weights=torchvision.models.SqueezeNet1_1_Weights.DEFAULT)
    assert net(torch.zeros(1, 3, 64, 64)).shape == (1, 1000)
    assert "starts from random weights" in capsys.readouterr().out
