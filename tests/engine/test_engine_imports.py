"""What importing costs and reaches: tested in a fresh interpreter, since this one has everything loaded."""

import subprocess
import sys

import pytest

import engine


def fresh(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "module",
    [
        "engine",
        "engine.events",
        "engine.curves",
        "engine.charts",
        "engine.publish",
        "engine.config",
        "engine.console",
        "engine.diagrams",
        "engine.rails",
        "engine.matplotlib_backend",
    ],
)
def test_the_torch_free_modules_do_not_reach_torch(module):
    loaded = fresh(
        f"import sys, {module}; print(*(m for m in ('torch', 'torchvision', 'textual') if m in sys.modules))"
    )
    assert loaded == []


@pytest.mark.parametrize("module", ["engine", "engine.events", "engine.curves", "engine.publish"])
def test_plotext_and_rich_wait_until_a_chart_is_drawn(module):
    assert fresh(f"import sys, {module}; print(*(m for m in ('plotext', 'rich') if m in sys.modules))") == []


def test_every_name_is_there_and_dir_lists_it():
    for name in engine.__all__:
        assert getattr(engine, name) is not None
    assert set(engine.__all__) <= set(dir(engine))


def test_no_name_hides_a_module_of_the_engine():
    modules = fresh("import pkgutil, engine; print(*(m.name for m in pkgutil.iter_modules(engine.__path__)))")
    assert set(engine.__all__).isdisjoint(modules)


def test_a_name_that_is_not_there_is_reported_as_such():
    with pytest.raises(AttributeError, match="'engine' has no attribute 'LeNett'"):
        engine.LeNett
    with pytest.raises(ImportError, match="LeNett"):
        exec("from engine import LeNett")


def test_a_star_import_gives_the_books_names():
    space = {}
    exec("from engine import *", space)
    assert {"Trainer", "Module", "DataModule", "FashionMNIST", "LeNet", "try_gpu"} <= set(space)
    assert "importlib" not in space
