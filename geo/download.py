"""A file from its publisher to this disk: resumed, checked, and under its final name only when it is whole.

Beside the target `x` lie, while it is being fetched, `.x.part` (its first bytes), `.x.state` (what the server said they
are part of: validator and length) and `.x.lock`; and afterwards `.x.record` (where from, when, sha256). Bytes are only
ever added to a part whose state names a strong validator that the server confirms (RFC 9110 §13.1.5, If-Range); whatever
is killed when, the next run goes on from a part that is a true beginning, or starts again.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from geo.errors import FetchError, InputError
from geo.transport import Address, Answer, PassingFault, Patience, Session, open_answer, persist, redact

HEAD_BYTES: Final = 512
"""As much of a file's beginning is shown to `recognise`: enough for an error text or a magic number."""
LARGEST_BYTES: Final = 4 * 1024**3
_CONTENT_RANGE: Final = re.compile(r"bytes (?P<first>\d+)-(?P<last>\d+)/(?P<total>\d+)")

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes held and the bytes there are (None: not stated)."""


@dataclass(frozen=True)
class Wanted:
    """A file to fetch and what is known of it beforehand.

    `recognise` looks at the first bytes and returns what is wrong with them (an error text sent with status 200), or
    None. `check` looks at the whole file and raises `InputError`. `digest` is `sha256:…`, or `git:…` for the object
    name that a git server publishes.
    """

    address: Address
    size: int | None = None
    digest: str = ""
    recognise: Callable[[bytes], str | None] = lambda head: None
    check: Callable[[Path], None] = lambda path: None
    largest: int = LARGEST_BYTES


@dataclass(frozen=True)
class Fetched:
    """The record of a file that came whole. `changed_on` is the server's Last-Modified day, empty if it said none."""

    address: str
    sha256: str
    size: int
    fetched_on: str
    changed_on: str


def download(
    wanted: Wanted,
    target: Path,
    session: Session,
    *,
    patience: Patience = Patience(),
    progress: Progress = lambda name, done, total: None,
    refresh: bool = False,
) -> Fetched:
    """Fetch to `target`, or take what an earlier run left there whole. `refresh` asks again whatever is there.

    Raises `FetchError`; then there is nothing new under the name of `target`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(_beside(target, "lock"), timeout=patience.lock_s):
            return _download(wanted, target, session, patience, progress, refresh)
    except Timeout:
        raise FetchError(
            f"{target.name}: another process has been fetching it for {patience.lock_s:g} s; wait for it or end it"
        ) from None


def _download(
    wanted: Wanted, target: Path, session: Session, patience: Patience, progress: Progress, refresh: bool
) -> Fetched:
    part = _Part(target, wanted.address)
    if refresh:
        _beside(target, "record").unlink(missing_ok=True)
        part.clear()
    elif known := read_record(target, wanted.address):
        return known

    def fetch_once() -> None:
        if not part.whole:
            _receive(wanted, part, session, patience, progress)
        _verify(wanted, part)

    persist(fetch_once, wanted.address, patience, reached=part.reached)
    return part.finish(wanted.address)


def read_record(target: Path, address: Address) -> Fetched | None:
    """The record of a finished file, None unless the file is there, from this address, and still has its sha256."""
    try:
        record = Fetched(**json.loads(_beside(target, "record").read_text(encoding="utf-8")))
        same = record.address == address.shown and _hash(target, "sha256") == record.sha256
    except (OSError, ValueError, TypeError):
        return None
    return record if same else None


def write_record(target: Path, record: Fetched) -> None:
    """Put the record beside a file, whole or not at all."""
    _write_whole(_beside(target, "record"), json.dumps(asdict(record)))


def today() -> str:
    """The day in universal time, as 2026-11-24."""
    return datetime.now(UTC).date().isoformat()


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file."""
    return _hash(path, "sha256")


def _beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}")


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


class _Part:
    """The bytes held so far and what they are part of."""

    def __init__(self, target: Path, address: Address) -> None:
        self._target = target
        self._source = hashlib.sha256(address.shown.encode()).hexdigest()
        self.path, self._state = _beside(target, "part"), _beside(target, "state")
        self.validator, self.changed_on = "", ""
        self.total: int | None = None
        self._most = 0
        with suppress(OSError, ValueError, TypeError, KeyError):
            state = json.loads(self._state.read_text(encoding="utf-8"))
            total = None if state["total"] is None else int(state["total"])
            if state["source"] == self._source:
                self.validator, self.total = str(state["validator"]), total
                self.changed_on = str(state["changed_on"])
        if not self.validator:
            self.clear()

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def whole(self) -> bool:
        """Whether all the bytes that the server announced are here."""
        return bool(self.validator) and self.total is not None and self.size == self.total

    def reached(self) -> int:
        """The most bytes ever held: bytes that were dropped and came again are nothing new."""
        self._most = max(self._most, self.size)
        return self._most

    def clear(self) -> None:
        """Forget the bytes first and then what they were."""
        self.reached()
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)
        self.validator, self.total, self.changed_on = "", None, ""

    def begin(self, answer: Answer) -> None:
        """Start with nothing of the file that this answer describes."""
        self.clear()
        self.validator, self.total = _strong_validator(answer), answer.length
        self.changed_on = _day(answer.header("Last-Modified"))
        state = {
            "source": self._source,
            "validator": self.validator,
            "total": self.total,
            "changed_on": self.changed_on,
        }
        _write_whole(self._state, json.dumps(state))

    def finish(self, address: Address) -> Fetched:
        """Move the bytes under the final name; the record goes first, so that a name never stands without one."""
        with self.path.open("rb+") as stream:
            os.fsync(stream.fileno())
        record = Fetched(address.shown, _hash(self.path, "sha256"), self.size, today(), self.changed_on)
        write_record(self._target, record)
        self.path.replace(self._target)
        self._state.unlink(missing_ok=True)
        return record


def _day(http_date: str) -> str:
    try:
        return parsedate_to_datetime(http_date).date().isoformat()
    except (ValueError, TypeError):
        return ""


def _strong_validator(answer: Answer) -> str:
    """What If-Range may name: a strong ETag, else a Last-Modified a minute older than the answer (RFC 9110 §8.8.2.2)."""
    if etag := answer.header("ETag"):
        return "" if etag.startswith("W/") else etag
    try:
        changed = parsedate_to_datetime(answer.header("Last-Modified"))
        age_s = (parsedate_to_datetime(answer.header("Date")) - changed).total_seconds()
    except (ValueError, TypeError):
        return ""
    return answer.header("Last-Modified") if age_s >= 60 else ""


def _receive(wanted: Wanted, part: _Part, session: Session, patience: Patience, progress: Progress) -> None:
    have = part.size if part.validator else 0
    headers = {"Range": f"bytes={have}-", "If-Range": part.validator} if have else {}
    with open_answer(session, wanted.address, patience, headers=headers) as answer:
        if answer.status == 206:
            _require_same(answer, part, have)
        elif answer.status == 200:
            part.begin(answer)
            _require_size(wanted, part)
        else:
            part.clear()
            raise PassingFault(f"the server answered {answer.status} to the rest of the file")
        _append(wanted, part, answer, progress)
    if part.total is not None and part.size < part.total:
        raise PassingFault(f"the connection ended after {part.size:,} of {part.total:,} bytes")


def _require_same(answer: Answer, part: _Part, have: int) -> None:
    """A 206 must be the rest of the very file the part is of: a server that mixes two versions is found out."""
    found = _CONTENT_RANGE.fullmatch(answer.header("Content-Range"))
    named = answer.header("ETag") or answer.header("Last-Modified")
    rest = found is not None and int(found["first"]) == have and int(found["total"]) == part.total
    if not rest or named != part.validator:
        part.clear()
        raise PassingFault("the server sent another part than was asked for")


def _require_size(wanted: Wanted, part: _Part) -> None:
    if wanted.size is not None and part.total is not None and part.total != wanted.size:
        sent = part.total
        part.clear()
        raise PassingFault(f"the server offers {sent:,} bytes where {wanted.size:,} were published")
    if part.total is not None and part.total > wanted.largest:
        part.clear()
        raise FetchError(
            f"{wanted.address.shown}: {wanted.largest:,} bytes are the most it may be, and it is larger; check the address"
        )


def _append(wanted: Wanted, part: _Part, answer: Answer, progress: Progress) -> None:
    with part.path.open("ab") as stream:
        held = stream.tell()
        for piece in answer.chunks():
            stream.write(piece)
            held += len(piece)
            if held > (wanted.largest if part.total is None else part.total):
                break
            progress(wanted.address.shown.rpartition("/")[2], held, part.total)
    if held > (wanted.largest if part.total is None else part.total):
        part.clear()
        raise PassingFault("the server sent more bytes than it announced")


def _verify(wanted: Wanted, part: _Part) -> None:
    """Raise `PassingFault` for bytes that are not the file, `FetchError` for an error text, and drop them."""
    algorithm, _, digest = wanted.digest.partition(":")
    with part.path.open("rb") as stream:
        told = wanted.recognise(stream.read(HEAD_BYTES))
    if told:
        part.clear()
        raise FetchError(f"{wanted.address.shown}: {redact(told)}")
    fault = ""
    if wanted.size is not None and part.size != wanted.size:
        fault = f"{part.size:,} bytes came where {wanted.size:,} were published"
    elif digest and _hash(part.path, algorithm) != digest:
        fault = f"the bytes do not have the published {algorithm} checksum"
    else:
        try:
            wanted.check(part.path)
        except InputError as wrong:
            fault = f"what came cannot be used ({wrong})"
    if fault:
        part.clear()
        raise PassingFault(fault)


def _hash(path: Path, algorithm: str) -> str:
    """Hex checksum; `git` is the name of a git blob: sha1 over a header and the bytes."""
    with path.open("rb") as stream:
        if algorithm != "git":
            return hashlib.file_digest(stream, algorithm).hexdigest()
        whole = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        while piece := stream.read(1 << 20):
            whole.update(piece)
        return whole.hexdigest()
