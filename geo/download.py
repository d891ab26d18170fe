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
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from geo.address import Address, redact
from geo.errors import FetchError, InputError
from geo.patience import PATIENT, PassingError, Patience, persist
from geo.records import Fetched, beside, hash_of, read_record, today, write_record, write_whole
from geo.transport import Answer, Session, open_answer

HEAD_BYTES: Final = 512
"""As much of a file's beginning is shown to `recognise`: enough for an error text or a magic number."""
LARGEST_BYTES: Final = 4 * 1024**3
_CONTENT_RANGE: Final = re.compile(r"bytes (?P<first>\d+)-(?P<last>\d+)/(?P<total>\d+)")

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes held and the bytes there are (None: not stated)."""


def no_progress(_name: str, _done: int, _total: int | None) -> None:
    """Progress when nobody looks."""


def nothing_wrong(_head: bytes) -> None:
    """Recognise no error text."""


def accept(_path: Path) -> None:
    """Accept any file."""


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
    recognise: Callable[[bytes], str | None] = nothing_wrong
    check: Callable[[Path], None] = accept
    largest: int = LARGEST_BYTES


def download(
    wanted: Wanted,
    target: Path,
    session: Session,
    *,
    patience: Patience = PATIENT,
    progress: Progress = no_progress,
    refresh: bool = False,
) -> Fetched:
    """Fetch to `target`, or take what an earlier run left there whole. `refresh` asks again whatever is there.

    Raises `FetchError`; then there is nothing new under the name of `target`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(beside(target, "lock"), timeout=patience.lock_s):
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
        beside(target, "record").unlink(missing_ok=True)
        part.clear()
    elif known := read_record(target, wanted.address):
        return known

    def fetch_once() -> None:
        if not part.whole:
            _receive(wanted, part, session, patience, progress)
        _verify(wanted, part)

    persist(fetch_once, wanted.address, patience, reached=part.reached)
    return part.finish(wanted.address)


class _Part:
    """The bytes held so far and what they are part of."""

    def __init__(self, target: Path, address: Address) -> None:
        self._target = target
        self._source = hashlib.sha256(address.shown.encode()).hexdigest()
        self.path, self._state = beside(target, "part"), beside(target, "state")
        self.validator, self.changed_on = "", ""
        self.total: int | None = None
        self._most = 0
        with suppress(OSError, ValueError, TypeError, KeyError):
            state = json.loads(self._state.read_text(encoding="utf-8"))
            total = None if state["total"] is None else int(state["total"])
            if state["source"] == self._source:
                self.validator, self.total = str(state["validator"]), total
                self.changed_on = str(state["changed_on"])

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
        write_whole(self._state, json.dumps(state))

    def finish(self, address: Address) -> Fetched:
        """Move the bytes under the final name; the record goes first, so that a name never stands without one."""
        with self.path.open("rb+") as stream:
            os.fsync(stream.fileno())
        record = Fetched(address.shown, hash_of(self.path, "sha256"), self.size, today(), self.changed_on)
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
            raise PassingError(f"the server answered {answer.status} to the rest of the file")
        _append(wanted, part, answer, progress)
    if part.total is not None and part.size < part.total:
        raise PassingError(f"the connection ended after {part.size:,} of {part.total:,} bytes")


def _require_same(answer: Answer, part: _Part, have: int) -> None:
    """A 206 must be the rest of the very file the part is of: a server that mixes two versions is found out."""
    found = _CONTENT_RANGE.fullmatch(answer.header("Content-Range"))
    named = answer.header("ETag") or answer.header("Last-Modified")
    rest = found is not None and int(found["first"]) == have and int(found["total"]) == part.total
    if not rest or named != part.validator:
        part.clear()
        raise PassingError("the server sent another part than was asked for")


def _require_size(wanted: Wanted, part: _Part) -> None:
    if wanted.size is not None and part.total is not None and part.total != wanted.size:
        sent = part.total
        part.clear()
        raise PassingError(f"the server offers {sent:,} bytes where {wanted.size:,} were published")
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
        raise PassingError("the server sent more bytes than it announced")


def _verify(wanted: Wanted, part: _Part) -> None:
    """Raise `PassingError` for bytes that are not the file, `FetchError` for an error text, and drop them."""
    algorithm, _, digest = wanted.digest.partition(":")
    with part.path.open("rb") as stream:
        told = wanted.recognise(stream.read(HEAD_BYTES))
    if told:
        part.clear()
        raise FetchError(f"{wanted.address.shown}: {redact(told)}")
    fault = ""
    if wanted.size is not None and part.size != wanted.size:
        fault = f"{part.size:,} bytes came where {wanted.size:,} were published"
    elif digest and hash_of(part.path, algorithm) != digest:
        fault = f"the bytes do not have the published {algorithm} checksum"
    else:
        try:
            wanted.check(part.path)
        except InputError as wrong:
            fault = f"what came cannot be used ({wrong})"
    if fault:
        part.clear()
        raise PassingError(fault)
