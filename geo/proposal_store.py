"""The SQLite file that proposals are kept in: opened in a transaction that is whole or undone, made where it is missing."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geo.errors import WorkspaceError
from geo.workspace import CONFIG_NAME

STORE_NAME: Final = "proposals.sqlite"
FORMAT: Final = 1
_WAIT_SECONDS: Final = 30.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS versions (
    proposal INTEGER NOT NULL,
    version INTEGER NOT NULL,
    based_on INTEGER NOT NULL,
    action TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    status TEXT NOT NULL,
    digest TEXT NOT NULL,
    details TEXT NOT NULL,
    area BLOB NOT NULL,
    area_low BLOB,
    area_high BLOB,
    points BLOB,
    PRIMARY KEY (proposal, version)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS versions_digest ON versions (digest);
"""


@contextmanager
def opened(root: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction: committed where the block ends, undone where it raises."""
    if not (root / CONFIG_NAME).is_file():
        raise WorkspaceError(
            f"{root}: no {CONFIG_NAME} here, so this is not a workspace; make one with `vunglom new`"
        )
    path = root / STORE_NAME
    try:
        connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
    except sqlite3.Error as fault:
        raise WorkspaceError(
            f"{path}: cannot be opened ({fault}); check that the folder may be written to"
        ) from fault
    try:
        _prepare(connection, path)
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        yield connection
        connection.execute("COMMIT")
    except sqlite3.Error as fault:
        raise WorkspaceError(
            f"{path}: {fault}; nothing was changed. Where it says locked, another program holds the file: close it and save again"
        ) from fault
    finally:
        # an open transaction is undone by closing
        connection.close()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found == FORMAT:
        return
    if found != 0:
        raise WorkspaceError(
            f"{path}: is of format {found}, this version reads {FORMAT}; use the version that wrote it"
        )
    _into_wal(connection)
    connection.execute("BEGIN IMMEDIATE")
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")


def _into_wal(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; SQLite does not wait here for another process that does the same."""
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.02)
        else:
            return
