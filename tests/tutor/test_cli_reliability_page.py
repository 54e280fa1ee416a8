"""The page on reliability says what is so: each test that it names is there, and each variable is read."""

from __future__ import annotations

import re
from pathlib import Path

from tutor import limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")


def test_thirty_faults_are_listed_and_every_test_that_is_named_exists() -> None:
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == list(range(1, 31))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) >= 40
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert sorted(name for name in named if not re.search(rf"def {name}\(", written)) == []


def test_the_limits_are_those_that_are_read() -> None:
    listed = dict(re.findall(r"^\| `(\w+) = \d+` \| `(\w+)`", PAGE, re.MULTILINE))
    rules = {rule.key: rule.switch for rule in limits.RULES}
    assert listed
    assert listed.items() <= rules.items()
