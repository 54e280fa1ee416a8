"""`save_hyperparameters` and `add_to_class`."""

import pytest
import torch
from torch import nn

from engine.hyperparameters import HyperParameters, add_to_class
from engine.module import Module


class Plain(HyperParameters):
    def __init__(self, a, b=2, *, c=3):
        self.save_hyperparameters(ignore=["c"])


def test_arguments_become_attributes_with_their_defaults_and_without_the_ignored():
    plain = Plain(1)
    assert (plain.a, plain.b) == (1, 2)
    assert not hasattr(plain, "c")
    assert plain.hparams == {"a": 1, "b": 2}


def test_each_class_of_a_chain_saves_its_own():
    class Deeper(Plain):
        def __init__(self, depth, **rest):
            super().__init__(a=10 * depth)
            self.save_hyperparameters()

    deeper = Deeper(7)
    assert deeper.hparams["depth"] == 7
    assert deeper.hparams["a"] == 70


def test_an_object_made_inside_another_keeps_to_itself():
    class Outer(HyperParameters):
        def __init__(self, size):
            self.inner = Plain(size + 1)
            self.save_hyperparameters()

    outer = Outer(1)
    assert outer.hparams == {"size": 1}
    assert outer.inner.a == 2


def test_a_module_may_save_a_module():
    class Wrapper(Module):
        def __init__(self, part, lr):
            super().__init__()
            self.save_hyperparameters()

    wrapper = Wrapper(nn.Linear(2, 3), 0.1)
    assert len(list(wrapper.parameters())) == 2
    assert wrapper.lr == 0.1


def test_missing_arguments_are_reported_as_python_does():
    with pytest.raises(TypeError, match=r"Plain.*missing 1 required positional argument: 'a'"):
        Plain()


def test_saving_outside_of_init_says_so():
    with pytest.raises(RuntimeError, match="outside of __init__"):
        Plain(1).save_hyperparameters()


def test_a_method_is_added_to_a_class_and_to_its_objects():
    plain = Plain(4)

    @add_to_class(Plain)
    def double(self):
        return self.a * 2

    assert plain.double() == 8


def test_an_init_that_is_added_later_saves_too():
    class Empty(HyperParameters):
        pass

    @add_to_class(Empty)
    def __init__(self, size):  # noqa: N807
        self.save_hyperparameters()

    assert Empty(5).size == 5


def test_saved_models_come_back(tmp_path):
    class Small(Module):
        def __init__(self, lr):
            super().__init__()
            self.save_hyperparameters()
            self.net = nn.Linear(1, 1)

    torch.save(Small(0.5).state_dict(), tmp_path / "small.pt")
    again = Small(0.5)
    again.load_state_dict(torch.load(tmp_path / "small.pt", weights_only=True))
    assert again.hparams == {"lr": 0.5}


def test_the_object_is_left_out_whatever_it_is_called():
    class Unusual(HyperParameters):
        def __init__(this, self, size=3):  # noqa: N805
            this.save_hyperparameters()

    unusual = Unusual(7)
    assert unusual.hparams == {"self": 7, "size": 3}
    assert unusual.self == 7
