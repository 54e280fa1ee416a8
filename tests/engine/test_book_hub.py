"""The book's downloads: real where they can be had, stand-ins of the same form where not, and nothing unchecked."""

import hashlib
import http.server
import threading
import zipfile
from pathlib import Path

import pytest

from engine.book import hub, stand_ins
from engine.book.word_vectors import TokenEmbedding
from engine.data.archives import ArchiveUnsafe


@pytest.fixture(autouse=True)
def apart(monkeypatch, tmp_path):
    """A folder of its own, nothing remembered, and no network."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("D2L_TUTOR_DATA", str(tmp_path / "kept"))
    monkeypatch.setattr(hub, "_unreachable", {"*"})
    monkeypatch.setattr(hub, "_told", set())
    monkeypatch.setattr(hub, "DATA_HUB", dict(hub.DATA_HUB))


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A web server on this machine for the files of a folder; its address and the folder."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(hub, "_unreachable", set())
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def sha1(content):
    return hashlib.sha1(content).hexdigest()


def test_a_stand_in_is_said_once_and_marked(capsys):
    first, second = hub.download("airfoil"), hub.download("airfoil")
    assert first == second == "../data/airfoil_self_noise.dat"
    assert capsys.readouterr().out.count("stand-in") == 1
    assert hub.is_stand_in(Path(first))
    assert [len(line.split("\t")) for line in Path(first).read_text().splitlines()] == [6] * 1503


def test_the_real_file_is_fetched_and_checked(served):
    address, folder = served
    (folder / "numbers.txt").write_bytes(b"1 2 3")
    hub.DATA_HUB["numbers"] = (f"{address}/numbers.txt", sha1(b"1 2 3"))
    path = Path(hub.download("numbers"))
    assert path.read_bytes() == b"1 2 3"
    assert not hub.is_stand_in(path)


def test_the_real_file_takes_the_place_of_a_stand_in(served, monkeypatch):
    address, folder = served
    (folder / "airfoil_self_noise.dat").write_bytes(b"real")
    monkeypatch.setattr(hub, "_unreachable", {"*"})
    hub.DATA_HUB["airfoil"] = (f"{address}/airfoil_self_noise.dat", sha1(b"real"))
    assert hub.is_stand_in(Path(hub.download("airfoil")))
    monkeypatch.setattr(hub, "_unreachable", set())
    path = Path(hub.download("airfoil"))
    assert path.read_bytes() == b"real"
    assert not hub.is_stand_in(path)


def test_a_wrong_file_is_refused_where_the_book_keeps_it(served, capsys):
    address, folder = served
    (folder / "airfoil_self_noise.dat").write_bytes(b"<html>403 Forbidden</html>")
    hub.DATA_HUB["airfoil"] = (f"{address}/airfoil_self_noise.dat", sha1(b"real"))
    path = Path(hub.download("airfoil"))
    assert hub.is_stand_in(path)
    assert b"html" not in path.read_bytes()
    assert "not the right file" in capsys.readouterr().err


def test_a_copy_in_the_data_folder_is_used(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "mine.txt").write_bytes(b"mine")
    hub.DATA_HUB["mine"] = ("http://example.invalid/mine.txt", sha1(b"mine"))
    assert Path(hub.download("mine")).read_bytes() == b"mine"


def test_what_cannot_be_had_at_all_is_an_error():
    with pytest.raises(hub.NoSuchData, match=r"secret\.bin could not be fetched \(no network\)"):
        hub.download("http://example.invalid/secret.bin", sha1_hash="0" * 40)
    with pytest.raises(hub.NoSuchData, match="no data set 'airfoill'"):
        hub.download("airfoill")


def test_a_quick_run_never_asks_the_network(served, monkeypatch):
    address, folder = served
    (folder / "airfoil_self_noise.dat").write_bytes(b"real")
    hub.DATA_HUB["airfoil"] = (f"{address}/airfoil_self_noise.dat", sha1(b"real"))
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    assert hub.is_stand_in(Path(hub.download("airfoil")))


def test_an_archive_that_leaves_its_folder_is_refused(tmp_path):
    with zipfile.ZipFile("bad.zip", "w") as archive:
        archive.writestr("../escaped.txt", "out")
    with pytest.raises(ArchiveUnsafe):
        hub.extract("bad.zip")
    assert not (tmp_path / "escaped.txt").exists()


def test_an_archive_is_unpacked_once(monkeypatch):
    folder = Path(hub.download_extract("ptb"))
    assert folder == Path("../data/ptb")
    assert "\n" in (folder / "ptb.train.txt").read_text()
    monkeypatch.setattr(hub, "extract", lambda *args: pytest.fail("unpacked again"))
    assert Path(hub.download_extract("ptb")) == folder


def test_every_name_of_the_hub_has_a_stand_in():
    files = {url.rpartition("/")[2] for url, _ in hub.DATA_HUB.values()}
    assert files <= set(stand_ins.MAKERS)


def test_related_words_lie_together_and_analogies_hold():
    vectors = TokenEmbedding("glove.6b.50d")
    assert vectors["no-such-word", "king"].shape == (2, 50)
    assert not vectors["no-such-word",].any()
    man, woman, king, queen, japan = vectors["man", "woman", "king", "queen", "japan"]
    guess = woman - man + king
    assert (guess - queen).norm() < (guess - japan).norm()


def test_fasttexts_first_line_is_no_word():
    assert "300" not in {token for token in TokenEmbedding("wiki.en").idx_to_token if token.isdigit()}
