"""What is known of a fetched file, kept beside it: where from, when, sha256."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from geo.address import Address
from geo.files import sha256_of


@dataclass(frozen=True)
class Fetched:
    """The record of a file that came whole. `changed_on` is the server's Last-Modified day, empty if it said none."""

    address: str
    sha256: str
    size: int
    fetched_on: str
    changed_on: str

    @property
    def name(self) -> str:
        """The file's name at its publisher; for an answer to a query, the last part of the address before it."""
        return unquote(urlsplit(self.address).path.rpartition("/")[2])


def read_record(target: Path, address: Address) -> Fetched | None:
    """The record of a finished file, None unless the file is there, from this address, and still has its sha256."""
    try:
        record = Fetched(**json.loads(beside(target, "record").read_text(encoding="utf-8")))
        same = record.address == address.shown and sha256_of(target) == record.sha256
    except (OSError, ValueError, TypeError):
        return None
    return record if same else None


def write_record(target: Path, record: Fetched) -> None:
    """Put the record beside a file, whole or not at all."""
    write_whole(beside(target, "record"), json.dumps(asdict(record)))


def today() -> str:
    """The day in universal time, as 2026-11-24."""
    return datetime.now(UTC).date().isoformat()


def beside(target: Path, kind: str) -> Path:
    """Where a file's part, state, lock or record lies."""
    return target.with_name(f".{target.name}.{kind}")


def write_whole(path: Path, text: str) -> None:
    """Write beside, flush to disk, move into place."""
    # one name, not one per process as `geo.files` has it: what a kill leaves is overwritten when the file is fetched again
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def hash_of(path: Path, algorithm: str) -> str:
    """Hex checksum; `git` is the name of a git blob: sha1 over a header and the bytes."""
    with path.open("rb") as stream:
        if algorithm != "git":
            return hashlib.file_digest(stream, algorithm).hexdigest()
        whole = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        while piece := stream.read(1 << 20):
            whole.update(piece)
        return whole.hexdigest()
