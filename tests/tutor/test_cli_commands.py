"""The real command, in processes of its own."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from progress_db import Place, Progress

ROOT = Path(__file__).parents[2]
Tutor = Callable[..., "subprocess.CompletedProcess[str]"]

ON_ANOTHER_COURSE = """
import sys
from pathlib import Path
import lessons.catalog
lessons.catalog.CONTENT = Path(sys.argv.pop(1))
from tutor.__main__ import main
sys.exit(main())
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def tutor(home: Path, content: Path) -> Tutor:
    """Run the command on the small course of `conftest`; with `whole`, on the real one."""

    def run(
        *words: str, whole: bool = False, stdin: str | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        start = ["-m", "tutor"] if whole else ["-c", ON_ANOTHER_COURSE, str(content)]
        return subprocess.run(
            [sys.executable, *start, *words],
            cwd=ROOT,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "D2L_TUTOR_HOME": str(home), "OMP_NUM_THREADS": "1", **(environment or {})},
        )

    return run


def assert_one_sentence(done: subprocess.CompletedProcess[str], code: int, said: str) -> None:
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_list_for_programs_has_every_lesson_with_its_state(tutor: Tutor, returning: Path) -> None:
    done = tutor("list", "--json")
    assert done.returncode == 0, done.stderr
    lessons = {lesson["id"]: lesson for lesson in json.loads(done.stdout)}
    assert {name: lesson["state"] for name, lesson in lessons.items()} == {
        "first-steps/tensors": "done",
        "first-steps/broken": "broken",
        "attention/multi-head": "begun",
    }
    tensors = lessons["first-steps/tensors"]
    assert (tensors["title"], tensors["chapter"], tensors["book"]) == ("Tensors and shapes", "first-steps", "2.1")
    assert tensors["quizzes"] == {"answered": 2, "first_right": 1, "all": 2}
    assert "02-broken.md" in lessons["first-steps/broken"]["broken"]


def test_list_for_people_names_chapters_states_and_what_is_broken(tutor: Tutor, returning: Path) -> None:
    done = tutor("list")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any("✓" in line and "first-steps/tensors" in line and "done" in line for line in lines)
    assert any("◐" in line and "多头注意力" in line and "1/3" in line for line in lines)
    assert any("02-broken.md" in line for line in lines)
    assert "\x1b" not in done.stdout


def test_looking_makes_no_record(tutor: Tutor, home: Path) -> None:
    for words in (["list"], ["status"], ["status", "--json"], ["progress", "export"]):
        assert tutor(*words).returncode == 0
    assert not (home / "progress.db").exists()


def test_status_says_how_far_and_where(tutor: Tutor, returning: Path) -> None:
    status = json.loads(tutor("status", "--json").stdout)
    assert (status["lessons"], status["lessons_done"], status["lessons_begun"]) == (2, 1, 1)
    assert (status["quizzes"], status["first_right"], status["exercises"]) == (3, 2, 1)
    assert (status["last"]["lesson"], status["last"]["step"]) == ("attention/multi-head", "double")
    assert status["record"] == str(returning)
    assert "Multi-head attention" in tutor("status").stdout


@pytest.mark.parametrize("words", [["list"], ["status"], ["progress", "check"], ["progress", "export"]])
def test_a_record_that_cannot_be_used_is_a_sentence(tutor: Tutor, home: Path, words: list[str]) -> None:
    home.mkdir()
    (home / "progress.db").write_bytes(b"")
    assert_one_sentence(tutor(*words), 5, "It was left untouched")
    (home / "progress.db").write_bytes(b"not a database")
    assert_one_sentence(tutor(*words), 5, "not an SQLite database")
    (home / "progress.db").unlink()
    Progress.open(home / "progress.db").close()
    connection = sqlite3.connect(home / "progress.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert_one_sentence(tutor(*words), 5, "upgrade d2l-tutor")


def test_a_home_that_cannot_be_written_is_a_sentence(tutor: Tutor, home: Path) -> None:
    home.write_text("a file is in the way")
    done = tutor("progress", "import", stdin="")
    assert_one_sentence(done, 5, "cannot be written")


def test_a_course_that_cannot_be_read_is_a_sentence(tutor: Tutor, content: Path) -> None:
    (content / "course.toml").write_text("title = [")
    assert_one_sentence(tutor("list"), 3, "course.toml:1: not valid TOML")


@pytest.mark.parametrize("command", ["read", "run"])
def test_an_unknown_lesson_is_a_sentence_with_suggestions(tutor: Tutor, command: str) -> None:
    assert_one_sentence(tutor(command, "first-steps"), 4, "first-steps/tensors")
    assert_one_sentence(tutor(command, "zzz"), 4, "`d2l-tutor list` names them all")


@pytest.mark.parametrize("command", ["read", "run"])
def test_a_broken_lesson_is_a_sentence_with_its_line(tutor: Tutor, command: str) -> None:
    done = tutor(command, "first-steps/broken")
    assert done.returncode == 3, done.stderr
    assert "02-broken.md:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [[], ["open", "tensors"], ["open", "nothing"], ["home"]])
def test_without_a_terminal_the_app_refuses(tutor: Tutor, words: list[str]) -> None:
    assert_one_sentence(tutor(*words), 2, "needs a terminal")


def test_read_prints_the_text_without_answers(tutor: Tutor) -> None:
    done = tutor("read", "attention/multi-head")
    assert done.returncode == 0, done.stderr
    assert "Multi-head attention 多头注意力" in done.stdout
    assert 'print("hello")' in done.stdout
    assert "What is one and one?" in done.stdout
    assert "Count." not in done.stdout
    assert "return 2 * x" not in done.stdout
    assert all(len(line) <= 90 for line in done.stdout.splitlines())


def test_read_keeps_to_ascii_where_it_is_told_to(tutor: Tutor) -> None:
    done = tutor("read", "first-steps/tensors", "--text", "ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert tutor("read", "first-steps/tensors", environment={"D2L_TUTOR_TEXT": "ascii"}).stdout == done.stdout
    assert not tutor("read", "first-steps/tensors").stdout.isascii()
    refused = tutor("read", "first-steps/tensors", "--text", "runes")
    assert refused.returncode == 2
    assert "runes" in refused.stderr


def test_every_lesson_of_the_course_can_be_read(tutor: Tutor) -> None:
    lessons = json.loads(tutor("list", "--json", whole=True).stdout)
    assert lessons
    for lesson in lessons:
        done = tutor("read", lesson["id"], whole=True)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) > 40


def test_help_has_examples_and_exit_codes(tutor: Tutor) -> None:
    done = tutor("--help", environment={"COLUMNS": "140"})
    assert done.returncode == 0
    for words in ("d2l-tutor open softmax", "5 the record cannot be used", "doctor", "train", "--install-completion"):
        assert words in " ".join(done.stdout.split())


def test_help_of_train_and_check_is_their_own(tutor: Tutor) -> None:
    assert "--max-epochs" in tutor("train", "--help", whole=True).stdout
    assert "--no-run" in tutor("check", "--help", whole=True).stdout


def test_check_passes_its_exit_code_on(tutor: Tutor) -> None:
    assert tutor("check", "--no-run", "nothing-of-that-name", whole=True).returncode == 2


def test_train_passes_its_exit_code_on(tutor: Tutor) -> None:
    done = tutor("train", "no-such-model", whole=True)
    assert done.returncode == 2
    assert "no-such-model" in done.stderr
    assert "Traceback" not in done.stderr


def test_version_is_one_line(tutor: Tutor) -> None:
    done = tutor("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("d2l-tutor 0.")


def test_wrong_usage_is_exit_code_2(tutor: Tutor) -> None:
    for words in (["nonsense"], ["open"], ["list", "--nonsense"], ["run"]):
        done = tutor(*words)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_a_pipe_that_closes_early_is_no_error(home: Path) -> None:
    words = [sys.executable, "-m", "tutor", "read", "4.1"]
    environment = {**os.environ, "D2L_TUTOR_HOME": str(home)}
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read().decode()
        code = process.wait(timeout=300)
    assert errors == ""
    assert code == 0


def test_a_terminal_without_unicode_gets_no_traceback(tutor: Tutor) -> None:
    done = tutor("read", "attention/multi-head", environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_completion_offers_the_lessons(tutor: Tutor) -> None:
    environment = {"_D2L_TUTOR_COMPLETE": "complete_bash", "COMP_WORDS": "d2l-tutor open atten", "COMP_CWORD": "2"}
    done = tutor(environment=environment)
    assert "attention/multi-head" in done.stdout


def test_progress_goes_from_one_home_to_another(tutor: Tutor, returning: Path, tmp_path: Path) -> None:
    exported = tutor("progress", "export")
    assert exported.returncode == 0, exported.stderr
    elsewhere = {"D2L_TUTOR_HOME": str(tmp_path / "elsewhere")}
    imported = tutor("progress", "import", stdin=exported.stdout, environment=elsewhere)
    assert imported.returncode == 0, imported.stderr
    again = tutor("progress", "import", stdin=exported.stdout, environment=elsewhere)
    assert again.stderr.startswith("0 new entries")
    here, there = (json.loads(tutor("status", "--json", environment=where).stdout) for where in ({}, elsewhere))
    assert {**here, "record": ""} == {**there, "record": ""}


def test_progress_through_files_and_what_is_no_export(tutor: Tutor, returning: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    assert tutor("progress", "export", str(file)).returncode == 0
    assert tutor("progress", "import", str(file)).returncode == 0
    file.write_text("something else")
    done = tutor("progress", "import", str(file))
    assert_one_sentence(done, 1, "Nothing was imported: line 1")
    assert_one_sentence(tutor("progress", "import", str(tmp_path / "none")), 2, "cannot be read")


def test_progress_check_counts(tutor: Tutor, returning: Path) -> None:
    found = json.loads(tutor("progress", "check", "--json").stdout)
    assert found["problems"] == []
    assert found["facts"]["answers"] == 3
    assert "is whole" in tutor("progress", "check").stdout


def test_opening_imports_neither_typer_nor_rich_nor_torch_before_the_start(content: Path, home: Path) -> None:
    source = """
import sys
import tutor.start
def start(*given, **named):
    print(given, named, sorted({"typer", "click", "rich", "textual", "torch", "sqlite_utils"} & set(sys.modules)))
    return 17
tutor.start.start = start
from tutor.__main__ import main
codes = main([]), main(["open", "lenet"])
print(codes)
"""
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines() == [
        "(None,) {'resume': True} []",
        "('lenet',) {'resume': True} []",
        "(17, 17)",
    ], done.stderr


def test_a_place_in_a_lesson_that_is_gone_does_not_hide_the_status(tutor: Tutor, home: Path) -> None:
    with Progress.open(home / "progress.db") as progress:
        progress.place_left(Place("no/longer-there", "s"))
    assert tutor("status").returncode == 0
