"""The store of proposals: one SQLite file in the workspace, versions that are only ever added, nothing lost.

A proposal is the newest of its versions. Every save, change of status and bringing back is a new version with who and
when; the file itself refuses to change or delete one. A save names the version it was made from: when another came in
between, it is refused with what changed, and can be made again from the newest. A write is there whole or not at all: the
file keeps a rollback journal and is synced before a write counts, so it survives the end of a process at any moment.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from geo.errors import ConflictError, ProposalError
from geo.operators import operator_key
from geo.proposal_rows import UnreadableError, mend_of, version_of
from geo.proposals import (
    OPEN,
    TRANSITIONS,
    Content,
    Status,
    Version,
    changed_fields,
    check_content,
    text_faults,
)

FILE_NAME: Final = "proposals.sqlite"
FORMAT: Final = 1
_APPLICATION_ID: Final = 0x564C4F4D
"""VLOM: says whose file it is."""
_WAIT_S: Final = 30.0
_ID_ORDER: Final = "CAST(substr(id, 2) AS INTEGER), id, version"
"""`p2` before `p10`, and a proposal keeps its place when it is changed."""

_TABLES: Final = """
CREATE TABLE versions (
    id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TRIGGER versions_stay BEFORE UPDATE ON versions BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END;
CREATE TRIGGER versions_last BEFORE DELETE ON versions BEGIN SELECT RAISE(ABORT, 'a version is never deleted'); END;
"""


class Store:
    """The proposals of one workspace. Every method opens the file anew: nothing is held between calls."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE_NAME

    def newest(self) -> list[Version]:
        """The newest version of every proposal, oldest proposal first; none where there is no file yet."""
        return self._read(
            "SELECT * FROM versions AS v WHERE version = (SELECT max(version) FROM versions WHERE id = v.id)"
        )

    def history(self, proposal: str) -> list[Version]:
        """Every version of a proposal, first to last; raises `ProposalError` when there is no such proposal."""
        found = self._read("SELECT * FROM versions WHERE id = ?", proposal)
        if not found:
            known = ", ".join(version.id for version in self.newest()) or "none yet"
            raise ProposalError(f"no proposal {proposal!r} here; there are: {known}")
        return found

    def get(self, proposal: str, version: int | None = None) -> Version:
        """A proposal as it stands, or as it was in an earlier version."""
        return _pick(self.history(proposal), version)

    def add(self, content: Content, *, who: str, again: bool = False) -> Version:
        """A new proposal in status `draft`. Raises `ProposalError` for a file that is here already (unless `again`)."""
        check_content(content)
        with self._writing() as connection:
            rows = _newest_rows(connection)
            same = None if again else _same(rows, content)
            if same is not None:
                raise ProposalError(
                    f"{content.source or content.name}: this file is here already as {same.id} ({same.content.operator} "
                    f"{same.content.technology}, {same.status}, version {same.version} by {same.who}); nothing was added. "
                    f"Change that one, or say --again to keep a second"
                )
            return _insert(connection, _next_id(rows), 1, who, "added", Status.DRAFT, content)

    def save(self, proposal: str, base: int, content: Content, *, who: str) -> Version:
        """New content, made from version `base`. Raises `ConflictError` when that is no longer the newest."""
        check_content(content)
        with self._writing() as connection:
            last = _require_newest(connection, proposal, base)
            _require_open(last, "changed")
            return _insert(connection, proposal, last.version + 1, who, "changed", last.status, content)

    def set_status(self, proposal: str, base: int, status: Status, *, who: str) -> Version:
        """A change of status, made from version `base`; raises `ProposalError` for one that is not allowed."""
        with self._writing() as connection:
            last = _require_newest(connection, proposal, base)
            allowed = TRANSITIONS[last.status]
            if status not in allowed:
                wanted = ", ".join(allowed) or "nothing: what is built stays built"
                raise ProposalError(
                    f"{proposal} is {last.status} and cannot become {status}; from {last.status} it may become {wanted}"
                )
            action = f"{last.status} → {status}"
            return _insert(connection, proposal, last.version + 1, who, action, status, last.content)

    def restore(self, proposal: str, version: int, base: int, *, who: str) -> Version:
        """The content of an earlier version as a new one; the status stays as it is."""
        with self._writing() as connection:
            last = _require_newest(connection, proposal, base)
            _require_open(last, f"brought back to version {version}")
            earlier = _pick(_versions(connection, proposal), version)
            action = f"brought back version {version}"
            return _insert(connection, proposal, last.version + 1, who, action, last.status, earlier.content)

    def _read(self, query: str, *values: str) -> list[Version]:
        # a folder or a broken link in its place is no empty store
        if not self._path.exists() and not self._path.is_symlink():
            return []
        with self._open() as connection:
            if _is_new(connection):
                return []
            return [version_of(row) for row in connection.execute(f"{query} ORDER BY {_ID_ORDER}", values)]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection that syncs before a write counts; a file that is no store of proposals is said, never touched."""
        connection = None
        try:
            connection = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)
            # the journal's removal is synced too: what was said to be saved outlives a loss of power
            connection.execute("PRAGMA synchronous = EXTRA")
            _require_ours(connection, self._path)
            yield connection
        except sqlite3.Error as fault:
            raise ProposalError(f"{self._path}: cannot be used ({fault}); {mend_of(fault)}") from fault
        except UnreadableError as fault:
            raise ProposalError(
                f"{self._path}: {fault}; nothing was changed: put a copy of the store back, or use the version that wrote it"
            ) from fault
        finally:
            if connection is not None:
                connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time; the whole change or, on any error, none of it."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                if _is_new(connection):
                    _create(connection)
                yield connection
            except BaseException:
                # a full disk has rolled it back already
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _require_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `ProposalError` for a database of another program, or of a newer version of this one."""
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if _is_new(connection) or (mark, version) == (_APPLICATION_ID, FORMAT):
        return
    if mark == _APPLICATION_ID:
        raise ProposalError(
            f"{path}: this store of proposals has format {version}, this version reads {FORMAT}; use the version that wrote it"
        )
    raise ProposalError(f"{path}: is no store of proposals but another program's database; move it away")


def _is_new(connection: sqlite3.Connection) -> bool:
    """Whether the file holds nothing yet: it is made empty before its first version is written."""
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _create(connection: sqlite3.Connection) -> None:
    # one by one: executescript would end the transaction
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _insert(
    connection: sqlite3.Connection, proposal: str, version: int, who: str, action: str, status: Status,
    content: Content,
) -> Version:  # fmt: skip
    name = who.strip()
    if not name:
        raise ProposalError("nobody is named; say who does this with --who")
    if faults := text_faults("the name of who does this", name):
        raise ProposalError("; ".join(faults))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps(asdict(content), ensure_ascii=False, allow_nan=False)
    connection.execute(
        "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
        (proposal, version, at, name, action, str(status), text),
    )
    return Version(proposal, version, at, name, action, status, content)


def _versions(connection: sqlite3.Connection, proposal: str) -> list[Version]:
    rows = connection.execute("SELECT * FROM versions WHERE id = ? ORDER BY version", (proposal,))
    return [version_of(row) for row in rows]


def _newest_rows(connection: sqlite3.Connection) -> list[Version]:
    rows = connection.execute(
        "SELECT * FROM versions AS v WHERE version = (SELECT max(version) FROM versions WHERE id = v.id)"
    )
    return [version_of(row) for row in rows]


def _next_id(rows: list[Version]) -> str:
    known = [int(row.id[1:]) for row in rows if row.id[1:].isdecimal()]
    return f"p{1 + max(known, default=0)}"


def _pick(versions: list[Version], number: int | None) -> Version:
    if number is None:
        return versions[-1]
    for version in versions:
        if version.version == number:
            return version
    raise ProposalError(f"{versions[0].id} has no version {number}; it has 1 to {versions[-1].version}")


def _same(rows: list[Version], content: Content) -> Version | None:
    """A proposal made of the same file for the same operator and technology."""
    if not content.sha256:
        return None
    return next((row for row in rows if made_of(row.content) == made_of(content)), None)


def made_of(content: Content) -> tuple[str, ...]:
    """Which part of which file for whom: two sheets of one workbook are two proposals."""
    return (content.sha256, content.layer, operator_key(content.operator), str(content.technology))


def _require_newest(connection: sqlite3.Connection, proposal: str, base: int) -> Version:
    versions = _versions(connection, proposal)
    if not versions:
        raise ProposalError(f"no proposal {proposal!r} here")
    last = versions[-1]
    if last.version == base:
        return last
    made_from = _pick(versions, base)
    since = [f"version {v.version} by {v.who} at {v.at} ({v.action})" for v in versions if v.version > base]
    changed = ", ".join(changed_fields(made_from, last)) or "nothing in what it says"
    raise ConflictError(
        f"{proposal}: version {base}, which this was made from, is no longer the newest: {'; '.join(since)}. "
        f"Changed since: {changed}. Nothing was saved over it and nothing is lost: look at the newest and save again from version {last.version}"
    )


def _require_open(last: Version, what: str) -> None:
    if last.status not in OPEN:
        back = (
            f"set it back to {Status.SUBMITTED} first"
            if last.status == Status.ACCEPTED
            else "add a new proposal"
        )
        raise ProposalError(
            f"{last.id} is {last.status}, and others rely on what it says: it cannot be {what}; {back}"
        )
