"""What the book's package needs to be measured: an environment of its own, and the engine's data in its form."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from engine import FashionMNIST, MTFraEng, TimeMachine

PACKAGE = "d2l==1.0.3"


def make_environment(folder: Path) -> Path:
    """An interpreter that has `d2l` 1.0.3, installed without what it pins, beside the packages of this one."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / ("Lib" if sys.platform == "win32" else f"lib/{version}") / "site-packages"
    if not python.exists():
        venv.create(folder, with_pip=False)
    if not (packages / "d2l").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), PACKAGE]
        subprocess.run(pip, check=True)
    (packages / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def write(folder: Path) -> None:
    """The engine's data, real or stand-ins, where `train_peer.py` looks for them."""
    raw = folder / "FashionMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    clothes = FashionMNIST()
    for part, pictures in (("train", clothes.train), ("t10k", clothes.val)):
        write_idx(raw / f"{part}-images-idx3-ubyte", pictures.images[:, 0])
        write_idx(raw / f"{part}-labels-idx1-ubyte", pictures.labels)
    novel = TimeMachine(1, 32)
    (folder / "timemachine.txt").write_text("".join(novel.vocab.to_tokens(novel.corpus)))
    sentences = MTFraEng(1)
    lines = [f"{' '.join(src)}\t{' '.join(tgt)}" for src, tgt in zip(sentences.src, sentences.tgt, strict=True)]
    (folder / "fra.txt").write_text("\n".join(lines), encoding="utf-8")


def write_idx(path: Path, tensor) -> None:
    """A tensor of bytes in LeCun's idx format."""
    sizes = b"".join(size.to_bytes(4, "big") for size in tensor.shape)
    path.write_bytes(bytes([0, 0, 8, tensor.dim()]) + sizes + bytes(tensor.byte().contiguous().numpy()))
