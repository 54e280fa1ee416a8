"""The authors' check, through its command: small lessons, each with one fault, in real kernels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lessons.__main__ import main

PLAN = """
title = "A course"
[[chapter]]
number = 1
slug = "introduction"
title = "Introduction"
"""

HEAD = """---
title: Doubling
id: introduction/doubling
book: 1.1
minutes: 5
objectives: [Double a number.]
---
"""

GOOD = (
    HEAD
    + """
# Doubling

```{code-cell} python
:id: three
import os
assert os.environ["D2L_TUTOR_QUICK"] == "1", "the engine was not told to be quick"
x = 3
```

```{quiz} a-number
kind: number
prompt: Twice three?
answer: 6
why: Two threes.
verify: 2 * x
```

```{code-cell} python
:id: double
:tags: [exercise]
def double(x):
    ...
```

:::{hint}
Twice.
:::

```{code-cell} python
:tags: [solution]
:for: double
def double(x):
    return 2 * x
```

```{code-cell} python
:tags: [check]
:for: double
assert double(2) is not None, "double returns nothing yet"
assert double(2) == 4, "twice two is four"
```

```{quiz} a-shape
kind: shape
prompt: The shape?
answer: [2, 3]
why: Two rows.
verify: (2, x)
```

```{quiz} an-output
kind: output
prompt: What does it print?
answer: |
  3
  6
why: One a line.
verify: |
  f"{x}\\n{2 * x}\\n"
```

```{quiz} a-choice
kind: choice
prompt: Which?
verify: x == 3
options:
  - {text: three, correct: true, why: as set}
  - {text: four, why: no}
```

```{code-cell} python
:tags: [raises-exception]
1 / 0
```

```{code-cell} python
:id: last
del double
```
"""
)


@pytest.fixture
def content(tmp_path):
    (tmp_path / "course.toml").write_text(PLAN)
    (tmp_path / "01-introduction").mkdir()
    return tmp_path


def check(content: Path, capsys, text: str, *options: str, name: str = "01-doubling.md") -> tuple[int, list[dict]]:
    """The exit code, and the findings of the lesson of that text."""
    path = content / "01-introduction" / name
    path.write_text(text)
    code = main(["check", str(path), "--json", "--content", str(content), *options])
    (report,) = json.loads(capsys.readouterr().out)["lessons"]
    assert report["ok"] == (code == 0) == (not report["findings"])
    return code, report["findings"]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_a_good_lesson_holds(content, capsys):
    assert check(content, capsys, GOOD) == (0, [])


@pytest.mark.parametrize(
    ("old", "new", "at", "cause"),
    [
        pytest.param("x = 3", "x = None\nx + 1", "x + 1", "the cell `three` raised TypeError", id="cell-raises"),
        pytest.param("x = 3", "x = (", "x = (", "the cell `three` raised", id="cell-is-no-python"),
        pytest.param("    ...", "    return 2 * x", ":id: double", "passes its check before it is solved", id="solved"),
        pytest.param('"double returns nothing yet"', "''", "None, ''", "fails without a message", id="no-message"),
        pytest.param(
            'assert double(2) is not None, "double returns nothing yet"\n',
            "double(2) + 1\n",
            "double(2) + 1",
            "an assert with a message should come first",
            id="check-raises",
        ),
        pytest.param(
            "    return 2 * x", "    return x", "assert double(2) == 4", "does not pass its check", id="wrong"
        ),
        pytest.param(
            "    return 2 * x",
            "    return 2 * x\n1 / 0",
            "1 / 0\n```\n\n```{code-cell} python\n:tags: [check]",
            "the solution of `double` raised Zero",
            id="solution-raises",
        ),
        pytest.param("answer: 6", "answer: 7", "verify: 2 * x", "`verify` of `a-number` gives 6.0", id="number"),
        pytest.param(
            "verify: 2 * x", "verify: 2 * none", "verify: 2 *", "gave no answer: NameError", id="verify-raises"
        ),
        pytest.param("verify: 2 * x", "verify: None", "verify: None", "gave no answer: TypeError", id="verify-form"),
        pytest.param("[2, 3]", "[3, 2]", "verify: (2, x)", "gives [2, 3], and the answer stated is [3, 2]", id="shape"),
        pytest.param("  3\n  6", "  3\n   6", "verify: |", "`verify` of `an-output` gives", id="output"),
        pytest.param(
            "verify: x == 3", "verify: x == 4", "verify: x ==", "`verify` of `a-choice` gives False", id="choice"
        ),
        pytest.param(
            "del double", "double(2) + 1", "double(2) + 1", "when no exercise above it is solved", id="depends"
        ),
        pytest.param(
            "1 / 0",
            "1 / 1",
            ":tags: [raises-exception]",
            "tagged `raises-exception` and raised nothing",
            id="raises-nothing",
        ),
        pytest.param("x = 3", "import os; os._exit(3)", ":id: three", "the kernel died here", id="kernel-dies"),
        pytest.param("x = 3", "input()", "input()", "raised StdinNotImplementedError", id="asks"),
    ],
)
def test_a_fault_that_only_running_shows(content, capsys, old, new, at, cause):
    text = changed(old, new)
    code, findings = check(content, capsys, text)
    assert code == 1
    wanted = [finding for finding in findings if cause in finding["cause"]]
    assert wanted, findings
    line = line_of(text, at)
    assert wanted[0]["line"] in (line, line - 1), "the line itself, or that of its fence"


def test_a_cell_that_does_not_end(content, capsys):
    text = changed("x = 3", "while True: pass")
    code, findings = check(content, capsys, text, "--timeout", "2")
    assert code == 1
    assert [finding["cause"] for finding in findings] == ["the cell had not ended after 2 s; nothing after it was run"]


@pytest.mark.parametrize(
    ("old", "new", "at", "cause"),
    [
        ("why: Two threes.\n", "", "```{quiz} a-number", "has no `why`"),
        ("why: no", "why: ''", "```{quiz} a-choice", "option 2 of `a-choice` has no `why`"),
        ("verify: 2 * x\n", "", "```{quiz} a-number", "needs one"),
        (":::{hint}\nTwice.\n:::\n", "", ":id: double", "has no hint"),
        (', "twice two is four"', "", "assert double(2) == 4", "no message"),
        ("x = 3", 'x = 3  #@param {type: "dial"}', "x = 3", "unknown type `dial`"),
        ("id: introduction/doubling", "id: introduction/double", "---", "does not agree with folder and file"),
        ("minutes: 5", "requires: [introduction/none]\nminutes: 5", "---", "which is no lesson"),
        ("minutes: 5", "requires: [introduction/doubling]\nminutes: 5", "---", "does not come before"),
        ("minutes: 5\n", "", "---", "has no `minutes`"),
        ("objectives: [Double a number.]\n", "", "---", "has no `objectives`"),
        ("assert double(2) == 4,", "assert double(2) = 4,", "assert double(2) =", "is not Python"),
        ("```{quiz} a-shape", "```{quiz} a-number", "```{quiz} a-number\nkind: shape", "already taken"),
    ],
)
def test_a_fault_that_reading_shows(content, capsys, old, new, at, cause):
    text = changed(old, new)
    code, findings = check(content, capsys, text, "--no-run")
    assert code == 1
    assert [cause in finding["cause"] for finding in findings] == [True], findings
    line = line_of(text, at)
    assert findings[0]["line"] in (line, line - 1)


def test_a_folder_that_is_no_chapter(content, capsys):
    (content / "07-elsewhere").mkdir()
    path = content / "07-elsewhere" / "01-doubling.md"
    path.write_text(GOOD.replace("introduction/doubling", "elsewhere/doubling"))
    assert main(["check", str(path), "--no-run", "--content", str(content)]) == 1
    assert "`07-elsewhere` is not a chapter of course.toml" in capsys.readouterr().out


def test_a_translation_says_the_same_in_other_words(content, capsys):
    check(content, capsys, GOOD, "--no-run")
    words = (
        GOOD.replace("# Doubling", "# 加倍")
        .replace("why: Two threes.", "why: 两个三。")
        .replace(":tags: [raises-exception]", ":id: doubling-cell\n:tags: [raises-exception]")
    )
    code, findings = check(content, capsys, words, name="01-doubling.zh.md")
    assert (code, findings) == (0, [])
    code, findings = check(content, capsys, words.replace("return 2 * x", "return x + x"), name="01-doubling.zh.md")
    assert [finding["cause"] for finding in findings] == [
        "the code or the answer of `double` is not that of 01-doubling.md"
    ]
    swapped = words.replace("three, correct: true", "three").replace("{text: four", "{text: four, correct: true")
    _, findings = check(content, capsys, swapped, name="01-doubling.zh.md")
    assert "code or the answer of `a-choice`" in findings[0]["cause"]
    _, findings = check(content, capsys, words.replace("{quiz} a-shape", "{quiz} shape"), name="01-doubling.zh.md")
    assert "`shape` stands where 01-doubling.md has `a-shape`" in findings[0]["cause"]


def test_the_report_for_people(content, capsys):
    path = content / "01-introduction" / "01-doubling.md"
    path.write_text(changed("why: Two threes.\n", ""))
    assert main(["check", "doubling", "--no-run", "--content", str(content)]) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.split()[:2] == ["FAIL", "introduction/doubling"]
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    assert (
        second.strip() == f"{shown}:{line_of(path.read_text(), '```{quiz} a-number')}: the quiz `a-number` has no `why`"
    )
    assert last.startswith("0 of 1 lessons hold what they state")


def test_an_unknown_lesson_is_a_sentence(content, capsys):
    assert main(["check", "zebra", "--content", str(content)]) == 2
    assert "No lesson is called" in capsys.readouterr().err


def test_no_kernel_is_left_behind(content, capsys):
    text = changed("x = 3", f"x = 3\nopen({str(content / 'pid')!r}, 'w').write(str(os.getpid()))")
    check(content, capsys, text)
    pid = int((content / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_interrupt_ends_the_check_and_its_kernel(content):
    mark = content / "pid"
    text = changed("x = 3", f"open({str(mark)!r}, 'w').write(str(os.getpid()))\nwhile True: pass")
    (content / "01-introduction" / "01-doubling.md").write_text(text)
    command = [sys.executable, "-m", "lessons", "check", "--content", str(content)]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: mark.exists() and mark.read_text() != "")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert said == "Interrupted; the kernels were stopped.\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def wait_until(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
