"""The inputs of a workspace as rows to read: whose, of when, on what evidence, how old, and whether the results hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from geo.quality_inputs import STALE_DAYS, day_of
from geo.workspace import Input, Provenance, StoredFile, Workspace

BUILT, PENDING, LEFT_OUT = "built", "pending", "left_out"
"""Whether the results are made of an input, will be by the next build, or will no longer be."""


@dataclass(frozen=True)
class InputRow:
    """One input; `evidence` is declared, measured, modelled or empty; `about` what tells inputs of a kind apart; `age_days` at `today`."""

    kind: str
    files: tuple[StoredFile, ...]
    publisher: str
    licence: str
    day: date | None
    age_days: int | None
    is_stale: bool
    evidence: str
    about: tuple[str, ...]
    vintage: str
    level: str
    citation: str
    address: str
    state: str


def input_rows(workspace: Workspace, built: Sequence[Mapping[str, Any]], today: date) -> tuple[InputRow, ...]:
    """Every input of the workspace in its order, then those that only the results (`built`: inputs of the manifest) are made of."""
    now = [given.as_dict() for given in workspace.inputs]
    rows = [
        _row(given, BUILT if said in built else PENDING, today)
        for given, said in zip(workspace.inputs, now, strict=True)
    ]
    gone = [_row(_input_of(said), LEFT_OUT, today) for said in built if said not in now]
    return _newest_only((*rows, *gone))


def _newest_only(rows: tuple[InputRow, ...]) -> tuple[InputRow, ...]:
    """Of speed only the newest quarter of a network can be stale: the others are there for the trend."""
    newest: dict[str, date] = {}
    for row in rows:
        if row.kind == "speed" and row.day is not None and row.state != LEFT_OUT:
            newest[row.about[0]] = max(newest.get(row.about[0], row.day), row.day)
    return tuple(
        InputRow(**{**vars(row), "is_stale": False})
        if row.kind == "speed" and row.day is not None and row.day < newest.get(row.about[0], row.day)
        else row
        for row in rows
    )


def _row(given: Input, state: str, today: date) -> InputRow:
    known, options = given.provenance, given.options
    day = day_of(given)
    age = None if day is None else max(0, (today - day).days)
    return InputRow(
        kind=given.kind,
        files=given.files,
        publisher=known.publisher,
        licence=known.licence,
        day=day,
        age_days=age,
        is_stale=age is not None and age > STALE_DAYS[given.kind],
        evidence=str(options.get("evidence", "")) or ("measured" if given.kind == "speed" else ""),
        about=about_of(given),
        vintage=str(options.get("vintage", "")),
        level=str(options.get("level", "")),
        citation=known.citation,
        address=known.address,
        state=state,
    )


def about_of(given: Input) -> tuple[str, ...]:
    """What tells inputs of a kind apart: network and quarter, operator and technology, an indicator's name."""
    names = {
        "speed": ("network", "quarter"), "coverage": ("operator", "technology"), "sites": ("operator",), "indicator": ("name",),
    }.get(given.kind, ())  # fmt: skip
    return tuple(str(given.options.get(name, "")) for name in names)


def _input_of(said: Mapping[str, Any]) -> Input:
    texts = {name: str(said.get(name, "")) for name in Provenance.__dataclass_fields__}
    files = tuple(StoredFile(str(one["path"]), str(one["name"]), str(one["sha256"])) for one in said["files"])
    return Input(str(said["kind"]), files, dict(said.get("options", {})), Provenance(**texts))


def inputs_frame(rows: Sequence[InputRow]) -> pd.DataFrame:
    """One row per file, for a table to take away."""
    return pd.DataFrame(
        [
            {
                "kind": row.kind, "about": " ".join(filter(None, row.about)), "file": file.name, "sha256": file.sha256,
                "publisher": row.publisher, "licence": row.licence, "date": "" if row.day is None else row.day.isoformat(),
                "age_days": row.age_days, "stale": row.is_stale, "evidence": row.evidence, "vintage": row.vintage,
                "level": row.level, "citation": row.citation, "address": row.address, "state": row.state,
            }
            for row in rows
            for file in row.files
        ]
    )  # fmt: skip
