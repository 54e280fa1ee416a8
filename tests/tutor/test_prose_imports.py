"""What prose and mathematics cost to import, proved in a fresh interpreter: the first paint waits for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

LAY_OUT = "import sys; from tutor.prose import lay_out; lay_out('# A $x$\\n\\n{}', 60); print(*sorted(sys.modules))"


def modules_after(script: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("heavy", ["textual", "torch", "pygments", "rich.console"])
def test_text_and_formulas_need_none_of_what_is_heavy(heavy: str) -> None:
    assert heavy not in modules_after(LAY_OUT.format("text"))


def test_pygments_comes_with_the_first_code_that_has_a_language() -> None:
    assert "pygments" in modules_after(LAY_OUT.format("```python\\n1\\n```"))
