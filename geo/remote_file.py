"""A file on a server, read piece by piece with range requests, as if it were open here."""

import io
from typing import Final

from geo.address import Address
from geo.errors import FetchError
from geo.patience import PassingError, Patience, persist
from geo.transport import Answer, Session, open_answer

TAIL_BYTES: Final = 256 * 1024
"""Fetched first and kept: where a parquet file says what lies where."""


class NoRangesError(FetchError):
    """The server sends whole files only, or cannot say that two pieces are of one file."""


class FileChangedError(FetchError):
    """The file was replaced while it was being read."""


class RemoteFile(io.RawIOBase):
    """A read-only, seekable file. Every piece must carry the ETag of the first: two versions never mix."""

    def __init__(self, session: Session, address: Address, patience: Patience) -> None:
        super().__init__()
        self._session, self._address, self._patience = session, address, patience
        self._etag, self._size, self._at, self.bytes_read = "", 0, 0, 0
        self._tail = persist(self._ask_tail, address, patience, reached=lambda: 0)

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self._size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset from the start, the present place or the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from here on; 0 at the end."""
        first, wanted = self._at, min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        held_from = self._size - len(self._tail)
        if first >= held_from:
            piece = self._tail[first - held_from : first - held_from + wanted]
        else:
            piece = persist(
                lambda: self._ask(first, first + wanted - 1),
                self._address,
                self._patience,
                reached=lambda: 0,
            )
        buffer[:wanted] = piece
        self._at += wanted
        return wanted

    def _ask_tail(self) -> bytes:
        with open_answer(
            self._session, self._address, self._patience, headers={"Range": f"bytes=-{TAIL_BYTES}"}
        ) as answer:
            first, last, total = self._place(answer)
            self._etag, self._size = answer.header("ETag"), total
            if not self._etag or self._etag.startswith("W/"):
                raise NoRangesError(f"{self._address.shown}: the server gives pieces no strong ETag")
            if last != total - 1:
                raise PassingError("the server sent another part than was asked for")
            return self._body(answer, last - first + 1)

    def _ask(self, first: int, last: int) -> bytes:
        headers = {"Range": f"bytes={first}-{last}", "If-Range": self._etag}
        with open_answer(self._session, self._address, self._patience, headers=headers) as answer:
            if answer.status in (200, 412, 416) or answer.header("ETag") != self._etag:
                raise FileChangedError(f"{self._address.shown}: was replaced while it was read")
            if self._place(answer) != (first, last, self._size):
                raise PassingError("the server sent another part than was asked for")
            return self._body(answer, last - first + 1)

    def _place(self, answer: Answer) -> tuple[int, int, int]:
        if answer.status != 206:
            raise NoRangesError(f"{self._address.shown}: the server does not send parts of files")
        unit, _, rest = answer.header("Content-Range").partition(" ")
        span, _, total = rest.partition("/")
        first, _, last = span.partition("-")
        if unit != "bytes" or not (first.isdecimal() and last.isdecimal() and total.isdecimal()):
            raise PassingError("the server did not say which part it sent")
        return int(first), int(last), int(total)

    def _body(self, answer: Answer, wanted: int) -> bytes:
        body = answer.read(wanted)
        if len(body) != wanted:
            raise PassingError(f"the connection ended after {len(body):,} of {wanted:,} bytes")
        self.bytes_read += wanted
        return body
