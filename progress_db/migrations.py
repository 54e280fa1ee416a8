"""The schema, and how it came to be. The only file that imports sqlite_utils, and only to upgrade an older record: it
brings pandas along where that is installed, and the very first start can do without.

Every migration says what and why, and never changes once it is released: the next change is the next number.
`user_version` is the number of the last one applied, so that a record of a newer tutor is recognised (sqlite_utils does
not look).

Every table of facts begins with the same three columns: `id` (UUIDv7: what came after what, on all machines), `machine`
(who wrote it) and `at` (that machine's clock, seconds since the epoch). There are no foreign keys: rows of another
machine may come in any order.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from .schema import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from sqlite_utils import Migrations

_SET = "progress"
"""The name of our migrations in sqlite_utils' own table."""


class Executes(Protocol):
    """What a migration needs of a database: sqlite_utils' one, or a plain connection."""

    def execute(self, sql: str, /) -> object:
        """Run one statement."""


def m001_facts(db: Executes) -> None:
    """One table for each kind of fact, so that each query names what it asks for and a merge is a union of rows."""
    # Which machine wrote a row. `local` tells a host of this file from an imported one that happens to have the same
    # name ("localhost"); a home shared by several hosts over NFS, or copied to another, gets one row for each host.
    db.execute("CREATE TABLE machines (id TEXT PRIMARY KEY, name TEXT NOT NULL, local INTEGER NOT NULL) STRICT")
    fact = "id TEXT PRIMARY KEY, machine TEXT NOT NULL, at REAL NOT NULL"
    step = f"{fact}, lesson TEXT NOT NULL, step TEXT NOT NULL"
    # `session` is one opening of the record: versions of a draft are thinned within it, never across two tutors.
    # A source of NULL is the author's version, chosen again.
    db.execute(f"CREATE TABLE drafts ({step}, session TEXT NOT NULL, source TEXT) STRICT")
    # `run` is the app's key of a run. It is not `id`, which has to sort after what is in the record already.
    db.execute(
        f"CREATE TABLE runs ({step}, run TEXT NOT NULL UNIQUE, source TEXT NOT NULL, started REAL NOT NULL) STRICT"
    )
    # A row is a piece of a run's output: JSON list of payloads of one kind. `start` and `size` are in characters of
    # that run's output of that kind, so that what was left out is known from what is kept, also after a merge.
    db.execute(
        f"CREATE TABLE outputs ({fact}, run TEXT NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, "
        "size INTEGER NOT NULL, payloads TEXT) STRICT"
    )
    db.execute(
        f"CREATE TABLE run_ends ({fact}, run TEXT NOT NULL, outcome TEXT NOT NULL, seconds REAL NOT NULL) STRICT"
    )
    db.execute(f"CREATE TABLE answers ({step}, answer TEXT NOT NULL, correct INTEGER NOT NULL) STRICT")
    db.execute(
        f"CREATE TABLE attempts ({step}, source TEXT NOT NULL, passed INTEGER NOT NULL, message TEXT NOT NULL) STRICT"
    )
    db.execute(f"CREATE TABLE hints ({step}, count INTEGER NOT NULL) STRICT")
    db.execute(f"CREATE TABLE solutions ({step}) STRICT")
    db.execute(f"CREATE TABLE openings ({fact}, lesson TEXT NOT NULL) STRICT")
    db.execute(f"CREATE TABLE finishes ({fact}, lesson TEXT NOT NULL) STRICT")
    db.execute(f"CREATE TABLE places ({step}, lines INTEGER NOT NULL) STRICT")


def m002_indexes(db: Executes) -> None:
    """Opening a lesson and the home screen read by lesson and step, newest first: without these they scan a year of
    runs."""
    for table in ("drafts", "runs", "answers", "attempts", "hints", "solutions", "places"):
        db.execute(f"CREATE INDEX {table}_by_step ON {table} (lesson, step, id)")
    for table in ("openings", "finishes"):
        db.execute(f"CREATE INDEX {table}_by_lesson ON {table} (lesson, id)")
    db.execute("CREATE INDEX outputs_by_run ON outputs (run, kind, start)")
    db.execute("CREATE INDEX run_ends_by_run ON run_ends (run, id)")


def m003_journals(db: Executes) -> None:
    """How far each kernel's journal was taken in. It is committed together with what was read, so that nothing of a
    journal is here twice, whoever is killed when. Not a fact: journals stay on the machine that wrote them."""
    db.execute("CREATE TABLE journals (journal TEXT PRIMARY KEY, taken INTEGER NOT NULL, at REAL NOT NULL) STRICT")


def m004_authored(db: Executes) -> None:
    """The author's version of a cell when the learner began to change it: a newer one is told from it, and what the
    learner changed from what the author did."""
    columns = "id TEXT PRIMARY KEY, machine TEXT NOT NULL, at REAL NOT NULL, lesson TEXT NOT NULL, step TEXT NOT NULL"
    db.execute(f"CREATE TABLE authored ({columns}, source TEXT NOT NULL) STRICT")
    db.execute("CREATE INDEX authored_by_step ON authored (lesson, step, id)")


STEPS = (m001_facts, m002_indexes, m003_journals, m004_authored)
"""Every migration, in order. A new one goes at the end, and `schema.VERSION` up by one."""

_TABLE = """CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
)"""
_INDEX = """CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name")"""
"""What sqlite_utils makes to know which migrations were applied; a test holds the two to be equal."""


def begin(connection: sqlite3.Connection) -> None:
    """The newest schema in an empty file, all or nothing: the same migrations, noted as sqlite_utils would note them.

    `connection` must be in autocommit mode (`isolation_level=None`). Raises `sqlite3.Error`.
    """
    connection.execute("BEGIN EXCLUSIVE")
    try:
        connection.execute(_TABLE)
        connection.execute(_INDEX)
        for step in STEPS:
            step(connection)
            connection.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
                (_SET, step.__name__, str(datetime.now(UTC))),
            )
        _seal(connection, len(STEPS))
    except BaseException:
        connection.rollback()
        raise


def migrate(connection: sqlite3.Connection, *, stop_before: str | None = None) -> None:
    """Bring the schema up to date, all or nothing. Safe when two tutors start at once: the second finds nothing to do.

    `connection` must be in autocommit mode (`isolation_level=None`). Raises `sqlite3.Error`.
    """
    from sqlite_utils import Database  # some 80 ms, and 300 where pandas is installed

    migrations = known()
    # sqlite_utils would begin deferred, and could fail between reading and writing
    connection.execute("BEGIN EXCLUSIVE")
    try:
        # Plugins of sqlite_utils are other people's code: they have no business in the learner's record.
        database = Database(connection, execute_plugins=False)
        migrations.apply(database, stop_before=stop_before)
        applied = len(migrations.applied(database))
        _seal(connection, applied)
    except BaseException:
        connection.rollback()
        raise
    assert stop_before is not None or applied == VERSION, "schema.VERSION is the number of the last migration"


def known() -> Migrations:
    """All of them, as sqlite_utils knows them."""
    from sqlite_utils import Migrations

    migrations = Migrations(_SET)
    for step in STEPS:
        migrations()(step)
    return migrations


def _seal(connection: sqlite3.Connection, version: int) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("COMMIT")
