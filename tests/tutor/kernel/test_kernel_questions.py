"""Completions and help: answered when idle, never waited for when not."""

from __future__ import annotations

import re

from tutor.kernel.session import Completion


async def test_completion_knows_live_objects(shared):
    shared.run("import os.path\nfashion_mnist = 1")
    found = await shared.session.complete("fashion_mn", 10, patience=20)
    assert found == Completion(("fashion_mnist",), 0, 10)
    dotted = await shared.session.complete("x = os.path.joi", 15, patience=20)
    assert dotted == Completion(("join",), 12, 15)


async def test_nothing_to_complete(shared):
    shared.run("1")
    found = await shared.session.complete("zzz_unknown_", 12, patience=20)
    assert found.matches == ()


async def test_inspect_gives_the_signature(shared):
    shared.run("def relu(x, slope=0.0):\n    '''Rectifies.'''\n    return max(x, slope)")
    text = await shared.session.inspect("relu(", 5, patience=20)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "relu(x, slope=0.0)" in text
    assert "Rectifies." in text
    assert await shared.session.inspect("zzz_unknown", 11, patience=20) == ""


async def test_a_busy_kernel_completes_nothing_and_does_not_make_one_wait(shared):
    run = shared.start("print('on')\nwhile True: pass")
    shared.wait_for_text(run, "on")
    assert await shared.session.complete("pri", 3, patience=20) == Completion((), 3, 3)
    shared.session.interrupt()
    shared.finished(run)
