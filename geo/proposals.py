"""The proposals of a workspace in one SQLite file: every version is kept, whoever saves while another does.

`proposals.sqlite` beside `workspace.toml`. A save never changes a row, it adds a version; one transaction each, on the disk
when it returns (write-ahead log, synchronous). A process that is killed loses at most the save it was in the middle of. Two
people who save one proposal at once both have their version; the later one is told what it overtook.
"""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geo.errors import CallError, InputError
from geo.names import clean_name
from geo.proposal import NEXT, Proposal, Status
from geo.proposal_store import STORE_NAME, opened
from geo.schema import Technology

HISTORY_COLUMNS: Final = ("id", "version", "based_on", "action", "who", "at", "status", "name")


@dataclass(frozen=True)
class Saved:
    """Where a proposal was saved. `is_new`: False when the same one was there already, and nothing was written.

    `overtaken`: versions that others saved since the one this was made from; they are kept beside it.
    """

    id: str
    version: int
    is_new: bool = True
    overtaken: tuple[int, ...] = ()


def add_proposal(root: Path, proposal: Proposal, *, who: str) -> Saved:
    """Save a new proposal as version 1; one with the same area, sites and terms is there already and is named instead."""
    with opened(root, write=True) as connection:
        digest = proposal.digest()
        there = connection.execute(
            "SELECT v.proposal, v.version FROM versions v WHERE v.digest = ? AND v.version = "
            "(SELECT MAX(version) FROM versions w WHERE w.proposal = v.proposal) ORDER BY v.proposal LIMIT 1",
            (digest,),
        ).fetchone()
        if there:
            return Saved(str(there[0]), int(there[1]), is_new=False)
        number = connection.execute("SELECT COALESCE(MAX(proposal), 0) + 1 FROM versions").fetchone()[0]
        if proposal.status is not Status.DRAFT:
            raise InputError(
                f"{proposal.name}: a new proposal starts as a draft, not as {proposal.status}; submit it afterwards"
            )
        _insert(connection, int(number), 1, 0, "add", who, proposal)
        return Saved(str(number), 1)


def save_proposal(root: Path, proposal: Proposal, *, who: str, based_on: int | None = None) -> Saved:
    """Save a changed proposal (its `id`) as its next version, in the status that the store has for it.

    `based_on`: the version it was made from. Versions saved since are told in `overtaken` and can be brought back. Raises
    `InputError` for a proposal that is built, for its ground is a fact by then.
    """
    with opened(root, write=True) as connection:
        number, latest, status = _latest(connection, proposal.id)
        if status is Status.BUILT:
            raise InputError(
                f"proposal {number}: is built, so it is no longer changed; add a new one for what comes next"
            )
        base = latest if based_on is None else based_on
        _insert(connection, number, latest + 1, base, "save", who, replace(proposal, status=status))
        return Saved(str(number), latest + 1, overtaken=tuple(range(base + 1, latest + 1)))


def set_status(root: Path, proposal_id: str, status: Status, *, who: str) -> Saved:
    """Move a proposal to another status; raises `InputError` naming the ones that may follow."""
    with opened(root, write=True) as connection:
        number, latest, now = _latest(connection, proposal_id)
        if status is now:
            return Saved(str(number), latest, is_new=False)
        if status not in NEXT[now]:
            allowed = ", ".join(NEXT[now]) or "nothing"
            raise InputError(f"proposal {number}: is {now}, and {allowed} may follow, not {status}")
        proposal = replace(_load(connection, number, latest), status=status)
        _insert(connection, number, latest + 1, latest, f"status:{status}", who, proposal)
        return Saved(str(number), latest + 1)


def restore_version(root: Path, proposal_id: str, version: int, *, who: str) -> Saved:
    """Bring an older version back as the newest one, in today's status; nothing in between is lost."""
    with opened(root, write=True) as connection:
        number, latest, status = _latest(connection, proposal_id)
        if status is Status.BUILT:
            raise InputError(
                f"proposal {number}: is built, so it is no longer changed; add a new one for what comes next"
            )
        older = replace(_load(connection, number, version), status=status)
        _insert(connection, number, latest + 1, version, f"restore:{version}", who, older)
        return Saved(str(number), latest + 1)


def read_proposals(root: Path) -> list[Proposal]:
    """The newest version of every proposal, in the order they were added; none where nothing was ever saved."""
    if not (root / STORE_NAME).is_file():
        return []
    with opened(root) as connection:
        rows = connection.execute(
            "SELECT proposal, MAX(version) FROM versions GROUP BY proposal ORDER BY proposal"
        ).fetchall()
        return [_load(connection, number, version) for number, version in rows]


def read_proposal(root: Path, proposal_id: str, *, version: int | None = None) -> Proposal:
    """One proposal, the newest version unless another is asked for; raises `InputError` naming those there are."""
    with opened(root) as connection:
        number, latest, _ = _latest(connection, proposal_id)
        return _load(connection, number, latest if version is None else version)


def read_history(root: Path, proposal_id: str | None = None) -> pd.DataFrame:
    """`HISTORY_COLUMNS`: every version of one proposal, or of all, oldest first."""
    if not (root / STORE_NAME).is_file() and proposal_id is None:
        return pd.DataFrame(columns=list(HISTORY_COLUMNS))
    with opened(root) as connection:
        wanted = "" if proposal_id is None else f"WHERE proposal = {_latest(connection, proposal_id)[0]}"
        rows = connection.execute(
            f"SELECT proposal, version, based_on, action, who, at, status, details FROM versions {wanted} ORDER BY proposal, version"  # noqa: S608  (a number)
        ).fetchall()
    named = [(str(row[0]), *row[1:7], json.loads(row[7])["name"]) for row in rows]
    return pd.DataFrame(named, columns=list(HISTORY_COLUMNS))


def _latest(connection: sqlite3.Connection, proposal_id: str) -> tuple[int, int, Status]:
    known = [
        str(row[0]) for row in connection.execute("SELECT DISTINCT proposal FROM versions ORDER BY proposal")
    ]
    if proposal_id not in known:
        listed = ", ".join(known[-20:]) or "none yet"
        raise InputError(
            f"no proposal {proposal_id!r} here; there are {listed} (`vunglom proposals DIR list`)"
        )
    row = connection.execute(
        "SELECT version, status FROM versions WHERE proposal = ? ORDER BY version DESC LIMIT 1",
        (int(proposal_id),),
    ).fetchone()
    return int(proposal_id), int(row[0]), Status(row[1])


def _insert(
    connection: sqlite3.Connection,
    number: int,
    version: int,
    based_on: int,
    action: str,
    who: str,
    proposal: Proposal,
) -> None:
    name = clean_name(who)
    if not name:
        raise CallError("nobody is named; say who saves with --who")
    details = {key: value for key, value in proposal.details().items() if key not in ("id", "status")}
    shapes = [
        None if shape is None else shapely.to_wkb(shape)
        for shape in (proposal.area, proposal.area_low, proposal.area_high)
    ]
    points = None if proposal.points is None else np.asarray(proposal.sites, dtype="<f8").tobytes()
    connection.execute(
        "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, version, based_on, action, name, datetime.now(UTC).isoformat(timespec="milliseconds"),
            str(proposal.status), proposal.digest(), json.dumps(details, ensure_ascii=False), *shapes, points,
        ),
    )  # fmt: skip


def _load(connection: sqlite3.Connection, number: int, version: int) -> Proposal:
    row = connection.execute(
        "SELECT status, details, area, area_low, area_high, points FROM versions WHERE proposal = ? AND version = ?",
        (number, version),
    ).fetchone()
    if row is None:
        raise InputError(
            f"proposal {number}: has no version {version}; `vunglom proposals DIR history {number}` lists them"
        )
    details: dict[str, Any] = json.loads(row[1])
    details["technology"] = Technology(details["technology"])
    area, low, high = (None if wkb is None else shapely.from_wkb(wkb) for wkb in row[2:5])
    points = None if row[5] is None else np.frombuffer(row[5], dtype="<f8").reshape(-1, 2)
    return Proposal(
        **details,
        status=Status(row[0]),
        id=str(number),
        area=area,
        area_low=low,
        area_high=high,
        points=points,
    )
