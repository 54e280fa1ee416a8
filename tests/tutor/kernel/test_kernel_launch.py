"""Where a kernel's sockets may lie, and what starting one costs the app."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tutor.kernel import launch as launching
from tutor.kernel.errors import RuntimeDirectoryRefused
from tutor.kernel.launch import describe_end, launch, runtime_directory, secured


def test_a_directory_is_made_private(tmp_path):
    made = secured(tmp_path / "d2l")
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_directory_that_others_may_only_read_is_closed_to_them(tmp_path):
    (tmp_path / "d2l").mkdir(mode=0o755)
    assert secured(tmp_path / "d2l").stat().st_mode & 0o777 == 0o700


def test_a_symbolic_link_is_refused(tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "d2l").symlink_to(tmp_path / "real")
    with pytest.raises(RuntimeDirectoryRefused, match="cannot be used"):
        launch(tmp_path / "d2l")
    assert not list((tmp_path / "real").iterdir())


def test_a_directory_that_others_can_write_to_is_refused(tmp_path):
    (tmp_path / "d2l").mkdir()
    (tmp_path / "d2l").chmod(0o777)
    with pytest.raises(RuntimeDirectoryRefused, match="chmod 700"):
        launch(tmp_path / "d2l")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_the_directory_of_another_user_is_refused(tmp_path):
    (tmp_path / "d2l").mkdir(mode=0o700)
    os.chown(tmp_path / "d2l", 12345, 12345)
    with pytest.raises(RuntimeDirectoryRefused, match="uid 12345"):
        launch(tmp_path / "d2l")


def test_a_path_too_long_for_a_socket_is_refused_before_anything_starts(tmp_path):
    directory = tmp_path / ("long" * 25)
    with pytest.raises(RuntimeDirectoryRefused, match="shorter name"):
        launch(directory)
    assert not list(directory.iterdir())


def test_a_long_tmpdir_does_not_matter(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path / ("long" * 40)))
    monkeypatch.setattr(launching.tempfile, "tempdir", None, raising=False) if hasattr(launching, "tempfile") else None
    assert len(os.fsencode(runtime_directory())) < 60


def test_the_connection_file_is_for_this_user_only(start):
    driver = start()
    try:
        assert driver.process.connection.stat().st_mode & 0o777 == 0o600
        assert driver.process.log.stat().st_mode & 0o777 == 0o600
        driver.run("1")
    finally:
        driver.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [(-11, "signal 11 (segmentation fault)"), (-9, "out of memory"), (0, "asked"), (3, "code 3"), (None, "gone")],
)
def test_an_end_is_described(status, words):
    assert words in describe_end(status)


@pytest.mark.parametrize("module", ["tutor.kernel.launch", "tutor.kernel.session", "tutor.kernel.events"])
def test_the_face_imports_nothing_slow(module):
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    slow = {"jupyter_client", "zmq", "torch", "textual", "IPython", "ipykernel", "traitlets", "tornado"}
    assert module in loaded
    assert not slow & set(loaded)
