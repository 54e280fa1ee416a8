"""Seals the engine's tests from the environment they are run in."""

import pytest


@pytest.fixture(autouse=True)
def sealed(monkeypatch, tmp_path_factory):
    for name in ("D2L_TUTOR_QUICK", "D2L_TUTOR_CPU_SECONDS", "D2L_TUTOR_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("D2L_TUTOR_HOME", str(tmp_path_factory.getbasetemp() / "home"))
