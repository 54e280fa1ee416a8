"""`d2l-tutor glossary`, in a process of its own and on the course that comes with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Glossary = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def glossary(tmp_path: Path) -> Glossary:
    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tutor", "glossary", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "D2L_TUTOR_HOME": str(tmp_path), **environment},
        )

    return run


@pytest.mark.parametrize("words", [("softmax",), ("softmax函数",), ("SOFTMAX",), ("sofmax",)])
def test_a_term_is_explained_with_its_formulas_and_its_lesson(glossary: Glossary, words: tuple[str, ...]) -> None:
    done = glossary(*words)
    assert done.returncode == 0, done.stderr
    head, says, lesson = done.stdout.splitlines()
    assert head == "softmax  softmax函数"
    assert "exp of each" in says
    assert "$" not in done.stdout
    assert "classification/softmax-regression" in lesson
    assert "Softmax regression" in lesson


def test_words_of_a_term_need_no_quotes_and_a_beginning_is_enough(glossary: Glossary) -> None:
    done = glossary("gradient", "desc")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("gradient descent  梯度下降\n")


def test_without_a_term_all_are_listed_in_two_columns(glossary: Glossary) -> None:
    done = glossary()
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert ["gradient", "梯度"] in [line.split() for line in lines]
    names = [line.partition("  ")[0].casefold() for line in lines]
    assert names == sorted(names)
    assert len(names) > 100


def test_programs_get_every_field(glossary: Glossary) -> None:
    (term,) = json.loads(glossary("softmax", "--json").stdout)
    assert set(term) == {"name", "zh", "says", "lesson"}
    assert "$\\exp$" in term["says"]
    assert term in json.loads(glossary("--json").stdout)


def test_an_unknown_term_is_one_sentence_with_suggestions_and_exit_code_4(glossary: Glossary) -> None:
    done = glossary("descent")
    assert (done.returncode, done.stdout) == (4, "")
    assert "gradient descent" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_help_names_the_command(glossary: Glossary) -> None:
    done = glossary("--help", COLUMNS="100")
    assert done.returncode == 0
    assert "中文" in done.stdout
    assert "--json" in done.stdout
