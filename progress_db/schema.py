"""What tells our file from any other, known without importing the migrations: a record that is up to date opens with
sqlite3 alone."""

from __future__ import annotations

APPLICATION_ID = 0x64326C54
"""`d2lT`, in the header of the file (bytes 68–71)."""

VERSION = 4
"""The number of the last migration, kept as `user_version`."""

FACTS = (
    "drafts",
    "authored",
    "runs",
    "outputs",
    "run_ends",
    "answers",
    "attempts",
    "hints",
    "solutions",
    "openings",
    "finishes",
    "places",
)
"""The tables of facts: what is appended, exported and merged by id."""
