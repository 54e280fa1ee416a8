"""The lesson as pictures: two sizes and two themes, NO_COLOR, and 200×60. Sealed: a fixed lesson and fixed outputs.

`pytest … --snapshot-update` makes them anew, after somebody has looked at them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import textual

from engine.events import MetricPoint, RunFinished, RunStarted
from tutor.kernel.events import (
    DeviceFound,
    ErrorRaised,
    KernelState,
    StateChanged,
    StreamWritten,
    TrainingReported,
    ValueShown,
)
from tutor.widgets.exercise_card import Verdict
from tutor.widgets.states import CellState

MADE_WITH = "8.2"
"""Textual's version that drew the pictures: another one may draw the same screen in other SVG."""

pytestmark = pytest.mark.skipif(
    not textual.__version__.startswith(f"{MADE_WITH}."), reason=f"the pictures were made with Textual {MADE_WITH}"
)

SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = ("d2l-dark", "d2l-light", "d2l-contrast")
BODY = r"""
A **tensor** is a box of numbers with a *shape*. In Chinese it is 张量. Its norm is $\|x\| = \sqrt{\sum_i x_i^2}$.

## Making one

$$
\hat{y}_j = \frac{\exp(o_j)}{\sum_{k=1}^{q} \exp(o_k)}
$$

:::{tip} Try it
Turn the shape around.
:::

```{code-cell} python
:id: make
import torch

x = torch.arange(12.0).reshape(3, 4)  # 十二个数
x
```

```{code-cell} python
:id: fail
x @ x
```

```{quiz} shape-of-it
kind: choice
prompt: Which shape has `x.T`?
options:
  - {text: "`(4, 3)`", correct: true, why: The axes trade places.}
  - {text: "`(3, 4)`", why: That is the shape of `x` itself.}
```

```{code-cell} python
:id: norm
:tags: [exercise]
def norm(x):
    ...
```

:::{hint}
Square, sum, root.
:::

```{code-cell} python
:tags: [solution]
:for: norm
def norm(x):
    return (x ** 2).sum().sqrt()
```

```{code-cell} python
:tags: [check]
:for: norm
assert norm(torch.ones(4)) is not None, "norm returns nothing yet: replace the `...`"
```

```{code-cell} python
:id: train
lr = 0.1  #@param {type: "slider", min: 0.001, max: 10, log: true}
Trainer(max_epochs=5).fit(model, data)
```
"""

Compare = Callable[..., bool]


def training() -> TrainingReported:
    """A run that is over."""
    started = RunStarted("r", "LeNet", "FashionMNIST", True, "CPU, 2 cores", 5, 100, {"lr": 0.1}, ("stand-in data",))
    loss = [MetricPoint("r", "train_loss", step / 20, 2.3 * math.exp(-step / 30) + 0.2) for step in range(101)]
    accuracy = [MetricPoint("r", "val_acc", float(epoch), 1 - 0.6 * math.exp(-epoch / 2)) for epoch in range(1, 6)]
    finished = RunFinished("r", "completed", 12.5, 5.0, 4321.0, {"train_loss": 0.28, "val_acc": 0.951})
    return TrainingReported("", (started, *loss, *accuracy, finished))


def fill(screen: Any) -> None:
    """What runs would have left behind."""
    cells = screen.steps.cells
    screen.runs.take([StateChanged(KernelState.IDLE), DeviceFound({"label": "NVIDIA H200, 139 GiB free of 140"})])
    tensor = "tensor([[ 0.,  1.,  2.,  3.],\n        [ 4.,  5.,  6.,  7.],\n        [ 8.,  9., 10., 11.]])"
    cells["make"].add_outputs([ValueShown("", {"text/plain": tensor}, is_result=True)])
    cells["make"].show_state(CellState.OK, 0.012)
    words = "mat1 and mat2 shapes cannot be multiplied (3x4 and 3x4)"
    trace = ("\x1b[36mCell\x1b[0m [fail], line 1", "\x1b[1m> 1\x1b[0m x @ x", f"\x1b[31mRuntimeError\x1b[0m: {words}")
    cells["fail"].add_outputs([StreamWritten("", "stdout", "about to fail\n")])
    cells["fail"].add_outputs([ErrorRaised("", "RuntimeError", words, trace)])
    cells["fail"].show_state(CellState.FAILED, 0.004)
    cells["norm"].card.show_verdict(
        Verdict(False, "norm returns nothing yet: replace the `...`", "norm(x) is not None")
    )
    cells["train"].add_outputs([training()])
    cells["train"].show_state(CellState.OK, 12.6)


@pytest.fixture
def picture(lesson_app: Callable[..., Any], snap_compare: Compare) -> Callable[..., bool]:
    """Compare the lesson at a step, after some keys, with its picture."""

    def compare(size: tuple[int, int], theme: str, step: str, *keys: str) -> bool:
        app = lesson_app(BODY)
        app.theme = theme

        async def prepare(pilot: Any) -> None:
            await pilot.pause()
            await app.until(lambda: "no kernel" in app.text())
            app.screen.status.say("", trouble=True)
            fill(app.screen)
            await pilot.pause()
            if step:
                app.screen.moves.choose(app.screen.steps.widgets[step])
                app.screen.moves.hold()
            await pilot.press(*keys)
            await pilot.pause()
            await app.until(lambda: "NVIDIA" in app.text())
            if step == "shape-of-it":
                await app.until(lambda: "saved" in app.text())  # the answer, by the recorder's thread
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


VIEWS = pytest.mark.parametrize(
    ("step", "keys"),
    [("", ()), ("fail", ()), ("make", ("enter",)), ("shape-of-it", ("2",)), ("norm", ("h",)), ("train", ())],
    ids=["top", "error", "editing", "quiz", "exercise", "chart"],
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
@VIEWS
def test_lesson(
    picture: Callable[..., bool], size: tuple[int, int], theme: str, step: str, keys: tuple[str, ...]
) -> None:
    assert picture(size, theme, step, *keys)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("D2L_TUTOR_TEXT", "ascii")], ids=["grey", "ascii"])
@VIEWS
def test_lesson_in_plain(
    picture: Callable[..., bool],
    name: str,
    value: str,
    step: str,
    keys: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, value)
    assert picture((80, 24), "d2l-dark", step, *keys)


def test_contents_on_a_small_screen(picture: Callable[..., bool]) -> None:
    assert picture((80, 24), "d2l-dark", "norm", "t")


def test_lines_of_code_have_numbers_on_request(picture: Callable[..., bool]) -> None:
    assert picture((80, 24), "d2l-dark", "make", "number_sign")


def test_an_editor_has_them_too(picture: Callable[..., bool]) -> None:
    assert picture((80, 24), "d2l-light", "make", "number_sign", "enter")


CHINESE = r"""
## 线性回归 Linear regression

给定 $n$ 个样本,**线性回归** 用 $\hat{\mathbf{y}} = \mathbf{X}\mathbf{w} + b$ 来预测,其中 $\mathbf{w}$ 是*权重*,$b$ 是
*偏置*。Mixed: the loss (损失函数) is the mean square of what is left over,它衡量预测与真实值之间的差距,
越小越好,在训练集上平均。

$$
L(\mathbf{w}, b) = \frac{1}{n}
\sum_{i=1}^{n} \frac{1}{2} \left(\mathbf{w}^\top \mathbf{x}^{(i)} + b - y^{(i)}\right)^2 \quad \text{平方损失}
$$

| 名称 | English | 形状 |
|---|---|---|
| 权重 | weight | $(d, 1)$ |
| 偏置 | bias | $(1,)$ |

```{code-cell} python
:id: train
w = torch.zeros(2, 1)  # 权重从零开始
print("损失:", loss)
```
"""


@pytest.fixture
def read(lesson_app: Callable[..., Any], snap_compare: Compare) -> Callable[..., bool]:
    """Compare a lesson of that body, after some keys, with its picture."""

    def compare(body: str, size: tuple[int, int], theme: str, *keys: str) -> bool:
        app = lesson_app(body)
        app.theme = theme

        async def prepare(pilot: Any) -> None:
            await app.until(lambda: "no kernel" in app.text())
            app.screen.status.say("", trouble=True)
            await pilot.press(*keys)
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


def test_a_lesson_in_chinese(read: Callable[..., bool]) -> None:
    assert read(CHINESE, (80, 40), "d2l-dark")


LINKS = """
See [the chapter on *arrays*](https://d2l.ai/chapter_preliminaries/ndarray.html) and <https://pytorch.org/docs/stable>.

:::{tip}
And [数学](https://zh.d2l.ai/chapter_appendix/a/very/long/address/that/does/not/fit/into/one/line/of/a/small/terminal).
:::
"""


def test_the_links_in_sight(read: Callable[..., bool]) -> None:
    assert read(LINKS, (80, 24), "d2l-dark", "o", "j", "y")
