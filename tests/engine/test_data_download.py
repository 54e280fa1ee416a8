"""Downloads against a server of our own, which breaks off, lies and answers with error pages."""

import hashlib
import io
import subprocess
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.data import fetching, sources
from engine.data.archives import ArchiveUnsafe, extract
from engine.data.download import DownloadFailed, download

CONTENT = bytes(range(256)) * 2000
DIGEST = f"sha1:{hashlib.sha1(CONTENT).hexdigest()}"


class Server(ThreadingHTTPServer):
    """Serves CONTENT at any path; what comes before it in the path says how."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str | None]] = []
        self.breaks_left = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.requests.append((self.path, wanted))
        if self.path.startswith("/forbidden"):
            self.send_error(403)
            return
        body = b"<html>Please log in</html>" if self.path.startswith("/page") else CONTENT
        start = 0
        if wanted and not self.path.startswith("/no-ranges"):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
        else:
            self.send_response(200)
        body = body[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path.startswith("/silent"):
            return
        if self.path.startswith("/breaks") and self.server.breaks_left:
            self.server.breaks_left -= 1
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_arrives_whole_and_reports_its_progress(server, tmp_path):
    seen = []
    path = download([server.url("file")], tmp_path / "deep/file.bin", DIGEST, lambda *at: seen.append(at))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [entry.name for entry in path.parent.iterdir()] == ["file.bin"]


def test_a_file_that_is_there_and_right_is_not_fetched(server, tmp_path):
    (tmp_path / "file").write_bytes(CONTENT)
    download([server.url("file")], tmp_path / "file", DIGEST)
    assert server.requests == []


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(server, tmp_path):
    server.breaks_left = 2
    path = download([server.url("breaks")], tmp_path / "file", DIGEST)
    assert path.read_bytes() == CONTENT
    assert [wanted for _, wanted in server.requests] == [None, "bytes=256000-", "bytes=384000-"]


def test_a_transfer_that_was_killed_goes_on_in_the_next_call(server, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    assert download([server.url("file")], tmp_path / "file", DIGEST).read_bytes() == CONTENT
    assert server.requests == [("/file", "bytes=1000-")]


SAME = """
import sys
from pathlib import Path
from engine.data.download import download
download([sys.argv[1]], Path(sys.argv[2]), sys.argv[3])
"""


def test_processes_that_want_the_same_file_at_once_fetch_it_once(server, tmp_path):
    command = [sys.executable, "-c", SAME, server.url("file"), str(tmp_path / "file"), DIGEST]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(timeout=300) for process in processes] == [0, 0, 0]
    assert server.requests == [("/file", None)]
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", CONTENT)]


@pytest.mark.parametrize("start", [b"something else", CONTENT + b"more", CONTENT])
def test_a_leftover_of_another_file_does_no_harm(server, tmp_path, start):
    (tmp_path / "file.part").write_bytes(start)
    assert download([server.url("file")], tmp_path / "file", DIGEST).read_bytes() == CONTENT


def test_a_server_that_cannot_resume_starts_again(server, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    assert download([server.url("no-ranges")], tmp_path / "file", DIGEST).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("forbidden", "403"),
        ("page", "not the right file"),
        ("silent", "ended after 0 of"),
    ],
)
def test_what_is_not_the_file_leaves_nothing_but_a_message(server, tmp_path, path, message):
    with pytest.raises(DownloadFailed, match=message):
        download([server.url(path)], tmp_path / "file", DIGEST)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_what_was_there_before(server, tmp_path):
    (tmp_path / "file").write_bytes(b"older")
    with pytest.raises(DownloadFailed):
        download([server.url("page")], tmp_path / "file", DIGEST)
    assert (tmp_path / "file").read_bytes() == b"older"


def test_the_next_mirror_is_tried_and_all_causes_are_named(server, tmp_path):
    mirrors = [server.url("forbidden"), server.url("page"), server.url("file")]
    assert download(mirrors, tmp_path / "file", DIGEST).read_bytes() == CONTENT
    with pytest.raises(DownloadFailed, match=r"403.*not the right file.*not an address"):
        download([*mirrors[:2], "file:///etc/hostname"], tmp_path / "other", DIGEST)


def test_nobody_there_is_a_clear_message(tmp_path):
    with pytest.raises(DownloadFailed, match=r"could not be fetched.*refused"):
        download(["http://127.0.0.1:9/file"], tmp_path / "file", DIGEST)


def tar_with(path, name, content=b"x", kind=tarfile.REGTYPE, link=""):
    with tarfile.open(path, "w:gz") as tar:
        fine = tarfile.TarInfo("fine.txt")
        fine.size = 2
        tar.addfile(fine, io.BytesIO(b"ok"))
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, link
        entry.size = len(content) if kind == tarfile.REGTYPE else 0
        tar.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "../outside.txt"},
        {"name": "/tmp/outside.txt"},
        {"name": "a/../../outside.txt"},
        {"name": "link", "kind": tarfile.SYMTYPE, "link": "/etc"},
        {"name": "link", "kind": tarfile.LNKTYPE, "link": "../../outside"},
        {"name": "pipe", "kind": tarfile.FIFOTYPE},
    ],
)
def test_an_archive_that_would_leave_its_folder_is_not_unpacked_at_all(tmp_path, bad):
    archive, folder = tar_with(tmp_path / "bad.tar.gz", **bad), tmp_path / "folder"
    with pytest.raises(ArchiveUnsafe, match="was not unpacked"):
        extract(archive, folder)
    assert list(folder.iterdir()) == []


def test_a_zip_that_would_leave_its_folder_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as zipped:
        zipped.writestr("fine.txt", "ok")
        zipped.writestr("../outside.txt", "x")
    with pytest.raises(ArchiveUnsafe, match="would leave the folder"):
        extract(tmp_path / "bad.zip", tmp_path / "folder")
    assert not (tmp_path / "outside.txt").exists()


def test_a_good_archive_is_unpacked_and_a_damaged_one_is_not(tmp_path):
    archive = tar_with(tmp_path / "good.tar.gz", "deep/file.txt", b"content")
    extract(archive, tmp_path / "folder")
    assert (tmp_path / "folder/deep/file.txt").read_bytes() == b"content"
    archive.write_bytes(archive.read_bytes()[:60])
    with pytest.raises(ArchiveUnsafe):
        extract(archive, tmp_path / "other")
    assert list((tmp_path / "other").iterdir()) == []


def test_fetch_brings_a_data_set_and_verify_finds_damage(server, tmp_path, monkeypatch):
    source = sources.Source(
        "Tiny", "a tiny set", 0.5, (sources.SourceFile("tiny/a.bin", (server.url("a"),), DIGEST),), ("tiny/a.bin",)
    )
    monkeypatch.setattr(fetching, "SOURCES", {"Tiny": source})
    assert not fetching.is_cached(source, tmp_path)
    assert fetching.verify("tiny", tmp_path) == {"tiny/a.bin": None}
    fetching.fetch("tiny", tmp_path)
    assert fetching.is_cached(source, tmp_path)
    assert fetching.verify("tiny", tmp_path) == {"tiny/a.bin": True}
    (tmp_path / "tiny/a.bin").write_bytes(b"rotten")
    assert fetching.verify("tiny", tmp_path) == {"tiny/a.bin": False}


def test_a_progress_line_shows_the_share_and_ends(server, tmp_path, monkeypatch, capsys):
    source = sources.Source(
        "Tiny", "a tiny set", 0.5, (sources.SourceFile("a.bin", (server.url("a"),), DIGEST),), ("a.bin",)
    )
    monkeypatch.setattr(fetching, "SOURCES", {"Tiny": source})
    fetching.fetch("Tiny", tmp_path, fetching.ProgressLine())
    shown = capsys.readouterr().err
    assert shown.startswith("\ra.bin: ")
    assert shown.endswith("100% 0.5 MB\n")


def test_an_unknown_data_set_names_a_near_one():
    with pytest.raises(fetching.UnknownDataSet, match="Did you mean FashionMNIST"):
        fetching.find("fashonmnist")
    assert fetching.find("fashion-mnist").name == "FashionMNIST"
