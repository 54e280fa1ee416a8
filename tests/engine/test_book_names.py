"""Every public name of d2l 1.0.3's `d2l.torch` is there, with the book's parameters (the table is facts, not code)."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from engine.book import names, tab
from engine.book.finder import BookFinder, OtherFramework

TABLE = [
    line.removesuffix(")").partition("(") for line in (Path(__file__).parent / "book_names.txt").read_text().split("\n")
]


@pytest.fixture(scope="module")
def d2l():
    import engine.book

    engine.book.install()
    return importlib.import_module("d2l.torch")


@pytest.mark.parametrize(("name", "is_call", "wanted"), [row for row in TABLE if row[0]], ids=lambda v: v or "-")
def test_the_name_takes_what_the_book_gives(d2l, name, is_call, wanted):
    owner, _, method = name.partition(".")
    thing = getattr(d2l, owner)
    if method:
        assert hasattr(thing, method)
        thing = inspect.getattr_static(thing, method)
        thing = thing.fget if isinstance(thing, property) else thing
    if not is_call:
        return
    parameters = list(inspect.signature(thing).parameters.values())
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters) and method == "forward":
        return  # takes all that comes
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name not in ("self", "_self")]
    if name == "Module.training_step":
        assert positional == ["batch"]
    shared = positional[: len(wanted.split())]
    assert [each.casefold() for each in shared] == [each.casefold() for each in wanted.split()]
    required = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    assert not required


def test_the_table_is_whole():
    assert len(TABLE) > 300


@pytest.mark.parametrize("name", ["np", "nn", "F", "plt", "pd", "os", "math", "random", "re", "collections", "Image"])
def test_libraries_are_reached_through_d2l(d2l, name):
    assert inspect.ismodule(getattr(d2l, name))


def test_an_unknown_name_is_an_attribute_error(d2l):
    with pytest.raises(AttributeError, match="no attribute 'Trainor'"):
        _ = d2l.Trainor


def test_all_names_are_listed(d2l):
    assert {"Trainer", "plot", "DATA_HUB"} <= set(dir(d2l))
    assert set(d2l.__all__) == set(names.__all__)


def test_other_frameworks_are_refused_with_the_way_out():
    for name in ("mxnet", "jax", "tensorflow"):
        with pytest.raises(OtherFramework, match="from d2l import torch"):
            importlib.import_module(f"d2l.{name}")


def test_finder_knows_only_the_books_packages():
    finder = BookFinder()
    assert finder.find_spec("d2l.torch") is not None
    assert finder.find_spec("d2lx") is None
    assert finder.find_spec("torch") is None


def test_an_installed_package_wins(tmp_path):
    (tmp_path / "d2l").mkdir()
    (tmp_path / "d2l" / "__init__.py").write_text("")
    (tmp_path / "d2l" / "torch.py").write_text("mine = True")
    done = subprocess.run(
        [sys.executable, "-c", "import engine.book; from d2l import torch as d2l; print(d2l.mine)"],
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True\n"


def test_importing_d2l_loads_neither_torch_nor_matplotlib():
    code = (
        "import engine.book, sys; from d2l import torch as d2l; import d2lbook.tab; "
        "print([m for m in ('torch', 'torchvision', 'matplotlib', 'pandas', 'numpy', 'IPython') if m in sys.modules])"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": root}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_cell_of_another_framework_does_not_run():
    cell = ["%%tab mxnet, jax\n", "1 / 0\n"]
    assert tab.only_chosen(cell) == ["\n"]


def test_a_cell_of_pytorchs_keeps_its_lines_in_place():
    assert tab.only_chosen(["\n", "%%tab mxnet, pytorch\n", "x\n"]) == ["\n", "\n", "x\n"]
    assert tab.only_chosen(["#@tab all\n", "x\n"]) == ["\n", "x\n"]
    assert tab.only_chosen(["x = 1  # @tab mxnet\n"]) == ["x = 1  # @tab mxnet\n"]


def test_tab_in_a_shell():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_cell("%load_ext d2lbook.tab").raise_error()
    shell.run_cell("tab.interact_select(['mxnet', 'pytorch'])").raise_error()
    shell.run_cell("%%tab pytorch\nchosen = tab.selected('pytorch')").raise_error()
    shell.run_cell("%%tab jax\nchosen = 'jax'").raise_error()
    assert shell.user_ns["chosen"] is True


def test_a_section_without_pytorch_says_so():
    with pytest.raises(ValueError, match="no PyTorch code"):
        tab.interact_select(["mxnet"])
